//! The dossier, from its first page to its clôture and its late pieces (R7–R15).

pub mod domain;
pub mod store;
