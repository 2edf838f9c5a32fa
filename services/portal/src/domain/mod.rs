//! What an account, a password and a session are, and where a candidate stands. Pure: instants are arguments.

pub mod email;
pub mod grant;
pub mod password;
pub mod session;
pub mod throttle;
pub mod typed;
