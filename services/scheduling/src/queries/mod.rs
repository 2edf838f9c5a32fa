//! What this service answers.

mod convocation;
mod schedule;

pub use convocation::{Shown, convocation};
pub use schedule::{Schedule, schedule};
