//! What may be read, by whom it concerns and never before its instant (R19).

pub mod lists;
pub mod periods;
pub mod situation;
pub mod what_if;

use jiff::Timestamp;
use platform::refusal::Refusal;
use sqlx::PgConnection;

use crate::{calendar::Calendar, refusals, store::periods::last_opened};

/// The last period whose proposals are published, as seen at `at`: the stored state and the clock must both say so.
///
/// # Errors
/// Before the first opening; or, for a request stamped before an opening that has been stored since, to try again.
pub async fn published_period(conn: &mut PgConnection, calendar: &Calendar, at: Timestamp) -> Result<u32, Refusal> {
    let first = calendar.opens(1);
    let Some(period) = last_opened(conn).await? else { return Err(refusals::not_yet_published(first)) };
    if first.is_none_or(|first| at < first) {
        return Err(refusals::not_yet_published(first));
    }
    if calendar.opens(period.number).is_none_or(|opens| at < opens) {
        // What was true at its instant is no longer stored, and what is stored was not yet public then.
        return Err(Refusal::retry_later(
            "PERIOD_OPENING",
            format!("period/{}", period.number),
            "a period is opening; try again",
        ));
    }
    Ok(period.number)
}
