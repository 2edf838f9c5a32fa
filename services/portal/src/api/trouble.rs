//! Why a request was not done, as RFC 9457 tells it: `application/problem+json`.
//!
//! A [`Trouble`] carries what happened; [`super::enter`] tells it in the language that was asked for.

use std::{borrow::Cow, collections::BTreeMap};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use notice::Session;
use platform::{
    db::DbError,
    refusal::{ALLOWED, Decoded, Refusal},
};
use serde::Serialize;
use tonic::{Code, Status};
use utoipa::ToSchema;

use crate::{
    i18n::Tr,
    web::{Fault, Sentences},
};

/// The media type of every error.
pub const PROBLEM: &str = "application/problem+json";

/// Statuses of errors, each with its own paragraph on the page about the API.
pub const STATUSES: [u16; 12] = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503];

/// An error (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Address of a paragraph about this kind of error.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub kind: String,
    /// The kind of error in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for people.
    pub detail: String,
    /// What happened, for programs: a stable word.
    pub code: String,
    /// What was given and is not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// What would have been taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub allowed: Vec<String>,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub violations: Vec<Violation>,
    /// Further facts, such as the instant from which on it is possible.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub facts: BTreeMap<String, String>,
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Violation {
    /// Which field, or what the precondition is about.
    pub field: String,
    /// What is wrong with it, in English.
    pub detail: String,
}

/// What happened.
#[derive(Debug, Clone)]
pub struct Trouble(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    code: Cow<'static, str>,
    given: Option<String>,
    allowed: Vec<String>,
    violations: Vec<Violation>,
    facts: BTreeMap<String, String>,
    retry_after: Option<u64>,
    /// A service refused: its own sentence is told.
    refusal: Option<Decoded>,
}

impl Trouble {
    fn new(status: StatusCode, code: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            status,
            code: code.into(),
            given: None,
            allowed: Vec::new(),
            violations: Vec::new(),
            facts: BTreeMap::new(),
            retry_after: None,
            refusal: None,
        }))
    }

    /// One of our own, by its code; what it says is `api-problem-CODE`.
    #[must_use]
    pub fn of(code: &'static str) -> Self {
        let trouble = Self::new(status_of(code), code);
        if trouble.status() == StatusCode::SERVICE_UNAVAILABLE { trouble.after(2) } else { trouble }
    }

    /// What the router or the server answered by itself.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => "NO_SUCH_ADDRESS",
            StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
            StatusCode::PAYLOAD_TOO_LARGE => "BODY_TOO_LARGE",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "MEDIA_TYPE_UNSUPPORTED",
            s if s.is_client_error() => "REQUEST_INVALID",
            _ => "INTERNAL",
        };
        Self::of(code)
    }

    /// A fault of ours, logged here, once.
    #[must_use]
    pub fn internal(source: impl std::fmt::Display) -> Self {
        tracing::error!(error = %source, "internal error");
        Self::of("INTERNAL")
    }

    /// What was given and is not taken.
    #[must_use]
    pub fn given(mut self, given: impl Into<String>) -> Self {
        // What somebody sent may be anything, and of any length.
        self.0.given = Some(given.into().chars().take(200).collect());
        self
    }

    /// What would have been taken.
    #[must_use]
    pub fn allowed(mut self, allowed: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }

    /// One fault of the request.
    #[must_use]
    pub fn violation(mut self, field: impl Into<String>, detail: impl Into<String>) -> Self {
        self.0.violations.push(Violation { field: field.into(), detail: detail.into() });
        self
    }

    /// A further fact.
    #[must_use]
    pub fn fact(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.0.facts.insert(key.to_owned(), value.to_string());
        self
    }

    /// Seconds after which it may be tried again.
    #[must_use]
    pub fn after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable word.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Whether the same request may be carried out another time.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.0.status.is_server_error() || self.0.status == StatusCode::TOO_MANY_REQUESTS
    }

    /// In words.
    #[must_use]
    pub fn told(&self, t: Tr, session: &Session, public_url: &str) -> Problem {
        let Inner { status, code, given, allowed, violations, facts, refusal, .. } = (*self.0).clone();
        let detail = refusal.map_or_else(
            || t.get(&format!("api-problem-{code}")),
            |refusal| Sentences { t, session }.refusal(&refusal),
        );
        Problem {
            kind: format!("{public_url}/api#{}", anchor(status.as_u16())),
            title: t.get(&format!("api-status-{}", status.as_u16())),
            status: status.as_u16(),
            detail,
            code: code.into_owned(),
            given,
            allowed,
            violations,
            facts,
        }
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self, t: Tr, session: &Session, public_url: &str) -> Response {
        let body = serde_json::to_vec(&self.told(t, session, public_url)).unwrap_or_default();
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(t.lang().tag()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge(self.status(), self.code(), &self.0.allowed) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Where the page about the API speaks of a status.
#[must_use]
pub fn anchor(status: u16) -> String {
    format!("erreur-{status}")
}

fn status_of(code: &str) -> StatusCode {
    match code {
        "TOKEN_REQUIRED" | "TOKEN_UNKNOWN" | "TOKEN_REVOKED" | "TOKEN_EXPIRED" => StatusCode::UNAUTHORIZED,
        "SCOPE_MISSING" | "PIECE_INFECTED" => StatusCode::FORBIDDEN,
        "NO_SUCH_ADDRESS" | "CURSOR_UNKNOWN" | "FILIERE_UNKNOWN" | "ENTRY_UNKNOWN" | "PIECE_UNKNOWN" => {
            StatusCode::NOT_FOUND
        }
        "METHOD_NOT_ALLOWED" => StatusCode::METHOD_NOT_ALLOWED,
        "IDEMPOTENCY_IN_PROGRESS" => StatusCode::CONFLICT,
        "IDEMPOTENCY_KEY_REUSED" => StatusCode::UNPROCESSABLE_ENTITY,
        "BODY_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        "MEDIA_TYPE_UNSUPPORTED" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "TOO_MANY_REQUESTS" => StatusCode::TOO_MANY_REQUESTS,
        "BUSY" | "UNAVAILABLE" | "PIECE_NOT_SCANNED" => StatusCode::SERVICE_UNAVAILABLE,
        "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// RFC 6750, 3: what a client lacks.
fn challenge(status: StatusCode, code: &str, scopes: &[String]) -> Option<HeaderValue> {
    let text = match (status, code) {
        (StatusCode::UNAUTHORIZED, "TOKEN_REQUIRED") => r#"Bearer realm="admis""#.to_owned(),
        (StatusCode::UNAUTHORIZED, _) => r#"Bearer realm="admis", error="invalid_token""#.to_owned(),
        (_, "SCOPE_MISSING") => {
            format!(r#"Bearer realm="admis", error="insufficient_scope", scope="{}""#, scopes.join(" "))
        }
        _ => return None,
    };
    HeaderValue::from_str(&text).ok()
}

/// The shape of every request is checked here, so what a service then finds wrong follows from what it knows: the instant
/// of receipt, an account, the session, what is in a file.
fn refused(code: Code, reason: &str) -> StatusCode {
    match (code, reason) {
        (_, "NOT_A_TITLE_PIECE") | (Code::NotFound, _) => StatusCode::NOT_FOUND,
        (_, "UNTIL_INVALID" | "AMOUNT_INVALID") => StatusCode::CONFLICT,
        (Code::PermissionDenied, _) => StatusCode::FORBIDDEN,
        (Code::InvalidArgument, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (Code::ResourceExhausted, _) => StatusCode::TOO_MANY_REQUESTS,
        (Code::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Code::Internal | Code::DeadlineExceeded | Code::Unauthenticated, _) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::CONFLICT,
    }
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        let Some(refusal) = Refusal::from_status(&status) else {
            tracing::warn!(code = ?status.code(), "a service did not answer");
            return Self::of("UNAVAILABLE");
        };
        let mut trouble = Self::new(refused(refusal.code, &refusal.reason), refusal.reason.clone());
        if trouble.status().is_server_error() {
            tracing::warn!(code = ?refusal.code, reason = refusal.reason, "a service could not answer");
        }
        trouble.0.allowed.clone_from(&refusal.allowed);
        trouble.0.facts =
            refusal.metadata.iter().filter(|(key, _)| *key != ALLOWED).map(|(k, v)| (k.clone(), v.clone())).collect();
        let faults = refusal.fields.iter().chain(&refusal.preconditions);
        trouble.0.violations =
            faults.map(|(field, detail)| Violation { field: field.clone(), detail: detail.clone() }).collect();
        trouble.0.retry_after = refusal.retry_after.map(|delay| delay.as_secs().max(1));
        trouble.0.refusal = Some(refusal);
        trouble
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable => Self::of("UNAVAILABLE"),
            fault => Self::of_status(fault.status()),
        }
    }
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        if error.is_transient() { Self::of("UNAVAILABLE") } else { Self::internal(error) }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
