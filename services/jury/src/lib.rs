//! The common jury: see README.md.

pub mod domain;
