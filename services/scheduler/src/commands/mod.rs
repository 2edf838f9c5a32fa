//! What the world may ask of the calendar, and what the clock asks of it.

mod confirm_move;
mod fire;
mod prepare_move;
mod seed;

pub use confirm_move::{ConfirmMoveRefused, confirm_move};
pub use fire::fire;
pub use prepare_move::{PrepareMove, PrepareMoveRefused, prepare_move};
pub use seed::{SeedRefused, seed};
