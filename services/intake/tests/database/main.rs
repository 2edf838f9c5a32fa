//! Intake's own tables and files, asked over gRPC: a real PostgreSQL, a real folder, no broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod abandoned;
mod annulled;
mod dossier;
mod names;
mod queue;
mod referee;
mod school;
mod sweep;
mod tables;
mod uploads;
mod world;
