//! Sessions: begun with a password or a mandate's code, ended by their owner or by time.

use contracts::{integration::ExchangeMandateRequest, roles};
use jiff::Timestamp;
use tonic::Code;
use uuid::Uuid;

use super::Denied;
use crate::{
    app::App,
    domain::{email::Email, grant::Grant, session::Kind, throttle::Door},
    secret,
    store::{
        accounts,
        sessions::{self, Session},
        tries,
    },
    web::Fault,
};

/// What came of signing in.
#[derive(Debug)]
pub enum SignIn {
    /// They are in: the cookie.
    In(String),
    /// The password was right; the second factor is asked for next: the cookie.
    Half(String),
}

/// A candidate with address and password. `from`: the network address the request came from.
///
/// # Errors
/// Not right, too often, or everyone is busy.
pub async fn candidate(app: &App, email: &str, password: &str, from: &str, now: Timestamp) -> Result<SignIn, Denied> {
    let email = Email::parse(email).map_err(|_| Denied::NotAnEmail)?;
    let account = {
        let mut conn = app.db.read().await?;
        for (door, who) in [(Door::Address, from), (Door::Account, &email.key)] {
            if !tries::count(&mut conn, door, who, now).await? {
                return Err(Denied::TooMany(door));
            }
        }
        accounts::by_email(&mut conn, &email).await?
    };
    // An address not proven yet signs nobody in, in the same time and with the same words.
    let usable = account.filter(|a| a.verified);
    let right = app.passwords.verify(password, usable.as_ref().and_then(|a| a.password.as_deref())).await?;
    let Some(account) = usable.filter(|_| right) else { return Err(Denied::Wrong) };
    let half = account.totp_secret.is_some();
    let grants = vec![Grant::of(roles::CANDIDATE)];
    let cookie = begin(app, Kind::Candidate, account.id.to_string(), String::new(), None, grants, half, now).await?;
    Ok(if half { SignIn::Half(cookie) } else { SignIn::In(cookie) })
}

/// A relative with the code of a mandate (R36).
///
/// # Errors
/// No such code, or it was revoked; too many tries.
pub async fn mandate(app: &App, code: &str, from: &str, now: Timestamp) -> Result<SignIn, Denied> {
    if !tries::count(&mut *app.db.read().await?, Door::Address, from, now).await? {
        return Err(Denied::TooMany(Door::Address));
    }
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let asked = app.backends.integration_as_us().exchange_mandate(ExchangeMandateRequest { code }).await;
    let mandate = match asked {
        Ok(answer) => answer.into_inner(),
        Err(status)
            if matches!(
                status.code(),
                Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition | Code::PermissionDenied
            ) =>
        {
            return Err(Denied::Wrong);
        }
        Err(status) => return Err(Denied::Fault(status.into())),
    };
    let dossier: Uuid = mandate.dossier_id.parse().map_err(Fault::internal)?;
    let grants = vec![Grant::of(roles::MANDATE)];
    let cookie =
        begin(app, Kind::Mandate, mandate.mandate_id, String::new(), Some(dossier), grants, false, now).await?;
    Ok(SignIn::In(cookie))
}

/// A session of somebody of the house, as a provider or the demo names them.
///
/// # Errors
/// The database does not answer.
pub async fn open_session(
    app: &App,
    kind: Kind,
    subject: &str,
    name: &str,
    grants: Vec<Grant>,
    now: Timestamp,
) -> Result<String, Denied> {
    begin(app, kind, subject.to_owned(), name.to_owned(), None, grants, false, now).await
}

#[expect(clippy::too_many_arguments, reason = "every part of a session, from its three callers above")]
async fn begin(
    app: &App,
    kind: Kind,
    subject: String,
    name: String,
    act_for: Option<Uuid>,
    grants: Vec<Grant>,
    half: bool,
    now: Timestamp,
) -> Result<String, Denied> {
    let cookie = secret::token();
    let session = Session {
        key: secret::digest(&cookie),
        kind,
        subject,
        name,
        act_for,
        grants,
        worn: 0,
        half,
        created_at: now,
        seen_at: now,
        ended_at: None,
    };
    sessions::insert(&mut *app.db.read().await?, &session).await?;
    Ok(cookie)
}

/// Ends a session.
///
/// # Errors
/// The database does not answer.
pub async fn sign_out(app: &App, session: &Session, now: Timestamp) -> Result<(), Fault> {
    Ok(sessions::end(&mut *app.db.read().await?, &session.key, now).await?)
}
