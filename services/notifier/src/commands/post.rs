//! One mail out, and what came of it stored.

use jiff::Timestamp;
use platform::db::DbError;

use crate::{
    app::App,
    domain::backoff,
    letters::{self, Details, texts::Lang},
    store::{self, Claimed, Outcome},
    transport::{Failure, Parcel},
};

/// Whom a mail goes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reader {
    /// Name; may be empty.
    pub name: String,
    /// Address.
    pub address: String,
}

/// Writes the mail, sends it, and stores the outcome. Name, address and content are gone with it. `now` is the instant at
/// which it was judged to be needed still, and dates the mail: the clock may reach a close while it is on its way.
///
/// # Errors
/// The outcome cannot be stored: the claim ends by itself, and the mail is tried again under the same Message-ID.
pub async fn post(
    app: &App,
    mail: &Claimed,
    reader: &Reader,
    languages: &[Lang],
    details: &Details,
    now: Timestamp,
) -> Result<Outcome, DbError> {
    let outcome = match letters::write(mail.kind, languages, details, &app.session, &app.home()) {
        Err(fault) => {
            tracing::error!(mail = %mail.id, kind = mail.kind.word(), %fault, "a mail cannot be written");
            Outcome::GivenUp("template".into())
        }
        Ok(letter) => {
            let parcel = Parcel { id: mail.id, name: &reader.name, address: &reader.address, letter: &letter, at: now };
            match app.transport.send(parcel).await {
                Ok(()) => Outcome::Sent,
                Err(Failure::Refused(why)) => Outcome::Bounced(why),
                Err(Failure::Later(why)) => again(mail, why, now),
            }
        }
    };
    settle(app, mail, &outcome, now).await?;
    Ok(outcome)
}

/// Stores that a try came to nothing, for a reason that may pass.
///
/// # Errors
/// The database does not answer.
pub async fn later(app: &App, mail: &Claimed, why: String) -> Result<(), DbError> {
    let now = app.clock.now();
    settle(app, mail, &again(mail, why, now), now).await
}

fn again(mail: &Claimed, why: String, now: Timestamp) -> Outcome {
    match backoff::next_try(mail.tries, mail.patience_from, now, rand::random()) {
        Some(at) => Outcome::Later(at, why),
        None => Outcome::GivenUp(why),
    }
}

/// Stores what came of a try.
///
/// # Errors
/// The database does not answer.
pub async fn settle(app: &App, mail: &Claimed, outcome: &Outcome, now: Timestamp) -> Result<(), DbError> {
    let (id, kind) = (mail.id, mail.kind.word());
    match outcome {
        Outcome::Sent | Outcome::Moot => tracing::debug!(mail = %id, kind, ?outcome, "mail"),
        _ => tracing::warn!(mail = %id, kind, ?outcome, "mail"),
    }
    let mut tx = app.db.begin("mail_outcome").await?;
    store::store_outcome(&mut tx, mail, outcome, now).await?;
    tx.commit().await
}
