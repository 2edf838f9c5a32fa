//! What requests and answers are made of. Each type reads exactly what its schema in the document says.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, SchemaFormat,
        schema::{ObjectBuilder, Schema, Type},
    },
};
use uuid::Uuid;

/// A UUID in its usual form, with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub Uuid);

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let id = Uuid::parse_str(&text).ok().filter(|_| text.len() == 36);
        id.map(Self).ok_or_else(|| D::Error::custom("not a UUID"))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(&self.0)
    }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("uuid".into()))).into()
    }
}
impl ToSchema for Id {}

/// An instant (RFC 3339); UTC in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At(pub Timestamp);

impl At {
    /// From the wire; nothing for none.
    #[must_use]
    pub fn of(at: Option<contracts::Timestamp>) -> Option<Self> {
        at.and_then(|at| Timestamp::try_from(at).ok()).map(Self)
    }
}

/// `2026-03-20T23:00:00+01:00`, and nothing else that jiff would read.
fn rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = |range: std::ops::Range<usize>, like: &str| {
        bytes.get(range).is_some_and(|b| {
            b.iter().zip(like.bytes()).all(|(b, like)| match like {
                b'0' => b.is_ascii_digit(),
                like => b.eq_ignore_ascii_case(&like),
            })
        })
    };
    if !shape(0..19, "0000-00-00T00:00:00") {
        return false;
    }
    let rest = &text[19..];
    let fraction = rest.strip_prefix('.').map(|r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    let zone = match fraction {
        Some(zone) if zone.len() + 1 == rest.len() => return false,
        Some(zone) => zone,
        None => rest,
    };
    zone.eq_ignore_ascii_case("z")
        || (zone.len() == 6
            && zone.starts_with(['+', '-'])
            && zone.as_bytes()[3] == b':'
            && zone[1..].bytes().all(|b| b.is_ascii_digit() || b == b':'))
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let at = if text.is_ascii() && rfc3339(&text) { text.parse().ok() } else { None };
        at.map(Self).ok_or_else(|| D::Error::custom("not an instant as RFC 3339 writes it"))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(&self.0)
    }
}

impl PartialSchema for At {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}
impl ToSchema for At {}

/// One line of text of so many characters, not blank, without control or reordering characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<const MOST: usize>(pub String);

/// What [`Text`] does not take.
const REFUSED: [(char, char); 7] = [
    ('\u{0}', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{2069}'),
    ('\u{feff}', '\u{feff}'),
    // Assigned to nobody: what is no character is no text.
    ('\u{fff0}', '\u{fff8}'),
];

impl<'de, const MOST: usize> Deserialize<'de> for Text<MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let length = text.chars().count();
        if length == 0 || length > MOST {
            return Err(D::Error::custom(format!("{length} characters; 1 to {MOST} are taken")));
        }
        if let Some(c) = text.chars().find(|c| REFUSED.iter().any(|(from, to)| (from..=to).contains(&c))) {
            return Err(D::Error::custom(format!("character U+{:04X} is not taken", u32::from(c))));
        }
        if text.trim().is_empty() {
            return Err(D::Error::custom("blank"));
        }
        Ok(Self(text))
    }
}

impl<const MOST: usize> PartialSchema for Text<MOST> {
    fn schema() -> RefOr<Schema> {
        let refused: String =
            REFUSED.iter().map(|(from, to)| format!("\\u{:04x}-\\u{:04x}", u32::from(*from), u32::from(*to))).collect();
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MOST))
            .pattern(Some(format!("^[^{refused}]*[^\\s{refused}][^{refused}]*$")))
            .into()
    }
}
impl<const MOST: usize> ToSchema for Text<MOST> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MOST}").into()
    }
}

/// Cents of the session's currency: 1 to 99 999 999, as nobody pays a fee of more than a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cents(pub i64);

const MOST_CENTS: i64 = 99_999_999;

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let cents = serde_json::Number::deserialize(from)?;
        let cents = cents.as_i64().or_else(|| cents.as_f64().and_then(whole));
        let cents = cents.filter(|cents| (1..=MOST_CENTS).contains(cents));
        cents.map(Self).ok_or_else(|| D::Error::custom(format!("a whole number from 1 to {MOST_CENTS}")))
    }
}

/// JSON knows no integers: to JSON Schema 301.0 is one, and some programs write it so.
fn whole(number: f64) -> Option<i64> {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").filter(|_| number.fract() == 0.0)?.parse().ok()
}

impl PartialSchema for Cents {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(1))
            .maximum(Some(MOST_CENTS))
            .into()
    }
}
impl ToSchema for Cents {}

/// Words in place of the wire's numbers: `words! { Name of wire::Type { Variant, … } }`, in snake case. What the wire leaves
/// unspecified is null.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident of $wire:ty { $($variant:ident,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each word is the procedure's own")]
        pub enum $name { $($variant,)* }

        impl $name {
            /// The word of what the wire says, if it says anything.
            #[must_use]
            pub fn of(wire: $wire) -> Option<Self> {
                match wire { <$wire>::Unspecified => None, $(<$wire>::$variant => Some(Self::$variant),)* }
            }
        }
        impl From<$name> for $wire {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)* }
            }
        }
    )*};
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
        serde_json::from_value(text.into()).map_err(|e| e.to_string())
    }

    #[test]
    fn instants_as_rfc_3339_writes_them_alone() {
        for text in ["2026-03-20T23:00:00Z", "2026-03-20t23:00:00z", "2026-03-20T23:00:00.123456+01:00"] {
            assert!(read::<At>(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "2026-03-20",
            "2026-03-20T23:00Z",
            "2026-03-20 23:00:00Z",
            "2026-03-20T23:00:00",
            "2026-03-20T23:00:00.Z",
            "2026-03-20T23:00:00+0100",
            "2026-03-20T23:00:00+01[Europe/Paris]",
            "2026-02-30T00:00:00Z",
            "٢026-03-20T23:00:00Z",
        ] {
            assert!(read::<At>(text).is_err(), "{text}");
        }
        assert_eq!(
            serde_json::to_string(&read::<At>("2026-03-20T23:00:00+01:00").unwrap()).unwrap(),
            "\"2026-03-20T22:00:00Z\""
        );
    }

    #[test]
    fn ids_in_one_form() {
        assert!(read::<Id>("5b1d0a5e-0000-4000-8000-000000000001").is_ok());
        for text in [
            "5b1d0a5e000040008000000000000001",
            "{5b1d0a5e-0000-4000-8000-000000000001}",
            "urn:uuid:5b1d0a5e-0000-4000-8000-000000000001",
            "x",
        ] {
            assert!(read::<Id>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cents_are_whole_and_bounded_however_they_are_written() {
        let read = |text: &str| serde_json::from_str::<Cents>(text).map(|cents| cents.0).ok();
        assert_eq!((read("301"), read("301.0"), read("3.01e2"), read("1")), (Some(301), Some(301), Some(301), Some(1)));
        for text in ["0", "-1", "1.5", "100000000", "1e30", "\"1\"", "true", "null", "1e-9"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_one_visible_line() {
        assert!(read::<Text<5>>("Zoé é").is_ok());
        for text in ["", "   ", "abcdef", "a\nb", "a\u{0}", "a\u{202e}", "a\u{200b}"] {
            assert!(read::<Text<5>>(text).is_err(), "{text:?}");
        }
    }
}
