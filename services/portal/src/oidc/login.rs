//! One sign-in: to the provider, and back.

use jiff::Timestamp;
use openidconnect::{AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, Scope, core::CoreResponseType};

use super::{Failed, PATIENCE, Provider, claims};
use crate::{
    accounts::{self, Denied},
    app::App,
    domain::{session::Kind, throttle::Door},
    secret,
    store::{
        logins::{self, Login},
        tries,
    },
    web::{Fault, Form},
};

/// Where a browser goes to sign in, and the cookie that it comes back with.
pub struct Begun {
    /// The provider's address.
    pub url: String,
    /// Value of [`super::COOKIE`].
    pub cookie: String,
}

/// Begins a sign-in. `from`: the network address the request came from; `next`: where they want to go.
///
/// # Errors
/// The provider does not answer, or this address tried too often.
pub async fn begin(app: &App, provider: &Provider, from: &str, next: &str, now: Timestamp) -> Result<Begun, Failed> {
    if !tries::count(&mut *app.db.read().await?, Door::Address, from, now).await? {
        return Err(Failed::TooMany);
    }
    let client = provider.client(&*provider.metadata(now).await?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scopes(provider.settings.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge);
    let (url, state, nonce) = request.url();
    let cookie = secret::token();
    let nonce = nonce.secret().clone();
    let login = Login { nonce, verifier: verifier.into_secret(), next: next.to_owned() };
    let (state, browser) = (secret::digest(state.secret()), secret::digest(&cookie));
    logins::begin(&mut *app.db.read().await?, &state, &browser, &login, now).await?;
    Ok(Begun { url: url.to_string(), cookie })
}

/// Somebody is in.
pub struct Entered {
    /// The session's cookie.
    pub session: String,
    /// Where they wanted to go.
    pub next: String,
}

/// Takes the provider's answer: the parameters of the address it sent the browser back to, and the browser's cookie.
/// Whatever comes of it, the same answer is good for nothing afterwards.
///
/// # Errors
/// See [`Failed`].
pub async fn finish(
    app: &App,
    provider: &Provider,
    answer: &Form,
    cookie: &str,
    now: Timestamp,
) -> Result<Entered, Failed> {
    let (state, cookie) = (secret::digest(answer.raw("state")), secret::digest(cookie));
    let login = logins::take(&mut *app.db.read().await?, &state, &cookie, now - PATIENCE).await?;
    let login = login.ok_or(Failed::Stale)?;
    // RFC 9207: an answer that another provider gave is not to be taken to this one.
    if answer.has("iss") && answer.raw("iss") != provider.settings.issuer {
        return Err(Failed::Untrusted);
    }
    if !answer.has("code") {
        return Err(Failed::Declined);
    }
    let person = provider.person(answer.raw("code"), &login, now).await?;
    let grants = claims::grants(&provider.settings, &person.claims).map_err(Failed::Lacks)?;
    let name = claims::name(&provider.settings, &person.claims);
    match accounts::open_session(app, Kind::Staff, &person.subject, name, grants, now).await {
        Ok(session) => Ok(Entered { session, next: login.next }),
        Err(Denied::Fault(fault)) => Err(fault.into()),
        Err(denied) => Err(Fault::internal(format!("{denied:?}")).into()),
    }
}
