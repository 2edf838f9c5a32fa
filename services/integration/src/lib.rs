//! Proposals, answers, eliminations, definitive admissions (R28 to R38): the procedure of §3.5.

pub mod domain;
pub mod what_if;
