//! The registration fee: what is owed and to whom, what has arrived, what became of it (R20–R23).

pub mod domain;
