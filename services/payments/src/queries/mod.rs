//! What the world may ask without changing anything.

mod fee;

pub use fee::{fee, get_fee};
