//! Why a command changes nothing.

use jiff::Timestamp;
use platform::db::DbError;
use thiserror::Error;
use uuid::Uuid;

use super::{draft_admissibility::BatchFault, import_merit::EntryFault, record_result::RowFault};
use crate::{
    domain::{
        self, ActRefused, AdmissionRefused, CsvFault, Incomplete, MarkInvalid, RankingFault, TieGroup, TransferRefused,
    },
    store::StoreError,
};

/// A refusal, with what was given and what is allowed. Nothing was changed.
#[derive(Debug, Error)]
pub enum Refused {
    /// What a candidature does not allow.
    #[error(transparent)]
    Candidature(#[from] domain::Refused),
    /// What an act of two people does not allow.
    #[error(transparent)]
    Act(#[from] ActRefused),
    /// What the admission does not allow.
    #[error(transparent)]
    Admission(#[from] AdmissionRefused),
    /// What R28 does not allow.
    #[error(transparent)]
    Transfer(#[from] TransferRefused),
    /// No mark of this session.
    #[error(transparent)]
    Mark(#[from] MarkInvalid),
    /// Faults of a CSV file.
    #[error("the file has {} faults", .0.len())]
    Csv(Vec<CsvFault>),
    /// Faults of a ranking, with their 0-based line.
    #[error("the ranking has {} faults", .0.len())]
    Ranking(Vec<(usize, RankingFault)>),
    /// Equal scores that nothing orders.
    #[error("{} groups of equal scores are not ordered", .0.len())]
    Ties(Vec<TieGroup>),
    /// What keeps the tables from being signed.
    #[error("the tables lack {} things", .0.len())]
    Incomplete(Vec<Incomplete>),
    /// What keeps the decisions from being signed.
    #[error("{} things keep the admissibility from being signed", .0.len())]
    Unready(Vec<domain::Refused>),
    /// Faults of a batch, with their 0-based line.
    #[error("the batch has {} faults", .0.len())]
    Batch(Vec<(usize, BatchFault)>),
    /// Entries of a merit list that name nobody or have no score, with their 0-based place.
    #[error("{} entries cannot be read", .0.len())]
    Merit(Vec<(usize, EntryFault)>),
    /// Faults of rows of results, with their 0-based line.
    #[error("the rows have {} faults", .0.len())]
    Rows(Vec<(usize, RowFault)>),
    /// Not a closed dossier that the jury has heard of.
    #[error("dossier {dossier} is no candidature")]
    NoCandidature {
        /// The id given.
        dossier: Uuid,
    },
    /// No such cell.
    #[error("{given} has no seats and no table; those that do: {}", .existing.join(", "))]
    UnknownCell {
        /// What was given.
        given: String,
        /// What there is.
        existing: Vec<String>,
    },
    /// The commission does not sit yet.
    #[error("{key} has not come yet")]
    BeforeCommission {
        /// The transition.
        key: &'static str,
        /// When it is due, if known.
        opens_at: Option<Timestamp>,
    },
    /// The calendar has not been heard of.
    #[error("the calendar is not known here yet")]
    CalendarUnknown,
    /// Every decision is signed already, or there is none.
    #[error("there is no decision left to sign")]
    NothingToSign,
    /// Not every candidature is signed.
    #[error("{unsigned} candidatures are not signed, and {signed} signed ones wait for publication")]
    NotAllSigned {
        /// How many are not.
        unsigned: usize,
        /// How many wait.
        signed: usize,
    },
    /// Results are not public yet (R19).
    #[error("the results are not published")]
    NotPublished,
    /// The dossier stands on signed tables that the act would contradict.
    #[error("dossier {dossier} stands on the signed tables of {}; correct them first", .tables.join(", "))]
    Ranked {
        /// The dossier.
        dossier: Uuid,
        /// Which tables.
        tables: Vec<String>,
    },
    /// Not on that table.
    #[error("dossier {dossier} is not on the signed table of {table}")]
    NotOnTable {
        /// The dossier.
        dossier: Uuid,
        /// Which table.
        table: String,
    },
    /// Granted before.
    #[error("dossier {dossier} has a supernumerary seat at {school} already")]
    AlreadyGranted {
        /// The dossier.
        dossier: Uuid,
        /// The school.
        school: String,
    },
    /// The last period has opened.
    #[error("no period opens any more")]
    NoOpeningLeft,
    /// A dossier cannot have so many readers.
    #[error("{readers} people read, and a dossier is to have {wanted} readers")]
    TooFewReaders {
        /// How many read.
        readers: usize,
        /// Readers per dossier.
        wanted: u32,
    },
    /// No such act.
    #[error("there is no such act")]
    NoAct,
    /// The same request id with another content.
    #[error("request {request} was used for another transfer")]
    RequestReused {
        /// The id.
        request: Uuid,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}
