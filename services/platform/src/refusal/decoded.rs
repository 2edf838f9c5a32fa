//! The caller's side: a refusal read back out of a status.

use std::{collections::BTreeMap, fmt, time::Duration};

use contracts::machinery::Reason;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::refusal::{ALLOWED, REASONS, Refusal, WHY};

impl Refusal {
    /// Reads the details back out of a status, on the caller's side. `None`: the status carries no `ErrorInfo`, so it
    /// comes from the transport rather than from one of our services.
    #[must_use]
    pub fn from_status(status: &Status) -> Option<Decoded> {
        let details = status.check_error_details().ok()?;
        let info = details.error_info()?;
        let mut metadata: BTreeMap<String, String> =
            info.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let fields: Vec<(String, String)> = details
            .bad_request()
            .map(|bad| bad.field_violations.iter().map(|f| (f.field.clone(), f.description.clone())).collect())
            .unwrap_or_default();
        let preconditions: Vec<(String, String)> = details
            .precondition_failure()
            .map(|failed| failed.violations.iter().map(|v| (v.subject.clone(), v.description.clone())).collect())
            .unwrap_or_default();
        let violations = if status.code() == Code::InvalidArgument { &fields } else { &preconditions };
        let because = reasons(violations, &mut metadata);
        let allowed = metadata.get(ALLOWED).filter(|list| !list.is_empty());
        Some(Decoded {
            code: status.code(),
            reason: info.reason.clone(),
            domain: info.domain.clone(),
            message: status.message().to_owned(),
            fields,
            preconditions,
            because,
            resource: details.resource_info().map(|resource| resource.resource_name.clone()),
            allowed: allowed.map(|list| list.split(',').map(str::to_owned).collect()).unwrap_or_default(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            metadata,
        })
    }
}

/// The reasons among `violations`, taken out of the metadata that holds their codes and values.
fn reasons(violations: &[(String, String)], metadata: &mut BTreeMap<String, String>) -> Vec<Because> {
    let reason = |(n, (place, sentence)): (usize, &(String, String))| {
        let key = format!("{WHY}.{n}");
        let code = metadata.remove(&key)?;
        let prefix = format!("{key}.");
        let values = metadata.extract_if(.., |name, _| name.starts_with(&prefix));
        let values = values.map(|(name, value)| (name[prefix.len()..].to_owned(), value)).collect();
        Some(Because { place: place.clone(), reason: Reason { code, values, sentence: sentence.clone() } })
    };
    violations.iter().enumerate().filter_map(reason).collect()
}

/// Why, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// Field of the request (its proto path), or whose precondition it is.
    pub place: String,
    /// What is wrong there.
    pub reason: Reason,
}

impl Decoded {
    /// How many reasons there are, whether they all came along or not.
    #[must_use]
    pub fn reasons(&self) -> usize {
        self.metadata.get(REASONS).and_then(|n| n.parse().ok()).unwrap_or(self.because.len())
    }
}

/// A refusal as its caller reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The gRPC code.
    pub code: Code,
    /// The stable reason, for programs.
    pub reason: String,
    /// The service that refused.
    pub domain: String,
    /// A sentence, for people.
    pub message: String,
    /// Bad fields of the request, and what is wrong with each.
    pub fields: Vec<(String, String)>,
    /// What was not in the state required, and why.
    pub preconditions: Vec<(String, String)>,
    /// Those of both that people read in their language.
    pub because: Vec<Because>,
    /// What the refusal is about, where it is about one thing.
    pub resource: Option<String>,
    /// What would have been accepted.
    pub allowed: Vec<String>,
    /// All of the `ErrorInfo`'s metadata.
    pub metadata: BTreeMap<String, String>,
    /// When to try again, if that can help.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}): {}", self.reason, self.code, self.message)
    }
}
