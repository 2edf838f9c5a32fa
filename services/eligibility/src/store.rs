//! All SQL of this service.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::{ClosedDossier, Determination},
    domain::{Assessment, SchoolRecevabilite},
    wire,
};

/// Version of the one fact told about a dossier.
pub const FIRST_VERSION: u64 = 1;

/// Keeps an assessment; false if the dossier has one already.
pub async fn insert_assessment(tx: &mut Tx, closed: &ClosedDossier, assessed: &Assessment) -> Result<bool, DbError> {
    let inserted = sqlx::query!(
        "insert into dossiers (dossier_id, filiere, diploma, mention, equivalent_to, assessed_at, version)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        closed.dossier,
        assessed.filiere,
        closed.title.diploma,
        closed.title.mention,
        closed.title.equivalent_to,
        closed.closed_at.to_sqlx() as _,
        FIRST_VERSION.cast_signed(),
    )
    .execute(tx.conn())
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    let column = |of: fn(&SchoolRecevabilite) -> String| assessed.schools.iter().map(of).collect::<Vec<_>>();
    sqlx::query!(
        "insert into recevabilites (dossier_id, position, school, recevabilite, cited_table, cited_row)
         select $1, position::integer, school, recevabilite, cited_table, cited_row
         from unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
              as row (school, recevabilite, cited_table, cited_row, position)",
        closed.dossier,
        &column(|s| s.school.clone()),
        &column(|s| wire::recevabilite_word(s.recevabilite).to_owned()),
        &column(|s| s.table.clone()),
        &column(|s| s.row.clone()),
    )
    .execute(tx.conn())
    .await?;
    Ok(true)
}

/// What the tables said of a dossier, and when.
pub async fn assessment(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<(Assessment, Timestamp)>, DbError> {
    let schools = sqlx::query!(
        "select school, recevabilite, cited_table, cited_row from recevabilites where dossier_id = $1 order by position",
        dossier,
    )
    .fetch_all(&mut *conn)
    .await?;
    let row = sqlx::query!("select filiere, assessed_at from dossiers where dossier_id = $1", dossier)
        .fetch_optional(conn)
        .await?;
    let schools = schools
        .into_iter()
        .map(|s| SchoolRecevabilite {
            school: s.school,
            recevabilite: wire::recevabilite_of(&s.recevabilite),
            table: s.cited_table,
            row: s.cited_row,
        })
        .collect();
    Ok(row.map(|r| (Assessment { filiere: r.filiere, schools }, r.assessed_at.to_jiff())))
}

/// Notes the version of a decision of the jury; false if that or a later one was noted already.
pub async fn decision_is_newer(tx: &mut Tx, dossier: Uuid, version: u64, at: Timestamp) -> Result<bool, DbError> {
    let noted = sqlx::query!(
        "insert into decisions (dossier_id, version, decided_at) values ($1, $2, $3)
         on conflict (dossier_id) do update set version = excluded.version where decisions.version < excluded.version",
        dossier,
        version.cast_signed(),
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// Puts determinations in place of the earlier ones.
pub async fn replace_determinations(tx: &mut Tx, dossier: Uuid, found: &[Determination]) -> Result<(), DbError> {
    sqlx::query!("delete from determinations where dossier_id = $1", dossier).execute(tx.conn()).await?;
    let schools: Vec<_> = found.iter().map(|d| d.school.clone()).collect();
    let recevable: Vec<_> = found.iter().map(|d| d.recevable).collect();
    let reasons: Vec<_> = found.iter().map(|d| d.reason.clone()).collect();
    sqlx::query!(
        "insert into determinations (dossier_id, position, school, recevable, reason)
         select $1, position::integer, school, recevable, reason
         from unnest($2::text[], $3::boolean[], $4::text[]) with ordinality as row (school, recevable, reason, position)",
        dossier,
        &schools,
        &recevable,
        &reasons,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the jury found, in its order. Under embargo: ask [`released`] and the calendar before showing it.
pub async fn determinations(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<Determination>, DbError> {
    let found = sqlx::query_as!(
        Determination,
        "select school, recevable, reason from determinations where dossier_id = $1 order by position",
        dossier,
    );
    Ok(found.fetch_all(conn).await?)
}

/// Notes that what was decided until `confirmed_at` may be shown from `publish_at` on.
pub async fn add_publication(tx: &mut Tx, confirmed_at: Timestamp, publish_at: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "insert into publications (confirmed_at, publish_at) values ($1, $2) on conflict do nothing",
        confirmed_at.to_sqlx() as _,
        publish_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// From when on the jury's word on a dossier may be shown, once that was confirmed.
pub async fn released(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<Timestamp>, DbError> {
    let publish_at = sqlx::query_scalar!(
        "select min(p.publish_at) from decisions d join publications p on p.confirmed_at >= d.decided_at
         where d.dossier_id = $1",
        dossier,
    )
    .fetch_one(conn)
    .await?;
    Ok(publish_at.map(jiff_sqlx::Timestamp::to_jiff))
}
