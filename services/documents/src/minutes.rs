//! The jury's procès-verbal: admissibility (R18) or admission (R27).

use jiff::Zoned;
use jiff::civil::Date;
use serde::Serialize;

/// What the jury signed, as it is filed.
#[derive(Clone, Debug, Serialize)]
pub struct Minutes {
    /// The session's title.
    pub session: String,
    /// Day of the commission.
    #[serde(serialize_with = "crate::moment::day")]
    pub commission: Date,
    /// First of the two people.
    pub prepared: Signatory,
    /// Second of the two people; the act takes effect with them, and the document is dated by them.
    pub confirmed: Signatory,
    /// SHA-256, hex, of what both confirmed.
    pub digest: String,
    /// The decisions or the tables.
    pub decided: Decided,
    /// Candidatures annulled "sous peine de nullité" (R15).
    pub annulments: Vec<Annulment>,
}

/// One of the two people of an act.
#[derive(Clone, Debug, Serialize)]
pub struct Signatory {
    /// Name as it is to be read.
    pub name: String,
    /// In what capacity, in the document's language, e.g. "présidente du jury".
    pub capacity: String,
    /// When they prepared or confirmed, in the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub at: Zoned,
}

/// What the minutes are of.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Decided {
    /// Admissibility: at least one decision, in the order to print.
    Admissibility {
        /// The decisions.
        decisions: Vec<Decision>,
    },
    /// Admission: at least one table, in the order to print.
    Admission {
        /// One per school and filière.
        tables: Vec<Table>,
    },
}

/// The decision on one candidature.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// The dossier's number.
    pub number: String,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
    /// Label of the filière.
    pub filiere: String,
    /// Admissible or not.
    pub admissible: bool,
    /// Schools at which the candidature stands, in the session's order and never the candidate's (R14).
    pub schools: Vec<String>,
    /// The jury's reason; may be empty.
    pub reason: String,
}

/// The strict ranking of one school and filière.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Name of the school.
    pub school: String,
    /// Label of the filière.
    pub filiere: String,
    /// Seats offered at sign-off (R28).
    pub seats: u32,
    /// Best first: the first has rank 1. An empty table is a decision too.
    pub ranked: Vec<Ranked>,
    /// How ties were broken, a note each.
    pub tie_breaks: Vec<String>,
}

/// One line of a table.
#[derive(Clone, Debug, Serialize)]
pub struct Ranked {
    /// The dossier's number.
    pub number: String,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
}

/// One candidature annulled.
#[derive(Clone, Debug, Serialize)]
pub struct Annulment {
    /// The dossier's number.
    pub number: String,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
    /// When it was confirmed, in the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub at: Zoned,
    /// The jury's reason.
    pub reason: String,
}
