//! What the calendar does here: periods open and close, and the title deadline passes.

use std::sync::Arc;

use jiff::Timestamp;
use notice::keys;
use platform::{
    calendar::{Effects, Window},
    db::Tx,
    inbox::HandleError,
};

use crate::commands::{Regulation, close_period, open_period, settle_titles};

/// Acts on the periods' transitions.
pub struct AtTransitions {
    /// The session.
    pub regulation: Arc<Regulation>,
}

/// One window per period: answers and log-ins are guarded by it.
#[must_use]
pub fn windows(periods: u32) -> Vec<Window> {
    let window = |number| Window {
        name: Regulation::window(number),
        opens: keys::period_opens(number),
        closes: keys::period_closes(number),
    };
    (1..=periods).map(window).collect()
}

#[tonic::async_trait]
impl Effects for AtTransitions {
    fn keys(&self) -> Vec<String> {
        let periods = 1..=self.regulation.periods();
        let of_periods = periods.flat_map(|number| [keys::period_opens(number), keys::period_closes(number)]);
        of_periods.chain([keys::TITLES_DUE.to_owned()]).collect()
    }

    async fn at(&self, tx: &mut Tx, key: &str, due: Timestamp) -> Result<(), HandleError> {
        if let Some(number) = keys::opened_period(key) {
            open_period::due(tx, &self.regulation, number, due).await?;
        } else if let Some(number) = keys::closed_period(key) {
            close_period::due(tx, &self.regulation, number, due).await?;
        } else if key == keys::TITLES_DUE {
            settle_titles::due(tx, &self.regulation, due).await?;
        }
        Ok(())
    }
}
