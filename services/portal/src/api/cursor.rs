//! Lists page by page: an opaque place to go on from, that is ours and of that list.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, header};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use super::{call::Call, trouble::Trouble};
use crate::secret;

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// What stands on it.
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page behind which the list goes on at `place`; empty: it does not.
    #[must_use]
    pub fn of(call: &Call, items: Vec<T>, place: &str) -> Self {
        Self { items, next: (!place.is_empty()).then(|| Cursor::to(call, place).0) }
    }

    /// A page of a list that a service answers whole: what follows the entry at the cursor. `key` is unique, and the list
    /// is in its order, so that a list that grew or shrank in between is still walked once.
    ///
    /// # Errors
    /// `CURSOR_UNKNOWN`.
    pub fn cut<K: Ord + ToString + std::str::FromStr>(
        call: &Call,
        mut all: Vec<T>,
        (cursor, limit): (Option<&Cursor>, Limit),
        key: impl Fn(&T) -> K,
    ) -> Result<Self, Trouble> {
        all.sort_by_key(|item| key(item));
        if let Some(cursor) = cursor {
            let after: K = cursor.place(call)?.parse().map_err(|_| Trouble::of("CURSOR_UNKNOWN"))?;
            all.retain(|item| key(item) > after);
        }
        let more = all.len() > limit.0 as usize;
        all.truncate(limit.0 as usize);
        let place = all.last().filter(|_| more).map(|last| key(last).to_string()).unwrap_or_default();
        Ok(Self::of(call, all, &place))
    }
}

/// Adds the address of the next page (RFC 8288).
pub fn link(response: &mut Response, base: &str, query: &str, next: Option<&str>) {
    let Some(next) = next else { return };
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "cursor"));
    let query = out.append_pair("cursor", next).finish();
    if let Ok(value) = HeaderValue::from_str(&format!("<{base}?{query}>; rel=\"next\"")) {
        response.headers_mut().insert(header::LINK, value);
    }
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub struct Cursor(String);

/// Bytes of the tag in front.
const TAG: usize = 16;
/// Shortest and longest cursor.
const LENGTHS: (usize, usize) = (23, 400);

impl Cursor {
    fn to(call: &Call, place: &str) -> Self {
        let mut bytes = call.app.keys.cursor_tag(&list(call), place).to_vec();
        bytes.extend_from_slice(place.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The place in the list, if this cursor came from it.
    ///
    /// # Errors
    /// `CURSOR_UNKNOWN`: of another list, another token's school, or nobody's.
    pub fn place(&self, call: &Call) -> Result<String, Trouble> {
        let unknown = || Trouble::of("CURSOR_UNKNOWN").given(&self.0);
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| unknown())?;
        let (tag, place) = bytes.split_first_chunk::<TAG>().ok_or_else(unknown)?;
        let place = std::str::from_utf8(place).map_err(|_| unknown())?;
        let ours = call.app.keys.cursor_tag(&list(call), place);
        if secret::same(&hex::encode(ours), &hex::encode(tag)) { Ok(place.to_owned()) } else { Err(unknown()) }
    }
}

/// Which list a cursor is of. Not its filters: each page asks for those anew, and a place means the same under any.
fn list(call: &Call) -> String {
    format!("{}/{}", call.operation, call.token.school)
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let sound = (LENGTHS.0..=LENGTHS.1).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if sound { Ok(Self(text)) } else { Err(D::Error::custom("not the cursor of any page")) }
    }
}

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(LENGTHS.0))
            .max_length(Some(LENGTHS.1))
            .pattern(Some("^[A-Za-z0-9_-]+$"))
            .description(Some("`next` of the page before; opaque."))
            .into()
    }
}
impl ToSchema for Cursor {}

/// How many entries a page has: 1 to 100; 50 unless said.
#[derive(Debug, Clone, Copy)]
pub struct Limit(pub u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let limit = u32::deserialize(from)?;
        if (1..=100).contains(&limit) { Ok(Self(limit)) } else { Err(D::Error::custom("limit: 1 to 100")) }
    }
}

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(100))
            .default(Some(50.into()))
            .into()
    }
}
impl ToSchema for Limit {}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn the_next_page_is_asked_for_under_the_same_filters() {
        let mut response = ().into_response();
        link(&mut response, "https://x/api/v1/fees", "status=due&cursor=old&limit=2", Some("new"));
        assert_eq!(
            response.headers()[header::LINK],
            "<https://x/api/v1/fees?status=due&limit=2&cursor=new>; rel=\"next\""
        );
        let mut last = ().into_response();
        link(&mut last, "https://x", "", None);
        assert!(last.headers().get(header::LINK).is_none());
    }
}
