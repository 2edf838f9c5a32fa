//! Names and instants in the reader's language, from plain data: what the views of this room are written with.

use contracts::integration::{Answer, Situation};
use jiff::Timestamp;
use maud::{Markup, html};
use notice::Session;

use crate::{i18n::Tr, web::Visit};

/// A language and a session. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// Texts.
    pub t: Tr,
    /// What schools, filières and pieces are called.
    pub session: &'a Session,
}

impl<'a> Words<'a> {
    /// Of whoever looks.
    pub fn of(visit: &'a Visit) -> Self {
        Self { t: visit.t, session: &visit.app.session }
    }

    /// An instant to the minute; empty for none.
    pub fn instant(self, at: impl Into<Option<Timestamp>>) -> String {
        at.into().map(|at| self.t.instant(at, &self.session.zone)).unwrap_or_default()
    }

    /// The same to the millisecond.
    pub fn exact(self, at: impl Into<Option<Timestamp>>) -> String {
        at.into().map(|at| self.t.exact(at, &self.session.zone)).unwrap_or_default()
    }

    /// A school's printed name.
    pub fn school<'b>(self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.session.school(id).map_or(id, |s| s.name.as_str())
    }

    /// Several, in that order.
    pub fn schools(self, ids: &[String]) -> String {
        ids.iter().map(|id| self.school(id)).collect::<Vec<_>>().join(", ")
    }

    /// A filière's label.
    pub fn filiere<'b>(self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.session.filiere(id).map_or(id, |f| self.t.label(&f.label))
    }

    /// A piece's label.
    pub fn piece<'b>(self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.session.piece(id).map_or(id, |p| self.t.label(&p.label))
    }

    /// An answer of the notice, whose words are French in every language.
    pub fn answer(self, answer: Answer) -> Markup {
        html! { span lang="fr" { (name(answer)) } }
    }

    /// How long until an instant, counted down where scripts run.
    pub fn left(self, until: Timestamp) -> Markup {
        let t = self.t;
        let words = serde_json::json!({
            "d": t.get("countdown-days"), "h": t.get("countdown-hours"), "m": t.get("countdown-minutes"), "s": t.get("countdown-seconds"),
            "over": t.get("countdown-over"),
        });
        html! { span class="left" data-left=(until.as_millisecond()) data-words=(words) hidden {} }
    }
}

/// An answer as the notice writes it.
pub const fn name(answer: Answer) -> &'static str {
    match answer {
        Answer::OuiDefinitif => "OUI DÉFINITIF",
        Answer::OuiMais => "OUI MAIS",
        Answer::NonMais => "NON MAIS",
        Answer::Attente => "ATTENTE",
        Answer::Non => "NON",
        Answer::Unspecified => "–",
    }
}

/// Every answer of R30.
pub const ANSWERS: [Answer; 5] = [Answer::OuiDefinitif, Answer::OuiMais, Answer::NonMais, Answer::Attente, Answer::Non];

/// An answer in an address and in the keys of texts.
pub const fn slug(answer: Answer) -> &'static str {
    match answer {
        Answer::OuiDefinitif => "oui-definitif",
        Answer::OuiMais => "oui-mais",
        Answer::NonMais => "non-mais",
        Answer::Attente => "attente",
        Answer::Non => "non",
        Answer::Unspecified => "aucune",
    }
}

/// The answer an address means.
pub fn of_slug(text: &str) -> Option<Answer> {
    ANSWERS.into_iter().find(|answer| slug(*answer) == text)
}

/// The answer that stands in the open period, if there is one.
pub fn standing(situation: &Situation) -> Option<Answer> {
    Some(situation.answer()).filter(|answer| *answer != Answer::Unspecified)
}

#[cfg(test)]
pub mod sample {
    //! A session and both languages, for views rendered in tests.

    use std::sync::LazyLock;

    use maud::Markup;
    use notice::Session;

    use super::Words;
    use crate::i18n::{Lang, Tr};

    static SESSION: LazyLock<Session> = LazyLock::new(|| Session::parse(crate::pages::SAMPLE_SESSION).unwrap().0);

    /// The session.
    pub fn session() -> &'static Session {
        &SESSION
    }

    /// An instant.
    pub fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    /// Renders a view in both languages. A text that is missing shows its key in brackets.
    #[track_caller]
    pub fn rendered(view: impl Fn(Words<'_>) -> Markup) -> [String; 2] {
        let pages = Lang::ALL.map(|lang| view(Words { t: Tr(lang), session: &SESSION }).into_string());
        for page in &pages {
            let hole = page.find(['[', '{']).map(|from| page[from..].chars().take(80).collect::<String>());
            // The words of a countdown stand in braces.
            let hole = hole.filter(|hole| !hole.starts_with("{&quot;"));
            assert_eq!(hole, None, "a text is missing or lacks a value");
        }
        assert_ne!(pages[0], pages[1]);
        pages
    }
}
