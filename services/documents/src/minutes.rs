//! The jury's procès-verbal: admissibility (R18) or admission (R27), as it stands after every act of two people.

use jiff::Zoned;
use jiff::civil::Date;
use serde::Serialize;

use crate::DocumentError;

/// What the jury signed, as it is filed. Acts come oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct Minutes {
    /// The session's title.
    pub session: String,
    /// Day of the commission.
    #[serde(serialize_with = "crate::moment::day")]
    pub commission: Date,
    /// What is signed, after corrections.
    pub decided: Decided,
    /// Confirmed sign-offs; at least one. The people of the last one sign the paper.
    pub sign_offs: Vec<SignOff>,
    /// Confirmed publications (R19).
    pub publications: Vec<Publication>,
    /// Corrections of clerical mistakes since (R18).
    pub corrections: Vec<Correction>,
    /// Candidatures annulled "sous peine de nullité" (R15).
    pub annulments: Vec<Annulment>,
}

/// An act of two people: one prepared, another confirmed exactly that.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// Who prepared, and when.
    pub prepared: Signatory,
    /// Who confirmed, and when: the act takes effect with it.
    pub confirmed: Signatory,
    /// SHA-256, hex, of what both saw.
    pub digest: String,
}

/// One of the two people of an act.
#[derive(Clone, Debug, Serialize)]
pub struct Signatory {
    /// Name as it is to be read.
    pub name: String,
    /// In what capacity, in the document's language, e.g. "présidente du jury".
    pub capacity: String,
    /// In the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub at: Zoned,
}

/// A sign-off.
#[derive(Clone, Debug, Serialize)]
pub struct SignOff {
    /// The act.
    #[serde(flatten)]
    pub act: Act,
    /// Number of the signature, where sign-offs are numbered.
    pub signature: Option<u64>,
}

/// A publication of what is signed.
#[derive(Clone, Debug, Serialize)]
pub struct Publication {
    /// The act.
    #[serde(flatten)]
    pub act: Act,
    /// From when on everyone sees it, in the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub visible_at: Zoned,
}

/// The correction of a clerical mistake. Its texts are in the document's language.
#[derive(Clone, Debug, Serialize)]
pub struct Correction {
    /// The act.
    #[serde(flatten)]
    pub act: Act,
    /// Of what: a candidate, a table, a mark.
    pub subject: String,
    /// As it was.
    pub before: String,
    /// As it stands.
    pub after: String,
    /// Why.
    pub reason: String,
}

/// The nullity of a candidature.
#[derive(Clone, Debug, Serialize)]
pub struct Annulment {
    /// The act.
    #[serde(flatten)]
    pub act: Act,
    /// Whose.
    pub candidate: Named,
    /// The jury's reason.
    pub reason: String,
}

/// A candidate as lists name them.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The dossier's number.
    pub number: String,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
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
        /// Seats moved between filières of a school (R28).
        transfers: Vec<SeatTransfer>,
        /// Seats beyond the published number, for people wronged (R33).
        supernumeraries: Vec<Supernumerary>,
    },
}

/// The decision on one candidature.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// Whose.
    #[serde(flatten)]
    pub candidate: Named,
    /// Label of the filière.
    pub filiere: String,
    /// What was decided.
    pub outcome: Outcome,
    /// Schools at which the candidature stands, in the session's order and never the candidate's (R14).
    pub schools: Vec<String>,
    /// What the jury found at single schools (R16, R17).
    pub determinations: Vec<Determination>,
    /// The jury's reason; may be empty.
    pub reason: String,
}

/// What became of a candidature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Admissible at every school at which the candidature stands.
    Admissible,
    /// Not admissible.
    Rejected,
    /// Annulled since (R15): counted apart.
    Annulled,
}

/// The jury's finding on one candidature at one school.
#[derive(Clone, Debug, Serialize)]
pub struct Determination {
    /// Name of the school.
    pub school: String,
    /// Recevable there or not.
    pub recevable: bool,
    /// Why.
    pub reason: String,
}

/// The strict ranking of one school and filière.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Name of the school.
    pub school: String,
    /// Label of the filière.
    pub filiere: String,
    /// Seats as they stand (R28).
    pub seats: u32,
    /// Best first: the first has rank 1. An empty table is a decision too.
    pub ranked: Vec<Named>,
    /// How ties were broken, a note each.
    pub tie_breaks: Vec<String>,
}

/// Seats moved from one filière of a school to another.
#[derive(Clone, Debug, Serialize)]
pub struct SeatTransfer {
    /// Name of the school.
    pub school: String,
    /// Label of the filière that loses them.
    pub from_filiere: String,
    /// Label of the filière that gains them.
    pub to_filiere: String,
    /// How many.
    pub count: u32,
    /// Number of the period from whose opening on they count.
    pub from_period: u32,
    /// Why.
    pub reason: String,
    /// Who moved them, and when.
    pub moved: Signatory,
}

/// A seat beyond the published number.
#[derive(Clone, Debug, Serialize)]
pub struct Supernumerary {
    /// The act.
    #[serde(flatten)]
    pub act: Act,
    /// For whom.
    pub candidate: Named,
    /// Name of the school.
    pub school: String,
    /// Label of the filière.
    pub filiere: String,
    /// Why.
    pub reason: String,
}

impl Minutes {
    /// The last sign-off, whose people sign the paper.
    pub(crate) fn signed(&self) -> Result<&Act, DocumentError> {
        let empty = match &self.decided {
            Decided::Admissibility { decisions } => decisions.is_empty().then_some("decisions"),
            Decided::Admission { tables, .. } => tables.is_empty().then_some("tables"),
        };
        match (empty, self.sign_offs.last()) {
            (Some(what), _) => Err(DocumentError::Empty(what)),
            (None, None) => Err(DocumentError::Empty("sign_offs")),
            (None, Some(last)) => Ok(&last.act),
        }
    }

    /// When the last thing in them happened: the same minutes bear the same date whenever they are printed.
    pub(crate) fn latest<'a>(&'a self, signed: &'a Act) -> &'a Zoned {
        let (transfers, supernumeraries) = match &self.decided {
            Decided::Admissibility { .. } => (&[][..], &[][..]),
            Decided::Admission { transfers, supernumeraries, .. } => (&transfers[..], &supernumeraries[..]),
        };
        let acts = self.publications.iter().map(|publication| &publication.act);
        let acts = acts.chain(self.corrections.iter().map(|correction| &correction.act));
        let acts = acts.chain(self.annulments.iter().map(|annulment| &annulment.act));
        let acts = acts.chain(supernumeraries.iter().map(|seat| &seat.act));
        let instants = acts.map(|act| &act.confirmed.at).chain(transfers.iter().map(|transfer| &transfer.moved.at));
        instants.fold(&signed.confirmed.at, |latest, at| if at.timestamp() > latest.timestamp() { at } else { latest })
    }
}
