//! Every request that a candidate or their relative makes during a period is a log-in, recorded before anything is shown
//! (R31): whichever page it is, even one that does not exist.

use contracts::{integration::RecordLoginRequest, roles};
use platform::calendar;

use super::{Fault, Visit};

/// Where people sign out.
const LEAVING: &str = "/deconnexion";

/// Records it, if somebody is looking for whom it counts.
///
/// # Errors
/// It cannot be recorded: then nothing may be shown.
pub async fn record(visit: &Visit) -> Result<(), Fault> {
    // Whoever leaves looks at nothing, and can leave whatever does not answer.
    if visit.path == LEAVING || !matches!(visit.role(), roles::CANDIDATE | roles::MANDATE) {
        return Ok(());
    }
    if !in_the_periods(visit).await? {
        return Ok(());
    }
    let dossier = visit.dossier()?;
    match visit.integration().record_login(RecordLoginRequest { dossier_id: dossier.to_string() }).await {
        Ok(_) => Ok(()),
        // No candidature there: nothing to record it for.
        Err(status) if matches!(status.code(), tonic::Code::NotFound | tonic::Code::FailedPrecondition) => Ok(()),
        Err(status) => Err(status.into()),
    }
}

/// From the first opening to the last close. The earlier of what was printed and what stands in the calendar opens it, so
/// that a calendar not heard of yet costs nobody a log-in.
async fn in_the_periods(visit: &Visit) -> Result<bool, Fault> {
    let periods = &visit.app.session.periods;
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Ok(false) };
    if visit.now < first.opens {
        return Ok(false);
    }
    let key = notice::keys::period_closes(last.number);
    let mut conn = visit.app.db.read().await?;
    let closes = calendar::instant_of(&mut conn, &key).await?.unwrap_or(last.closes);
    Ok(visit.now < closes)
}
