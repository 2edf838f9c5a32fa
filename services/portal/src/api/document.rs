//! The OpenAPI 3.1 document, made from the table of operations.

use std::sync::LazyLock;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, header};
use utoipa::{
    PartialSchema, ToSchema as _,
    openapi::{
        ComponentsBuilder, Content, Header, HttpMethod, Info, LicenseBuilder, OpenApi, Paths, Ref, RefOr, Required,
        Server,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        response::{Response as Described, ResponseBuilder},
        schema::{ObjectBuilder, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    Operation, PREFIX, Verb, answer, idempotency, operations,
    trouble::{PROBLEM, Problem, STATUSES},
};
use crate::{
    app::App,
    i18n::{Lang, Tr},
};

/// Name of the scheme under which tokens stand in the document.
const TOKEN: &str = "token";

/// `GET /api/v1/openapi.json`: for anyone.
///
/// # Errors
/// It cannot be written, which is a fault of ours.
pub async fn get(State(app): State<App>, headers: HeaderMap) -> Response {
    static WRITTEN: LazyLock<OpenApi> = LazyLock::new(document);
    let mut document = WRITTEN.clone();
    document.servers = Some(vec![Server::new(format!("{}{PREFIX}", app.settings.public_url))]);
    match answer::read(&document, &headers) {
        Ok(mut response) => {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        Err(trouble) => trouble.into_response(),
    }
}

/// The document, without the address of a server.
#[must_use]
pub fn document() -> OpenApi {
    let t = Tr(Lang::En);
    let mut schemas = vec![("Problem".to_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    let mut components = ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme(
        TOKEN,
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("admis_…")
                .description(Some(t.get("api-tokens-text")))
                .build(),
        ),
    );
    for status in STATUSES {
        components = components.response(problem_name(status), problem(t, status));
    }
    let mut paths = Paths::new();
    for operation in operations::table() {
        components = components.schemas_from_iter(operation.schemas.clone());
        let method = match operation.verb {
            Verb::Get => HttpMethod::Get,
            Verb::Post => HttpMethod::Post,
        };
        paths.add_path_operation(operation.path, vec![method], described(t, operation));
    }
    let mut info = Info::new(t.get("api-title"), env!("CARGO_PKG_VERSION").to_owned());
    info.description = Some(t.get("api-lead"));
    info.license = Some(LicenseBuilder::new().name("EUPL-1.2").identifier(Some("EUPL-1.2")).build());
    let mut document = OpenApi::new(info, paths);
    document.components = Some(components.build());
    document
}

fn described(t: Tr, operation: &Operation) -> OperationBuilder {
    let scopes: Vec<&str> = operation.scope.iter().map(|s| s.word()).collect();
    let scope = operation
        .scope
        .map_or_else(|| t.get("api-any-token"), |s| t.with("api-scope-needed", [("scope", s.word().into())]));
    let mut of = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .summary(Some(t.get(&operation.key())))
        .description(Some(scope))
        .tag(operation.path.split('/').nth(1).unwrap_or_default())
        .security(SecurityRequirement::new(TOKEN, scopes))
        .parameters(Some(operation.parameters.clone()))
        .parameter(match operation.verb {
            Verb::Get => if_none_match(t),
            Verb::Post => key(t),
        });
    if !operation.takes.is_empty() {
        let bodies = operation.takes.iter();
        let body = bodies.fold(RequestBodyBuilder::new().required(Some(Required::True)), |body, (kind, schema)| {
            body.content(*kind, Content::new(Some(schema.clone())))
        });
        of = of.request_body(Some(body.build()));
    }
    of = of.response("200", success(t, operation));
    if operation.verb == Verb::Get {
        of = of.response(
            "304",
            ResponseBuilder::new().description(t.get("api-unchanged")).header("ETag", text(t, "api-etag")),
        );
    }
    let own = STATUSES.into_iter().filter(|status| match operation.verb {
        Verb::Get => !matches!(status, 413 | 415),
        Verb::Post => !operation.takes.is_empty() || !matches!(status, 413 | 415),
    });
    own.fold(of, |of, status| of.response(status.to_string(), Ref::from_response_name(problem_name(status))))
}

fn success(t: Tr, operation: &Operation) -> Described {
    let bodies = operation.gives.iter();
    let mut of = bodies.fold(ResponseBuilder::new().description(t.get("api-done")), |of, (kind, schema)| {
        of.content(*kind, Content::new(Some(schema.clone())))
    });
    match operation.verb {
        Verb::Get => of = of.header("ETag", text(t, "api-etag")),
        Verb::Post => of = of.header("Idempotency-Replayed", text(t, "api-replayed")),
    }
    if operation.paged {
        of = of.header("Link", text(t, "api-link"));
    }
    of.build()
}

fn problem_name(status: u16) -> String {
    format!("Problem{status}")
}

fn problem(t: Tr, status: u16) -> Described {
    let title = t.get(&format!("api-status-{status}"));
    let mut of = ResponseBuilder::new()
        .description(title)
        .content(PROBLEM, Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem")))));
    if status == 401 {
        of = of.header("WWW-Authenticate", text(t, "api-challenge"));
    }
    if matches!(status, 429 | 503) {
        of = of.header("Retry-After", number(t, "api-retry-after"));
    }
    of.build()
}

fn text(t: Tr, key: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String));
    header.description = Some(t.get(key));
    header
}

fn number(t: Tr, key: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)));
    header.description = Some(t.get(key));
    header
}

fn if_none_match(t: Tr) -> Parameter {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(t.get("api-if-none-match")))
        .schema(Some(String::schema()))
        .build()
}

fn key(t: Tr) -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(t.get("api-key")))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(idempotency::LONGEST))
                .pattern(Some("^[!-~]+$")),
        ))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;
    use crate::api::Trouble;

    /// Every `$ref` below a value.
    fn references(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    if let (true, Value::String(to)) = (key == "$ref", value) {
                        into.insert(to.clone());
                    }
                    references(value, into);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, into)),
            _ => {}
        }
    }

    #[test]
    fn it_is_openapi_3_1_of_every_operation_and_refers_to_nothing_that_is_missing() {
        let written = serde_json::to_value(document()).unwrap();
        assert!(written["openapi"].as_str().unwrap().starts_with("3.1"));
        for operation in operations::table() {
            let one = &written["paths"][operation.path][operation.verb.method().to_lowercase()];
            assert_eq!(one["operationId"], operation.id, "{one}");
            let summary = one["summary"].as_str().unwrap();
            assert!(!summary.is_empty() && !summary.starts_with('['), "{}: {summary}", operation.id);
        }
        let mut named = BTreeSet::new();
        references(&written, &mut named);
        assert!(named.len() > 20, "only {} references", named.len());
        for to in named {
            let found = written.pointer(to.trim_start_matches('#'));
            assert!(found.is_some(), "{to}");
        }
    }

    #[test]
    fn two_schemas_never_share_a_name() {
        let mut seen: BTreeMap<&str, Value> = BTreeMap::new();
        for (name, schema) in operations::table().iter().flat_map(|one| &one.schemas) {
            let written = serde_json::to_value(schema).unwrap();
            let first = seen.entry(name).or_insert_with(|| written.clone());
            assert_eq!(*first, written, "{name}");
        }
    }

    #[test]
    fn bodies_say_that_they_take_no_more_than_they_name() {
        let written = serde_json::to_value(document()).unwrap();
        for operation in
            operations::table().iter().filter(|o| o.takes.iter().any(|(kind, _)| *kind == "application/json"))
        {
            let body =
                &written["paths"][operation.path]["post"]["requestBody"]["content"]["application/json"]["schema"];
            let name = body["$ref"].as_str().unwrap().trim_start_matches('#');
            let schema = written.pointer(name).unwrap();
            let kinds = schema["oneOf"].as_array().map_or_else(|| vec![schema], |kinds| kinds.iter().collect());
            for kind in kinds {
                assert_eq!(kind["additionalProperties"], false, "{}: {kind}", operation.id);
            }
        }
    }

    #[test]
    fn every_error_has_its_words() {
        let (session, _) = notice::Session::parse(crate::pages::SAMPLE_SESSION).unwrap();
        for lang in Lang::ALL {
            for status in STATUSES {
                assert!(!Tr(lang).get(&format!("api-status-{status}")).starts_with('['), "{status}");
            }
            for code in CODES {
                let told = Trouble::of(code).told(Tr(lang), &session, "https://x");
                assert!(!told.detail.starts_with('['), "{code}");
                assert!(STATUSES.contains(&told.status) && told.kind.starts_with("https://x/api#"), "{code}");
            }
        }
    }

    /// Every code of our own.
    const CODES: [&str; 27] = [
        "PIECE_UNKNOWN",
        "TOKEN_REQUIRED",
        "TOKEN_UNKNOWN",
        "TOKEN_REVOKED",
        "TOKEN_EXPIRED",
        "SCOPE_MISSING",
        "PIECE_INFECTED",
        "NO_SUCH_ADDRESS",
        "CURSOR_UNKNOWN",
        "FILIERE_UNKNOWN",
        "ENTRY_UNKNOWN",
        "METHOD_NOT_ALLOWED",
        "IDEMPOTENCY_IN_PROGRESS",
        "IDEMPOTENCY_KEY_REUSED",
        "IDEMPOTENCY_KEY_REQUIRED",
        "IDEMPOTENCY_KEY_INVALID",
        "BODY_TOO_LARGE",
        "MEDIA_TYPE_UNSUPPORTED",
        "TOO_MANY_REQUESTS",
        "BUSY",
        "UNAVAILABLE",
        "PIECE_NOT_SCANNED",
        "INTERNAL",
        "PATH_INVALID",
        "QUERY_INVALID",
        "BODY_INVALID",
        "REQUEST_INVALID",
    ];
}
