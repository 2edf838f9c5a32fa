//! The permission files on a real nats-server: each row of the README's table by each user, and what a subscriber can and
//! cannot do with its credentials.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expected")]

mod house;
mod raw;
mod subscriber;
mod table;
