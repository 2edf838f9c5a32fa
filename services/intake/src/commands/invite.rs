//! Names the person in charge of studies, replaces them, or has the invitation sent again (R11).

use jiff::Timestamp;
use platform::{auth::Caller, db::Tx, refusal::Refusal};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    domain::referee::Referee,
    store::referees::{self, Invitation},
};

/// Names `referee`: a new invitation, and the end of the link before it.
///
/// # Errors
/// Not the candidate's own, outside the window, not open, the fiche has arrived, or too many invitations.
pub async fn name_referee(
    app: &App,
    caller: &Caller,
    id: Uuid,
    (name, email, capacity): (&str, &str, &str),
) -> Result<Invitation, Refusal> {
    own(caller, id)?;
    if app.catalogue.fiche().is_none() {
        return Err(Refusal::precondition(
            "NO_FICHE_ASKED",
            "session",
            "this session asks for no fiche through a link",
        ));
    }
    let mut tx = app.db.begin("name_referee").await?;
    app.windows.guard(&mut tx, DEPOSITS, caller.received_at).await?;
    let stored = locked(&mut tx, id).await?;
    stored.dossier.editable()?;
    let referee = Referee::check(name, email, capacity, &stored.dossier.identity.email)?;
    let last = referees::last(tx.conn(), id).await?;
    let invitation = invite(&mut tx, id, referee, last, caller.received_at).await?;
    tx.commit().await?;
    Ok(invitation)
}

/// Invites the same person again, with a new link.
///
/// # Errors
/// As [`name_referee`], and when nobody is named yet.
pub async fn resend_invitation(app: &App, caller: &Caller, id: Uuid) -> Result<Invitation, Refusal> {
    own(caller, id)?;
    let mut tx = app.db.begin("resend_invitation").await?;
    app.windows.guard(&mut tx, DEPOSITS, caller.received_at).await?;
    let stored = locked(&mut tx, id).await?;
    stored.dossier.editable()?;
    let last = referees::last(tx.conn(), id).await?.ok_or_else(|| {
        Refusal::precondition("REFEREE_MISSING", "referee", "nobody is named yet; name the person first")
    })?;
    let invitation = invite(&mut tx, id, last.referee.clone(), Some(last), caller.received_at).await?;
    tx.commit().await?;
    Ok(invitation)
}

async fn invite(
    tx: &mut Tx,
    dossier: Uuid,
    referee: Referee,
    last: Option<Invitation>,
    at: Timestamp,
) -> Result<Invitation, Refusal> {
    let mut number = 1;
    if let Some(last) = last {
        // Its row is locked after the dossier's: a mail's news may come in at the same time.
        let locked = referees::lock(tx, last.id).await?.unwrap_or(last);
        number = locked.number.saturating_add(1);
        referees::set_state(tx, locked.id, &locked.state.replaced(at, locked.number)?).await?;
    }
    let invitation = Invitation {
        id: Uuid::new_v4(),
        dossier,
        number,
        referee,
        state: crate::domain::referee::InvitationState::Pending,
        invited_at: at,
    };
    referees::insert(tx, &invitation).await?;
    Ok(invitation)
}
