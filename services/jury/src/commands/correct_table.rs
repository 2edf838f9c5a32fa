//! One signed table, corrected by two people: all tables are signed again under the next number.

use jiff::Timestamp;
use platform::db::Tx;
use uuid::Uuid;

use super::{Covered, Outcome, Ranked, Refused, Regulation, sign_admission::tell_signed};
use crate::{
    domain::{Admission, AdmissionRefused, Cell, Table, Two, digest},
    store::{admission, candidatures},
};

/// The tables with the corrected one among them.
pub struct Plan {
    stand: Admission,
    tables: Vec<Table>,
    corrected: Table,
    before: Vec<Uuid>,
}

/// Works it out.
///
/// # Errors
/// No such cell, not signed, nothing changed, or every fault of the ranking.
pub async fn plan(
    tx: &mut Tx,
    regulation: &Regulation,
    (school, filiere): (&str, &str),
    ranking: Vec<Uuid>,
) -> Result<Plan, Refused> {
    let corrected = regulation.cell(school, filiere)?;
    let stand = admission::for_update(tx.conn()).await?;
    let number = stand.signed()?.number;
    let kept = candidatures::many_for_update(tx.conn(), &ranking).await?;
    let all = kept.into_iter().map(|k| (k.candidature.dossier, k.candidature)).collect();
    let corrected = Table::validated(corrected, ranking, &all, &regulation.orals).map_err(Refused::Ranking)?;
    let mut signed = admission::signed(tx.conn(), number).await?;
    let before = signed.get(corrected.cell()).cloned().unwrap_or_default();
    if before == corrected.ranking() {
        return Err(AdmissionRefused::NothingToCorrect.into());
    }
    let tables = regulation
        .all_cells()
        .into_iter()
        .map(|cell| {
            if cell == *corrected.cell() {
                return corrected.clone();
            }
            let ranking = signed.remove(&cell).unwrap_or_default();
            Table::as_signed(cell, ranking)
        })
        .collect();
    Ok(Plan { stand, tables, corrected, before })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        let before = self.before.clone();
        let Cell { school, filiere } = self.corrected.cell().clone();
        Covered {
            tables: vec![(&self.corrected).into()],
            table_before: Some(Ranked { school, filiere, dossiers: before }),
            ..Covered::default()
        }
    }

    pub fn digest(&self) -> String {
        let before = self.stand.signature().map_or("", |s| s.digest.as_str());
        digest::of([before, digest::of_tables(&self.tables).as_str()])
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let signed = self.stand.correct(two, &self.tables)?;
        tell_signed(tx, at, &signed, &self.tables).await
    }
}
