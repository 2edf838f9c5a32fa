//! Which mail a fact asks for, when a reminder is due, when a mail is no longer needed: pure.

pub mod backoff;
pub mod hear;
pub mod kind;
pub mod needed;
pub mod reminders;

pub use kind::Kind;
