//! What this service answers.

mod recevabilite;

pub use recevabilite::{Recevabilites, recevabilites};
