//! The published messages with their comments, from the descriptors.

use contracts::{PUBLISHED, Told};
use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};
use serde_json::Value;

use crate::{Incomplete, examples};

const PACKAGE: &str = "admissions.published.v1";

/// One published event.
#[derive(Debug, Clone)]
pub struct Event {
    /// The last token of its subject.
    pub name: String,
    /// Its message's name, e.g. `SeatProposed`.
    pub message: String,
    /// The service that tells it.
    pub source: String,
    /// What happened.
    pub what: String,
    /// When it is told.
    pub when: String,
    /// What it will never contain.
    pub never: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// A payload as it travels.
    pub example: Value,
}

/// One field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// What it says.
    pub what: String,
    /// What it is.
    pub kind: Kind,
}

/// What a field is, in canonical proto3 JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string, never empty.
    Text,
    /// An RFC 3339 instant in UTC, always there.
    Instant,
    /// A number from 0; absent when 0.
    Count,
    /// True or absent.
    Flag,
}

/// Every event, in the order of the catalogue.
///
/// # Errors
/// See [`crate::files`].
pub fn events() -> Result<Vec<Event>, Incomplete> {
    let pool = DescriptorPool::decode(contracts::DESCRIPTORS).map_err(|e| Incomplete::Descriptors(e.to_string()))?;
    let told: Vec<String> = PUBLISHED.iter().map(|told| (told.message)()).collect();
    let untold = pool
        .all_messages()
        .filter(|message| message.package_name() == PACKAGE)
        .find(|message| !told.iter().any(|name| name == message.full_name()));
    if let Some(untold) = untold {
        return Err(Incomplete::Untold(untold.full_name().to_owned()));
    }
    PUBLISHED
        .iter()
        .zip(&told)
        .map(|(told, name)| {
            let message = pool.get_message_by_name(name).ok_or_else(|| Incomplete::Missing(name.clone()))?;
            event(told, &message)
        })
        .collect()
}

fn event(told: &Told, message: &MessageDescriptor) -> Result<Event, Incomplete> {
    let comment = comment(message, message.path());
    let part = |name: &'static str| {
        let of = message.full_name().to_owned();
        let found = comment.split("\n\n").flat_map(|p| parts(p)).find_map(|(key, text)| (key == name).then_some(text));
        found.filter(|text| !text.is_empty()).ok_or(Incomplete::Comment { of, part: name })
    };
    Ok(Event {
        name: told.name.to_owned(),
        message: message.name().to_owned(),
        source: told.service.to_owned(),
        what: part("")?,
        when: part(WHEN)?,
        never: part(NEVER)?,
        fields: message.fields().map(|one| field(message, &one)).collect::<Result<_, _>>()?,
        example: examples::of(told.name).ok_or_else(|| Incomplete::Example(told.name.to_owned()))?,
    })
}

const WHEN: &str = "When:";
const NEVER: &str = "Never:";

/// A paragraph's parts, each with the word it begins with; what begins with none has the empty one.
fn parts(paragraph: &str) -> Vec<(&'static str, String)> {
    let mut parts: Vec<(&'static str, String)> = Vec::new();
    for line in paragraph.lines().map(str::trim) {
        let begins = [WHEN, NEVER].into_iter().find(|word| line.starts_with(word));
        match (begins, parts.last_mut()) {
            (Some(word), _) => parts.push((word, line[word.len()..].trim().to_owned())),
            (None, Some((_, text))) => {
                text.push(' ');
                text.push_str(line);
            }
            (None, None) => parts.push(("", line.to_owned())),
        }
    }
    parts
}

fn field(message: &MessageDescriptor, field: &FieldDescriptor) -> Result<Field, Incomplete> {
    let of = field.full_name().to_owned();
    let what = comment(message, field.path()).split_whitespace().collect::<Vec<_>>().join(" ");
    if what.is_empty() {
        return Err(Incomplete::Comment { of, part: "what it says" });
    }
    let kind = match field.kind() {
        _ if field.is_list() || field.is_map() => None,
        prost_reflect::Kind::String => Some(Kind::Text),
        prost_reflect::Kind::Uint32 => Some(Kind::Count),
        prost_reflect::Kind::Bool => Some(Kind::Flag),
        prost_reflect::Kind::Message(m) if m.full_name() == "google.protobuf.Timestamp" => Some(Kind::Instant),
        _ => None,
    };
    let kind = kind.ok_or_else(|| Incomplete::Kind { of, kind: format!("{:?}", field.kind()) })?;
    Ok(Field { name: field.json_name().to_owned(), what, kind })
}

/// The comment that stands before what is at `path` of the file.
fn comment(message: &MessageDescriptor, path: &[i32]) -> String {
    let file = message.parent_file();
    let locations = file.file_descriptor_proto().source_code_info.as_ref().map(|info| info.location.as_slice());
    let found = locations.unwrap_or_default().iter().find(|location| location.path == path);
    found.and_then(|location| location.leading_comments.clone()).unwrap_or_default().trim().to_owned()
}
