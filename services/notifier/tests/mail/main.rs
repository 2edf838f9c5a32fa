//! Notifier on a real PostgreSQL, a real broker and a real mail server (aiosmtpd); the services it calls are stood in for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod desk;
mod facts;
mod reminders;
mod served;
mod smtp;
mod stand;
mod taken;
mod world;
