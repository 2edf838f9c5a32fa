//! What this service answers.

mod convocation;
mod possible;
mod schedule;

pub use convocation::{Shown, convocation};
pub use possible::{Places, possible_slots};
pub use schedule::{Reader, Schedule, schedule};
