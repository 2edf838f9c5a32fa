//! In front of every page: sheds load, takes the instant of receipt, finds out who is looking, and dresses the answer.
//!
//! The order matters (R3): load is shed before the instant is taken, and everything after it works with that instant.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::CookieJar;
use futures::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use super::{
    Fault, Flash, Form, Visit, log_in, measure,
    visit::{Inner, set_cookie},
};
use crate::{
    app::App,
    domain::session::{self, Kind},
    i18n::{Lang, Tr},
    pages, secret,
    store::{held, sessions},
};

/// Cookie of a session. `__Host-`: this host alone, the whole of it, never in the clear.
pub(crate) const COOKIE: &str = "__Host-admis";
/// Cookie that forms of somebody who is not signed in are bound to.
pub(crate) const GUEST: &str = "__Host-guest";
/// Cookie that finds a held form again.
pub(crate) const HELD: &str = "__Host-held";
/// Cookie of the message that the next page says.
pub(super) const FLASH: &str = "__Host-flash";
/// Cookie of the language that was chosen.
pub(crate) const LANG: &str = "__Host-lang";

/// What stands in front: the portal, and room for so many requests.
#[derive(Clone)]
pub struct Front {
    pub app: App,
    pub room: Arc<Semaphore>,
}

/// The layer; see the module.
pub async fn enter(State(front): State<Front>, request: Request, next: Next) -> Response {
    let Ok(_room) = front.room.clone().try_acquire_owned() else {
        tracing::warn!("shed");
        measure::shed();
        return shed();
    };
    let app = front.app;
    let (now, began) = (app.clock.now(), Instant::now());
    // The route, never the path: a link's token stands in some of them.
    let route = request.extensions().get::<MatchedPath>().map_or("none", |m| m.as_str()).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("page", otel.name = %format!("{method} {route}"), otel.kind = "server", http.route = %route, http.response.status_code = tracing::field::Empty);
    let trace = request.headers().get("traceparent").and_then(|v| v.to_str().ok()).map(str::to_owned);
    platform::telemetry::adopt(&span, trace.as_deref());
    let answered = visited(app, now, request, next).instrument(span.clone());
    let response = AssertUnwindSafe(answered).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(route, "a page panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    span.record("http.response.status_code", response.status().as_u16());
    measure::answered(&method, &route, response.status(), began);
    response
}

/// Too much in hand: said without asking anybody, in both languages.
fn shed() -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, pages::errors::busy()).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    protect(&mut response);
    response
}

async fn visited(app: App, now: Timestamp, mut request: Request, next: Next) -> Response {
    let cookies = CookieJar::from_headers(request.headers());
    let (lang, chosen) = language(&request, &cookies);
    let cookie = |name: &str| cookies.get(name).map(|c| c.value().to_owned()).filter(|v| !v.is_empty());
    let path = request.uri().path().to_owned();
    let page = pages::nearest(request.extensions().get::<MatchedPath>().map_or("", |m| m.as_str()), &path).to_owned();
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).without("langue").encoded();
    let posted = *request.method() == Method::POST;
    let (session, expired) = match find_session(&app, cookie(COOKIE).as_deref(), now).await {
        Ok(found) => found,
        Err(fault) => return fault.into_response(),
    };
    // Forms of a guest are bound to a cookie of their own, made with the first page.
    let (bound, new_guest) = match (&session, cookie(COOKIE), cookie(GUEST)) {
        (Some(_), Some(cookie), _) => (cookie, None),
        (_, _, Some(guest)) => (guest, None),
        _ => {
            let guest = secret::token();
            (guest.clone(), Some(guest))
        }
    };
    let held = match (&session, cookie(HELD)) {
        (Some(session), Some(token)) => held_form(&app, &token, &session.subject, &page).await,
        _ => Form::default(),
    };
    let flash = cookie(FLASH).map(Flash);
    let visit = Visit::new(Inner {
        form_token: app.keys.form_token(&bound),
        t: Tr(lang),
        now,
        session,
        path,
        page,
        query,
        flash: flash.clone(),
        held,
        typed: OnceLock::new(),
        told: OnceLock::new(),
        app,
    });
    request.extensions_mut().insert(visit.clone());
    if let Some(expired) = expired {
        request.extensions_mut().insert(Expired(expired));
    }
    let asset = request.uri().path().starts_with(super::assets::PREFIX);
    let mut response = match if asset { Ok(()) } else { log_in::record(&visit).await } {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    };
    if let Some(fault) = response.extensions().get::<Fault>().cloned() {
        let status = response.status();
        // Such as the methods that an address takes.
        let headers = std::mem::take(response.headers_mut());
        let page = pages::errors::page(&visit, &fault);
        response = (status, page).into_response();
        response
            .headers_mut()
            .extend(headers.into_iter().filter_map(|(n, v)| Some((n.filter(|n| n == header::ALLOW)?, v))));
    }
    let page = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    let fine = matches!(response.status(), StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY);
    if let Some(status) = visit.told.get().filter(|s| page && fine && (posted || s.is_server_error())) {
        *response.status_mut() = *status;
    }
    if let Some(token) = cookie(HELD).filter(|_| posted && taken(&response) && !visit.held.is_empty()) {
        forget(&visit, &token, &mut response).await;
    }
    if page && let Some(guest) = new_guest {
        set_cookie(&mut response, &format!("{GUEST}={guest}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    }
    if page && flash.is_some() {
        set_cookie(&mut response, &format!("{FLASH}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
    }
    if let Some(lang) = chosen {
        set_cookie(
            &mut response,
            &format!("{LANG}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000", lang.tag()),
        );
    }
    if !asset {
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    protect(&mut response);
    response
}

/// A form was taken: on to another page, or saved by itself. One that was held anew was not.
fn taken(response: &Response) -> bool {
    let done = response.status().is_redirection() || response.status() == StatusCode::NO_CONTENT;
    done && response.extensions().get::<HeldAnew>().is_none()
}

/// What was held for this page was sent: the next look at it shows what is stored.
async fn forget(visit: &Visit, token: &str, response: &mut Response) {
    let dropped = async { held::drop(&mut *visit.app.db.read().await?, &secret::digest(token)).await };
    match dropped.await {
        Ok(()) => set_cookie(response, &format!("{HELD}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")),
        Err(error) => tracing::warn!(%error, "a held form that was sent is kept until the next sweep"),
    }
}

/// Marks an answer whose form was held just now.
#[derive(Clone)]
pub(super) struct HeldAnew;

/// A session that has ended since: whose form may be held for them.
#[derive(Clone)]
pub struct Expired(pub sessions::Session);

/// `?langue=en` chooses; then the cookie; then the browser.
fn language(request: &Request<Body>, cookies: &CookieJar) -> (Lang, Option<Lang>) {
    let query = request.uri().query().unwrap_or_default();
    let asked = Form::parse(query.as_bytes());
    let chosen = Lang::of_tag(asked.get("langue"));
    let kept = || cookies.get(LANG).and_then(|c| Lang::of_tag(c.value()));
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    (chosen.or_else(kept).unwrap_or_else(|| Lang::accepted(header)), chosen)
}

type Found = (Option<sessions::Session>, Option<sessions::Session>);

/// The session of a cookie: alive, or ended by its age.
async fn find_session(app: &App, cookie: Option<&str>, now: Timestamp) -> Result<Found, Fault> {
    let Some(cookie) = cookie else { return Ok((None, None)) };
    let mut conn = app.db.read().await?;
    let Some(session) = sessions::find(&mut conn, &secret::digest(cookie)).await? else { return Ok((None, None)) };
    let closes = if session.kind == Kind::Staff { None } else { next_close(&mut conn, app, now).await? };
    let ends = session::ends(session.kind, session.created_at, session.seen_at, closes);
    if session.ended_at.is_some() {
        return Ok((None, None));
    }
    if now >= ends {
        return Ok((None, Some(session)));
    }
    // Once a minute is enough to know how long somebody has been away.
    if now.duration_since(session.seen_at) >= jiff::SignedDuration::from_mins(1) {
        sessions::seen(&mut conn, &session.key, now).await?;
    }
    Ok((Some(session), None))
}

/// The next instant at which something closes on candidates.
async fn next_close(conn: &mut sqlx::PgConnection, app: &App, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let periods = app.session.periods.iter().map(|p| notice::keys::period_closes(p.number));
    let keys: Vec<String> =
        [notice::keys::DEPOSITS_CLOSE, notice::keys::TITLES_DUE].map(String::from).into_iter().chain(periods).collect();
    let instants = platform::calendar::instants(conn, &keys).await?;
    Ok(instants.into_values().filter(|at| *at > now).min())
}

async fn held_form(app: &App, token: &str, subject: &str, path: &str) -> Form {
    let find = async {
        let mut conn = app.db.read().await?;
        held::find(&mut conn, &secret::digest(token), subject, path).await
    };
    match find.await {
        Ok(body) => body.map(|body| Form::parse(body.as_bytes())).unwrap_or_default(),
        Err(error) => {
            tracing::warn!(%error, "a held form cannot be read now");
            Form::default()
        }
    }
}

/// Headers that keep an answer to itself (ASVS 5, V3.4).
pub(crate) fn protect(response: &mut Response) {
    const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";
    let set = [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Never to another site. With `no-referrer` a browser would call the origin of our own forms `null` as well, and
        // one that sends no `Sec-Fetch-Site` could not be told from a stranger.
        (header::REFERRER_POLICY, "same-origin"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
    ];
    for (name, value) in set {
        // A handler that shows a file in a frame of our own pages says so itself.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}
