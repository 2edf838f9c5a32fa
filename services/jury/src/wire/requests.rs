//! Fields of requests, checked before anything is looked up.

use contracts::{jury::ActKind as Wire, roles};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::commands::Refused;
use crate::domain::{ActKind, Mark, Member, OralResult, OralRules};

/// Ids in one list at most: far above any session's candidates.
pub const MOST_IDS: usize = 20_000;

/// The member of the jury who asks.
///
/// # Errors
/// Not a member.
pub fn member(caller: &Caller) -> Result<Member, Refusal> {
    caller.require(&[roles::JURY, roles::JURY_PRESIDENT])?;
    Ok(Member { subject: caller.subject.clone(), president: caller.role == roles::JURY_PRESIDENT })
}

/// A dossier's id.
///
/// # Errors
/// Not a UUID.
pub fn dossier(field: &str, id: &str) -> Result<Uuid, Refusal> {
    // `Uuid::parse_str` takes other spellings too; ids travel in one.
    id.parse::<Uuid>()
        .ok()
        .filter(|uuid| uuid.to_string() == id)
        .ok_or_else(|| Refusal::invalid("INVALID_ID").field(field, "not a UUID in its lowercase hyphenated form"))
}

/// Dossiers' ids, every malformed one named.
///
/// # Errors
/// Too many, or some are not UUIDs.
pub fn dossiers(field: &str, ids: &[String]) -> Result<Vec<Uuid>, Refusal> {
    if ids.len() > MOST_IDS {
        return Err(Refusal::invalid("TOO_MANY").field(field, format!("at most {MOST_IDS}")));
    }
    let mut good = Vec::with_capacity(ids.len());
    let mut bad = Vec::new();
    for (line, id) in ids.iter().enumerate() {
        match dossier(field, id) {
            Ok(id) => good.push(id),
            Err(_) => bad.push(line),
        }
    }
    if bad.is_empty() {
        return Ok(good);
    }
    let refusal = Refusal::invalid("INVALID_ID").with("faults", bad.len().to_string());
    let named = bad.into_iter().take(super::MOST_FAULTS);
    Err(named
        .fold(refusal, |r, line| r.field(format!("{field}[{line}]"), "not a UUID in its lowercase hyphenated form")))
}

/// A text of 1 to `most` characters that is not blank, without control characters but line breaks and tabs.
///
/// # Errors
/// It is not.
pub fn text(field: &str, given: &str, most: usize) -> Result<String, Refusal> {
    sentence(given, most).map_err(|why| Refusal::invalid("INVALID_TEXT").field(field, why))
}

/// The same; else why not.
///
/// # Errors
/// It is not.
pub fn sentence(given: &str, most: usize) -> Result<String, String> {
    checked(given, most, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The same on one line; else why not.
///
/// # Errors
/// It is not.
pub fn line(given: &str, most: usize) -> Result<String, String> {
    checked(given, most, char::is_control)
}

fn checked(given: &str, most: usize, strange: impl Fn(char) -> bool) -> Result<String, String> {
    let given = given.trim();
    if given.is_empty() {
        Err("required".into())
    } else if given.chars().count() > most {
        Err(format!("at most {most} characters"))
    } else if given.contains(strange) {
        Err("holds control characters".into())
    } else {
        Ok(given.to_owned())
    }
}

/// A word to look for, as given: anything that text in the database can be.
///
/// # Errors
/// It holds a NUL, which no text there does.
pub fn word<'a>(field: &str, given: &'a str) -> Result<&'a str, Refusal> {
    if given.contains('\0') {
        return Err(Refusal::invalid("INVALID_TEXT").field(field, "holds a NUL character"));
    }
    Ok(given)
}

/// A page's size: 100 unless told, at most 500.
///
/// # Errors
/// Above 500.
pub fn page(size: u32) -> Result<i64, Refusal> {
    match size {
        0 => Ok(100),
        1..=500 => Ok(i64::from(size)),
        _ => Err(Refusal::invalid("INVALID_PAGE").field("page_size", "1 to 500, or 0 for 100")),
    }
}

/// A result of the orals: a mark, or an absence if `absent`.
///
/// # Errors
/// No mark of this session, or both.
pub fn result_of(mark: &str, absent: bool, rules: &OralRules) -> Result<OralResult, Refusal> {
    match (mark, absent) {
        ("", true) => Ok(OralResult::Absent),
        (_, true) => Err(Refusal::invalid("MARK_INVALID").field("mark", "absent and marked at once")),
        (mark, false) => {
            let mark = Mark::parse(mark, rules.highest).map_err(|e| Refusal::from(Refused::from(e)))?;
            Ok(OralResult::Marked(mark))
        }
    }
}

/// A kind of act; none if unspecified.
///
/// # Errors
/// No such kind.
pub fn kind_of(kind: i32) -> Result<Option<ActKind>, Refusal> {
    let unknown = || Refusal::invalid("UNKNOWN_KIND").field("kind", "no such kind of act");
    Ok(match Wire::try_from(kind).map_err(|_| unknown())? {
        Wire::Unspecified => None,
        Wire::Admissibility => Some(ActKind::Admissibility),
        Wire::AdmissibilityPublication => Some(ActKind::AdmissibilityPublication),
        Wire::AdmissibilityCorrection => Some(ActKind::AdmissibilityCorrection),
        Wire::MarkCorrection => Some(ActKind::MarkCorrection),
        Wire::Admission => Some(ActKind::Admission),
        Wire::AdmissionPublication => Some(ActKind::AdmissionPublication),
        Wire::TableCorrection => Some(ActKind::TableCorrection),
        Wire::Supernumerary => Some(ActKind::Supernumerary),
        Wire::Annulment => Some(ActKind::Annulment),
    })
}
