//! Payments on a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod access;
mod desk;
mod fees;
mod find;
mod import;
mod together;
mod world;
