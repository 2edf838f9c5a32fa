//! Bank statements (R23): ISO 20022 camt.053 and CFONB 120, read into the same lines.
//!
//! A file is taken whole or refused whole. Every fault is named with its place; the balances must add up, the currency
//! must be the session's and the account the school's.

mod camt053;
mod cfonb120;
mod xml;

use std::fmt;

use jiff::civil::Date;

use super::{line::BankLine, money::Cents, text::canonical};

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most lines of one file: an import is one transaction, and must end within the longest time a request may take.
pub const MAX_LINES: usize = 5_000;
/// Longest text of one field of a line, in characters.
pub const MAX_TEXT: usize = 2_000;
/// Longest reference of a line, in characters: it is part of the line's identity, which is indexed.
pub const MAX_REFERENCE: usize = 200;
/// Faults listed before giving up on a file.
const MAX_FAULTS: usize = 100;

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// ISO 20022 `camt.053.001.02` to `.13`.
    Camt053,
    /// CFONB 120: fixed records of 120 characters.
    Cfonb120,
}

/// The account a statement must be of.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// IBAN of the school, without spaces.
    pub iban: &'a str,
    /// ISO 4217 code of the session's currency, which has two decimals.
    pub currency: &'a str,
}

/// One statement: the lines between two balances.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// IBAN of the account.
    pub iban: String,
    /// Date of the opening balance.
    pub opening_date: Date,
    /// Opening balance.
    pub opening: Cents,
    /// Date of the closing balance.
    pub closing_date: Date,
    /// Closing balance: the opening one and all booked lines.
    pub closing: Cents,
    /// Booked lines, in the file's order; none of zero.
    pub lines: Vec<BankLine>,
}

/// What is wrong, at one place of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// `Stmt[1]/Ntry[3]`, `line 12`, or `file`.
    pub at: String,
    /// What.
    pub what: Wrong,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// Kinds of faults.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    /// An element or field that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Something is not what it should be.
    #[error("{what} is `{found}`, expected {expected}")]
    Value {
        /// Which element or field.
        what: &'static str,
        /// As found, shortened.
        found: String,
        /// What it would have to be.
        expected: String,
    },
    /// Not the school's account.
    #[error("the statement is of account {found}, the school's is {expected}")]
    Account {
        /// As found.
        found: String,
        /// The school's.
        expected: String,
    },
    /// Not the session's currency.
    #[error("the amount is in `{found}`, the session's currency is {expected}")]
    Currency {
        /// As found.
        found: String,
        /// The session's.
        expected: String,
    },
    /// A total is wrong.
    #[error("{what} is {stated}, the lines make {computed}")]
    Total {
        /// Which total.
        what: &'static str,
        /// As stated.
        stated: Cents,
        /// As summed.
        computed: Cents,
    },
    /// A number of lines is wrong.
    #[error("{what} is {stated}, there are {computed}")]
    Count {
        /// Which number.
        what: &'static str,
        /// As stated.
        stated: u64,
        /// As counted.
        computed: u64,
    },
    /// A record or element where none may be.
    #[error("{found} cannot follow {after}")]
    Order {
        /// As found.
        found: String,
        /// What came before it.
        after: &'static str,
    },
    /// A text longer than [`MAX_TEXT`] or a reference longer than [`MAX_REFERENCE`].
    #[error("{0} is longer than {1} characters")]
    TooLong(&'static str, usize),
    /// A control character, which neither XML nor a bank's records hold, and no text in the database.
    #[error("{0} holds a control character")]
    Control(&'static str),
}

/// Why a file is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// More than [`MAX_BYTES`].
    #[error("the file has {0} bytes, {MAX_BYTES} at most are read")]
    TooLarge(usize),
    /// Neither of the two formats.
    #[error("neither XML nor CFONB 120")]
    Neither,
    /// Not well-formed XML.
    #[error("line {line}: not well-formed XML: {why}")]
    NotXml {
        /// Line, from 1.
        line: usize,
        /// What the reader objects to.
        why: String,
    },
    /// XML that asks for more than a statement needs: a document type, an entity, depth, size.
    #[error("line {line}: {why}")]
    Hostile {
        /// Line, from 1.
        line: usize,
        /// What is not read.
        why: &'static str,
    },
    /// XML, but of another kind.
    #[error("the document is `{0}`, expected camt.053.001.02 to .13")]
    NotCamt053(String),
    /// Not records of 120 characters.
    #[error("line {line}: a record has 120 characters, this one has {found}")]
    NotCfonb120 {
        /// Line, from 1.
        line: usize,
        /// Its length.
        found: usize,
    },
    /// More than [`MAX_LINES`].
    #[error("more than {MAX_LINES} lines")]
    TooManyLines,
    /// Faults, each with its place.
    #[error("{} fault(s), first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Faults(Vec<Fault>),
}

/// Reads a file; the format is told from its first characters unless given.
///
/// # Errors
/// [`Unreadable`] names every fault. Nothing of a file with a fault is taken.
pub fn read(
    bytes: &[u8],
    format: Option<Format>,
    expected: Expected<'_>,
) -> Result<(Format, Vec<Statement>), Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge(bytes.len()));
    }
    let format = match format {
        Some(format) => format,
        None => detect(bytes).ok_or(Unreadable::Neither)?,
    };
    let statements = match format {
        Format::Camt053 => camt053::read(bytes, expected)?,
        Format::Cfonb120 => cfonb120::read(bytes, expected)?,
    };
    let mut faults = Faults::default();
    for line in statements.iter().flat_map(|s| &s.lines) {
        let texts = [
            ("the counterparty", &line.counterparty),
            ("the remittance text", &line.remittance),
            ("the bank's reference", &line.bank_reference),
            ("the end-to-end reference", &line.end_to_end),
        ];
        for (what, _) in texts.into_iter().filter(|(_, text)| text.contains(is_strange)) {
            faults.add(&line.location, Wrong::Control(what));
        }
    }
    Ok((format, faults.finish(statements)?))
}

/// ASCII's control characters but line ends and tabs; those of Latin-1 are letters in the code pages banks really use.
fn is_strange(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')
}

fn detect(bytes: &[u8]) -> Option<Format> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let begins = bytes.trim_ascii_start();
    if begins.starts_with(b"<") {
        Some(Format::Camt053)
    } else if begins.starts_with(b"01") {
        Some(Format::Cfonb120)
    } else {
        None
    }
}

/// Collects faults, up to a limit.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, at: &str, what: Wrong) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(Fault { at: at.to_owned(), what });
        }
    }

    /// The value, or `None` and the fault noted.
    fn take<T>(&mut self, at: &str, result: Result<T, Wrong>) -> Option<T> {
        result.map_err(|what| self.add(at, what)).ok()
    }

    fn finish(self, statements: Vec<Statement>) -> Result<Vec<Statement>, Unreadable> {
        if self.0.is_empty() { Ok(statements) } else { Err(Unreadable::Faults(self.0)) }
    }
}

/// A value as it is quoted in a fault: short, so that a refusal never carries a file.
fn quoted(text: &str) -> String {
    text.chars().take(60).collect()
}

fn value(what: &'static str, found: &str, expected: impl Into<String>) -> Wrong {
    Wrong::Value { what, found: quoted(found), expected: expected.into() }
}

/// A line's text as its reference, when the bank gives none.
fn reference_from_text(remittance: &str, counterparty: &str) -> String {
    canonical(&format!("{remittance}/{counterparty}")).chars().take(MAX_REFERENCE).collect()
}

/// Text of a Latin-1 file, every byte a character.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
