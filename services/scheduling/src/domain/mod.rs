//! Pure rules of the orals (R24, R25): what can be set up, what may stand, and the plan.

mod candidate;
mod moving;
mod planner;
mod setup;
mod sitting;
pub mod span;

pub use candidate::{Applied, Candidature, Decision, Freed};
pub use moving::{Move, moved};
pub use planner::{Candidate, DayReport, Plan, plan};
pub use setup::{Absence, Day, Exam, HoursRefused, Panel, PanelRefused, Rules, Setup};
pub use sitting::{Broken, Convocation, Sitting, broken};
pub use span::Span;
