//! The rules of the integration (§3.5; R27 to R38), pure: no input or output, no clock, no encoding.
//!
//! [`allocation`] finds the proposals over dense indices ([`market`]); [`computation`] is one period's computation over
//! dossiers and schools; [`checker`] confirms it without sharing a line of its reasoning; [`candidature`] is one
//! candidate's way through the periods, [`answers`] what they may say on it; [`projection`] is what an opening would bring; [`titles`] makes an admission definitive;
//! [`explanation`] says why.

pub mod allocation;
pub mod answers;
pub mod candidature;
pub mod checker;
pub mod computation;
pub mod explanation;
pub mod ids;
pub mod market;
pub mod projection;
pub mod titles;

#[cfg(test)]
mod histories;
#[cfg(test)]
mod naive;
