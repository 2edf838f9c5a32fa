//! Accounts of candidates: opened with a proven address, entered with a password and perhaps a second factor.
//!
//! Nothing here tells whether an address has an account: not a text, not a status, and not the time an answer takes,
//! since every door hashes a password whether it is needed or not (ASVS 5, V6.3).

pub mod passwords;
mod register;
mod second_factor;
mod sign_in;
mod sign_in_staff;

pub use register::{ask_reset, close, prove, register, set_password, verify};
pub use second_factor::{NewFactor, begin_factor, check_code, end_factor, set_factor};
pub use sign_in::{SignIn, candidate, mandate, open_session, sign_out};
pub use sign_in_staff::demo_staff;

use crate::{
    domain::{password::Weak, throttle::Door},
    web::Fault,
};

/// Why somebody may not pass a door.
#[derive(Debug)]
pub enum Denied {
    /// Address, password, code or link are not right: which, nobody is told.
    Wrong,
    /// The address is none.
    NotAnEmail,
    /// The password is not taken.
    Weak(Weak),
    /// Too many tries at this door; see [`Door::limit`].
    TooMany(Door),
    /// Every worker is busy with passwords and the line is long: try again in a moment.
    Busy,
    /// Something does not answer, or is broken.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Denied {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}
