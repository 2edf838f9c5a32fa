//! The AsyncAPI 3 document: what the platform sends.

use serde_json::{Map, Value, json};

use crate::{Event, VERSION, schema};

/// The whole document.
pub fn document(events: &[Event]) -> Value {
    let of = |make: fn(&Event) -> (String, Value)| -> Map<String, Value> { events.iter().map(make).collect() };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Admis: what other systems hear",
            "version": VERSION,
            "description": "Facts of an admission session, by school. Identifiers only: no personal data, no preference order, \
                            nothing before its publication instant. Each subscriber reads one school's subjects through a durable \
                            pull consumer of its own on the JetStream stream ADMISSIONS, at least once; what more it needs it asks \
                            the REST API with its own token.",
            "license": { "name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "nats",
                "description": "NATS JetStream; over TLS in production.",
                "variables": { "host": { "description": "As in the credentials a subscriber was given." } },
                "security": [{ "$ref": "#/components/securitySchemes/credentials" }],
            },
        },
        "channels": of(channel),
        "operations": of(operation),
        "components": {
            "messages": of(message),
            "schemas": schemas(events),
            "parameters": { "school": { "description": "The subscriber's school, as the session names it." } },
            "securitySchemes": {
                "credentials": { "type": "userPassword", "description": "What `broker add` printed." },
            },
        },
    })
}

fn channel(event: &Event) -> (String, Value) {
    let channel = json!({
        "address": format!("admissions.v1.{{school}}.{}", event.name),
        "title": event.what,
        "servers": [{ "$ref": "#/servers/broker" }],
        "parameters": { "school": { "$ref": "#/components/parameters/school" } },
        "messages": { event.message.clone(): { "$ref": format!("#/components/messages/{}", event.message) } },
    });
    (event.name.clone(), channel)
}

fn operation(event: &Event) -> (String, Value) {
    let operation = json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{}", event.name) },
        "summary": event.what,
        "description": format!("When: {}", event.when),
        "messages": [{ "$ref": format!("#/channels/{}/messages/{}", event.name, event.message) }],
    });
    (format!("tell_{}", event.name), operation)
}

fn message(event: &Event) -> (String, Value) {
    let message = json!({
        "name": event.message,
        "title": event.what,
        "description": format!("When: {}\n\nIt never contains: {}", event.when, event.never),
        "contentType": "application/json",
        "headers": { "$ref": "#/components/schemas/Headers" },
        "payload": { "$ref": format!("#/components/schemas/{}", event.message) },
        "examples": [{ "headers": schema::headers_example(event), "payload": event.example }],
    });
    (event.message.clone(), message)
}

fn schemas(events: &[Event]) -> Map<String, Value> {
    let mut schemas: Map<String, Value> = events.iter().map(|e| (e.message.clone(), schema::payload(e))).collect();
    schemas.insert("Headers".into(), schema::headers());
    schemas
}
