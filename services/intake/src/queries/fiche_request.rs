//! What the person in charge of studies is shown behind the link (R11).

use contracts::intake as pb;
use platform::refusal::Refusal;

use crate::{app::App, commands, refusals::unknown_dossier, store::dossiers, wire};

/// Who asks, for what, until when.
///
/// # Errors
/// A link that is unknown, used or revoked: which, it says.
pub async fn fiche_request(app: &App, link: &str) -> Result<pb::FicheRequest, Refusal> {
    let invitation = commands::behind(app, link).await?;
    invitation.state.open()?;
    let due = commands::due(app).await?;
    let mut conn = app.db.read().await?;
    let d = dossiers::read(&mut conn, invitation.dossier)
        .await?
        .ok_or_else(|| unknown_dossier(invitation.dossier))?
        .dossier;
    Ok(pb::FicheRequest {
        candidate_family_name: d.identity.family_name,
        candidate_first_names: d.identity.first_names,
        referee_name: invitation.referee.name,
        due: due.and_then(wire::instant),
        title: d.title.map(|t| wire::title_out(&t.title)),
    })
}
