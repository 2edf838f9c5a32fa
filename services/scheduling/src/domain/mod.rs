//! Pure rules of the orals (R24, R25): what can be set up, what may stand, and the plan.

mod candidate;
mod grid;
mod impossible;
mod moving;
mod planner;
mod possible;
mod setup;
mod sitting;
pub mod span;

pub use candidate::{Applied, Candidature, Decision, Freed};
pub use grid::{PanelDay, grid};
pub use impossible::{Impossible, impossible};
pub use moving::{Move, moved};
pub use planner::{Candidate, DayReport, Missing, Plan, plan};
pub use possible::{Possible, possible};
pub use setup::{Absence, Day, Exam, HoursRefused, Panel, PanelRefused, Rules, Setup};
pub use sitting::{Broken, Convocation, Sitting, broken};
pub use span::Span;
