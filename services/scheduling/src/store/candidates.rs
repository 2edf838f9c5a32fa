//! Whom to convene, and their slots.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{exam_of, exam_word};
use crate::domain::{Candidate, Candidature, Convocation, Exam, Sitting, Span};

/// A candidate as stored.
#[derive(Clone, Debug)]
pub struct Known {
    /// Where the candidature stands, with the slots.
    pub candidature: Candidature,
    /// This candidate's orals are at a distance, whatever the school's are.
    pub remote: bool,
    /// The address for that.
    pub link: String,
    /// What kept the last plan from placing the candidate, as [`crate::wire::kept`] writes it.
    pub missing: String,
    /// When the jury first decided.
    pub decided_at: Option<Timestamp>,
}

impl Known {
    /// Whom the school convenes, with the slots if placed; none if it does not.
    #[must_use]
    pub fn to_convene(&self) -> Option<Candidate> {
        match &self.candidature {
            Candidature::Admissible { dossier, convocation, .. } => {
                Some(Candidate { dossier: *dossier, remote: self.remote, convocation: convocation.clone() })
            }
            Candidature::Rejected { .. } | Candidature::Annulled { .. } => None,
        }
    }

    /// The slots, if convened.
    #[must_use]
    pub const fn convocation(&self) -> Option<&Convocation> {
        match &self.candidature {
            Candidature::Admissible { convocation, .. } => convocation.as_ref(),
            Candidature::Rejected { .. } | Candidature::Annulled { .. } => None,
        }
    }

    /// School of choice 1, as far as it was heard of.
    #[must_use]
    pub fn school(&self) -> Option<&str> {
        match &self.candidature {
            Candidature::Admissible { school, .. } | Candidature::Rejected { school, .. } => Some(school),
            Candidature::Annulled { school, .. } => school.as_deref(),
        }
    }

    /// The school that convened and the slots, if convened.
    #[must_use]
    pub fn convened(&self) -> Option<(&str, &Convocation)> {
        self.school().zip(self.convocation())
    }
}

/// Locks candidates of a school, or one, in the order of their dossiers.
pub async fn lock_candidates(tx: &mut Tx, school: &str, dossier: Option<Uuid>) -> Result<(), DbError> {
    sqlx::query!(
        "select dossier_id from candidates where school = $1 and ($2::uuid is null or dossier_id = $2)
         order by dossier_id for update",
        school,
        dossier,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Candidates of a school, or one of any, by dossier.
pub async fn known(
    conn: &mut PgConnection,
    school: Option<&str>,
    dossier: Option<Uuid>,
) -> Result<Vec<Known>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, exam, panel, room, begins_at, ends_at from sittings
         where ($1::text is null or school = $1) and ($2::uuid is null or dossier_id = $2)",
        school,
        dossier,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut sittings: BTreeMap<(Uuid, Exam), Sitting> = BTreeMap::new();
    for row in rows {
        let exam = exam_of(&row.exam);
        let during = Span::new(row.begins_at.to_jiff(), row.ends_at.to_jiff());
        let sitting = Sitting { dossier: row.dossier_id, exam, during, panel: row.panel, room: row.room };
        sittings.insert((row.dossier_id, exam), sitting);
    }
    let rows = sqlx::query!(
        "select dossier_id, state, school, remote, link, missing, decided_at from candidates
         where ($1::text is null or school = $1) and ($2::uuid is null or dossier_id = $2) order by dossier_id",
        school,
        dossier,
    )
    .fetch_all(conn)
    .await?;
    let mut known = Vec::new();
    for row in rows {
        let dossier = row.dossier_id;
        let mut take = |exam| sittings.remove(&(dossier, exam));
        let (interview, english) = (take(Exam::Interview), take(Exam::English));
        let candidature = match (row.state.as_str(), row.school) {
            ("admissible", Some(school)) => Candidature::Admissible {
                dossier,
                school,
                convocation: interview.zip(english).map(|(interview, english)| Convocation {
                    interview,
                    english,
                    remote: row.remote,
                }),
            },
            ("rejected", Some(school)) => Candidature::Rejected { dossier, school },
            (_, school) => Candidature::Annulled { dossier, school },
        };
        known.push(Known {
            candidature,
            remote: row.remote,
            link: row.link,
            missing: row.missing,
            decided_at: row.decided_at.map(jiff_sqlx::Timestamp::to_jiff),
        });
    }
    Ok(known)
}

/// Locks the school of a candidate, then the candidate; none if the candidate is unknown or of no school.
pub async fn lock_school_of(tx: &mut Tx, dossier: Uuid) -> Result<Option<String>, DbError> {
    let school = sqlx::query_scalar!("select school from candidates where dossier_id = $1", dossier)
        .fetch_optional(tx.conn())
        .await?
        .flatten();
    if let Some(school) = &school {
        super::lock_school(tx, school).await?;
        lock_candidates(tx, school, Some(dossier)).await?;
    }
    Ok(school)
}

/// Version of the jury's last word on a dossier, 0 if it was never heard of.
pub async fn heard_version(tx: &mut Tx, dossier: Uuid) -> Result<u64, DbError> {
    let version = sqlx::query_scalar!("select decided_version from candidates where dossier_id = $1", dossier)
        .fetch_optional(tx.conn())
        .await?;
    Ok(version.unwrap_or(0).cast_unsigned())
}

/// Keeps where a candidature stands. `decided` is the time and version of the decision that says so, if one does.
pub async fn save_candidature(
    tx: &mut Tx,
    candidature: &Candidature,
    decided: Option<(Timestamp, u64)>,
) -> Result<(), DbError> {
    let (state, school) = match candidature {
        Candidature::Admissible { school, .. } => ("admissible", Some(school)),
        Candidature::Rejected { school, .. } => ("rejected", Some(school)),
        Candidature::Annulled { school, .. } => ("annulled", school.as_ref()),
    };
    let (at, version) = decided.unzip();
    sqlx::query!(
        "insert into candidates as c (dossier_id, state, school, decided_at, decided_version)
         values ($1, $2, $3, $4, coalesce($5::bigint, 0))
         on conflict (dossier_id) do update
         set state = excluded.state, school = excluded.school, missing = '',
             decided_at = coalesce(c.decided_at, excluded.decided_at),
             decided_version = greatest(c.decided_version, excluded.decided_version)",
        candidature.dossier(),
        state,
        school,
        at.map(|at| at.to_sqlx()) as _,
        version.map(u64::cast_signed),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The next version of the facts told about a candidate.
pub async fn bump(tx: &mut Tx, dossier: Uuid) -> Result<u64, DbError> {
    let version = sqlx::query_scalar!(
        "update candidates set version = version + 1 where dossier_id = $1 returning version",
        dossier
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(version.cast_unsigned())
}

/// Notes what is missing to place candidates; gives those for whom that is news.
pub async fn set_missing(tx: &mut Tx, dossiers: &[Uuid], missing: &str) -> Result<Vec<Uuid>, DbError> {
    let changed = sqlx::query_scalar!(
        "with changed as (update candidates set missing = $2 where dossier_id = any($1) and missing <> $2
                          returning dossier_id)
         select dossier_id from changed order by dossier_id",
        dossiers,
        missing,
    );
    Ok(changed.fetch_all(tx.conn()).await?)
}

/// Frees every slot of these candidates.
pub async fn remove_sittings(tx: &mut Tx, dossiers: &[Uuid]) -> Result<(), DbError> {
    sqlx::query!("delete from sittings where dossier_id = any($1)", dossiers).execute(tx.conn()).await?;
    Ok(())
}

/// Keeps slots; the database refuses what overlaps, naming the constraint. Free earlier ones first.
pub async fn save_sittings(tx: &mut Tx, school: &str, convocations: &[Convocation]) -> Result<(), DbError> {
    let sittings: Vec<_> = convocations.iter().flat_map(Convocation::sittings).collect();
    let dossiers: Vec<_> = sittings.iter().map(|s| s.dossier).collect();
    let exams: Vec<_> = sittings.iter().map(|s| exam_word(s.exam).to_owned()).collect();
    let panels: Vec<_> = sittings.iter().map(|s| s.panel.clone()).collect();
    let rooms: Vec<_> = sittings.iter().map(|s| s.room.clone()).collect();
    let begins: Vec<_> = sittings.iter().map(|s| s.during.from.to_sqlx()).collect();
    let ends: Vec<_> = sittings.iter().map(|s| s.during.to.to_sqlx()).collect();
    sqlx::query!(
        "insert into sittings (dossier_id, exam, school, panel, room, begins_at, ends_at)
         select dossier_id, exam, $1, panel, room, begins_at, ends_at
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
              as row (dossier_id, exam, panel, room, begins_at, ends_at)",
        school,
        &dossiers,
        &exams,
        &panels,
        &rooms as &[Option<String>],
        &begins as _,
        &ends as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts the orals of one candidate at a distance, or back; false if they are already.
pub async fn set_candidate_remote(tx: &mut Tx, dossier: Uuid, remote: bool, link: &str) -> Result<bool, DbError> {
    let changed = sqlx::query!(
        "update candidates set remote = $2, link = $3 where dossier_id = $1 and (remote, link) <> ($2, $3)",
        dossier,
        remote,
        link,
    )
    .execute(tx.conn())
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Keeps what a candidate says against the slot; false if something was said at that very instant already.
pub async fn add_constraint(tx: &mut Tx, dossier: Uuid, at: Timestamp, reason: &str) -> Result<bool, DbError> {
    let added = sqlx::query!(
        "insert into constraints (dossier_id, stated_at, reason) values ($1, $2, $3) on conflict do nothing",
        dossier,
        at.to_sqlx() as _,
        reason,
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() > 0)
}

/// How many a candidate has stated.
pub async fn count_constraints(tx: &mut Tx, dossier: Uuid) -> Result<i64, DbError> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from constraints where dossier_id = $1"#, dossier);
    Ok(count.fetch_one(tx.conn()).await?)
}

/// What the candidates of a school have stated, oldest first.
pub async fn constraints(
    conn: &mut PgConnection,
    school: &str,
) -> Result<BTreeMap<Uuid, Vec<(Timestamp, String)>>, DbError> {
    let rows = sqlx::query!(
        "select c.dossier_id, c.stated_at, c.reason from constraints c join candidates using (dossier_id)
         where school = $1 order by c.stated_at",
        school,
    )
    .fetch_all(conn)
    .await?;
    let mut stated: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
    for row in rows {
        stated.entry(row.dossier_id).or_default().push((row.stated_at.to_jiff(), row.reason));
    }
    Ok(stated)
}
