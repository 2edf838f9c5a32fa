//! What every command and query works with.

use std::sync::Arc;

use contracts::roles;
use jiff::Timestamp;
use notice::{School, Session};
use platform::{auth::Caller, db::Db, refusal::Refusal};
use uuid::Uuid;

use crate::{domain::money::Cents, names::Names};

/// The service's hands. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The session as the notice describes it.
    pub session: Arc<Session>,
    /// Who knows the candidates' names; asked by the listener only, never inside a transaction.
    pub names: Arc<dyn Names>,
}

impl App {
    /// The session's fee (R20).
    #[must_use]
    pub fn fee(&self) -> Cents {
        Cents::new(self.session.fee.cents)
    }

    /// A school by a request's field.
    ///
    /// # Errors
    /// `SCHOOL_UNKNOWN`, with the schools there are.
    pub fn school(&self, field: &'static str, id: &str) -> Result<&School, Refusal> {
        self.session.school(id).ok_or_else(|| {
            Refusal::invalid("SCHOOL_UNKNOWN")
                .field(field, "no school of this session")
                .allowed(self.session.schools.iter().map(|s| s.id.as_str()))
        })
    }

    /// The school for which a finance clerk asks: the one of the token.
    ///
    /// # Errors
    /// `SCHOOL_UNKNOWN`, or `PERMISSION_DENIED` for another school's clerk and for anyone else.
    pub fn of_finance(&self, caller: &Caller, school: &str) -> Result<&School, Refusal> {
        caller.require(&[roles::FINANCE])?;
        let school = self.school("school", school)?;
        caller.require_unit(&[roles::FINANCE], &school.id)?;
        Ok(school)
    }
}

/// An id from outside.
///
/// # Errors
/// `ID_MALFORMED`.
pub fn id(field: &'static str, text: &str) -> Result<Uuid, Refusal> {
    text.parse().map_err(|_| Refusal::invalid("ID_MALFORMED").field(field, "not a UUID"))
}

/// A short text from outside, trimmed.
///
/// # Errors
/// `TEXT_MALFORMED` when it is blank or has more than `max` characters.
pub fn text(field: &'static str, text: &str, max: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > max || text.chars().any(char::is_control) {
        let why = format!("1 to {max} characters without control characters are accepted");
        return Err(Refusal::invalid("TEXT_MALFORMED").field(field, why).with("most", max.to_string()));
    }
    Ok(text.to_owned())
}

/// The caller with an instant of receipt as the database keeps it: whole microseconds, rounded down.
#[must_use]
pub fn in_microseconds(caller: Caller) -> Caller {
    let received_at = Timestamp::from_microsecond(caller.received_at.as_microsecond()).unwrap_or(caller.received_at);
    Caller { received_at, ..caller }
}
