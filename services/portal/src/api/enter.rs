//! In front of every operation: sheds load, takes the instant of receipt (R3), finds out whose token it is and what it
//! opens, and tells whatever went wrong. No cookies, no forms, no other origin.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use tracing::Instrument as _;

use super::{
    Operation,
    call::{Call, Inner},
    idempotency::Stored,
    token,
    trouble::Trouble,
};
use crate::{
    app::App,
    domain::throttle::Door,
    i18n::{Lang, Tr},
    store::{
        api_tokens::{self, Token},
        tries,
    },
    web::{self, Front, measure},
};

/// What the front found out.
#[derive(Clone, Copy)]
struct Entered {
    now: Timestamp,
    t: Tr,
}

/// The layer; see the module.
pub async fn enter(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let app = front.app;
    let t = Tr(language(request.headers()));
    let room = front.room.try_acquire_owned();
    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("none", |m| m.as_str()).to_owned();
    let (method, began) = (request.method().clone(), Instant::now());
    let span = tracing::info_span!("call", otel.name = %format!("{method} {route}"), otel.kind = "server", http.route = %route, http.response.status_code = tracing::field::Empty);
    let trace = request.headers().get("traceparent").and_then(|v| v.to_str().ok()).map(str::to_owned);
    platform::telemetry::adopt(&span, trace.as_deref());
    request.extensions_mut().insert(Entered { now: app.clock.now(), t });
    let answered = async {
        if room.is_err() {
            tracing::warn!("shed");
            measure::shed();
            return Trouble::of("BUSY").into_response();
        }
        AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("an operation panicked");
            Trouble::of("INTERNAL").into_response()
        })
    };
    let response = told(&app, t, answered.instrument(span.clone()).await);
    span.record("http.response.status_code", response.status().as_u16());
    measure::answered(&method, &route, response.status(), began);
    response
}

/// Tells an error, wherever it comes from, as a problem; keeps what else the answer says, such as `Allow`.
fn told(app: &App, t: Tr, mut response: Response) -> Response {
    let trouble = response.extensions_mut().remove::<Trouble>();
    let status = response.status();
    let stored = response.extensions().get::<Stored>().is_some();
    let by_itself = || (status.is_client_error() && !stored).then(|| Trouble::of_status(status));
    if let Some(trouble) = trouble.or_else(by_itself) {
        let mut problem = trouble.answer(t, &app.session, &app.settings.public_url);
        if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
            problem.headers_mut().insert(header::ALLOW, allow);
        }
        response = problem;
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Authorization, Accept-Language"));
    web::protect(&mut response);
    response
}

/// English, unless French is asked for: this door is for programs.
fn language(headers: &HeaderMap) -> Lang {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if asked.to_ascii_lowercase().contains("fr") { Lang::accepted(asked) } else { Lang::En }
}

/// Guards one operation, and carries it out.
pub(super) async fn serve(app: App, operation: &'static Operation, request: Request) -> Response {
    let Some(Entered { now, t }) = request.extensions().get::<Entered>().copied() else {
        return Trouble::internal("a request reached an operation without passing `enter`").into_response();
    };
    let answered = async {
        let token = guard(&app, operation, request.headers(), now).await?;
        let call = Call::new(Inner { app: app.clone(), t, now, token, operation: operation.id });
        operation.run(call, request).await
    };
    answered.await.unwrap_or_else(Trouble::into_response)
}

/// Whose token it is, if it may: known, alive, not too often, and of this scope, in this order.
async fn guard(app: &App, operation: &Operation, headers: &HeaderMap, now: Timestamp) -> Result<Token, Trouble> {
    let sha256 = token::presented(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes))?;
    let mut conn = app.db.read().await?;
    let found = api_tokens::by_sha256(&mut conn, &sha256).await?;
    let token = found.ok_or_else(|| Trouble::of("TOKEN_UNKNOWN"))?;
    token.alive(now)?;
    let so_far = tries::so_far(&mut conn, Door::System, &token.id.to_string(), now).await?;
    if so_far.unsigned_abs() > app.settings.api.per_minute {
        let ends = Door::System.window(now) + Door::System.limit().1;
        let seconds = ends.duration_since(now).as_secs().max(1).unsigned_abs();
        return Err(Trouble::of("TOO_MANY_REQUESTS").after(seconds).fact("per_minute", app.settings.api.per_minute));
    }
    if token.seen_at.is_none_or(|seen| now.duration_since(seen) >= SignedDuration::from_mins(1)) {
        api_tokens::seen(&mut conn, token.id, now).await?;
    }
    token.opens(operation.scope)?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_in_english_unless_they_ask_for_french() {
        for (asked, lang) in
            [("", Lang::En), ("de", Lang::En), ("*", Lang::En), ("fr-FR,en;q=0.5", Lang::Fr), ("en,fr;q=0.5", Lang::En)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(asked).unwrap());
            assert_eq!(language(&headers), lang, "{asked}");
        }
    }
}
