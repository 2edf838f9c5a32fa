//! What the people know: the platform is held to every word of it at the end.

use std::collections::{BTreeMap, BTreeSet};

use contracts::integration::Answer;
use jiff::Timestamp;

use crate::{bank::Line, world::Who};

/// An acknowledged answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Which.
    pub answer: Answer,
    /// Instant of receipt on the receipt.
    pub at: Timestamp,
}

/// What was done in one period.
#[derive(Debug, Clone, Default)]
pub struct PeriodStory {
    /// Who was seen.
    pub seen: BTreeSet<String>,
    /// The last acknowledged answer of each.
    pub answers: BTreeMap<String, Answered>,
    /// Who resigned, in the period or after its close.
    pub resigned: BTreeSet<String>,
}

/// What happened, by dossier id unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// Acknowledged clôtures: instant and digest of the receipt.
    pub closed: BTreeMap<String, (Timestamp, String)>,
    /// Orders as acknowledged, best first.
    pub orders: BTreeMap<String, Vec<String>>,
    /// Those whose clôture was refused for good.
    pub not_closed: BTreeSet<String>,
    /// The bank's lines, per school.
    pub lines: BTreeMap<String, Vec<Line>>,
    /// Cents taken at the counter, per school.
    pub counter: BTreeMap<String, i64>,
    /// What the jury signed.
    pub admissible: BTreeSet<String>,
    /// Strict tables as submitted, by (school, filière).
    pub tables: BTreeMap<(String, String), Vec<String>>,
    /// Seats per (school, filière) from each period's opening on.
    pub seats: Vec<BTreeMap<(String, String), u32>>,
    /// Annulled candidatures.
    pub annulled: BTreeSet<String>,
    /// Period by period, from the first.
    pub periods: Vec<PeriodStory>,
    /// Relatives with a code of their own (R36), as the issuer knows them.
    pub mandates: BTreeMap<String, Who>,
    /// Pieces deposited in time after clôture, per dossier.
    pub proofs: BTreeMap<String, BTreeSet<String>>,
    /// Bounds of what must not be known earlier: admissibility and admission results.
    pub published: BTreeMap<String, Timestamp>,
}
