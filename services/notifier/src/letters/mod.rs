//! A mail's subject, text and HTML, made from one template per [`Kind`] and language.
//!
//! The text part is set from the same paragraphs as the HTML, not stripped out of it. A candidate's and a referee's mail
//! has both languages, French first: only account mail knows which one its reader chose.

mod layout;
#[cfg(test)]
mod tests;
pub mod texts;
pub mod words;

use fluent_bundle::FluentArgs;
use jiff::Timestamp;
use notice::Session;
use texts::{Lang, TextError, find, text};

use crate::domain::Kind;

/// Most paragraphs a template has.
const PARAGRAPHS: usize = 6;

/// What a mail tells, besides its template. A template that wants what is not here is a fault, found by its sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Whom it greets; nobody by name in account mail.
    pub name: Option<String>,
    /// Who asks a referee.
    pub candidate: Option<String>,
    /// The dossier's number.
    pub number: Option<u64>,
    /// When what it tells was true.
    pub at: Option<Timestamp>,
    /// Until when something must be done.
    pub deadline: Option<Timestamp>,
    /// Number of the period.
    pub period: Option<u32>,
    /// Id of the school.
    pub school: Option<String>,
    /// The fee, in cents.
    pub due_cents: Option<i64>,
    /// What arrived of it.
    pub received_cents: Option<i64>,
    /// What a reminder lists.
    pub missing: Option<Vec<Missing>>,
    /// Where its link leads: an address of the portal, or a secret one.
    pub link: String,
}

/// Something a dossier lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// "form", "studies", "title", "order", "piece", "fee" or "attestation".
    pub what: String,
    /// For a piece: which would do, ids of the session file.
    pub any_of: Vec<String>,
}

/// A mail's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

/// One language of a mail.
struct Page {
    lang: Lang,
    subject: String,
    greeting: String,
    paragraphs: Vec<String>,
    items: Vec<String>,
    action: String,
    link: String,
    closing: String,
    automatic: String,
}

/// Writes a mail of `kind` in `languages`. `portal` is the address of the portal's first page.
///
/// # Errors
/// A template wants something that `details` does not have.
pub fn write(
    kind: Kind,
    languages: &[Lang],
    details: &Details,
    session: &Session,
    portal: &str,
) -> Result<Letter, TextError> {
    let pages =
        languages.iter().map(|lang| page(kind, *lang, details, session, portal)).collect::<Result<Vec<_>, _>>()?;
    // A header is one line, whatever a name brings along.
    let subjects: Vec<String> = pages.iter().map(|page| page.subject.replace(char::is_control, " ")).collect();
    let subject = subjects.join(" / ");
    Ok(Letter { text: layout::text(&pages), html: layout::html(&subject, &pages), subject })
}

fn page(kind: Kind, lang: Lang, details: &Details, session: &Session, portal: &str) -> Result<Page, TextError> {
    let key = kind.word().replace('_', "-");
    let args = args(lang, details, session, portal);
    let mut paragraphs = Vec::new();
    for n in 1..=PARAGRAPHS {
        paragraphs.extend(find(lang, &key, &format!("p{n}"), &args)?);
    }
    let mut items = Vec::new();
    if let Some(missing) = &details.missing {
        let part = if missing.is_empty() { "complete" } else { "missing" };
        paragraphs.push(text(lang, &key, part, &args)?);
        items = missing.iter().map(|one| missing_thing(lang, one, session)).collect::<Result<_, _>>()?;
    }
    let greeting = if details.name.is_some() { "greeting" } else { "greeting-nobody" };
    Ok(Page {
        lang,
        subject: text(lang, &key, "", &args)?,
        greeting: text(lang, greeting, "", &args)?,
        paragraphs,
        items,
        action: text(lang, &key, "action", &args)?,
        link: details.link.clone(),
        closing: text(lang, "closing", "", &args)?,
        automatic: text(lang, "automatic", "", &args)?,
    })
}

fn args(lang: Lang, details: &Details, session: &Session, portal: &str) -> FluentArgs<'static> {
    let mut args = FluentArgs::new();
    let mut set = |key: &'static str, value: Option<String>| {
        if let Some(value) = value {
            args.set(key, value);
        }
    };
    let instant = |at: Timestamp| words::instant(lang, at, &session.zone, &session.zone_name);
    let sum = |cents: i64| words::sum(lang, cents, &session.currency);
    set("session", Some(session.title.clone()));
    set("portal", Some(portal.to_owned()));
    set("name", details.name.clone());
    set("candidate", details.candidate.clone());
    set("number", details.number.map(|n| n.to_string()));
    set("at", details.at.map(instant));
    set("deadline", details.deadline.map(instant));
    set("period", details.period.map(|n| n.to_string()));
    set("school", details.school.as_deref().map(|id| session.school(id).map_or(id, |s| &s.name).to_owned()));
    set("due", details.due_cents.map(sum));
    set("received", details.received_cents.map(sum));
    set("missing-sum", details.due_cents.zip(details.received_cents).map(|(due, received)| sum(due - received)));
    args
}

fn missing_thing(lang: Lang, missing: &Missing, session: &Session) -> Result<String, TextError> {
    let none = FluentArgs::new();
    let pieces = missing.any_of.iter().filter_map(|id| session.piece(id));
    let labels: Vec<&str> =
        pieces.map(|piece| if lang == Lang::Fr { &*piece.label.fr } else { &*piece.label.en }).collect();
    if !labels.is_empty() {
        return Ok(labels.join(&format!(" {} ", text(lang, "missing-or", "", &none)?)));
    }
    match find(lang, &format!("missing-{}", missing.what), "", &none)? {
        Some(words) => Ok(words),
        None => text(lang, "missing-other", "", &none),
    }
}
