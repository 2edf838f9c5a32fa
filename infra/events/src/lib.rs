//! The contract for subscribers, written from the published messages and their comments: an AsyncAPI document, a JSON
//! Schema and a page per event.

mod asyncapi;
mod examples;
mod page;
mod read;
mod schema;

pub use read::{Event, Field, Kind, events};

use std::collections::BTreeMap;

/// The version of the contract: see the rules in `README.md`.
pub const VERSION: &str = "1.0.0";

/// Why the contract cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Incomplete {
    /// The descriptors cannot be read.
    #[error("descriptors: {0}")]
    Descriptors(String),
    /// The catalogue names a message that is not there.
    #[error("{0} is told and not described")]
    Missing(String),
    /// A message that nobody tells.
    #[error("{0} is described and nobody tells it")]
    Untold(String),
    /// A comment lacks a part.
    #[error("{of}: its comment has no `{part}`")]
    Comment {
        /// The message or field.
        of: String,
        /// What is missing.
        part: &'static str,
    },
    /// A field of a kind that no published message had so far.
    #[error("{of}: {kind} has no schema yet")]
    Kind {
        /// The field.
        of: String,
        /// Its kind.
        kind: String,
    },
    /// No example, or one that is no JSON object.
    #[error("{0} has no example")]
    Example(String),
}

/// Every file of the contract, by its path.
///
/// # Errors
/// Something is told that is not described, or described without when it is told, what it never contains or an example.
pub fn files() -> Result<BTreeMap<String, String>, Incomplete> {
    let events = events()?;
    let mut files = BTreeMap::new();
    for event in &events {
        files.insert(format!("schemas/{}.json", event.name), pretty(&schema::document(event)));
        files.insert(format!("pages/{}.md", event.name), page::of(event));
    }
    files.insert("pages/README.md".into(), page::list(&events));
    files.insert("asyncapi.json".into(), pretty(&asyncapi::document(&events)));
    Ok(files)
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
