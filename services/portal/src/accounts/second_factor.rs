//! The optional second factor: time-based codes (RFC 6238), each taken once.

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use super::Denied;
use crate::{
    app::App,
    domain::throttle::Door,
    secret,
    store::{
        accounts,
        sessions::{self, Session},
        tries,
    },
    web::Fault,
};

/// Length of a secret of 20 bytes in base32.
const BASE32: usize = 32;

/// A factor that is being set up.
#[derive(Debug, Clone)]
pub struct NewFactor {
    /// Base32, to type by hand.
    pub secret: String,
    /// `otpauth://` address, to scan.
    pub address: String,
}

fn totp(app: &App, base32: &str, account: &str) -> Result<Totp, Fault> {
    let secret = Secret::try_from_base32(base32).map_err(|_| Fault::BadRequest)?;
    let issuer = format!("Admis {}", app.session.id);
    let builder = Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some(issuer));
    builder.build().map_err(Fault::internal)
}

/// A fresh secret for an account, stored nowhere yet.
///
/// # Errors
/// The library refuses to make one.
pub fn begin_factor(app: &App, email: &str) -> Result<NewFactor, Fault> {
    let bytes: [u8; 20] = rand::random();
    let secret = Secret::from(bytes.to_vec()).to_base32();
    // The issuer and the account are parted by a colon in the address.
    let account = email.replace(':', " ");
    let address = totp(app, &secret, &account)?.to_url().map_err(Fault::internal)?;
    Ok(NewFactor { secret, address })
}

/// Sets the factor, once its first code proves that it was taken over.
///
/// # Errors
/// The code is not right, or the secret is none of those that [`begin_factor`] makes.
pub async fn set_factor(app: &App, account: Uuid, base32: &str, code: &str, now: Timestamp) -> Result<(), Denied> {
    if base32.len() != BASE32 {
        return Err(Fault::BadRequest.into());
    }
    let checked = totp(app, base32, "account")?;
    let step = step(&checked, code, now).ok_or(Denied::Wrong)?;
    let sealed = app.keys.seal_factor(&account.to_string(), base32.as_bytes());
    let mut tx = app.db.begin("set_factor").await?;
    accounts::set_second_factor(tx.conn(), account, Some(&sealed)).await?;
    accounts::take_step(tx.conn(), account, step).await?;
    Ok(tx.commit().await?)
}

/// Takes the factor away, with a last code of it.
///
/// # Errors
/// The code is not right, or there were too many tries.
pub async fn end_factor(app: &App, account: Uuid, code: &str, now: Timestamp) -> Result<(), Denied> {
    take_code(app, account, code, now).await?;
    accounts::set_second_factor(&mut *app.db.read().await?, account, None).await?;
    Ok(())
}

/// The second half of signing in: the half session ends, a whole one begins under a new cookie.
///
/// # Errors
/// The code is not right, or there were too many tries.
pub async fn check_code(app: &App, session: &Session, code: &str, now: Timestamp) -> Result<String, Denied> {
    let account: Uuid = session.subject.parse().map_err(|_| Denied::Wrong)?;
    take_code(app, account, code, now).await?;
    let cookie = secret::token();
    let whole = Session { key: secret::digest(&cookie), half: false, created_at: now, seen_at: now, ..session.clone() };
    let mut tx = app.db.begin("second_factor").await?;
    sessions::end(tx.conn(), &session.key, now).await?;
    sessions::insert(tx.conn(), &whole).await?;
    tx.commit().await?;
    Ok(cookie)
}

async fn take_code(app: &App, account: Uuid, code: &str, now: Timestamp) -> Result<(), Denied> {
    let mut conn = app.db.read().await?;
    if !tries::count(&mut conn, Door::Code, &account.to_string(), now).await? {
        return Err(Denied::TooMany(Door::Code));
    }
    let known = accounts::by_id(&mut conn, account).await?.ok_or(Denied::Wrong)?;
    let sealed = known.totp_secret.ok_or(Denied::Wrong)?;
    let opened = app.keys.open_factor(&account.to_string(), &sealed);
    let base32 = opened
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Fault::internal("a second factor that does not open"))?;
    let step = step(&totp(app, &base32, "account")?, code, now).ok_or(Denied::Wrong)?;
    // A code that was seen once is worth nothing to whoever saw it.
    if accounts::take_step(&mut conn, account, step).await? { Ok(()) } else { Err(Denied::Wrong) }
}

/// The time step a code belongs to, if it is right now or was a moment ago.
fn step(totp: &Totp, code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let seconds = u64::try_from(now.as_second()).ok()?;
    i64::try_from(totp.check(&code, seconds)?).ok()
}
