//! The texts, in Fluent files compiled in. A test holds both languages to the same messages, parts and placeholders.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

/// A language of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// French, the procedure's own.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Both, in the order in which a mail in both languages has them.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of that tag.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }
}

macro_rules! files {
    ($($file:literal),*) => {
        [$(
            [include_str!(concat!("../../i18n/fr/", $file, ".ftl")), include_str!(concat!("../../i18n/en/", $file, ".ftl"))],
        )*]
    };
}

/// Every file, French and English.
pub(super) const FILES: [[&str; 2]; 4] = files!["frame", "dossier", "results", "others"];

/// What is wrong with a text, or with what it was given: a fault of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{lang} {key}: {what}")]
pub struct TextError {
    /// Language tag.
    pub lang: &'static str,
    /// Message, with its part.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Result<[Bundle; 2], TextError>> = LazyLock::new(|| Ok([bundle(Lang::Fr)?, bundle(Lang::En)?]));

fn bundle(lang: Lang) -> Result<Bundle, TextError> {
    let fault = |what: String| TextError { lang: lang.tag(), key: "*".into(), what };
    let id = lang.tag().parse().map_err(|e| fault(format!("{e:?}")))?;
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // No right-to-left text surrounds our values; the marks would end up in people's mail.
    bundle.set_use_isolating(false);
    for [fr, en] in FILES {
        let text = if lang == Lang::Fr { fr } else { en };
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| fault(format!("{errors:?}")))?;
        bundle.add_resource(resource).map_err(|errors| fault(format!("{errors:?}")))?;
    }
    Ok(bundle)
}

/// Reads every text once.
///
/// # Errors
/// One of them does not parse, or stands twice.
pub fn check() -> Result<(), TextError> {
    BUNDLES.as_ref().map(|_| ()).map_err(Clone::clone)
}

/// A message (`part` empty) or one of its parts, with `args` in it.
///
/// # Errors
/// It is not there, or wants a value that `args` does not have.
pub fn text(lang: Lang, key: &str, part: &str, args: &FluentArgs<'_>) -> Result<String, TextError> {
    let missing = || TextError { lang: lang.tag(), key: format!("{key}.{part}"), what: "is not there".into() };
    find(lang, key, part, args)?.ok_or_else(missing)
}

/// The same for a part that a message may go without.
///
/// # Errors
/// It wants a value that `args` does not have.
pub fn find(lang: Lang, key: &str, part: &str, args: &FluentArgs<'_>) -> Result<Option<String>, TextError> {
    let [fr, en] = BUNDLES.as_ref().map_err(Clone::clone)?;
    let bundle = if lang == Lang::Fr { fr } else { en };
    let message = bundle.get_message(key);
    let pattern = if part.is_empty() {
        message.and_then(|m| m.value())
    } else {
        message.and_then(|m| m.get_attribute(part)).map(|a| a.value())
    };
    let Some(pattern) = pattern else { return Ok(None) };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
    if errors.is_empty() {
        return Ok(Some(text));
    }
    Err(TextError { lang: lang.tag(), key: format!("{key}.{part}"), what: format!("{errors:?}") })
}
