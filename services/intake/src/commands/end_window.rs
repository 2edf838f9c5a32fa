//! The deposits close: what is still open is not a candidature (R13).

use contracts::intake::DossierNotClosed;
use jiff::Timestamp;
use platform::{
    db::{DbError, Tx},
    outbox,
};

use crate::{store::everyone, wire};

/// Ends every open dossier, dated by the instant of the window's end.
///
/// # Errors
/// The database does not answer.
pub async fn end_window(tx: &mut Tx, at: Timestamp) -> Result<usize, DbError> {
    let ended = everyone::end_window(tx, at).await?;
    for (id, version) in &ended {
        let fact = DossierNotClosed { dossier_id: id.to_string(), at: wire::instant(at) };
        outbox::append(tx, &fact, *version, at).await?;
    }
    Ok(ended.len())
}
