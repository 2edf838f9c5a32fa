//! One request as its handler sees it: who is looking, in which language, received when.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::roles;
use http::{HeaderValue, StatusCode, header, request::Parts};
use jiff::Timestamp;
use maud::Markup;
use platform::{
    auth::Caller,
    refusal::{Decoded, Refusal},
};
use tonic::{Code, Status};
use uuid::Uuid;

use super::{Fault, Form};
use crate::{
    app::App,
    backends::Bearer,
    i18n::Tr,
    store::sessions::{self, Session},
    ui,
};

/// Who is looking at what. Cheap to clone.
#[derive(Clone)]
pub struct Visit(Arc<Inner>);

/// What stands in a [`Visit`].
pub struct Inner {
    /// The portal.
    pub app: App,
    /// Texts of their language.
    pub t: Tr,
    /// When the request was received (R3), UTC.
    pub now: Timestamp,
    /// Their session, if they are signed in.
    pub session: Option<Session>,
    /// Token of every form on this page.
    pub form_token: String,
    /// Path of this page, without query.
    pub path: String,
    /// Path of the nearest page that can be looked at: this one, or the one whose form is sent here.
    pub page: String,
    /// Query of this page, without the choice of a language.
    pub query: String,
    /// What the last action left to say.
    pub flash: Option<Flash>,
    /// What a form of this page held when its session had ended; shown again.
    pub held: Form,
    /// What was posted here.
    pub typed: OnceLock<Typed>,
    /// Status of a page that says that something was not done.
    pub(super) told: OnceLock<StatusCode>,
}

/// What was posted.
#[derive(Debug, Clone)]
pub struct Typed {
    /// Its fields.
    pub form: Form,
    /// It came in parts, as a form with a file does.
    pub parts: bool,
    /// A file came with it.
    pub file: bool,
}

/// A message for the next page, by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash(pub String);

impl std::ops::Deref for Visit {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Visit {
    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Their role; anonymous if nobody is signed in.
    #[must_use]
    pub fn role(&self) -> &str {
        self.grant().map_or(platform::auth::ANONYMOUS, |g| g.role.as_str())
    }

    /// The school of their role; empty for roles of the whole session.
    #[must_use]
    pub fn school(&self) -> &str {
        self.grant().and_then(|g| g.school.as_deref()).unwrap_or_default()
    }

    /// What they wear now; nothing while the second factor is still asked for.
    #[must_use]
    pub fn grant(&self) -> Option<&crate::domain::grant::Grant> {
        self.session.as_ref().filter(|s| !s.half).and_then(Session::grant)
    }

    /// The candidature this person looks after: their own, or the one of their mandate (R36). It bears the
    /// candidate's id.
    ///
    /// # Errors
    /// [`Fault::Forbidden`] for anyone else; the route's audience comes first.
    pub fn dossier(&self) -> Result<Uuid, Fault> {
        let session = self.session.as_ref().ok_or(Fault::Forbidden)?;
        match session.act_for {
            Some(other) => Ok(other),
            None if self.role() == roles::CANDIDATE => session.subject.parse().map_err(|_| Fault::Forbidden),
            None => Err(Fault::Forbidden),
        }
    }

    /// As the services know them.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        let (session, grant) = (self.session.as_ref()?, self.grant()?);
        Some(Caller {
            subject: session.subject.clone(),
            act_for: session.act_for.map(|id| id.to_string()),
            role: grant.role.clone(),
            unit: grant.school.clone(),
            received_at: self.now,
        })
    }

    /// The token under which a service is asked for this person.
    #[must_use]
    pub fn bearer(&self) -> Bearer {
        self.app.backends.bearer(self.caller().as_ref(), self.now)
    }

    /// An instant in words, in the session's zone.
    #[must_use]
    pub fn instant(&self, at: impl Into<Option<contracts::Timestamp>>) -> String {
        let at = at.into().and_then(|at| Timestamp::try_from(at).ok());
        at.map(|at| self.t.instant(at, &self.app.session.zone)).unwrap_or_default()
    }

    /// The same as a cell of a list: a file holds the instant.
    #[must_use]
    pub fn time(&self, at: impl Into<Option<contracts::Timestamp>>) -> Markup {
        let at = at.into().and_then(|at| Timestamp::try_from(at).ok());
        maud::html! { @if let Some(at) = at { time datetime=(at) { (self.t.instant(at, &self.app.session.zone)) } } }
    }

    /// Money as a cell of a list: a file holds the amount.
    #[must_use]
    pub fn amount(&self, cents: i64) -> Markup {
        maud::html! { data value=(cents) { (self.money(cents)) } }
    }

    /// The same to the millisecond.
    #[must_use]
    pub fn exact(&self, at: impl Into<Option<contracts::Timestamp>>) -> String {
        let at = at.into().and_then(|at| Timestamp::try_from(at).ok());
        at.map(|at| self.t.exact(at, &self.app.session.zone)).unwrap_or_default()
    }

    /// Money of the session's currency.
    #[must_use]
    pub fn money(&self, cents: i64) -> String {
        self.t.money(cents, &self.app.session.currency)
    }

    /// Printed name of a school; its id if the session has no such school.
    #[must_use]
    pub fn school_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.app.session.school(id).map_or(id, |s| s.name.as_str())
    }

    /// Label of a filière; its id if the session has no such filière.
    #[must_use]
    pub fn filiere_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.app.session.filiere(id).map_or(id, |f| self.t.label(&f.label))
    }

    /// Label of a piece; its id if the session has no such piece.
    #[must_use]
    pub fn piece_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.app.session.piece(id).map_or(id, |p| self.t.label(&p.label))
    }

    /// Address of the nearest page that can be looked at, with its query.
    #[must_use]
    pub fn here(&self) -> String {
        if self.query.is_empty() { self.page.clone() } else { format!("{}?{}", self.page, self.query) }
    }

    /// What a service refused, or that it does not answer, in this person's words: an alert for the top of the form, whose
    /// page is then a 422 or a 503.
    ///
    /// # Errors
    /// The fault is ours: no form can mend it.
    pub fn refused(&self, status: &Status) -> Result<Markup, Fault> {
        let refusal = Refusal::from_status(status);
        let told = status_of(refusal.as_ref()).ok_or_else(|| Fault::from(status.clone()))?;
        self.tell(told);
        let (title, text) = match refusal.filter(|_| !told.is_server_error()) {
            Some(refusal) => ("refused-title", self.refusal(&refusal)),
            None => {
                tracing::warn!(code = ?status.code(), "a service did not answer");
                ("fault-unavailable", self.t.get("unavailable-in-form"))
            }
        };
        Ok(ui::alert(ui::Tone::Bad, &self.t.get(title), maud::html! { p { (text) } }))
    }

    /// What does not fit in a form that was sent, by the key of its sentence: an alert for its top.
    #[must_use]
    pub fn unfit(&self, key: &str) -> Markup {
        self.tell(StatusCode::UNPROCESSABLE_ENTITY);
        ui::alert(ui::Tone::Bad, &self.t.get("refused-title"), maud::html! { p { (self.t.get(key)) } })
    }

    /// The first thing that was not done gives the page its status.
    pub(crate) fn tell(&self, status: StatusCode) {
        let _already = self.told.set(status);
    }

    /// Sends the browser to another page (303), which then says the message `key`.
    #[must_use]
    pub fn done(&self, to: &str, key: &str) -> Response {
        let mut response = Redirect::to(to).into_response();
        set_cookie(
            &mut response,
            &format!("{}={key}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60", super::enter::FLASH),
        );
        response
    }

    /// Keeps something for this session, such as a search: it never stands in an address.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn remember(&self, key: &str, form: &Form) -> Result<(), Fault> {
        let Some(session) = &self.session else { return Ok(()) };
        let value = serde_json::Value::String(form.encoded());
        sessions::remember(&mut *self.app.db.read().await?, &session.key, key, &value).await?;
        Ok(())
    }

    /// What was kept, or an empty form.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn recall(&self, key: &str) -> Result<Form, Fault> {
        let Some(session) = &self.session else { return Ok(Form::default()) };
        let value = sessions::recall(&mut *self.app.db.read().await?, &session.key, key).await?;
        Ok(value.and_then(|v| v.as_str().map(|text| Form::parse(text.as_bytes()))).unwrap_or_default())
    }
}

/// Status of the page whose form a service did not take: it refused, or does not answer. Nothing where the fault is ours.
fn status_of(refusal: Option<&Decoded>) -> Option<StatusCode> {
    match refusal.map_or(Code::Unavailable, |refusal| refusal.code) {
        Code::Internal => None,
        Code::Unavailable => Some(StatusCode::SERVICE_UNAVAILABLE),
        _ => Some(StatusCode::UNPROCESSABLE_ENTITY),
    }
}

/// Adds a `Set-Cookie` to a response.
pub(crate) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or_else(|| Fault::internal("a request reached a handler without passing `enter`"))
    }
}

#[cfg(test)]
mod tests {
    use platform::refusal::Refusal;

    use super::*;

    #[test]
    fn a_form_that_was_not_taken_says_whether_it_was_refused_or_not_heard() {
        let of = |refusal: Refusal| status_of(Refusal::from_status(&Status::from(refusal)).as_ref());
        assert_eq!(of(Refusal::invalid("X").field("a", "b")), Some(StatusCode::UNPROCESSABLE_ENTITY));
        assert_eq!(of(Refusal::precondition("X", "a", "b")), Some(StatusCode::UNPROCESSABLE_ENTITY));
        assert_eq!(of(Refusal::retry_later("X", "a", "b")), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status_of(None), Some(StatusCode::SERVICE_UNAVAILABLE), "no service answered at all");
        assert_eq!(of(Refusal::internal("a fault of this test")), None);
    }
}
