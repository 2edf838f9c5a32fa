//! The portal's own database: accounts, sessions, mail that accounts wait for.

pub mod accounts;
pub mod held;
pub mod held_files;
pub mod logins;
pub mod mails;
pub mod scans;
pub mod sessions;
pub mod tries;
