//! What may be read, and by whom, before and after an instant.

pub mod minutes;
mod results;

pub use results::{Reader, admissibility, result};
