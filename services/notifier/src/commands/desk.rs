//! What an operator does: tries a mail again, says that one came back.

use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::take_invitations;
use crate::{
    app::App,
    domain::Kind,
    store::{self, Row},
};

/// Longest reason of a bounce, in characters.
pub const REASON: usize = 500;

fn unknown(id: Uuid) -> Refusal {
    Refusal::not_found("MAIL_UNKNOWN", id.to_string(), "there is no mail of that id")
}

/// Starts a mail over that was given up.
///
/// # Errors
/// `MAIL_UNKNOWN`, `NOT_GIVEN_UP`, `ASKED_ELSEWHERE`.
pub async fn retry(app: &App, caller: &Caller, id: Uuid) -> Result<(), Refusal> {
    let mut tx = app.db.begin("retry_mail").await?;
    let row = store::one(&mut tx, id).await?.ok_or_else(|| unknown(id))?;
    if row.state != "given_up" {
        let refused = Refusal::precondition("NOT_GIVEN_UP", "mail", "only a mail that was given up is tried again");
        return Err(refused.with("state", row.state).allowed(["given_up"]));
    }
    if row.kind.taken() {
        let why = "its link is another service's secret: whoever wanted it sent asks for it again there";
        return Err(Refusal::precondition("ASKED_ELSEWHERE", "mail", why).with("kind", row.kind.word()));
    }
    store::retry(&mut tx, id, caller.received_at).await?;
    let details = json!({ "mail": id, "kind": row.kind.word() });
    audit::append(&mut tx, caller.received_at, &caller.subject, "mail_retried", details).await?;
    Ok(tx.commit().await?)
}

/// A mail came back. True when that was known. An invitation's is told on to intake (R11): now, or in a later round.
///
/// # Errors
/// `MAIL_UNKNOWN`, `REASON_INVALID`, `NOT_SENT`.
pub async fn bounce(app: &App, caller: &Caller, id: Uuid, reason: &str) -> Result<bool, Refusal> {
    let length = reason.trim().chars().count();
    if length == 0 || length > REASON {
        let why = format!("1 to {REASON} characters are accepted, {length} were given");
        return Err(Refusal::invalid("REASON_INVALID").field("reason", why));
    }
    let why = without_addresses(reason);
    let mut tx = app.db.begin("report_bounce").await?;
    let row = store::one(&mut tx, id).await?.ok_or_else(|| unknown(id))?;
    match row.state.as_str() {
        "bounced" => return Ok(true),
        "sent" => {}
        state => {
            let refused = Refusal::precondition("NOT_SENT", "mail", "a mail that did not leave cannot have come back");
            return Err(refused.with("state", state).allowed(["sent"]));
        }
    }
    store::bounced(&mut tx, id, &why).await?;
    let details = json!({ "mail": id, "kind": row.kind.word() });
    audit::append(&mut tx, caller.received_at, &caller.subject, "mail_bounced", details).await?;
    tx.commit().await?;
    if row.kind == Kind::RefereeInvitation
        && let Err(error) = take_invitations::report(app, &Row { last_error: why, ..row }).await
    {
        tracing::warn!(mail = %id, %error, "a bounce is told on later");
    }
    Ok(false)
}

/// What a returned mail says, without the words that are addresses and without line breaks.
fn without_addresses(text: &str) -> String {
    let word = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_address_is_kept_of_a_returned_mail() {
        let text = super::without_addresses("550 5.1.1 <jean@exemple.org>: user\r\nunknown\u{0}here");
        assert_eq!(text, "550 5.1.1 … user unknown here");
    }
}
