//! The data half on a real PostgreSQL and a real broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod audit;
mod calendar;
mod faults;
mod inbox;
mod refusals;
mod relay;
mod stage;
