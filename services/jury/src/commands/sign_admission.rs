//! The commission signs all tables (R27).

use contracts::jury;
use jiff::Timestamp;
use notice::keys;
use platform::db::Tx;

use super::{Covered, Outcome, Refused, Regulation, commission_sits, tell};
use crate::{
    domain::{Admission, AdmissionRefused, Incomplete, Table, Two, complete, digest, ranking::Candidatures},
    store::{admission, candidatures},
    wire,
};

/// Tables ready to be signed.
pub struct Plan {
    stand: Admission,
    tables: Vec<Table>,
}

/// Works it out.
///
/// # Errors
/// Before the commission, signed already, or everything that is missing.
pub async fn plan(tx: &mut Tx, regulation: &Regulation, at: Timestamp) -> Result<Plan, Refused> {
    commission_sits(tx.conn(), keys::ADMISSION_COMMISSION, at).await?;
    let stand = admission::for_update(tx.conn()).await?;
    stand.still_open()?;
    let all: Candidatures = candidatures::all_for_update(tx.conn())
        .await?
        .into_iter()
        .map(|kept| (kept.candidature.dossier, kept.candidature))
        .collect();
    let drafts = admission::drafts(tx.conn()).await?;
    let tables = complete(&regulation.all_cells(), drafts, &all, &regulation.orals).map_err(Refused::Incomplete)?;
    Ok(Plan { stand, tables })
}

/// Everything that keeps the tables from being signed, without a lock.
///
/// # Errors
/// The database.
pub async fn missing(conn: &mut sqlx::PgConnection, regulation: &Regulation) -> Result<Vec<Incomplete>, Refused> {
    let all: Candidatures = candidatures::load(conn, None)
        .await?
        .into_iter()
        .map(|kept| (kept.candidature.dossier, kept.candidature))
        .collect();
    let drafts = admission::drafts(conn).await?;
    Ok(complete(&regulation.all_cells(), drafts, &all, &regulation.orals).err().unwrap_or_default())
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered { tables: self.tables.iter().map(Into::into).collect(), ..Covered::default() }
    }

    pub fn digest(&self) -> String {
        digest::of_tables(&self.tables)
    }

    pub fn covers(&self) -> usize {
        self.tables.len()
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let signed = self.stand.sign(two, &self.tables)?;
        tell_signed(tx, at, &signed, &self.tables).await
    }
}

/// Keeps and tells the tables of a signature: each table, then that all of them exist.
pub(super) async fn tell_signed(
    tx: &mut Tx,
    at: Timestamp,
    signed: &Admission,
    tables: &[Table],
) -> Result<Outcome, Refused> {
    let signature = signed.signature().ok_or(AdmissionRefused::NotSigned)?;
    admission::save_signed(tx.conn(), signature.number, tables).await?;
    let version = admission::save(tx.conn(), signed, at).await?;
    for table in tables {
        // A table's version is its signature: every sign-off tells every table once.
        tell(tx, &wire::table_signed(table, signature.number), signature.number, at).await?;
    }
    tell(tx, &wire::admission_signed(tables, signature, at), version, at).await?;
    if signature.released_at.is_some() {
        // Confirmed under an earlier number; two people confirmed this one too.
        let version = admission::next_version(tx.conn()).await?;
        let fact = jury::AdmissionPublicationConfirmed { signature: signature.number };
        tell(tx, &fact, version, at).await?;
    }
    Ok(Outcome { signature: signature.number, publish_at: None })
}
