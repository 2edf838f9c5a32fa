//! What the world may ask of the jury, one file per thing. Every command gets its transaction and the instant at which
//! the request entered the platform (R3), and leaves the commit to its caller.

mod acts;
mod annul;
mod correct_admissibility;
mod correct_mark;
mod correct_table;
mod covered;
mod draft_admissibility;
mod examine_dossier;
mod grant_supernumerary;
mod import_merit;
mod import_other_routes;
mod publish_admissibility;
mod publish_admission;
mod record_result;
mod refused;
mod share_reading;
mod sign_admissibility;
mod sign_admission;
mod submit_table;
mod transfer_seats;

pub use acts::{Asked, AskedDetermination, AskedResult, Outcome, confirm, prepare, withdraw};
pub use covered::{Covered, Decided, Marked, Ranked};
pub use draft_admissibility::{BatchFault, Draft, draft};
pub use examine_dossier::{record_determination, record_opinion};
pub use import_merit::{Checked, Entry, EntryFault, check_merit, import_merit};
pub use import_other_routes::{Imported, Looked, keep_matches};
pub use publish_admissibility::publish_due;
pub use record_result::{AskedResult as AskedRecord, Recorded, RowFault, record_result, record_results};
pub use refused::Refused;
pub use share_reading::{Declared, assign_shares, declare_conflict, set_readers};
pub use sign_admissibility::missing as missing_for_admissibility;
pub use sign_admission::missing as missing_for_admission;
pub use submit_table::{submit_merit_list, submit_ranking};
pub use transfer_seats::{Asked as AskedTransfer, transfer_seats};

use jiff::Timestamp;
use notice::{Session, keys};
use platform::{calendar, db::Tx};
use sqlx::PgConnection;

use crate::domain::{Cell, Mark, Named, OralRules};

/// Ids of the exams: the session file names two.
const EXAMS: [&str; 2] = ["interview", "english"];

/// What the session file says of the jury's work.
#[derive(Debug, Clone)]
pub struct Regulation {
    /// Exams, scale and threshold (R26).
    pub orals: OralRules,
    /// Schools and filières that have seats, in the session's order, with the printed number.
    pub cells: Vec<(Cell, u32)>,
    /// Schools, in the session's order.
    pub schools: Vec<String>,
    /// Numbers of the periods.
    pub periods: Vec<u32>,
}

impl Regulation {
    /// Reads it from the session.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let mut cells = Vec::new();
        for school in &session.schools {
            for filiere in &session.filieres {
                let seats = session.seats(&school.id, &filiere.id);
                if seats > 0 {
                    cells.push((Cell { school: school.id.clone(), filiere: filiere.id.clone() }, seats));
                }
            }
        }
        Self {
            orals: OralRules {
                exams: EXAMS.map(str::to_owned).to_vec(),
                highest: Mark::from_hundredths(session.orals.highest_hundredths),
                eliminating: Mark::from_hundredths(session.orals.eliminating_hundredths),
            },
            cells,
            schools: session.schools.iter().map(|s| s.id.clone()).collect(),
            periods: session.periods.iter().map(|p| p.number).collect(),
        }
    }

    /// The cell of that school and filière.
    ///
    /// # Errors
    /// It has no seats.
    pub fn cell(&self, school: &str, filiere: &str) -> Result<Cell, Refused> {
        let mut cells = self.cells.iter().map(|(cell, _)| cell);
        let found = cells.find(|c| c.school == school && c.filiere == filiere).cloned();
        found.ok_or_else(|| self.unknown(&format!("{school}/{filiere}")))
    }

    /// Schools with seats in a filière.
    ///
    /// # Errors
    /// No school has any.
    pub fn schools_of(&self, filiere: &str) -> Result<Vec<String>, Refused> {
        let of = self.cells.iter().filter(|(cell, _)| cell.filiere == filiere);
        let schools: Vec<String> = of.map(|(cell, _)| cell.school.clone()).collect();
        if schools.is_empty() { Err(self.unknown(filiere)) } else { Ok(schools) }
    }

    /// The refusal of what has no seats.
    fn unknown(&self, given: &str) -> Refused {
        Refused::UnknownCell {
            given: given.chars().take(128).collect(),
            existing: self.cells.iter().map(|(cell, _)| cell.to_string()).collect(),
        }
    }

    /// All cells, in the session's order.
    pub fn all_cells(&self) -> Vec<Cell> {
        self.cells.iter().map(|(cell, _)| cell.clone()).collect()
    }
}

/// Nothing is signed before the commission sits, by the clock.
async fn commission_sits(conn: &mut PgConnection, key: &'static str, at: Timestamp) -> Result<(), Refused> {
    if calendar::passed(conn, key, at).await? {
        return Ok(());
    }
    let opens_at = calendar::instant_of(conn, key).await?;
    Err(Refused::BeforeCommission { key, opens_at })
}

/// The first period that opens after `at`; none when the last has opened.
async fn next_opening(conn: &mut PgConnection, periods: &[u32], at: Timestamp) -> Result<Option<u32>, Refused> {
    for &period in periods {
        let opens = calendar::instant_of(conn, &keys::period_opens(period)).await?;
        let Some(opens) = opens else { return Err(Refused::CalendarUnknown) };
        if opens > at {
            return Ok(Some(period));
        }
    }
    Ok(None)
}

/// Tells one private fact.
async fn tell<F: contracts::Fact>(tx: &mut Tx, fact: &F, version: u64, at: Timestamp) -> Result<(), Refused> {
    Ok(platform::outbox::append(tx, fact, version, at).await?)
}
