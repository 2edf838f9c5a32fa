//! The service on a real PostgreSQL: what it keeps, tells, refuses and shows, and from which millisecond on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::result_large_err, missing_docs)]

mod admissibility;
mod admission;
mod audit;
mod house;
mod minutes;
mod routes;
mod seats;
mod serves;
mod shares;
mod sheets;
