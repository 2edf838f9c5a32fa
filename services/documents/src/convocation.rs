//! The convocation to the orals (R24, R25).

use jiff::Zoned;
use serde::Serialize;

use crate::Candidate;
use crate::moment::minutes_between;

/// Who is expected where, when, with what.
#[derive(Clone, Debug, Serialize)]
pub struct Convocation {
    /// The session's title.
    pub session: String,
    /// Who is convened.
    pub candidate: Candidate,
    /// Name of the school that convenes.
    pub school: String,
    /// Where.
    pub venue: Venue,
    /// The exams, earliest first, all on one day (R24). At least one.
    pub exams: Vec<Exam>,
    /// What to bring besides an identity document and the convocation, in the document's language.
    pub bring: Vec<String>,
    /// Whom to ask.
    pub contact: Contact,
    /// When this version was made, in the session's zone: a moved slot makes another.
    #[serde(serialize_with = "crate::moment::instant")]
    pub issued_at: Zoned,
}

/// Where the exams are held.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Venue {
    /// At the school.
    OnSite {
        /// Postal address, a line each.
        address: Vec<String>,
    },
    /// By video (R25).
    Remote {
        /// https address of the room.
        link: String,
    },
}

/// One exam of a convocation.
#[derive(Clone, Debug, Serialize)]
pub struct Exam {
    /// Label in the session file, in the document's language.
    pub label: String,
    /// In the school's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub begins_at: Zoned,
    /// In the school's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub ends_at: Zoned,
    /// Room, if one is set.
    pub room: Option<String>,
    /// Panel, if candidates may know it.
    pub panel: Option<String>,
}

/// Whom a candidate asks.
#[derive(Clone, Debug, Serialize)]
pub struct Contact {
    /// The office, e.g. "Service admissions".
    pub office: String,
    /// Numbers as printed.
    pub phones: Vec<String>,
    /// Mail address.
    pub mail: String,
}

#[derive(Serialize)]
pub(crate) struct ConvocationPage<'a> {
    #[serde(flatten)]
    convocation: &'a Convocation,
    /// Minutes between each exam and the next.
    gaps: Vec<i64>,
}

impl Convocation {
    pub(crate) fn page(&self) -> ConvocationPage<'_> {
        let gaps = self.exams.iter().zip(self.exams.iter().skip(1));
        ConvocationPage {
            convocation: self,
            gaps: gaps.map(|(exam, next)| minutes_between(&exam.ends_at, &next.begins_at)).collect(),
        }
    }
}
