//! What an act covers, as it is kept beside it: the second person confirms what is shown here, under a digest of the
//! same things.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AskedResult, Regulation};
use crate::{
    domain::{Candidature, OralResult, Table, Verdict},
    store::{StoreError, admission},
};

/// What an act covers. What does not concern its kind is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Covered {
    /// Decisions signed or published; a correction has one, as it would be afterwards.
    pub decisions: Vec<Decided>,
    /// The decision that a correction replaces.
    pub decision_before: Option<Decided>,
    /// Tables signed or published; a correction has one, as it would be afterwards.
    pub tables: Vec<Ranked>,
    /// The table that a correction replaces.
    pub table_before: Option<Ranked>,
    /// A corrected result.
    pub mark: Option<Marked>,
    /// The result it replaces.
    pub mark_before: Option<Marked>,
    /// Whom a correction, a seat or a nullity is about.
    pub dossier: Option<Uuid>,
    /// Where a supernumerary seat is: school and filière.
    pub seat: Option<(String, String)>,
    /// The signature that a publication is about.
    pub signature: u64,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The dossier.
    pub dossier: Uuid,
    /// Its filière.
    pub filiere: String,
    /// Choice 1.
    pub first_school: String,
    /// Admissible.
    pub admissible: bool,
    /// Why.
    pub reason: String,
    /// Schools where it is recevable.
    pub recevable: Vec<String>,
    /// What the jury found: school, recevable, why.
    pub determinations: Vec<(String, bool, String)>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    /// The school.
    pub school: String,
    /// The filière.
    pub filiere: String,
    /// Best first.
    pub dossiers: Vec<Uuid>,
}

/// A result of the orals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The exam.
    pub exam: String,
    /// What came of it.
    pub result: AskedResult,
}

impl Decided {
    /// The decision of a candidature, if there is one.
    #[must_use]
    pub fn of(candidature: &Candidature) -> Option<Self> {
        let Verdict { admissible, reason } = candidature.decision.verdict()?.clone();
        let found = candidature.schools.iter().filter_map(|at| {
            let found = at.determination.as_ref()?;
            Some((at.school.clone(), found.recevable, found.reason.clone()))
        });
        Some(Self {
            dossier: candidature.dossier,
            filiere: candidature.filiere.clone(),
            first_school: candidature.first_school.clone(),
            admissible,
            reason,
            recevable: candidature.recevable_schools(),
            determinations: found.collect(),
        })
    }

    /// The decisions of these.
    pub fn all<'a>(candidatures: impl IntoIterator<Item = &'a Candidature>) -> Vec<Self> {
        candidatures.into_iter().filter_map(Self::of).collect()
    }
}

impl Ranked {
    /// The tables of a signature, in the session's order.
    ///
    /// # Errors
    /// The database.
    pub async fn signed(
        conn: &mut PgConnection,
        regulation: &Regulation,
        signature: u64,
    ) -> Result<Vec<Self>, StoreError> {
        let mut signed = admission::signed(conn, signature).await?;
        let tables = regulation.all_cells().into_iter().map(|cell| Self {
            dossiers: signed.remove(&cell).unwrap_or_default(),
            school: cell.school,
            filiere: cell.filiere,
        });
        Ok(tables.collect())
    }
}

impl From<&Table> for Ranked {
    fn from(table: &Table) -> Self {
        let cell = table.cell();
        Self { school: cell.school.clone(), filiere: cell.filiere.clone(), dossiers: table.ranking().to_vec() }
    }
}

impl Marked {
    /// A result in that exam.
    #[must_use]
    pub fn new(exam: &str, result: OralResult) -> Self {
        let result = match result {
            OralResult::Marked(mark) => AskedResult::Hundredths(mark.hundredths()),
            OralResult::Absent => AskedResult::Absent,
        };
        Self { exam: exam.into(), result }
    }
}
