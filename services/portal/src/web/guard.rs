//! Who may pass a route, and whether its form is ours.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, Method, header};

use super::{Fault, Form, HELD, Visit, enter::Expired, form::TOKEN, visit::set_cookie};
use crate::{
    secret,
    store::{held, sessions::Session},
};

/// Largest form without a file: a ranking pasted from a spreadsheet fits well.
const LARGEST_FORM: usize = 1 << 20;
/// Largest form that is held for somebody who has to sign in again.
const LARGEST_HELD: usize = 256 << 10;
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
    let form = if !reads && urlencoded(request.headers()) { Some(body(&mut request).await?) } else { None };
    if let Audience::Roles(allowed) = audience {
        if visit.grant().is_none() {
            let ended = request.extensions().get::<Expired>().cloned();
            return Err(Stop::Answer(Box::new(sign_in(&visit, ended, form.as_ref()).await?)));
        }
        if !allowed.contains(&visit.role()) {
            return Err(Fault::Forbidden.into());
        }
    }
    if let Some(form) = form {
        if !secret::same(form.raw(TOKEN), &visit.form_token) {
            return Err(Fault::FormToken.into());
        }
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

fn urlencoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}

async fn body(request: &mut Request) -> Result<Form, Fault> {
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let bytes = to_bytes(body, LARGEST_FORM).await.map_err(|_| Fault::TooLarge)?;
    Ok(Form::parse(&bytes))
}

/// To the sign-in page and back. What was typed is held for the person whose session has just ended.
async fn sign_in(visit: &Visit, ended: Option<Expired>, form: Option<&Form>) -> Result<Response, Fault> {
    let next = Form::of([("suite", visit.path.as_str())]).encoded();
    let half = visit.session.as_ref().is_some_and(|s| s.half);
    let door = if half { "/connexion/code" } else { SIGN_IN };
    let mut response = Redirect::to(&format!("{door}?{next}")).into_response();
    if let (Some(form), Some(Expired(ended))) = (form, ended) {
        hold(visit, &ended, form, &mut response).await?;
    }
    Ok(response)
}

async fn hold(visit: &Visit, ended: &Session, form: &Form, response: &mut Response) -> Result<(), Fault> {
    let text = form.encoded();
    // It came from our own origin and nothing is done with it before its owner has signed in and sent it again.
    if text.len() > LARGEST_HELD || !form.has(TOKEN) {
        return Ok(());
    }
    let token = secret::token();
    let mut conn = visit.app.db.read().await?;
    held::hold(&mut conn, &secret::digest(&token), &ended.subject, &visit.path, &text, visit.now).await?;
    set_cookie(response, &format!("{HELD}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"));
    Ok(())
}
