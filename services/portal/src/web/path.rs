//! What the path of an address holds.

use axum::extract::{self, FromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::Fault;

/// The parameters of a route. A path that holds something else than they may be, such as an identifier that is none, is the
/// address of nothing: a page that is not there, like an identifier that nobody has.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let extract::Path(held) = extract::Path::from_request_parts(parts, state).await.map_err(|_| Fault::NotFound)?;
        Ok(Self(held))
    }
}
