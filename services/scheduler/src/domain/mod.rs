//! The rules of the calendar, pure: what fires when, and what may move where (R2–R5).

mod acknowledge;
mod calendar;
mod moves;
#[cfg(test)]
mod properties;

pub use acknowledge::{Moved, missing, overdue};
pub use calendar::{Calendar, Entry, Fired, State};
pub use moves::{ConfirmRefused, Links, Move, MoveRefused, MoveState, Shift};
