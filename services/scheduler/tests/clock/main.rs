//! The session's clock as processes: several replicas on a real PostgreSQL and a real broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod house;
mod moves;
mod real_clock;
