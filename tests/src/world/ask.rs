//! Asking a service as a client would: with a token, and again when the service was away.

use std::{future::Future, sync::atomic::Ordering, time::Duration};

use jiff::Timestamp;
use tonic::{Code, Request, Response, Status};

use super::World;

/// Whoever asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The campaign's label, for its own messages.
    pub label: String,
    /// Token subject; empty for someone without a token.
    pub subject: String,
    /// Whom they act for.
    pub act_for: Option<String>,
    /// Role.
    pub role: String,
    /// School, for roles of one school.
    pub school: Option<String>,
    /// Instant of receipt stamped by the edge; the service stamps it if `None`.
    pub received_at: Option<Timestamp>,
    /// When the token is issued; the world's instant if `None`.
    pub issued_at: Option<Timestamp>,
}

impl Who {
    /// Someone with a role of the whole session.
    #[must_use]
    pub fn role(role: &str, name: &str) -> Self {
        Self { label: name.into(), subject: name.into(), role: role.into(), ..Self::default() }
    }

    /// Someone with a role at a school.
    #[must_use]
    pub fn at(role: &str, school: &str) -> Self {
        let name = format!("{role}@{school}");
        Self { label: name.clone(), subject: name, role: role.into(), school: Some(school.into()), ..Self::default() }
    }

    /// The same, with a stamp of the edge.
    #[must_use]
    pub fn received(mut self, at: Timestamp) -> Self {
        self.received_at = Some(at);
        self
    }
}

/// How long a client goes on asking a service that is away; real time, generous because machines are shared.
const PATIENCE: Duration = Duration::from_secs(120);

impl World {
    /// Asks, with a fresh token at each try. Only what says that nothing was decided is tried again: every command of the
    /// platform can be repeated.
    ///
    /// # Errors
    /// The service's refusal.
    pub async fn ask<M, R, C, F>(&self, who: &Who, message: M, call: C) -> Result<R, Status>
    where
        M: Clone,
        C: Fn(Request<M>) -> F,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let mut pause = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        loop {
            let status = match call(self.request(who, message.clone())?).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => status,
            };
            if !away(&status) || waited > PATIENCE {
                return Err(status);
            }
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(code = ?status.code(), message = status.message(), "no answer");
            tokio::time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// A message with `who`'s token.
    ///
    /// # Errors
    /// When the token cannot be made.
    pub fn request<M>(&self, who: &Who, message: M) -> Result<Request<M>, Status> {
        let mut request = Request::new(message);
        if !who.subject.is_empty() {
            let token = self.issuer.token(who, who.issued_at.unwrap_or_else(|| self.now()))?;
            request.metadata_mut().insert("authorization", token);
        }
        Ok(request)
    }
}

/// The service did not answer; what it would have said is unknown.
#[must_use]
pub fn away(status: &Status) -> bool {
    let transport = std::error::Error::source(status).is_some();
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Aborted)
        || (transport && matches!(status.code(), Code::Unknown | Code::Internal))
}

/// `ask!(world.intake, who, close_dossier, CloseDossierRequest { .. })`: a `Result<Reply, Status>`.
#[macro_export]
macro_rules! ask {
    ($world:ident.$service:ident, $who:expr, $method:ident, $message:expr) => {
        $world
            .ask($who, $message, |request| {
                let mut client = $world.$service();
                async move { client.$method(request).await }
            })
            .await
    };
}

/// The same where a refusal ends the campaign.
#[macro_export]
macro_rules! must {
    ($world:ident.$service:ident, $who:expr, $method:ident, $message:expr) => {
        $crate::ask!($world.$service, $who, $method, $message)
            .map_err(|status| $crate::failure::Failure::refused(&$who.label, stringify!($method), &status))
    };
}

/// Expects a refusal with one of these reasons.
#[macro_export]
macro_rules! refused {
    ($world:ident.$service:ident, $who:expr, $method:ident, $message:expr, $($reason:literal)|+) => {
        match $crate::ask!($world.$service, $who, $method, $message) {
            Ok(answer) => Err($crate::failure::Failure::unexpected(&$who.label, stringify!($method), stringify!($($reason)|+), format!("{answer:?}"))),
            Err(status) => {
                let reason = platform::refusal::Refusal::from_status(&status).map(|d| d.reason).unwrap_or_default();
                if [$($reason),+].contains(&reason.as_str()) {
                    $world.count_refusal();
                    Ok(())
                } else {
                    Err($crate::failure::Failure::unexpected(&$who.label, stringify!($method), stringify!($($reason)|+), format!("{:?} {reason} {}", status.code(), status.message())))
                }
            }
        }
    };
}
