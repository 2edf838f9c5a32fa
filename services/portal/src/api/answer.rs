//! Answers: JSON with a strong `ETag` of its bytes, or 304 to whoever has them already (RFC 9110, 13).

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::trouble::Trouble;

/// A read's answer.
///
/// # Errors
/// It cannot be written, which is a fault of ours.
pub fn read<R: Serialize>(reply: &R, headers: &HeaderMap) -> Result<Response, Trouble> {
    let body = serde_json::to_vec(reply).map_err(Trouble::internal)?;
    let tag = tag(&Sha256::digest(&body))?;
    if has(headers, &tag) {
        return Ok(unchanged(tag));
    }
    let mut response = json(StatusCode::OK, body);
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}

/// JSON that was written before.
pub fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The `ETag` of what has this SHA-256.
///
/// # Errors
/// None in fact: hexadecimal digits are sound.
pub fn tag(sha256: &[u8]) -> Result<HeaderValue, Trouble> {
    HeaderValue::from_str(&format!("\"{}\"", hex::encode(sha256))).map_err(Trouble::internal)
}

/// Whether whoever asks has it already (`If-None-Match`).
pub fn has(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    let asked = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    // Weak comparison: a cache on the way may have made it weak.
    asked.flat_map(|v| v.split(',')).map(str::trim).any(|v| v == "*" || v.strip_prefix("W/").unwrap_or(v) == tag)
}

/// 304.
pub fn unchanged(tag: HeaderValue) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    response.headers_mut().insert(header::ETAG, tag);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_it_already_gets_nothing_again() {
        let mut headers = HeaderMap::new();
        let first = read(&"x", &headers).unwrap();
        let tag = first.headers()[header::ETAG].clone();
        assert_eq!(first.status(), StatusCode::OK);
        headers.insert(
            header::IF_NONE_MATCH,
            HeaderValue::from_str(&format!("\"a\", W/{}", tag.to_str().unwrap())).unwrap(),
        );
        let again = read(&"x", &headers).unwrap();
        assert_eq!((again.status(), &again.headers()[header::ETAG]), (StatusCode::NOT_MODIFIED, &tag));
        assert_eq!(read(&"y", &headers).unwrap().status(), StatusCode::OK, "it has changed");
    }
}
