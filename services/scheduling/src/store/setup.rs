//! What schools set up.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{exam_of, exam_word};
use crate::domain::{Absence, Day, Panel, Rules, Setup, Span};

/// Whether a school's orals are at a distance, and under which address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolRemote {
    /// All of them are.
    pub remote: bool,
    /// The video room.
    pub link: String,
}

/// Locks a school: what its planners do, they do one after the other.
pub async fn lock_school(tx: &mut Tx, school: &str) -> Result<SchoolRemote, DbError> {
    sqlx::query!("insert into schools (school) values ($1) on conflict do nothing", school).execute(tx.conn()).await?;
    let row = sqlx::query!("select remote, link from schools where school = $1 for update", school)
        .fetch_one(tx.conn())
        .await?;
    Ok(SchoolRemote { remote: row.remote, link: row.link })
}

/// The same without a lock; a school that has set up nothing is not at a distance.
pub async fn school_remote(conn: &mut PgConnection, school: &str) -> Result<SchoolRemote, DbError> {
    let row = sqlx::query!("select remote, link from schools where school = $1", school).fetch_optional(conn).await?;
    Ok(row.map_or_else(SchoolRemote::default, |r| SchoolRemote { remote: r.remote, link: r.link }))
}

/// Puts all orals of a school at a distance, or back.
pub async fn set_school_remote(tx: &mut Tx, school: &str, remote: bool, link: &str) -> Result<(), DbError> {
    sqlx::query!("update schools set remote = $2, link = $3 where school = $1", school, remote, link)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Everything a school has set up. What its examiners hold at other schools counts as absence.
pub async fn setup(conn: &mut PgConnection, rules: Rules, school: &str) -> Result<Setup, DbError> {
    let panels =
        sqlx::query!("select panel, exam, examiners from panels where school = $1 order by exam, panel", school)
            .fetch_all(&mut *conn)
            .await?;
    let panels: Vec<_> = panels
        .into_iter()
        .map(|p| Panel { name: p.panel, exam: exam_of(&p.exam), examiners: p.examiners.into_iter().collect() })
        .collect();
    let rooms = sqlx::query_scalar!("select room from rooms where school = $1 order by room", school)
        .fetch_all(&mut *conn)
        .await?;
    let absences = sqlx::query!(
        r#"select examiner as "examiner!", begins_at as "begins_at!", ends_at as "ends_at!"
           from absences where examiner in (select unnest(examiners) from panels where school = $1)
           union
           select e.examiner, s.begins_at, s.ends_at from examiner_sittings e join sittings s using (dossier_id, exam)
           where s.school <> $1 and e.examiner in (select unnest(examiners) from panels where school = $1)
           order by 1, 2, 3"#,
        school,
    )
    .fetch_all(&mut *conn)
    .await?;
    let absences = absences
        .into_iter()
        .map(|a| Absence { examiner: a.examiner, during: Span::new(a.begins_at.to_jiff(), a.ends_at.to_jiff()) })
        .collect();
    let remote = school_remote(&mut *conn, school).await?.remote;
    Ok(Setup { rules, panels, rooms, days: days(conn, school).await?, absences, remote })
}

/// An absence as it is noted.
#[derive(Clone, Debug)]
pub struct AbsenceNoted {
    /// Who, and when.
    pub absence: Absence,
    /// Why, if this school noted it.
    pub reason: String,
    /// They hold an exam at another school.
    pub elsewhere: bool,
    /// This school noted it.
    pub own: bool,
}

/// When examiners of a school's panels cannot sit, and what the school noted besides, by instant.
pub async fn absences(conn: &mut PgConnection, school: &str) -> Result<Vec<AbsenceNoted>, DbError> {
    let rows = sqlx::query!(
        r#"select examiner as "examiner!", begins_at as "begins_at!", ends_at as "ends_at!",
                  case when school = $1 then reason else '' end as "reason!", false as "elsewhere!",
                  school = $1 as "own!"
           from absences
           where school = $1 or examiner in (select unnest(examiners) from panels where school = $1)
           union all
           select e.examiner, s.begins_at, s.ends_at, '', true, false
           from examiner_sittings e join sittings s using (dossier_id, exam)
           where s.school <> $1 and e.examiner in (select unnest(examiners) from panels where school = $1)
           order by 2, 1, 3"#,
        school,
    );
    let noted = rows.fetch_all(conn).await?.into_iter().map(|row| AbsenceNoted {
        absence: Absence { examiner: row.examiner, during: Span::new(row.begins_at.to_jiff(), row.ends_at.to_jiff()) },
        reason: row.reason,
        elsewhere: row.elsewhere,
        own: row.own,
    });
    Ok(noted.collect())
}

async fn days(conn: &mut PgConnection, school: &str) -> Result<Vec<Day>, DbError> {
    let mut breaks: BTreeMap<Date, Vec<Span>> = BTreeMap::new();
    let rows = sqlx::query!("select day, begins_at, ends_at from breaks where school = $1 order by begins_at", school)
        .fetch_all(&mut *conn)
        .await?;
    for row in rows {
        let span = Span::new(row.begins_at.to_jiff(), row.ends_at.to_jiff());
        breaks.entry(row.day.to_jiff()).or_default().push(span);
    }
    let rows = sqlx::query!(
        "select day, opens_at, closes_at, lunch_from, lunch_to from days where school = $1 order by day",
        school,
    )
    .fetch_all(conn)
    .await?;
    let days = rows.into_iter().map(|row| Day {
        date: row.day.to_jiff(),
        hours: Span::new(row.opens_at.to_jiff(), row.closes_at.to_jiff()),
        lunch: Span::new(row.lunch_from.to_jiff(), row.lunch_to.to_jiff()),
        breaks: breaks.remove(&row.day.to_jiff()).unwrap_or_default(),
    });
    Ok(days.collect())
}

/// Puts a panel in place of the one of that name.
pub async fn put_panel(tx: &mut Tx, school: &str, panel: &Panel) -> Result<(), DbError> {
    let examiners: Vec<_> = panel.examiners.iter().cloned().collect();
    sqlx::query!(
        "insert into panels (school, panel, exam, examiners) values ($1, $2, $3, $4)
         on conflict (school, panel) do update set exam = excluded.exam, examiners = excluded.examiners",
        school,
        panel.name,
        exam_word(panel.exam),
        &examiners,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Adds a room; false if it is there already.
pub async fn add_room(tx: &mut Tx, school: &str, room: &str) -> Result<bool, DbError> {
    let added = sqlx::query!("insert into rooms (school, room) values ($1, $2) on conflict do nothing", school, room)
        .execute(tx.conn())
        .await?;
    Ok(added.rows_affected() > 0)
}

/// Puts the hours of a day in place of the earlier ones.
pub async fn put_day(tx: &mut Tx, school: &str, day: &Day) -> Result<(), DbError> {
    let date = day.date.to_sqlx();
    sqlx::query!("delete from days where school = $1 and day = $2", school, date as _).execute(tx.conn()).await?;
    sqlx::query!(
        "insert into days (school, day, opens_at, closes_at, lunch_from, lunch_to) values ($1, $2, $3, $4, $5, $6)",
        school,
        date as _,
        day.hours.from.to_sqlx() as _,
        day.hours.to.to_sqlx() as _,
        day.lunch.from.to_sqlx() as _,
        day.lunch.to.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    for pause in &day.breaks {
        sqlx::query!(
            "insert into breaks (school, day, begins_at, ends_at) values ($1, $2, $3, $4)",
            school,
            date as _,
            pause.from.to_sqlx() as _,
            pause.to.to_sqlx() as _,
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Notes an absence; false if the same is noted already.
pub async fn add_absence(tx: &mut Tx, school: &str, absence: &Absence, reason: &str) -> Result<bool, DbError> {
    let added = sqlx::query!(
        "insert into absences (absence_id, school, examiner, begins_at, ends_at, reason)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        Uuid::new_v4(),
        school,
        absence.examiner,
        absence.during.from.to_sqlx() as _,
        absence.during.to.to_sqlx() as _,
        reason,
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Takes an absence of the school away; false if there is none.
pub async fn remove_absence(tx: &mut Tx, school: &str, absence: &Absence) -> Result<bool, DbError> {
    let removed = sqlx::query!(
        "delete from absences where school = $1 and examiner = $2 and begins_at = $3 and ends_at = $4",
        school,
        absence.examiner,
        absence.during.from.to_sqlx() as _,
        absence.during.to.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(removed.rows_affected() > 0)
}

/// Takes a panel away, which the database refuses while it has exams; false if there is none.
pub async fn remove_panel(tx: &mut Tx, school: &str, panel: &str) -> Result<bool, DbError> {
    let removed = sqlx::query!("delete from panels where school = $1 and panel = $2", school, panel);
    Ok(removed.execute(tx.conn()).await?.rows_affected() > 0)
}
