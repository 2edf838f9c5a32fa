//! What a handler answers, and what goes wrong with it.
//!
//! A fault carries what happened; the page a person sees of it is made in their language by [`super::enter`].

use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::{
    db::DbError,
    refusal::{Decoded, Refusal},
};
use tonic::{Code, Status};

use super::guard;

/// What every handler answers.
pub type Page = Result<Response, Fault>;

/// Why there is no page.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A service refused, and no form stands around it that could say so.
    Refused(Box<Decoded>),
    /// There is no such thing, or not for this person: the two cannot be told apart.
    NotFound,
    /// The role does not allow it.
    Forbidden,
    /// The form was not ours, or too old.
    FormToken,
    /// The form was shown before its sender signed in again: it is held, and shown again with what was typed.
    Stale {
        /// Its page.
        to: String,
        /// Finds it again.
        token: String,
    },
    /// Only forms are sent to this address.
    Method,
    /// What was sent cannot be read.
    BadRequest,
    /// More was sent than is taken.
    TooLarge,
    /// A service does not answer, or we have too much in hand: try again.
    Unavailable,
    /// A fault of ours. It was logged where it was found.
    Internal,
}

impl Fault {
    /// A fault of ours, logged here, once.
    #[must_use]
    pub fn internal(source: impl std::fmt::Display) -> Self {
        tracing::error!(error = %source, "internal error");
        Self::Internal
    }

    /// Its HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => match refusal.code {
                Code::NotFound => StatusCode::NOT_FOUND,
                Code::PermissionDenied => StatusCode::FORBIDDEN,
                Code::Unauthenticated => StatusCode::UNAUTHORIZED,
                Code::InvalidArgument => StatusCode::BAD_REQUEST,
                Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::CONFLICT,
            },
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::FormToken => StatusCode::FORBIDDEN,
            Self::Stale { .. } => StatusCode::SEE_OTHER,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        match Refusal::from_status(&status) {
            Some(refusal) if refusal.code == Code::Internal => Self::Internal,
            Some(refusal) if refusal.code == Code::Unavailable => Self::Unavailable,
            Some(refusal) if refusal.code == Code::NotFound => Self::NotFound,
            Some(refusal) if refusal.code == Code::PermissionDenied => Self::Forbidden,
            Some(refusal) => Self::Refused(Box::new(refusal)),
            None => {
                tracing::warn!(code = ?status.code(), "a service did not answer");
                Self::Unavailable
            }
        }
    }
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        if error.is_transient() { Self::Unavailable } else { Self::internal(error) }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Self::Stale { to, token } = &self {
            let mut response = Redirect::to(to).into_response();
            guard::holds(&mut response, token);
            return response;
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
