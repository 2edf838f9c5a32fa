//! Takes the session file as the calendar, once.

use contracts::machinery::CalendarChanged;
use jiff::Timestamp;
use notice::Session;
use platform::{
    db::{Db, DbError},
    outbox,
};

use crate::{domain::Calendar, store, wire};

/// Why this process must not start on this database.
#[derive(Debug, thiserror::Error)]
pub enum SeedRefused {
    /// One deployment is one session.
    #[error("the database holds the session `{stored}`, the file describes `{given}`")]
    AnotherSession {
        /// In the database.
        stored: String,
        /// In the file.
        given: String,
    },
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Seeds the calendar if there is none; replicas that start together seed it once. From then on the database is the
/// truth: a file whose instants differ from the stored ones is not an error, since transitions move, but is logged.
///
/// # Errors
/// The database holds another session, or does not answer.
pub async fn seed(db: &Db, session: &Session, at: Timestamp) -> Result<(), SeedRefused> {
    let mut tx = db.begin("seed_calendar").await?;
    if store::insert_session(tx.conn(), &session.id, &session.zone_name).await? {
        let transitions = session.transitions().iter().map(|t| (t.key.clone(), t.at));
        let calendar = Calendar::seeded(session.id.clone(), session.zone.clone(), transitions);
        store::insert_transitions(tx.conn(), &calendar, &session.zone_name).await?;
        let fact: CalendarChanged = wire::calendar_changed(&calendar, &session.zone_name, &[]);
        outbox::append(&mut tx, &fact, calendar.version, at).await?;
        tx.commit().await?;
        tracing::info!(session = session.id, transitions = session.transitions().len(), "calendar seeded");
        return Ok(());
    }
    let (calendar, _) = store::calendar_for_update(&mut tx).await?;
    tx.rollback().await?;
    if calendar.session != session.id {
        return Err(SeedRefused::AnotherSession { stored: calendar.session, given: session.id.clone() });
    }
    for entry in calendar.entries() {
        let printed = session.instant(&entry.key);
        if printed != Some(entry.printed_at) {
            let file = printed.map(|p| p.to_string());
            tracing::warn!(key = entry.key, stored = %entry.printed_at, file, "the session file was changed after the calendar was seeded: the calendar stands");
        }
    }
    Ok(())
}
