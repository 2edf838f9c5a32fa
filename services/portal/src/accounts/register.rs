//! Opening an account, proving its address, setting another password, closing it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Denied;
use crate::{
    app::App,
    domain::{email::Email, password, throttle::Door},
    i18n::Lang,
    secret,
    store::{
        accounts, mails,
        mails::{Mail, MailKind},
        sessions, tries,
    },
};

/// A mailed link lives so long.
const LINK: SignedDuration = SignedDuration::from_hours(48);

/// Counts a try from a network address, before anything is hashed or looked up for it: nobody keeps the workers to
/// themselves.
async fn count(app: &App, from: &str, now: Timestamp) -> Result<(), Denied> {
    let within = tries::count(&mut *app.db.read().await?, Door::Address, from, now).await?;
    if within { Ok(()) } else { Err(Denied::TooMany(Door::Address)) }
}

/// Asks for an account. `from`: the network address the request came from. Whether the e-mail address has one already is
/// told to its owner alone, by mail.
///
/// # Errors
/// The address is none, the password weak, there were too many tries or too much mail, or everyone is busy.
pub async fn register(
    app: &App,
    email: &str,
    password: &str,
    lang: Lang,
    from: &str,
    now: Timestamp,
) -> Result<(), Denied> {
    count(app, from, now).await?;
    let email = Email::parse(email).map_err(|_| Denied::NotAnEmail)?;
    // Before anything is looked up: it takes its time whatever there is.
    let hash = app.passwords.hash(password, &email.key).await?;
    let mut tx = app.db.begin("register").await?;
    if !tries::count(tx.conn(), Door::Mail, &email.key, now).await? {
        tx.commit().await?;
        return Err(Denied::TooMany(Door::Mail));
    }
    let (account, kind) = match accounts::by_email(tx.conn(), &email).await? {
        Some(known) if known.verified => (known.id, MailKind::Exists),
        Some(pending) => {
            accounts::set_password(tx.conn(), pending.id, &hash).await?;
            // Links of whoever asked before end: the address is proven for this password alone.
            mails::used(tx.conn(), pending.id, MailKind::Verify, now).await?;
            (pending.id, MailKind::Verify)
        }
        None => {
            let id = Uuid::new_v4();
            accounts::insert(tx.conn(), id, &email, Some(&hash), lang, now).await?;
            (id, MailKind::Verify)
        }
    };
    let mail = Mail { id: Uuid::new_v4(), kind, email: email.shown, lang, until: now + LINK };
    mails::ask(tx.conn(), &mail, Some(account), now).await?;
    Ok(tx.commit().await?)
}

/// The link of the mail was followed: the address is theirs.
///
/// # Errors
/// The link is unknown, used or too old.
pub async fn verify(app: &App, token: &str, now: Timestamp) -> Result<(), Denied> {
    let mut tx = app.db.begin("verify_address").await?;
    let link = mails::link(tx.conn(), &secret::digest(token), MailKind::Verify, now).await?;
    let (_, account) = link.ok_or(Denied::Wrong)?;
    accounts::verify(tx.conn(), account, now).await?;
    mails::used(tx.conn(), account, MailKind::Verify, now).await?;
    Ok(tx.commit().await?)
}

/// Asks for a link that sets another password.
///
/// # Errors
/// The address is none, or there were too many tries or too much mail.
pub async fn ask_reset(app: &App, email: &str, lang: Lang, from: &str, now: Timestamp) -> Result<(), Denied> {
    count(app, from, now).await?;
    let email = Email::parse(email).map_err(|_| Denied::NotAnEmail)?;
    let mut tx = app.db.begin("ask_reset").await?;
    if !tries::count(tx.conn(), Door::Mail, &email.key, now).await? {
        tx.commit().await?;
        return Err(Denied::TooMany(Door::Mail));
    }
    if let Some(account) = accounts::by_email(tx.conn(), &email).await? {
        let mail = Mail { id: Uuid::new_v4(), kind: MailKind::Reset, email: account.email, lang, until: now + LINK };
        mails::ask(tx.conn(), &mail, Some(account.id), now).await?;
    }
    Ok(tx.commit().await?)
}

/// Sets another password through a mailed link: the address is proven by it, every session ends, the owner is told.
///
/// # Errors
/// The link is unknown, used or too old; the password is weak; there were too many tries, or everyone is busy.
pub async fn set_password(app: &App, token: &str, password: &str, from: &str, now: Timestamp) -> Result<(), Denied> {
    count(app, from, now).await?;
    let digest = secret::digest(token);
    let account = {
        let mut conn = app.db.read().await?;
        let (_, id) = mails::link(&mut conn, &digest, MailKind::Reset, now).await?.ok_or(Denied::Wrong)?;
        accounts::by_id(&mut conn, id).await?.ok_or(Denied::Wrong)?
    };
    let key = account.email.to_lowercase();
    password::check(password, &key).map_err(Denied::Weak)?;
    let hash = app.passwords.hash(password, &key).await?;
    let mut tx = app.db.begin("set_password").await?;
    // Hashing took its time: the link may have been used meanwhile.
    mails::link(tx.conn(), &digest, MailKind::Reset, now).await?.ok_or(Denied::Wrong)?;
    accounts::set_password(tx.conn(), account.id, &hash).await?;
    accounts::verify(tx.conn(), account.id, now).await?;
    mails::used(tx.conn(), account.id, MailKind::Reset, now).await?;
    sessions::end_all(tx.conn(), &account.id.to_string(), &[], now).await?;
    let told = Mail {
        id: Uuid::new_v4(),
        kind: MailKind::Changed,
        email: account.email,
        lang: account.lang,
        until: now + LINK,
    };
    mails::ask(tx.conn(), &told, Some(account.id), now).await?;
    Ok(tx.commit().await?)
}

/// Whoever asks knows the account's password: asked again before what cannot be taken back.
///
/// # Errors
/// The password is not theirs, there were too many tries, or everyone is busy.
pub async fn prove(app: &App, account: Uuid, password: &str, from: &str, now: Timestamp) -> Result<(), Denied> {
    count(app, from, now).await?;
    let known = {
        let mut conn = app.db.read().await?;
        let known = accounts::by_id(&mut conn, account).await?.ok_or(Denied::Wrong)?;
        // Whoever found a browser open guesses no longer here than at the door.
        let key = Email::parse(&known.email).map_err(|_| Denied::Wrong)?.key;
        if !tries::count(&mut conn, Door::Account, &key, now).await? {
            return Err(Denied::TooMany(Door::Account));
        }
        known
    };
    if app.passwords.verify(password, known.password.as_deref()).await? { Ok(()) } else { Err(Denied::Wrong) }
}

/// Closes an account whose owner has proven to be it: address, password and sessions are forgotten here. What the dossier
/// holds is intake's, and kept as the privacy page says.
///
/// # Errors
/// The database does not answer.
pub async fn close(app: &App, account: Uuid, now: Timestamp) -> Result<(), Denied> {
    let mut tx = app.db.begin("close_account").await?;
    accounts::close(tx.conn(), account, now).await?;
    sessions::end_all(tx.conn(), &account.to_string(), &[], now).await?;
    Ok(tx.commit().await?)
}
