//! Who may pass a route, and whether its form is ours.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest as _, Multipart, Request},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, Method, header};

use super::{
    FILE_AGAIN, Fault, Form, HELD, Typed, Visit,
    enter::{Expired, HeldAnew},
    form::TOKEN,
    visit::set_cookie,
};
use crate::{
    secret,
    store::{held, sessions::Session},
};

/// Largest form without a file: a ranking pasted from a spreadsheet fits well.
const LARGEST_FORM: usize = 1 << 20;
/// Largest form that is held for somebody who has to sign in again.
const LARGEST_HELD: usize = 256 << 10;
const URLENCODED: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data";
/// Where one signs in.
pub const SIGN_IN: &str = "/connexion";

/// Who may look at a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anyone, signed in or not.
    Anyone,
    /// These roles, and nobody else.
    Roles(&'static [&'static str]),
}

/// Stands in front of one route.
pub async fn guard(audience: Audience, request: Request, next: Next) -> Response {
    match pass(audience, request).await {
        Ok(request) => next.run(request).await,
        Err(Stop::Fault(fault)) => fault.into_response(),
        Err(Stop::Answer(answer)) => *answer,
    }
}

enum Stop {
    Fault(Fault),
    Answer(Box<Response>),
}

impl<E: Into<Fault>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

async fn pass(audience: Audience, mut request: Request) -> Result<Request, Stop> {
    let visit = request.extensions().get::<Visit>().cloned().ok_or(Fault::Internal)?;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && foreign(request.headers(), &visit.app.settings.public_url) {
        return Err(Fault::FormToken.into());
    }
    let form = if !reads && is(request.headers(), URLENCODED) { Some(body(&mut request).await?) } else { None };
    if let Audience::Roles(allowed) = audience {
        if visit.grant().is_none() {
            let ended = request.extensions().get::<Expired>().cloned();
            let parts = !reads && is(request.headers(), PARTS) && ended.is_some();
            let form = if parts { lines(request).await } else { form };
            return Err(Stop::Answer(Box::new(sign_in(&visit, ended, form.as_ref()).await?)));
        }
        if !allowed.contains(&visit.role()) {
            return Err(Fault::Forbidden.into());
        }
    }
    if let Some(form) = form {
        if !secret::same(form.raw(TOKEN), &visit.form_token) {
            let known = matches!(audience, Audience::Roles(_));
            return Err(if known { stale(&visit, &form).await } else { Fault::FormToken }.into());
        }
        let _first = visit.typed.set(Typed { form: form.clone(), parts: false, file: false });
        request.extensions_mut().insert(form);
    }
    Ok(request)
}

/// A request from another site. Browsers say where a request comes from; one that says nothing is judged by its token.
fn foreign(headers: &HeaderMap, ours: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    text(header::ORIGIN).is_some_and(|origin| origin != ours)
}

fn is(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(kind.as_bytes()))
}

async fn body(request: &mut Request) -> Result<Form, Fault> {
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let bytes = to_bytes(body, LARGEST_FORM).await.map_err(|_| Fault::TooLarge)?;
    Ok(Form::parse(&bytes))
}

/// The lines of a form with a file, which stand before it: a file is never held.
async fn lines(request: Request) -> Option<Form> {
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut form = Form::default().with(FILE_AGAIN, "oui");
    let mut length = 0;
    while let Ok(Some(mut part)) = parts.next_field().await {
        if part.file_name().is_some() {
            break;
        }
        let name = part.name().unwrap_or_default().to_owned();
        let mut value = Vec::new();
        while let Ok(Some(chunk)) = part.chunk().await {
            length += chunk.len();
            if length > LARGEST_HELD {
                return None;
            }
            value.extend_from_slice(&chunk);
        }
        form = form.with(&name, &String::from_utf8_lossy(&value));
    }
    Some(form)
}

/// To the sign-in page and back. What was typed is held for the person whose session has just ended.
async fn sign_in(visit: &Visit, ended: Option<Expired>, form: Option<&Form>) -> Result<Response, Fault> {
    let next = Form::of([("suite", visit.here())]).encoded();
    let half = visit.session.as_ref().is_some_and(|s| s.half);
    let door = if half { "/connexion/code" } else { SIGN_IN };
    let mut response = Redirect::to(&format!("{door}?{next}")).into_response();
    if let (Some(form), Some(Expired(ended))) = (form, ended)
        && let Some(token) = hold(visit, &ended, form).await?
    {
        holds(&mut response, &token);
    }
    Ok(response)
}

/// A form with a token of ours that is not this session's, though its sender is signed in: they signed in again in another
/// window. It is held, and its page shows it again. Any other is refused.
pub(super) async fn stale(visit: &Visit, form: &Form) -> Fault {
    let Some(session) = visit.session.as_ref().filter(|_| form.raw(TOKEN).len() == visit.form_token.len()) else {
        return Fault::FormToken;
    };
    match hold(visit, session, form).await {
        Ok(Some(token)) => Fault::Stale { to: visit.here(), token },
        Ok(None) => Fault::FormToken,
        Err(fault) => fault,
    }
}

/// Keeps a form for its sender, under a token of its own; nothing when it is too long, or was never one of ours.
async fn hold(visit: &Visit, of: &Session, form: &Form) -> Result<Option<String>, Fault> {
    let text = form.kept().encoded();
    // It came from our own origin and nothing is done with it before its owner has signed in and sent it again.
    if text.len() > LARGEST_HELD || !form.has(TOKEN) {
        return Ok(None);
    }
    let token = secret::token();
    let mut conn = visit.app.db.read().await?;
    held::hold(&mut conn, &secret::digest(&token), &of.subject, &visit.page, &text, visit.now).await?;
    Ok(Some(token))
}

/// The answer to a form that was held just now.
pub(super) fn holds(response: &mut Response, token: &str) {
    response.extensions_mut().insert(HeldAnew);
    set_cookie(response, &format!("{HELD}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"));
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn forms_of_our_own_pages_pass_in_every_browser_and_others_in_none() {
        const OURS: &str = "https://admis.example";
        let judged = |pairs: &[(&'static str, &'static str)]| {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            foreign(&headers, OURS)
        };
        // A browser that says where a request comes from.
        assert!(!judged(&[("sec-fetch-site", "same-origin"), ("origin", OURS)]));
        for site in ["cross-site", "same-site", "nonsense"] {
            assert!(judged(&[("sec-fetch-site", site), ("origin", OURS)]), "{site}");
        }
        // Safari before 16.4: an origin alone. Our pages' policy (`same-origin`) makes it a real one for our own forms.
        assert!(!judged(&[("origin", OURS)]));
        for origin in ["null", "https://evil.example", "http://admis.example", ""] {
            assert!(judged(&[("origin", origin)]), "{origin}");
        }
        // One that says nothing: the token decides.
        assert!(!judged(&[]));
    }
}
