//! Why something is as it is or cannot be, in a person's words.

use contracts::machinery::Reason;
use fluent_bundle::{FluentArgs, FluentValue};
use jiff::{Timestamp, civil::Date};
use platform::refusal::Decoded;

use super::Visit;

impl Visit {
    /// The sentence of a reason, `reason-CODE`, with what it names in words; `name` tells who a dossier is.
    #[must_use]
    pub fn reason(&self, reason: &Reason, name: impl Fn(&str) -> String) -> String {
        let mut args = FluentArgs::new();
        for (key, value) in &reason.values {
            args.set(key.clone(), self.named(key, value, &name));
        }
        let sentence = self.t.find(&format!("reason-{}", reason.code), &args);
        sentence.unwrap_or_else(|| self.t.with("reason-unknown", [("code", reason.code.clone().into())]))
    }

    /// The reasons of a refusal, one sentence each.
    #[must_use]
    pub fn because(&self, refusal: &Decoded, name: impl Fn(&str) -> String) -> Vec<String> {
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
            "school" => return self.school_name(value).to_owned().into(),
            "schools" => return each(&|id| self.school_name(id).to_owned()).into(),
            "filiere" => return self.filiere_name(value).to_owned().into(),
            "exam" => return self.exam_name(value).to_owned().into(),
            "exams" => return each(&|id| self.exam_name(id).to_owned()).into(),
            "what" | "found" | "expected" | "after" => return self.term(value).into(),
            _ => {}
        }
        if let Some(cents) = key.strip_suffix("_cents").and_then(|_| value.parse().ok()) {
            return self.money(cents).into();
        }
        if let Ok(at) = value.parse::<Timestamp>() {
            return self.t.instant(at, &self.app.session.zone).into();
        }
        value.parse::<Date>().map_or_else(|_| value.to_owned(), |day| self.t.date(day)).into()
    }

    /// Label of an exam by the id under which results are kept; the id if the session has no such exam.
    fn exam_name<'a>(&'a self, id: &'a str) -> &'a str {
        let orals = &self.app.session.orals;
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
