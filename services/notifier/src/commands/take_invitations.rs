//! Invitations to referees: taken from intake with a link minted for this try, sent at once, confirmed (R11). The link is
//! in the mail and nowhere else.

use contracts::intake::{ConfirmInvitationSentRequest, Invitation, ReportBounceRequest, TakeInvitationsRequest};
use notice::keys;
use platform::calendar;
use tonic::Code;

use super::{
    RoundError,
    post::{self, Reader},
    waiting::{Turn, turn},
};
use crate::{
    app::App,
    domain::Kind,
    letters::{Details, texts::Lang},
    store::{self, Outcome, Row},
};

/// Invitations taken at once; each is sent before the next.
const AT_ONCE: u32 = 20;

/// Sends the invitations that wait. Gives how many tries failed for now: whoever polls then waits longer, since every
/// taking mints links anew.
///
/// # Errors
/// Intake or the database was away.
pub async fn round(app: &App) -> Result<u32, RoundError> {
    for row in store::unreported_bounces(&mut *app.db.read().await?, Kind::RefereeInvitation, AT_ONCE.into()).await? {
        report(app, &row).await?;
    }
    if !app.knows_the_calendar().await? {
        return Ok(0);
    }
    let take = TakeInvitationsRequest { dossier_id: String::new(), limit: AT_ONCE };
    let taken = app.intake.clone().take_invitations(take).await.map_err(RoundError::peer("intake"))?;
    let mut failed = 0;
    for invitation in taken.into_inner().invitations {
        failed += u32::from(!one(app, &invitation).await?);
    }
    Ok(failed)
}

async fn one(app: &App, invitation: &Invitation) -> Result<bool, RoundError> {
    let dossier = invitation.dossier_id.parse().ok();
    let mail = match turn(app, Kind::RefereeInvitation, &invitation.invitation_id, dossier).await? {
        Turn::Ours(mail) => mail,
        Turn::Sent => return confirm(app, invitation).await.map(|()| true),
        Turn::Failed(row) => return report(app, &row).await.map(|()| true),
        Turn::NotNow => return Ok(false),
    };
    let deadline = calendar::instant_of(&mut *app.db.read().await?, keys::DEPOSITS_CLOSE).await?;
    let details = Details {
        name: Some(invitation.referee_name.clone()),
        candidate: Some(format!("{} {}", invitation.candidate_first_names, invitation.candidate_family_name)),
        deadline,
        link: app.fiche(&invitation.link),
        ..Details::default()
    };
    let reader = Reader { name: invitation.referee_name.clone(), address: invitation.referee_email.clone() };
    match post::post(app, &mail, &reader, &Lang::ALL, &details, app.clock.now()).await? {
        Outcome::Sent => confirm(app, invitation).await.map(|()| true),
        Outcome::Bounced(why) | Outcome::GivenUp(why) => {
            let cause = invitation.invitation_id.clone();
            let state = String::new();
            report(app, &Row { id: mail.id, kind: mail.kind, cause, state, last_error: why }).await.map(|()| true)
        }
        Outcome::Later(..) | Outcome::Moot => Ok(false),
    }
}

async fn confirm(app: &App, invitation: &Invitation) -> Result<(), RoundError> {
    let request = ConfirmInvitationSentRequest { invitation_id: invitation.invitation_id.clone() };
    app.intake.clone().confirm_invitation_sent(request).await.map(|_| ()).map_err(RoundError::peer("intake"))
}

/// Tells intake that an invitation did not reach its reader: the candidate sees it.
///
/// # Errors
/// Intake or the database was away; it is told in a later round.
pub async fn report(app: &App, row: &Row) -> Result<(), RoundError> {
    let reason = if row.last_error.is_empty() { "returned".to_owned() } else { row.last_error.clone() };
    let request = ReportBounceRequest { invitation_id: row.cause.clone(), reason };
    match app.intake.clone().report_bounce(request).await {
        // Gone there: nobody is left to tell.
        Err(status) if status.code() != Code::NotFound => return Err(RoundError::peer("intake")(status)),
        _ => {}
    }
    let mut tx = app.db.begin("bounce_reported").await?;
    store::reported(&mut tx, row.id).await?;
    Ok(tx.commit().await?)
}
