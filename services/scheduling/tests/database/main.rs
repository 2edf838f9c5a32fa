//! The service on a real PostgreSQL: plans and moves, and what shows when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod by_hand;
mod embargo;
mod grid;
mod orals;
mod world;
