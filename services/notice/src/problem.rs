//! What is wrong with a session file, and how it is told.

use std::fmt;

use crate::{parse, session::Session};

/// A fault: the file is not a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// Where in the document, e.g. `schools[0].account.iban`; empty for the syntax itself.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A contradiction that does not stop the session; it cites what it is about (R6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What contradicts what, beginning with the table.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Why a session file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// It cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It has problems.
    #[error("{path} is not a session:{}", lines(path, problems))]
    Problems {
        /// The file.
        path: String,
        /// All of them, in the file's order.
        problems: Vec<Problem>,
    },
}

fn lines(path: &str, problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("\n{path}:{p}")).collect()
}

/// What checking a session file found, readable by a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    name: String,
    session: Option<Session>,
    /// Faults, in the file's order.
    pub problems: Vec<Problem>,
    /// Contradictions that do not stop the session.
    pub warnings: Vec<Warning>,
}

impl Verdict {
    /// Checks `text`; `name` is how the verdict calls the file.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        let parsed = parse::session(text);
        let session = parsed.session.filter(|_| parsed.problems.is_empty());
        Self { name: name.to_owned(), session, problems: parsed.problems, warnings: parsed.warnings }
    }

    /// The file is a session.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.session.is_some()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "error: {}:{problem}", self.name)?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {}:{warning}", self.name)?;
        }
        let Some(s) = &self.session else {
            return write!(f, "{}: not a session: {}", self.name, count(self.problems.len(), "error"));
        };
        writeln!(f, "session {} ({}), {}, {}", s.id, s.title, s.zone_name, s.currency)?;
        for t in s.transitions() {
            writeln!(f, "  {:<26} {} = {}", t.key, t.local, t.at)?;
        }
        for school in &s.schools {
            let seats: Vec<_> = s.filieres.iter().map(|x| format!("{} {}", x.id, s.seats(&school.id, &x.id))).collect();
            writeln!(f, "  {:<26} {}", school.id, seats.join(", "))?;
        }
        write!(
            f,
            "{}: valid: {}, {}, {}, {}, {}; {}",
            self.name,
            count(s.schools.len(), "school"),
            count(s.filieres.len(), "filière"),
            count(s.seats.total() as usize, "seat"),
            count(s.periods.len(), "period"),
            count(s.pieces.len(), "piece"),
            count(self.warnings.len(), "warning"),
        )
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
