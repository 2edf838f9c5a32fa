//! The network address a request comes from: for counting tries, never for a log.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;

use super::{Fault, Visit};

/// An address, as text.
#[derive(Debug, Clone)]
pub struct Client(pub String);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or_else(String::new, |c| c.0.ip().to_string());
        let proxies = parts.extensions.get::<Visit>().map_or(0, |v| v.app.settings.trusted_proxies);
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect::<Vec<_>>()
            .join(",");
        Ok(Self(seen_by(&forwarded, proxies).unwrap_or(peer)))
    }
}

/// What the outermost of our own proxies saw: the `proxies`-th entry from the end. What stands before it anyone can write.
fn seen_by(forwarded: &str, proxies: usize) -> Option<String> {
    let entries: Vec<&str> = forwarded.split(',').map(str::trim).filter(|e| !e.is_empty()).collect();
    let index = entries.len().checked_sub(proxies).filter(|_| proxies > 0)?;
    entries.get(index).map(|e| (*e).to_owned())
}

#[cfg(test)]
mod tests {
    use super::seen_by;

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(seen_by("1.1.1.1, 2.2.2.2", 0), None);
        assert_eq!(seen_by("9.9.9.9, 2.2.2.2", 1).as_deref(), Some("2.2.2.2"));
        assert_eq!(seen_by("9.9.9.9, 2.2.2.2, 10.0.0.1", 2).as_deref(), Some("2.2.2.2"));
        assert_eq!(seen_by("2.2.2.2", 2), None);
        assert_eq!(seen_by("", 1), None);
    }
}
