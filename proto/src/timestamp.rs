//! An instant on the wire.
//!
//! Same encoding as `google.protobuf.Timestamp`; its JSON is the canonical one, UTC with a `Z`. The generated
//! well-known type prints `+00:00` instead, which other languages' readers refuse.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An instant, as `google.protobuf.Timestamp` encodes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds of that second, 0 to 999,999,999.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        let nanos = at.as_nanosecond();
        #[expect(clippy::cast_possible_truncation, reason = "jiff's range fits: years -9999 to 9999")]
        Self { seconds: nanos.div_euclid(1_000_000_000) as i64, nanos: nanos.rem_euclid(1_000_000_000) as i32 }
    }
}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = jiff::Error;
    fn try_from(at: Timestamp) -> Result<Self, jiff::Error> {
        Self::new(at.seconds, at.nanos)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let at = jiff::Timestamp::try_from(*self).map_err(serde::ser::Error::custom)?;
        to.collect_str(&at)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse::<jiff::Timestamp>().map(Self::from).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn json_is_utc_with_a_z_and_comes_back() {
        let at = Timestamp { seconds: 1_774_047_599, nanos: 999_000_000 };
        let json = serde_json::to_string(&at).unwrap_or_default();
        assert_eq!(json, r#""2026-03-20T22:59:59.999Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&json).ok(), Some(at));
    }

    #[test]
    fn instants_before_1970_keep_positive_nanos() {
        let at = Timestamp::from(jiff::Timestamp::from_millisecond(-1).unwrap_or_default());
        assert_eq!((at.seconds, at.nanos), (-1, 999_000_000));
        assert_eq!(jiff::Timestamp::try_from(at).map(|t| t.as_millisecond()).ok(), Some(-1));
    }
}
