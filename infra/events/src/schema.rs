//! JSON Schema (draft 7, which AsyncAPI reads too) of payloads and headers.

use serde_json::{Map, Value, json};

use crate::{Event, Field, Kind};

/// The payload's schema as a file of its own.
pub fn document(event: &Event) -> Value {
    let mut schema = payload(event);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        object.insert("$id".into(), json!(format!("urn:admis:admissions:v1:{}", event.name)));
    }
    schema
}

/// The payload's schema.
pub fn payload(event: &Event) -> Value {
    let properties: Map<String, Value> = event.fields.iter().map(|f| (f.name.clone(), property(f))).collect();
    // Canonical proto3 JSON leaves out what is 0 or false.
    let always = event.fields.iter().filter(|f| matches!(f.kind, Kind::Text | Kind::Instant));
    let required: Vec<&str> = always.map(|f| f.name.as_str()).collect();
    json!({
        "title": event.message,
        "description": event.what,
        "type": "object",
        "properties": properties,
        "required": required,
        // A reader ignores what it does not know: later versions add fields.
        "additionalProperties": true,
        "examples": [event.example],
    })
}

fn property(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Instant => json!({ "type": "string", "format": "date-time", "pattern": "Z$" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX, "default": 0 }),
        Kind::Flag => json!({ "type": "boolean", "default": false }),
    };
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".into(), json!(field.what));
    }
    schema
}

/// The headers every event travels with: CloudEvents 1.0, NATS binding, binary mode.
pub fn headers() -> Value {
    let text = |what: &str| json!({ "type": "string", "minLength": 1, "description": what });
    json!({
        "type": "object",
        "properties": {
            "ce-specversion": { "type": "string", "const": "1.0", "description": "CloudEvents." },
            "ce-id": { "type": "string", "format": "uuid", "description": "Unique for all time: deduplicate by it." },
            "ce-source": text("The service that told it."),
            "ce-type": text("`admissions.v1.` and the event's name."),
            "ce-subject": text("The dossier."),
            "ce-time": { "type": "string", "format": "date-time", "description": "When it became true, UTC." },
            "ce-aggregateversion": {
                "type": "string",
                "pattern": "^[0-9]+$",
                "description": "Grows with each change of what the source knows of the dossier: of two events of one source and type \
                                about one dossier, the greater is the newer.",
            },
            "content-type": { "type": "string", "const": "application/json", "description": "Of the payload." },
            "traceparent": text("W3C trace context of the request that caused it, if that was traced."),
            "Nats-Msg-Id": text("As `ce-id`."),
        },
        "required": ["ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject", "ce-time", "ce-aggregateversion", "content-type"],
        "additionalProperties": true,
    })
}

/// An example of them.
pub fn headers_example(event: &Event) -> Value {
    json!({
        "ce-specversion": "1.0",
        "ce-id": "0196271c-5a00-7b3d-8e21-9c4f6d0a1b52",
        "ce-source": event.source,
        "ce-type": format!("admissions.v1.{}", event.name),
        "ce-subject": event.example["dossierId"],
        "ce-time": "2026-04-09T14:00:00Z",
        "ce-aggregateversion": "7",
        "content-type": "application/json",
    })
}
