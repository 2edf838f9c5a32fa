//! SQL of payments, nowhere else.

mod accounts;
mod books;
mod entries;
mod fees;
mod lines;
mod waiting;
mod words;

pub use accounts::{Account, accounts, by_numbers, lock, open, standing_of, tell};
pub use books::{
    Balance, LedgerPage, LedgerRow, UnsettledRow, balance, ledger, list_unsettled, listed_at, sent_back_pending,
    store_unsettled,
};
pub use entries::{NewEntry, enter, histories, receipt};
pub use fees::{Filter, count_fees, fees_of, numbers, owing, set_attestation};
pub use lines::{NewLine, StoredLine, insert, known, line, line_for_update, of_other_format, save, undone};
pub use waiting::{Waiting, waiting, waiting_totals};

use platform::db::{DbError, Tx};

/// Takes the lock under which a school's entries are written, until the transaction ends. Before any account's.
///
/// # Errors
/// The database does not answer.
pub async fn lock_school(tx: &mut Tx, school: &str) -> Result<(), DbError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('payments.school:' || $1, 0))", school)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A stored word that the domain does not know: written by a newer version.
fn unknown_word(what: &'static str, word: &str) -> DbError {
    DbError::Sql(sqlx::Error::Decode(format!("{what} `{word}` is not known").into()))
}
