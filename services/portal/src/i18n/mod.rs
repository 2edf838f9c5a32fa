//! What people read, in French and English: Project Fluent, compiled in.
//!
//! Keys are grouped by area, one file each per language below `i18n/`; a test holds the two languages to the same keys
//! and the sources to keys that exist.

mod format;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// A language of the platform.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// French, the procedure's own.
    #[default]
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// BCP 47: "fr" or "en".
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Fr => Self::En,
            Self::En => Self::Fr,
        }
    }

    /// By its tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.tag() == tag)
    }

    /// The best match for an `Accept-Language` header (RFC 9110, 12.5.4); French if it names neither.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let weighed = header.split(',').filter_map(|part| {
            let (range, q) = part.split_once(";q=").unwrap_or((part, "1"));
            let lang = Self::of_tag(range.trim().split('-').next()?)?;
            Some((lang, q.trim().parse::<f32>().ok().filter(|q| *q > 0.0)?))
        });
        // The first of equal weight: max_by would take the last.
        weighed
            .fold(
                None,
                |best: Option<(Self, f32)>, one| if best.is_some_and(|b| b.1 >= one.1) { best } else { Some(one) },
            )
            .map_or(Self::Fr, |b| b.0)
    }
}

macro_rules! areas {
    ($($area:literal),* $(,)?) => {
        /// Every file of texts: area, French, English.
        pub(crate) const AREAS: &[(&str, &str, &str)] = &[$(
            ($area, include_str!(concat!("../../i18n/fr/", $area, ".ftl")), include_str!(concat!("../../i18n/en/", $area, ".ftl"))),
        )*];
    };
}
areas!(
    "common",
    "api",
    "account",
    "oidc",
    "refusals",
    "reasons",
    "demo",
    "public",
    "dossier",
    "refusals-dossier",
    "referee",
    "exports",
    "labels",
    "school",
    "finance",
    "refusals-school",
    "refusals-finance",
    "candidature",
    "proposition",
    "suivi",
    "refusals-candidature",
    "jury",
    "operator",
    "orals",
    "refusals-jury",
    "refusals-orals",
    "refusals-operator",
);

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> = LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let id = match lang {
        Lang::Fr => unic_langid::langid!("fr"),
        Lang::En => unic_langid::langid!("en"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around values would show up in documents and tests; we set no right-to-left text around them.
    bundle.set_use_isolating(false);
    for (area, fr, en) in AREAS {
        let text = if lang == Lang::Fr { fr } else { en };
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(whole, errors)| {
            tracing::error!(area, lang = lang.tag(), ?errors, "texts that do not parse");
            whole
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(area, lang = lang.tag(), ?errors, "texts that stand twice");
        }
    }
    bundle
}

/// Texts of one language. Cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tr(pub Lang);

/// Values for the placeholders of a text.
pub type Args<'a, const N: usize> = [(&'static str, FluentValue<'a>); N];

impl Tr {
    /// The language.
    #[must_use]
    pub const fn lang(self) -> Lang {
        self.0
    }

    /// A text without placeholders.
    #[must_use]
    pub fn get(self, key: &str) -> String {
        self.with(key, [])
    }

    /// A text with its placeholders filled: `t.with("denied-too-short", [("n", 12.into())])`.
    #[must_use]
    pub fn with<const N: usize>(self, key: &str, args: Args<'_, N>) -> String {
        let args: FluentArgs<'_> = args.into_iter().collect();
        self.find(key, &args).unwrap_or_else(|| {
            tracing::error!(key, lang = self.0.tag(), "a text is missing");
            format!("[{key}]")
        })
    }

    /// A text that may not exist, such as that of one reason among many.
    #[must_use]
    pub fn find(self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let bundle = &BUNDLES[usize::from(self.0 == Lang::En)];
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, lang = self.0.tag(), ?errors, "a text lacks a value");
        }
        Some(text)
    }

    /// A label of the session file.
    #[must_use]
    pub fn label(self, label: &notice::Label) -> &str {
        match self.0 {
            Lang::Fr => &label.fr,
            Lang::En => &label.en,
        }
    }
}
