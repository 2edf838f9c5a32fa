//! What a session is made of.

use std::path::Path;

use jiff::{SpanFieldwise, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    calendar::{Milestones, Transition},
    parse,
    problem::{Invalid, Problem, Warning},
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

/// One school of the consortium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct School {
    /// Id, e.g. "albi"; part of event subjects.
    pub id: String,
    /// Printed name.
    pub name: String,
    /// Its admissions office.
    pub office: String,
    /// Address lines.
    pub address: Vec<String>,
    /// Telephone numbers, as printed.
    pub phone: Vec<String>,
    /// Fax, if one is printed.
    pub fax: Option<String>,
    /// Mail of the admissions office.
    pub mail: String,
    /// Its site.
    pub web: String,
    /// Where its fee is paid.
    pub account: Account,
    /// Where this is printed.
    pub source: String,
}

/// A bank account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// IBAN without spaces, checksum verified.
    pub iban: String,
    /// BIC, 8 or 11 characters.
    pub bic: String,
    /// Holder as printed.
    pub holder: String,
    /// Where this is printed.
    pub source: String,
}

impl Account {
    /// The IBAN in groups of four, as people copy it.
    #[must_use]
    pub fn printed_iban(&self) -> String {
        let mut printed = String::with_capacity(self.iban.len() * 5 / 4);
        for (i, c) in self.iban.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                printed.push(' ');
            }
            printed.push(c);
        }
        printed
    }
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

/// The fee (R20–R22).
#[derive(Debug, Clone, PartialEq)]
pub struct Fee {
    /// In cents of the session's currency; positive.
    pub cents: i64,
    /// The reference the notice asks for on a transfer, with `{nom}` and `{prenom}` where the names go.
    pub reference: String,
    /// Id of the piece that proves an exemption (R20).
    pub exemption_piece: String,
    /// Time before the admissibility commission at which unsettled fees are listed (R22).
    pub listed_before: SpanFieldwise,
    /// Where this is printed.
    pub source: String,
}

impl Fee {
    /// The notice's reference for one candidate.
    #[must_use]
    pub fn printed_reference(&self, nom: &str, prenom: &str) -> String {
        self.reference.replace("{nom}", nom).replace("{prenom}", prenom)
    }
}

/// When a piece is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At clôture (R12).
    Closing,
    /// Before the title deadline (R34).
    Titles,
    /// At clôture, from those who ask for the exemption (R22).
    ClosingIfExempt,
}

/// Who deposits a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depositor {
    /// The candidate.
    Candidate,
    /// The person the candidate names; the content stays confidential (R11).
    Referee,
}

/// A file format, told by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

/// A piece of the dossier (R10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Id, e.g. "identity".
    pub id: String,
    /// What the candidate is asked for.
    pub label: Label,
    /// When.
    pub due: Due,
    /// Of whom: ids of filières.
    pub filieres: Vec<String>,
    /// One piece of each group is enough (fiche d'appréciation or fiche de poursuite d'études).
    pub group: Option<String>,
    /// Who deposits it.
    pub by: Depositor,
    /// Accepted formats.
    pub formats: Vec<Format>,
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Where this is printed.
    pub source: String,
}

/// One exam of the orals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exam {
    /// What it is called.
    pub label: Label,
    /// Its length.
    pub minutes: u32,
    /// Where this is printed.
    pub source: String,
}

/// The days of one school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OralDays {
    /// Id of the school.
    pub school: String,
    /// Days, ascending.
    pub days: Vec<Date>,
    /// Where this is printed.
    pub source: String,
}

/// The orals (R24, R26).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orals {
    /// Interview with a jury.
    pub interview: Exam,
    /// English test.
    pub english: Exam,
    /// Least members of a jury panel.
    pub panel_members: u32,
    /// Least minutes between a candidate's two exams.
    pub gap_minutes: u32,
    /// A mark of this or less eliminates, in hundredths (400 is 4.00).
    pub eliminating_hundredths: u32,
    /// The highest mark, in hundredths (2000 is 20.00).
    pub highest_hundredths: u32,
    /// Days per school (Tableau 2 in 2026).
    pub days: Vec<OralDays>,
    /// Where this is printed.
    pub source: String,
}

/// A public that a school recruits by itself; its people are pointed there (R7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRecruitment {
    /// Id, e.g. "pharmacists".
    pub id: String,
    /// The school, or every one if none is named.
    pub school: Option<String>,
    /// Whom it concerns.
    pub public: Label,
    /// Where they are pointed.
    pub contact: String,
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
