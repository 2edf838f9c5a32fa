//! The portal's own database: accounts, sessions, mail that accounts wait for, tokens of other systems.

pub mod accounts;
pub mod api_requests;
pub mod api_tokens;
pub mod held;
pub mod held_files;
pub mod logins;
pub mod mails;
pub mod scans;
pub mod sessions;
pub mod tries;
