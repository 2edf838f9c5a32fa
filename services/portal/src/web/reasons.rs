//! Why something is as it is or cannot be, in a person's words.

use contracts::machinery::Reason;
use fluent_bundle::{FluentArgs, FluentValue};
use jiff::{Timestamp, civil::Date};
use platform::refusal::Decoded;

use super::Visit;
use crate::{i18n::Tr, pages::labels};

impl Visit {
    /// The sentence of a reason, `reason-CODE`, with what it names in words; `name` tells who a dossier is.
    #[must_use]
    pub fn reason(&self, reason: &Reason, name: impl Fn(&str) -> String) -> String {
        self.sentences().reason(reason, name)
    }

    /// The reasons of a refusal, one sentence each.
    #[must_use]
    pub fn because(&self, refusal: &Decoded, name: impl Fn(&str) -> String) -> Vec<String> {
        self.sentences().because(refusal, name)
    }

    /// The sentence of a refusal, in this person's words.
    #[must_use]
    pub fn refusal(&self, refusal: &Decoded) -> String {
        self.sentences().refusal(refusal)
    }

    fn sentences(&self) -> Sentences<'_> {
        Sentences { t: self.t, session: &self.app.session }
    }
}

/// What is said in a language of a session's schools, filières and exams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sentences<'a> {
    pub t: Tr,
    pub session: &'a notice::Session,
}

impl Sentences<'_> {
    /// The sentence of a refusal: `refusal-SERVICE-REASON`, else `refusal-REASON`, with the refusal's metadata and its
    /// reasons, `details`, as placeholders; its reason where no sentence was written for it.
    pub(crate) fn refusal(&self, refusal: &Decoded) -> String {
        let mut args = FluentArgs::new();
        for (key, value) in &refusal.metadata {
            args.set(key.clone(), self.named(key, value, str::to_owned));
        }
        if let Some((path, _)) = refusal.fields.first() {
            let (name, label) = labels::field(self.t, path);
            args.set("name", name.to_owned());
            args.set("field", label);
        }
        args.set("details", self.because(refusal, str::to_owned).join(" "));
        // Two services may mean different things by one word.
        self.t
            .find(&format!("refusal-{}-{}", refusal.domain, refusal.reason), &args)
            .or_else(|| self.t.find(&format!("refusal-{}", refusal.reason), &args))
            .unwrap_or_else(|| self.t.with("refusal-unknown", [("reason", refusal.reason.clone().into())]))
    }

    /// The sentence of a reason, `reason-CODE`, with what it names in words; `name` tells who a dossier is.
    fn reason(&self, reason: &Reason, name: impl Fn(&str) -> String) -> String {
        let mut args = FluentArgs::new();
        for (key, value) in &reason.values {
            args.set(key.clone(), self.named(key, value, &name));
        }
        let sentence = self.t.find(&format!("reason-{}", reason.code), &args);
        sentence.unwrap_or_else(|| self.t.with("reason-unknown", [("code", reason.code.clone().into())]))
    }

    /// The reasons of a refusal, one sentence each.
    fn because(&self, refusal: &Decoded, name: impl Fn(&str) -> String) -> Vec<String> {
        refusal.because.iter().map(|because| self.reason(&because.reason, &name)).collect()
    }

    /// A value of a reason: the key says what it is, and instants and dates say so themselves.
    fn named(&self, key: &str, value: &str, name: impl Fn(&str) -> String) -> FluentValue<'static> {
        let each = |said: &dyn Fn(&str) -> String| value.split(',').map(said).collect::<Vec<_>>().join(", ");
        match key {
            // What a plural depends on.
            "n" => return value.parse::<i64>().map_or_else(|_| value.to_owned().into(), FluentValue::from),
            "dossier" | "by" => return name(value).into(),
            "dossiers" => return each(&name).into(),
            "school" => return self.school_name(value).into(),
            "schools" => return each(&|id| self.school_name(id)).into(),
            "filiere" => {
                let filiere = self.session.filiere(value);
                return filiere.map_or_else(|| value.to_owned(), |f| self.t.label(&f.label).to_owned()).into();
            }
            "exam" => return self.exam_name(value).to_owned().into(),
            "exams" => return each(&|id| self.exam_name(id).to_owned()).into(),
            "what" | "found" | "expected" | "after" => return self.term(value).into(),
            _ => {}
        }
        if let Some(cents) = key.strip_suffix("_cents").and_then(|_| value.parse().ok()) {
            return self.t.money(cents, &self.session.currency).into();
        }
        if let Ok(at) = value.parse::<Timestamp>() {
            return self.t.instant(at, &self.session.zone).into();
        }
        value.parse::<Date>().map_or_else(|_| value.to_owned(), |day| self.t.date(day)).into()
    }

    fn school_name(&self, id: &str) -> String {
        self.session.school(id).map_or_else(|| id.to_owned(), |s| s.name.clone())
    }

    /// Label of an exam by the id under which results are kept; the id if the session has no such exam.
    fn exam_name<'a>(&'a self, id: &'a str) -> &'a str {
        let orals = &self.session.orals;
        match id {
            "interview" => self.t.label(&orals.interview.label),
            "english" => self.t.label(&orals.english.label),
            other => other,
        }
    }

    /// Words of the bank's formats that are English rather than the formats' own.
    fn term(&self, words: &str) -> String {
        self.t.find(&term_key(words), &FluentArgs::new()).unwrap_or_else(|| words.to_owned())
    }
}

/// Under which key a term stands: `term-the-closing-balance`.
#[must_use]
pub fn term_key(words: &str) -> String {
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    format!("term-{}", parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-"))
}
