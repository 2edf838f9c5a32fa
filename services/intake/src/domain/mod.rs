//! The rules of the dossier, pure: states, transitions, refusals, their tests (R7–R14).
//!
//! Instants are arguments; ids are given; nothing here reads, writes or waits. Windows (R2) are guarded before a
//! transition is tried: what this module knows of time is what belongs to one dossier, such as a correction's end.

pub mod catalogue;
pub mod completeness;
pub mod dossier;
pub mod file;
pub mod form;
pub mod names;
pub mod receipt;
pub mod referee;
pub mod text;
pub mod upload;
pub mod verification;

#[cfg(test)]
mod properties;
