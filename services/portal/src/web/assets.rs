//! Style sheet and scripts, compiled in and named by their content, so that they can be kept for ever.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

/// Where they live.
pub const PREFIX: &str = "/assets/";

macro_rules! assets {
    ($($name:literal: $kind:literal),* $(,)?) => {
        const FILES: &[(&str, &str, &[u8])] = &[$(($name, $kind, include_bytes!(concat!("../../assets/", $name))),)*];
    };
}
assets! {
    "css/admis.css": "text/css; charset=utf-8",
    "js/admis.js": "text/javascript; charset=utf-8",
    "js/upload.js": "text/javascript; charset=utf-8",
    "js/grid.js": "text/javascript; charset=utf-8",
    "js/order.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}

/// One digest over all of them: they change together.
static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    FILES.iter().for_each(|(_, _, bytes)| hasher.update(bytes));
    hex::encode(&hasher.finalize()[..6])
});

/// Address of an asset, e.g. `css/admis.css`.
#[must_use]
pub fn address(name: &str) -> String {
    format!("{PREFIX}{}/{name}", *DIGEST)
}

/// `GET /assets/{digest}/{*name}`
pub async fn get(Path((digest, name)): Path<(String, String)>) -> Response {
    let Some((_, kind, bytes)) = FILES.iter().find(|(n, _, _)| *n == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // An older page may still ask for an older digest: it gets today's file, but must not keep it under that name.
    let kept = if digest == *DIGEST { "public, max-age=31536000, immutable" } else { "no-store" };
    let mut response = (*bytes).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}
