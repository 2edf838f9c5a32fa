//! What the notifier does: takes invitations to send, says that they left, says that they came back (R11).

use contracts::{intake as pb, roles};
use jiff::Timestamp;
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{referee::fingerprint, text::Faults},
    store::referees,
};

/// The one service that sees a link before its reader does.
const NOTIFIER: &str = "notifier";

/// Most invitations taken at once.
const MOST: u32 = 100;

/// Refuses every caller but the notifier.
///
/// # Errors
/// `UNAUTHENTICATED` or `PERMISSION_DENIED`.
pub(crate) fn only_the_notifier(caller: &Caller) -> Result<(), Refusal> {
    caller.require(&[roles::SERVICE])?;
    if caller.subject == NOTIFIER {
        return Ok(());
    }
    Err(Refusal::denied("SERVICE_NOT_ALLOWED", "caller", "this is for the notifier alone").allowed([NOTIFIER]))
}

/// Takes invitations that wait to be sent, each with a link minted now. Its 256 random bits leave with the answer and are
/// kept nowhere; what is kept is their SHA-256.
///
/// # Errors
/// Not the notifier, or the database does not answer.
pub async fn take_invitations(
    app: &App,
    caller: &Caller,
    dossier: Option<Uuid>,
    limit: u32,
) -> Result<Vec<pb::Invitation>, Refusal> {
    only_the_notifier(caller)?;
    let limit = if limit == 0 { 20 } else { limit.min(MOST) };
    let mut tx = app.db.begin("take_invitations").await?;
    let waiting = referees::to_send(&mut tx, dossier, i64::from(limit)).await?;
    let mut links = Vec::with_capacity(waiting.len());
    let mut answer = Vec::with_capacity(waiting.len());
    for i in waiting {
        let link = hex::encode(rand::random::<[u8; 32]>());
        links.push((i.id, fingerprint(&link)));
        answer.push(pb::Invitation {
            invitation_id: i.id.to_string(),
            dossier_id: i.dossier.to_string(),
            referee_name: i.name,
            referee_email: i.email,
            candidate_family_name: i.family_name,
            candidate_first_names: i.first_names,
            link,
        });
    }
    if !links.is_empty() {
        referees::add_links(&mut tx, &links, caller.received_at).await?;
        tx.commit().await?;
    }
    Ok(answer)
}

/// The mail left. True when that was known.
///
/// # Errors
/// Not the notifier, or no such invitation.
pub async fn confirm_sent(app: &App, caller: &Caller, id: Uuid) -> Result<bool, Refusal> {
    only_the_notifier(caller)?;
    heard(app, id, "confirm_invitation_sent", News::Sent).await
}

/// The mail came back. True when that was known, or no longer matters.
///
/// # Errors
/// Not the notifier, no such invitation, or an unsound reason.
pub async fn report_bounce(app: &App, caller: &Caller, id: Uuid, reason: &str) -> Result<bool, Refusal> {
    only_the_notifier(caller)?;
    // What mail servers say is foreign text: what could steer a terminal is left out rather than refused.
    let told: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
    let mut faults = Faults::default();
    let told = faults.line("reason", &told, 1, 500);
    let told = faults.or(told)?;
    heard(app, id, "report_bounce", News::Bounced(told)).await
}

enum News {
    Sent,
    Bounced(String),
}

async fn heard(app: &App, id: Uuid, name: &'static str, news: News) -> Result<bool, Refusal> {
    let mut tx = app.db.begin(name).await?;
    let Some(invitation) = referees::lock(&mut tx, id).await? else {
        return Err(Refusal::not_found("INVITATION_UNKNOWN", id.to_string(), "no such invitation was ever made"));
    };
    let state = match news {
        News::Sent => invitation.state.clone().sent(),
        News::Bounced(why) => invitation.state.clone().bounced(why),
    };
    if state == invitation.state {
        return Ok(true);
    }
    referees::set_state(&mut tx, id, &state).await?;
    tx.commit().await?;
    Ok(false)
}

/// The invitation behind a link, and whether it is open.
///
/// # Errors
/// `LINK_UNKNOWN`.
pub(crate) async fn behind(app: &App, link: &str) -> Result<referees::Invitation, Refusal> {
    // Anything longer was never a link of ours; it need not be hashed.
    if link.len() != 64 {
        return Err(crate::refusals::unknown_link());
    }
    let mut conn = app.db.read().await?;
    referees::by_link(&mut conn, &fingerprint(link)).await?.ok_or_else(crate::refusals::unknown_link)
}

/// When deposits close, as far as is known.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn due(app: &App) -> Result<Option<Timestamp>, Refusal> {
    let mut conn = app.db.read().await?;
    Ok(platform::calendar::instant_of(&mut conn, notice::keys::DEPOSITS_CLOSE).await?)
}
