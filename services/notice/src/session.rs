//! What a session is made of.

use std::path::Path;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    calendar::{Milestones, Transition},
    dossier::{Fee, Piece},
    orals::Orals,
    parse,
    problem::{Invalid, Problem, Warning},
    schools::{LocalRecruitment, School},
    tables::{Seats, Table},
};

/// A whole session, as one validated file describes it. One deployment is one session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Id of the session, e.g. "2026".
    pub id: String,
    /// What the notice calls itself.
    pub title: String,
    /// IANA name of the zone in which the file's local times are read (R2).
    pub zone_name: String,
    /// That zone.
    pub zone: TimeZone,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The addresses at which the notice says results can be read (R19).
    pub sites: Vec<String>,
    /// Where the file says this is printed.
    pub source: String,
    /// Schools, in the file's order, which is everyone's neutral order.
    pub schools: Vec<School>,
    /// Filières, in the file's order.
    pub filieres: Vec<Filiere>,
    /// Diplomas a candidate can state (R8).
    pub diplomas: Vec<Diploma>,
    /// The printed tables that open and close titles (Tableaux 4 to 7 in 2026).
    pub tables: Vec<Table>,
    /// Seats per school and filière (Tableau 1 in 2026).
    pub seats: Seats,
    /// Dates of the procedure (R4).
    pub milestones: Milestones,
    /// Integration periods, numbered from 1 (Tableau 3 in 2026).
    pub periods: Vec<Period>,
    /// The fee (R20).
    pub fee: Fee,
    /// Pieces of a dossier (R10).
    pub pieces: Vec<Piece>,
    /// The orals (R24, R26).
    pub orals: Orals,
    /// Publics that a school recruits by itself (R7).
    pub local_recruitment: Vec<LocalRecruitment>,
    pub(crate) transitions: Vec<Transition>,
}

/// A text in the languages of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// One filière: a kind of title with seats of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filiere {
    /// Id, e.g. "L3".
    pub id: String,
    /// Printed name.
    pub label: Label,
    /// Year of the engineering cycle it enters, 1 or 2 in 2026.
    pub cycle_year: u32,
    /// Where this is printed.
    pub source: String,
}

/// A diploma that a candidate can state (R8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diploma {
    /// Id, e.g. "licence".
    pub id: String,
    /// Printed name.
    pub label: Label,
    /// How it relates to the tables.
    pub kind: DiplomaKind,
    /// The filière that follows from it; for an unlisted or foreign one, that of the diploma it is measured against.
    pub filiere: String,
    /// Where this is printed.
    pub source: String,
}

/// How a diploma relates to the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiplomaKind {
    /// The tables name it and its mentions.
    Listed {
        /// The row that opens the diploma itself per school; without one only the mentions decide.
        title: Option<crate::RowRef>,
        /// Number of the table whose rows are its mentions.
        mentions: u32,
        /// What a mention that the table does not print means.
        unlisted: UnlistedMention,
    },
    /// Another title of the country at that level: the candidate names the row of `equivalent_to`'s table that it
    /// claims, and the jury decides (R17).
    Unlisted {
        /// Id of the listed diploma it is measured against.
        equivalent_to: String,
    },
    /// A foreign title: the same, decided by the jury (R17).
    Foreign {
        /// Id of the listed diploma it is measured against.
        equivalent_to: String,
    },
}

/// What a mention that no row prints means (R8, R9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedMention {
    /// Refused everywhere (the BUT 3 of 2026).
    Refused,
    /// The candidate names the row it is equivalent to, and the jury decides.
    Equivalence,
}

/// One integration period (R4), half-open in local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Number from 1.
    pub number: u32,
    /// Opening.
    pub opens: Timestamp,
    /// Close, itself out.
    pub closes: Timestamp,
    /// Where this is printed.
    pub source: String,
}

impl Session {
    /// Reads and validates the session file at `path`.
    ///
    /// # Errors
    /// The file cannot be read, or has problems: all of them, with line and column.
    pub fn load(path: &Path) -> Result<Self, Invalid> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Invalid::Unreadable { path: path.display().to_string(), source })?;
        match Self::parse(&text) {
            Ok((session, _)) => Ok(session),
            Err(problems) => Err(Invalid::Problems { path: path.display().to_string(), problems }),
        }
    }

    /// Validates the text of a session file.
    ///
    /// # Errors
    /// Every problem of the text, in its order.
    pub fn parse(text: &str) -> Result<(Self, Vec<Warning>), Vec<Problem>> {
        let parsed = parse::session(text);
        match parsed.session {
            Some(session) if parsed.problems.is_empty() => Ok((session, parsed.warnings)),
            _ => Err(parsed.problems),
        }
    }

    /// The school of that id.
    #[must_use]
    pub fn school(&self, id: &str) -> Option<&School> {
        self.schools.iter().find(|s| s.id == id)
    }

    /// The filière of that id.
    #[must_use]
    pub fn filiere(&self, id: &str) -> Option<&Filiere> {
        self.filieres.iter().find(|f| f.id == id)
    }

    /// The diploma of that id.
    #[must_use]
    pub fn diploma(&self, id: &str) -> Option<&Diploma> {
        self.diplomas.iter().find(|d| d.id == id)
    }

    /// The piece of that id.
    #[must_use]
    pub fn piece(&self, id: &str) -> Option<&Piece> {
        self.pieces.iter().find(|p| p.id == id)
    }

    /// The period of that number.
    #[must_use]
    pub fn period(&self, number: u32) -> Option<&Period> {
        self.periods.iter().find(|p| p.number == number)
    }

    /// The orals' days of a school, none if it has none.
    #[must_use]
    pub fn oral_days(&self, school: &str) -> &[Date] {
        self.orals.days.iter().find(|d| d.school == school).map_or(&[], |d| &d.days)
    }

    /// Seats of a school in a filière; 0 for what the session does not know (R28).
    #[must_use]
    pub fn seats(&self, school: &str, filiere: &str) -> u32 {
        self.seats.of(school, filiere)
    }

    /// Pieces of a candidate of that filière, in the file's order.
    pub fn pieces_for<'a, 'b>(&'a self, filiere: &'b str) -> impl Iterator<Item = &'a Piece> + use<'a, 'b> {
        self.pieces.iter().filter(move |p| p.filieres.iter().any(|f| f == filiere))
    }

    /// Every transition, by instant; those of one instant in the procedure's order.
    #[must_use]
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// The printed instant of a transition.
    #[must_use]
    pub fn instant(&self, key: &str) -> Option<Timestamp> {
        self.transitions.iter().find(|t| t.key == key).map(|t| t.at)
    }
}
