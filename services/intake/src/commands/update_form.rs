//! Replaces parts of the form of an open dossier.

use contracts::{eligibility as theirs, intake as pb};
use platform::{auth::Caller, refusal::Refusal};
use tonic::{Code, Status};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    domain::{
        dossier::{Change, Dossier, Stated},
        form::{Identity, Studies, Title},
    },
    store::dossiers,
    wire,
};

/// Parts to replace; absent ones stay.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// See [`Dossier`].
    pub identity: Option<Identity>,
    /// See [`Dossier`].
    pub studies: Option<Studies>,
    /// See [`Dossier`].
    pub title: Option<Title>,
    /// See [`Dossier`].
    pub other_route_declared: Option<bool>,
}

/// Replaces them. Says whether the order was cleared.
///
/// # Errors
/// Not the candidate's own, outside the window, not open, or a title that eligibility refuses.
pub async fn update_form(app: &App, caller: &Caller, id: Uuid, patch: Patch) -> Result<(Dossier, bool), Refusal> {
    own(caller, id)?;
    // Asked before the transaction: no call waits inside one.
    let title = match patch.title {
        Some(title) => Some(stated(app, title).await?),
        None => None,
    };
    let mut tx = app.db.begin("update_form").await?;
    app.windows.guard(&mut tx, DEPOSITS, caller.received_at).await?;
    let stored = locked(&mut tx, id).await?;
    let change = Change {
        identity: patch.identity,
        studies: patch.studies,
        title,
        other_route_declared: patch.other_route_declared,
    };
    let (dossier, cleared) = stored.dossier.update(change)?;
    dossiers::save(&mut tx, &dossier, stored.version).await?;
    tx.commit().await?;
    Ok((dossier, cleared))
}

/// The title with its filière and its recevabilité at every school, as eligibility has it.
async fn stated(app: &App, title: Title) -> Result<Stated, Refusal> {
    let pb::Title { diploma, mention, equivalent_to } = wire::title_out(&title);
    let request = theirs::OpenSchoolsRequest { title: Some(theirs::Title { diploma, mention, equivalent_to }) };
    let answer = app.eligibility.clone().open_schools(request).await.map_err(|status| refused(&status))?.into_inner();
    let standings = answer.schools.into_iter().map(wire::standing).collect::<Option<Vec<_>>>();
    match standings {
        Some(standings) if !answer.filiere.is_empty() => Ok(Stated { title, filiere: answer.filiere, standings }),
        _ => Err(Refusal::internal("eligibility answered with what this version cannot read")),
    }
}

/// What eligibility refuses is the candidate's to correct; what it fails at is not.
fn refused(status: &Status) -> Refusal {
    match Refusal::from_status(status) {
        Some(told) if told.code == Code::InvalidArgument => {
            let base = Refusal::invalid("TITLE_REFUSED")
                .message(told.message)
                .with("because", told.reason)
                .allowed(told.allowed);
            told.fields.into_iter().fold(base, |r, (field, why)| r.field(field, why))
        }
        _ => {
            tracing::warn!(code = ?status.code(), "eligibility did not answer");
            Refusal::retry_later("ELIGIBILITY_UNAVAILABLE", "eligibility", "the tables could not be asked; try again")
        }
    }
}
