//! Typed errors, mapped once to gRPC codes with machine-readable details.
//!
//! A refusal always carries an `ErrorInfo` (a stable `SCREAMING_SNAKE` reason, the refusing service as domain, and what
//! would have been allowed), plus the detail its code calls for: field violations for bad input, the precondition that
//! failed, the resource meant, when to try again.

mod decoded;
mod faults;

pub use decoded::{Because, Decoded};

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::OnceLock,
    time::Duration,
};

use contracts::machinery::Reason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt};

static DOMAIN: OnceLock<&'static str> = OnceLock::new();

/// Metadata key under which a refusal lists what would have been accepted.
pub const ALLOWED: &str = "allowed";

/// Metadata keys `why.N` hold the code of the Nth violation's [`Reason`], and `why.N.KEY` what its sentence names.
const WHY: &str = "why";

/// Metadata key under which a refusal counts its reasons when they are more than fit.
pub const REASONS: &str = "reasons";

/// Bytes of reasons that one refusal carries: encoded they take half as much again, and headers hold 16 KiB.
const MOST_OF_REASONS: usize = 6 << 10;

/// Longest text of one detail, in characters. What a caller sent may be repeated in it, and a refusal travels in headers:
/// one that does not fit reaches nobody.
const LONGEST: usize = 400;

fn short(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Sets the domain that every `ErrorInfo` of this process names. The first call wins.
pub(crate) fn set_domain(service: &'static str) {
    let _already_set = DOMAIN.set(service);
}

fn domain() -> &'static str {
    DOMAIN.get().copied().unwrap_or("platform")
}

/// Why a request was not done. Unless the code is
/// `DEADLINE_EXCEEDED` or `INTERNAL`, it changed nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    reason: &'static str,
    message: String,
    fields: Vec<(String, String)>,
    preconditions: Vec<(String, String)>,
    because: Vec<(String, Reason)>,
    resource: Option<String>,
    metadata: BTreeMap<String, String>,
    retry_after: Option<Duration>,
}

impl Refusal {
    fn new(code: Code, reason: &'static str, message: String) -> Self {
        Self(Box::new(Inner {
            code,
            reason,
            message,
            fields: Vec::new(),
            preconditions: Vec::new(),
            because: Vec::new(),
            resource: None,
            metadata: BTreeMap::new(),
            retry_after: None,
        }))
    }

    fn about(code: Code, reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        let mut refusal = Self::new(code, reason, short(why.into()));
        refusal.0.resource = Some(short(what.into()));
        refusal
    }

    /// `INVALID_ARGUMENT`: the request is malformed whatever the state; name each bad field with [`Self::field`].
    #[must_use]
    pub fn invalid(reason: &'static str) -> Self {
        Self::new(Code::InvalidArgument, reason, String::new())
    }

    /// `FAILED_PRECONDITION`: `subject` is not in a state that allows this, and `why`.
    #[must_use]
    pub fn precondition(reason: &'static str, subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, String::new()).and_precondition(subject, why)
    }

    /// `FAILED_PRECONDITION`, for every reason that [`Self::because`] adds.
    #[must_use]
    pub fn failed(reason: &'static str) -> Self {
        Self::new(Code::FailedPrecondition, reason, String::new())
    }

    /// `NOT_FOUND`: `what` does not exist, or not for this caller.
    #[must_use]
    pub fn not_found(reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::about(Code::NotFound, reason, what, why)
    }

    /// `ALREADY_EXISTS`: `what` is there already.
    #[must_use]
    pub fn already_exists(reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::about(Code::AlreadyExists, reason, what, why)
    }

    /// `PERMISSION_DENIED`: this caller may not do that to `what`.
    #[must_use]
    pub fn denied(reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::about(Code::PermissionDenied, reason, what, why)
    }

    /// `UNAUTHENTICATED`: who is asking could not be established from `what`.
    #[must_use]
    pub fn unauthenticated(reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::about(Code::Unauthenticated, reason, what, why)
    }

    /// `RESOURCE_EXHAUSTED`: `what` has a limit that this request would exceed.
    #[must_use]
    pub fn exhausted(reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::about(Code::ResourceExhausted, reason, what, why)
    }

    /// `UNAVAILABLE`: not now; the same request may succeed in a moment (see [`Self::after`]).
    #[must_use]
    pub fn retry_later(reason: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::about(Code::Unavailable, reason, what, why).after(Duration::from_millis(200))
    }

    /// `DEADLINE_EXCEEDED`: it took longer than this server allows. Unlike the others, it may still have been done.
    pub(crate) fn timed_out() -> Self {
        Self::about(
            Code::DeadlineExceeded,
            "TOO_SLOW",
            "request",
            "it took too long; ask again to learn what became of it",
        )
    }

    /// `INTERNAL`: a fault of ours. `source` is logged here, once; the caller learns only that it happened.
    #[must_use]
    pub fn internal(source: impl fmt::Display) -> Self {
        tracing::error!(error = %source, "internal error");
        Self::new(Code::Internal, "INTERNAL", "an internal error occurred; it has been recorded".into())
    }

    /// Adds a field violation: which field of the request (its proto path), and what is wrong with it.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, why: impl Into<String>) -> Self {
        self.0.fields.push((short(field.into()), short(why.into())));
        self
    }

    /// Adds another failed precondition: of what, and why.
    #[must_use]
    pub fn and_precondition(mut self, subject: impl Into<String>, why: impl Into<String>) -> Self {
        self.0.preconditions.push((short(subject.into()), short(why.into())));
        self
    }

    /// Adds why, as a reason that people read in their language: what is wrong with a field (its proto path), or which
    /// precondition of `place` failed. Reasons beyond what headers carry are counted under [`REASONS`].
    #[must_use]
    pub fn because(mut self, place: impl Into<String>, reason: Reason) -> Self {
        self.0.because.push((short(place.into()), reason));
        self
    }

    /// Lists what would have been accepted, as metadata [`ALLOWED`]: words joined by commas (a comma inside a word
    /// becomes a semicolon).
    #[must_use]
    pub fn allowed(mut self, what: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let words: Vec<String> = what.into_iter().map(|word| word.into().replace(',', ";")).collect();
        self.0.metadata.insert(ALLOWED.into(), words.join(","));
        self
    }

    /// Adds a fact for machines to read, such as the instant a window closed or the id of what exists already.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key.into(), value.into());
        self
    }

    /// The sentence a person may read, instead of one made from the details.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.0.message = short(message.into());
        self
    }

    /// When the same request is worth another try.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// The gRPC code it maps to.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Its stable reason.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// Reasons as violations, their codes and values as metadata; as many as fit.
    fn with_reasons(mut self) -> Self {
        let inner = &mut *self.0;
        let violations = if inner.code == Code::InvalidArgument { &mut inner.fields } else { &mut inner.preconditions };
        let (all, mut told, mut left) = (inner.because.len(), 0, MOST_OF_REASONS);
        for (place, reason) in inner.because.drain(..) {
            let key = format!("{WHY}.{}", violations.len());
            let values = reason.values.into_iter().map(|(name, value)| (format!("{key}.{name}"), short(value)));
            let metadata: Vec<_> = std::iter::once((key.clone(), reason.code)).chain(values).collect();
            let sentence = short(reason.sentence);
            let size = metadata.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
            let Some(rest) = left.checked_sub(size + place.len() + sentence.len()) else { break };
            (left, told) = (rest, told + 1);
            violations.push((place, sentence));
            inner.metadata.extend(metadata);
        }
        if told < all {
            inner.metadata.insert(REASONS.into(), all.to_string());
        }
        self
    }

    fn sentence(&self) -> String {
        if !self.0.message.is_empty() {
            return self.0.message.clone();
        }
        let because = self.0.because.iter().map(|(place, reason)| (place, &reason.sentence));
        let plain = self.0.fields.iter().chain(&self.0.preconditions).map(|(what, why)| (what, why));
        let details: Vec<String> = plain.chain(because).map(|(what, why)| format!("{what}: {why}")).collect();
        if details.is_empty() { self.0.reason.to_owned() } else { short(details.join("; ")) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.sentence())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({:?} {} {:?})", self.0.code, self, self.0.metadata)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let sentence = refusal.sentence();
        let inner = *refusal.with_reasons().0;
        let mut details = ErrorDetails::new();
        let metadata: HashMap<String, String> = inner.metadata.into_iter().collect();
        details.set_error_info(inner.reason, domain(), metadata);
        if !inner.fields.is_empty() {
            let fields: Vec<FieldViolation> =
                inner.fields.into_iter().map(|(field, why)| FieldViolation::new(field, why)).collect();
            details.set_bad_request(fields);
        }
        if !inner.preconditions.is_empty() {
            let failed: Vec<PreconditionViolation> = inner
                .preconditions
                .into_iter()
                .map(|(subject, why)| PreconditionViolation::new(inner.reason, subject, why))
                .collect();
            details.set_precondition_failure(failed);
        }
        if let Some(resource) = inner.resource {
            details.set_resource_info("", resource, "", sentence.clone());
        }
        if let Some(delay) = inner.retry_after {
            details.set_retry_info(Some(delay));
        }
        Self::with_error_details(inner.code, sentence, details)
    }
}

#[cfg(test)]
mod tests;
