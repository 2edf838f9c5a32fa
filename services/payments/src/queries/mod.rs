//! What the world may ask without changing anything.

mod books;
mod fee;
mod fees;
mod find;

pub use books::{balance, ledger};
pub use fee::{fee, get_fee};
pub use fees::list_fees;
pub use find::{find_accounts, suggest_matches};
