//! What a request holds, read strictly: path, query, body. What is not described is refused.

use axum::{
    body::to_bytes,
    extract::{FromRequestParts as _, Path, Query, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{IntoParams, openapi::path::Parameter};

use super::trouble::Trouble;

/// Largest JSON body.
pub const LARGEST_JSON: usize = 64 << 10;

/// Parameters of a path or a query, and how the document describes them.
pub trait Params: DeserializeOwned + Send + 'static {
    /// For the document.
    fn described() -> Vec<Parameter>;
}

/// Declares types as parameters.
macro_rules! params {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::api::input::Params for $name {
            fn described() -> Vec<utoipa::openapi::path::Parameter> {
                <Self as utoipa::IntoParams>::into_params(|| None)
            }
        }
    )*};
}
pub(super) use params;

/// No parameter: one that is given all the same is refused.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct None_ {}
params!(None_);

/// Parameters of the path.
///
/// # Errors
/// `PATH_INVALID`.
pub async fn path<P: Params>(parts: &mut Parts) -> Result<P, Trouble> {
    let found = Path::<P>::from_request_parts(parts, &()).await;
    found.map(|Path(path)| path).map_err(|e| Trouble::of("PATH_INVALID").violation("path", e.body_text()))
}

/// Parameters of the query.
///
/// # Errors
/// `QUERY_INVALID`.
pub async fn query<Q: Params>(parts: &mut Parts) -> Result<Q, Trouble> {
    let found = Query::<Q>::from_request_parts(parts, &()).await;
    let names: Vec<String> = Q::described().into_iter().map(|p| p.name).collect();
    found
        .map(|Query(query)| query)
        .map_err(|e| Trouble::of("QUERY_INVALID").violation("query", e.body_text()).allowed(names))
}

/// The whole body, of one media type and at most so many bytes.
///
/// # Errors
/// `MEDIA_TYPE_UNSUPPORTED`, `BODY_TOO_LARGE`.
pub async fn bytes(request: Request, kind: &'static str, largest: usize) -> Result<Bytes, Trouble> {
    media_type(request.headers(), kind)?;
    let too_large = || Trouble::of("BODY_TOO_LARGE").fact("largest_bytes", largest);
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if stated.is_some_and(|length| length > largest) {
        return Err(too_large());
    }
    to_bytes(request.into_body(), largest).await.map_err(|_| too_large())
}

fn media_type(headers: &HeaderMap, kind: &'static str) -> Result<(), Trouble> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let right = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(kind));
    let charset = parts.all(|p| p.is_empty() || p.to_ascii_lowercase().replace('"', "") == "charset=utf-8");
    if right && charset {
        return Ok(());
    }
    Err(Trouble::of("MEDIA_TYPE_UNSUPPORTED").given(given).allowed([kind]))
}

/// A body as JSON.
///
/// # Errors
/// `BODY_INVALID`, with where and why.
pub fn json<B: DeserializeOwned>(body: &[u8]) -> Result<B, Trouble> {
    serde_json::from_slice(body).map_err(|e| Trouble::of("BODY_INVALID").violation("body", e.to_string()))
}

/// The key under which a request that changes something is known: 1 to 100 visible ASCII characters.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REQUIRED`, `IDEMPOTENCY_KEY_INVALID`.
pub fn key(headers: &HeaderMap) -> Result<String, Trouble> {
    let given = headers.get(super::idempotency::HEADER).ok_or_else(|| Trouble::of("IDEMPOTENCY_KEY_REQUIRED"))?;
    let sound = !given.is_empty()
        && given.len() <= super::idempotency::LONGEST
        && given.as_bytes().iter().all(u8::is_ascii_graphic);
    match given.to_str() {
        Ok(key) if sound => Ok(key.to_owned()),
        _ => Err(Trouble::of("IDEMPOTENCY_KEY_INVALID").given(String::from_utf8_lossy(given.as_bytes()))),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn one_media_type_is_taken() {
        let check = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(given).unwrap());
            media_type(&headers, "application/json").is_ok()
        };
        assert!(check("application/json") && check("Application/JSON; charset=UTF-8"));
        for given in ["", "text/plain", "application/jsonx", "application/json; charset=latin1", "multipart/form-data"]
        {
            assert!(!check(given), "{given}");
        }
    }

    #[test]
    fn a_key_is_visible_and_short() {
        let check = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(super::super::idempotency::HEADER, HeaderValue::from_str(given).unwrap());
            key(&headers)
        };
        assert_eq!(check("a-key~1").unwrap(), "a-key~1");
        assert_eq!(check("a key").unwrap_err().code(), "IDEMPOTENCY_KEY_INVALID");
        assert!(check(&"k".repeat(100)).is_ok() && check(&"k".repeat(101)).is_err() && check("").is_err());
        assert_eq!(key(&HeaderMap::new()).unwrap_err().code(), "IDEMPOTENCY_KEY_REQUIRED");
    }
}
