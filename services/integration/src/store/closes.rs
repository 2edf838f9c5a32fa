//! What a close changed, so that it can be withdrawn when its window is reopened (R5).

use platform::db::{DbError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{int, read_standing, write_standing};
use crate::domain::{
    candidature::{Candidature, Standing},
    ids::SchoolId,
};

/// A candidature before a close.
#[derive(Debug, Clone)]
pub struct Before {
    /// Whose.
    pub dossier: Uuid,
    /// Where it stood.
    pub standing: Standing,
    /// Schools that had been given up by then.
    pub given_up: Vec<SchoolId>,
}

/// Keeps what candidatures were before a close, as one statement.
///
/// # Errors
/// The database does not answer.
pub async fn keep(tx: &mut Tx, period: u32, all: &[Candidature]) -> Result<(), DbError> {
    let rows = all.iter().map(|candidature| {
        let (standing, school, _) = write_standing(&candidature.standing);
        let given_up = candidature.choices.iter().filter(|choice| choice.given_up);
        json!({
            "dossier_id": candidature.dossier.0,
            "standing": standing,
            "school": school.map(|school| &school.0),
            "given_up": given_up.map(|choice| &choice.school.0).collect::<Vec<_>>(),
        })
    });
    sqlx::query!(
        "insert into before_close (period, dossier_id, standing, school, given_up)
         select $1, n.dossier_id, n.standing, n.school, n.given_up
         from jsonb_to_recordset($2) as n (dossier_id uuid, standing text, school text, given_up text[])",
        int(period),
        Value::Array(rows.collect()),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Withdraws a close: forgets its eliminations and that it happened, and gives back what was before it.
///
/// # Errors
/// The database does not answer.
pub async fn withdraw(tx: &mut Tx, period: u32) -> Result<Vec<Before>, DbError> {
    sqlx::query!("delete from elimination where period = $1", int(period)).execute(tx.conn()).await?;
    sqlx::query!(
        "update period set closed_at = null, close_due = null, close_waits = null where number = $1",
        int(period)
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "delete from before_close where period = $1 returning dossier_id, standing, school, given_up",
        int(period)
    );
    let before = rows.fetch_all(tx.conn()).await?.into_iter().map(|row| {
        Ok(Before {
            dossier: row.dossier_id,
            standing: read_standing(&row.standing, row.school, None)?,
            given_up: row.given_up.into_iter().map(SchoolId).collect(),
        })
    });
    before.collect()
}
