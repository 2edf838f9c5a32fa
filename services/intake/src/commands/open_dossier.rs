//! Begins the one dossier of a candidate (R7).

use contracts::intake::DossierOpened;
use jiff::Timestamp;
use platform::{auth::Caller, outbox, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::{App, DEPOSITS, own},
    domain::form::Identity,
    store::dossiers,
    wire,
};

/// A dossier begun, now or by the same request before.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    /// Its number.
    pub number: u64,
    /// When.
    pub opened_at: Timestamp,
    /// By an earlier delivery of the same request.
    pub already_applied: bool,
}

/// Begins a dossier.
///
/// # Errors
/// Not the candidate's own, recruited locally, outside the window, or there is one already.
pub async fn open_dossier(
    app: &App,
    caller: &Caller,
    id: Uuid,
    identity: &Identity,
    request: Option<Uuid>,
    local_public: &str,
) -> Result<Opened, Refusal> {
    own(caller, id)?;
    point_to_school(app, local_public)?;
    if let Some(answer) = existing(app, id, request).await? {
        return answer;
    }
    let at = caller.received_at;
    let mut tx = app.db.begin("open_dossier").await?;
    app.windows.guard(&mut tx, DEPOSITS, at).await?;
    let Some(number) = dossiers::insert(&mut tx, id, identity, request, at).await? else {
        // Another delivery was faster.
        tx.rollback().await?;
        return existing(app, id, request).await?.unwrap_or_else(|| Err(Refusal::internal("a dossier came and went")));
    };
    let fact = DossierOpened { dossier_id: id.to_string(), number, opened_at: wire::instant(at) };
    outbox::append(&mut tx, &fact, 1, at).await?;
    tx.commit().await?;
    Ok(Opened { number, opened_at: at, already_applied: false })
}

async fn existing(app: &App, id: Uuid, request: Option<Uuid>) -> Result<Option<Result<Opened, Refusal>>, Refusal> {
    let mut conn = app.db.read().await?;
    let found = dossiers::existing(&mut conn, id).await?;
    Ok(found.map(|(number, opened_at, first)| {
        if request.is_some() && request == first {
            return Ok(Opened { number, opened_at, already_applied: true });
        }
        Err(Refusal::already_exists(
            "DOSSIER_EXISTS",
            id.to_string(),
            "there is one dossier per candidate, for all schools (R7)",
        )
        .with("dossier_id", id.to_string())
        .with("number", number.to_string()))
    }))
}

/// Publics that a school recruits by itself are pointed there (R7).
fn point_to_school(app: &App, public: &str) -> Result<(), Refusal> {
    if public.is_empty() {
        return Ok(());
    }
    let known = &app.session.local_recruitment;
    match known.iter().find(|l| l.id == public) {
        None => Err(Refusal::invalid("PUBLIC_UNKNOWN")
            .field("local_public", "no such public in this session")
            .allowed(known.iter().map(|l| l.id.clone()))),
        Some(local) => {
            let school = local.school.clone().unwrap_or_default();
            let why = format!("{}: {} ({})", local.public.fr, local.contact, local.source);
            Err(Refusal::precondition("RECRUITED_LOCALLY", local.id.clone(), why)
                .with("contact", local.contact.clone())
                .with("school", school))
        }
    }
}
