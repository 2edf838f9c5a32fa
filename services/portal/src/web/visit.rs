//! One request as its handler sees it: who is looking, in which language, received when.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::roles;
use fluent_bundle::FluentArgs;
use http::{HeaderValue, header, request::Parts};
use jiff::{Timestamp, tz::TimeZone};
use maud::Markup;
use platform::{
    auth::Caller,
    refusal::{Decoded, Refusal},
};
use tonic::Status;
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
    /// What the last action left to say.
    pub flash: Option<Flash>,
    /// What a form of this page held when its session had ended; shown again.
    pub held: Form,
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

    /// What a service refused, in this person's words: an alert for the top of the form. Faults that no form can mend
    /// come back as such.
    ///
    /// # Errors
    /// The service did not answer, or the fault is ours.
    pub fn refused(&self, status: &Status) -> Result<Markup, Fault> {
        match Refusal::from_status(status) {
            Some(refusal) if !matches!(refusal.code, tonic::Code::Internal | tonic::Code::Unavailable) => Ok(
                ui::alert(ui::Tone::Bad, &self.t.get("refused-title"), maud::html! { p { (self.refusal(&refusal)) } }),
            ),
            _ => Err(status.clone().into()),
        }
    }

    /// The sentence of a refusal, in this person's words.
    #[must_use]
    pub fn refusal(&self, refusal: &Decoded) -> String {
        sentence(self.t, &self.app.session.zone, refusal)
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

/// The sentence of a refusal: `refusal-SERVICE-REASON`, else `refusal-REASON`, with the refusal's metadata as placeholders;
/// its reason where no sentence was written for it. Instants are told in `zone`.
#[must_use]
pub(crate) fn sentence(t: Tr, zone: &TimeZone, refusal: &Decoded) -> String {
    let mut args = FluentArgs::new();
    for (key, value) in &refusal.metadata {
        let value = match value.parse::<Timestamp>() {
            Ok(at) => t.instant(at, zone),
            Err(_) => value.clone(),
        };
        args.set(key.clone(), value);
    }
    let violations: Vec<&str> =
        refusal.fields.iter().chain(&refusal.preconditions).map(|(_, why)| why.as_str()).collect();
    args.set("details", violations.join(" ; "));
    // Two services may mean different things by one word.
    t.find(&format!("refusal-{}-{}", refusal.domain, refusal.reason), &args)
        .or_else(|| t.find(&format!("refusal-{}", refusal.reason), &args))
        .unwrap_or_else(|| t.with("refusal-unknown", [("reason", refusal.reason.clone().into())]))
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
