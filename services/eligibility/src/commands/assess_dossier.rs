//! A dossier was closed: say what the tables say of it, and keep it (R16).

use jiff::Timestamp;
use notice::Session;
use platform::{
    db::{DbError, Tx},
    outbox,
};
use uuid::Uuid;

use crate::{
    domain::{Title, TitleRefused, assess},
    store, wire,
};

/// A closed dossier, as far as recevabilité goes.
#[derive(Clone, Debug)]
pub struct ClosedDossier {
    /// Whose.
    pub dossier: Uuid,
    /// The title stated.
    pub title: Title,
    /// Ids of the schools applied to.
    pub schools: Vec<String>,
    /// When it was closed.
    pub closed_at: Timestamp,
}

/// Why a closed dossier could not be assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessFailed {
    /// The session file does not know the title. Intake asks before it accepts one: the two read different files.
    #[error("a closed dossier bears a title that this session refuses: {0}")]
    Title(#[from] TitleRefused),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Assesses the dossier and tells it, once; a dossier is closed once (R12).
///
/// # Errors
/// The title is not one of the session's, or the database failed.
pub async fn assess_dossier(tx: &mut Tx, session: &Session, closed: &ClosedDossier) -> Result<(), AssessFailed> {
    let mut assessment = assess(session, &closed.title)?;
    assessment.schools.retain(|s| closed.schools.contains(&s.school));
    if store::insert_assessment(tx, closed, &assessment).await? {
        let fact = wire::recevabilite_assessed(closed.dossier, &assessment);
        outbox::append(tx, &fact, store::FIRST_VERSION, closed.closed_at).await?;
    }
    Ok(())
}
