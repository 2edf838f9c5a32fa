//! Requests that change something, each under a key of its system's own: sent again, it is answered again and nothing
//! is done twice.

use axum::response::Response;
use http::{HeaderValue, StatusCode};
use jiff::SignedDuration;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    answer,
    call::Call,
    trouble::{PROBLEM, Trouble},
};
use crate::store::api_requests::{self, Known};

/// The header of the key.
pub const HEADER: &str = "idempotency-key";
/// Longest key, in characters.
pub const LONGEST: usize = 100;
/// Says that an answer is that of before.
pub const REPLAYED: &str = "idempotency-replayed";
/// Longer than any service takes: who began so long ago is gone.
const STALE: SignedDuration = SignedDuration::from_mins(2);

/// Carries a request out under its key, or answers as before. What failed for want of us is not kept.
///
/// # Errors
/// The key is in use, or was given to another request; what the request itself fails of.
pub async fn once<R: Serialize + Send + Sync>(
    call: &Call,
    key: &str,
    (path, body): (&str, &[u8]),
    run: impl Future<Output = Result<R, Trouble>> + Send,
) -> Result<Response, Trouble> {
    let id = (call.token.id, key);
    let digest = digest(call.operation, path, body);
    let known = {
        let mut conn = call.app.db.read().await?;
        api_requests::take(&mut conn, id, &digest, call.now, call.now - STALE).await?
    };
    match known {
        Known::New => {}
        Known::Other => return Err(Trouble::of("IDEMPOTENCY_KEY_REUSED").given(key)),
        Known::Begun => return Err(Trouble::of("IDEMPOTENCY_IN_PROGRESS").given(key).after(1)),
        Known::Answered(status, body) => return Ok(again(status, body)),
    }
    let done = run.await;
    let mut conn = call.app.db.read().await?;
    match done {
        Ok(reply) => {
            let body = serde_json::to_vec(&reply).map_err(Trouble::internal)?;
            api_requests::answer(&mut conn, id, 200, &body).await?;
            Ok(answer::json(StatusCode::OK, body))
        }
        Err(trouble) if trouble.passes() => {
            api_requests::give_up(&mut conn, id).await?;
            Err(trouble)
        }
        Err(trouble) => {
            let app = &call.app;
            let problem = trouble.told(call.t, &app.session, &app.settings.public_url);
            let body = serde_json::to_vec(&problem).map_err(Trouble::internal)?;
            api_requests::answer(&mut conn, id, trouble.status().as_u16(), &body).await?;
            Err(trouble)
        }
    }
}

fn again(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answer::json(status, body);
    if !status.is_success() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        response.extensions_mut().insert(Stored);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// A problem that was told before: as it was.
#[derive(Clone, Copy)]
pub(super) struct Stored;

fn digest(operation: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for part in [operation.as_bytes(), path.as_bytes()] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hasher.update(body);
    hasher.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn another_operation_path_or_body_is_another_request() {
        let one = digest("recordVerdict", "/a", b"{}");
        assert_eq!(one, digest("recordVerdict", "/a", b"{}"));
        for other in [
            digest("recordVerdict/", "a", b"{}"),
            digest("recordVerdict", "/b", b"{}"),
            digest("recordVerdict", "/a", b"{ }"),
        ] {
            assert_ne!(one, other);
        }
    }
}
