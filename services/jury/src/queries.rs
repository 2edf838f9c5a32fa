//! What may be read, and by whom, before and after an instant.

mod results;

pub use results::{Reader, admissibility, result};
