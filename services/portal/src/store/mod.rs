//! The portal's own database: accounts, sessions, mail that accounts wait for.

pub mod accounts;
pub mod held;
pub mod mails;
pub mod sessions;
pub mod tries;
