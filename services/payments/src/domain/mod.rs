//! The rules of the fee (R20–R23): pure, no I/O, no clock. Money is integer cents ([`money::Cents`]); instants and dates are
//! arguments.

pub mod account;
pub mod epc;
pub mod ledger;
pub mod line;
pub mod matching;
pub mod money;
pub mod reference;
pub mod statement;
pub mod suggesting;
pub mod text;

/// Id of a school, as the session file writes it.
pub type SchoolId = String;
