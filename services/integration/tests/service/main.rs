//! The service on a real PostgreSQL: what it computes, opens, closes, tells, refuses and shows, and from which
//! millisecond on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::result_large_err, missing_docs)]

mod corrections;
mod embargo;
mod house;
mod mandates;
mod outages;
mod pages;
mod periods;
mod session;
mod titles;
mod what_if;
