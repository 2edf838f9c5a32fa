//! A page per event.

use std::fmt::Write as _;

use crate::{Event, Kind};

/// The page of one event.
pub fn of(event: &Event) -> String {
    let mut text = format!(
        "# {}\n\n`admissions.v1.<school>.{}`, told by {}. {}\n\n**When.** {}\n\n**Never in it.** {}\n\n",
        event.message,
        event.name,
        event.source,
        event.what,
        capital(&event.when),
        capital(&event.never),
    );
    text.push_str("| field | | |\n| --- | --- | --- |\n");
    for field in &event.fields {
        let kind = match field.kind {
            Kind::Text => "text, always",
            Kind::Instant => "instant in UTC, always",
            Kind::Count => "whole number, absent if 0",
            Kind::Flag => "`true`, or absent for false",
        };
        let _ = writeln!(text, "| `{}` | {kind} | {} |", field.name, field.what);
    }
    let _ = write!(
        text,
        "\n```json\n{:#}\n```\n\n[Schema](../schemas/{}.json); headers and their meaning are the same for [every event](README.md).\n",
        event.example, event.name
    );
    text
}

/// The list of all, and what they share.
pub fn list(events: &[Event]) -> String {
    let mut text = String::from(
        "# Events\n\nWritten by `cargo run -p events -- infra/events/contract` from the comments in \
         `proto/admissions/published/v1/events.proto`.\n\n| event | |\n| --- | --- |\n",
    );
    for event in events {
        let _ = writeln!(text, "| [{}]({0}.md) | {} |", event.name, event.what);
    }
    text.push_str("\nHeaders, the same for each (CloudEvents 1.0, binary mode):\n\n| header | |\n| --- | --- |\n");
    let headers = crate::schema::headers();
    for (name, header) in headers["properties"].as_object().into_iter().flatten() {
        let _ = writeln!(text, "| `{name}` | {} |", header["description"].as_str().unwrap_or_default());
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
