//! The payee took the fee by another means than a transfer (R20).

use platform::{auth::Caller, refusal::Refusal};

use super::under_receipt::{Act, Recorded, record};
use crate::{
    app::App,
    domain::{account, ledger::Kind},
    store::Account,
};

/// Records it under the school's receipt number; the same number again changes nothing.
///
/// # Errors
/// `DOSSIER_UNKNOWN`, `NOT_THE_PAYEE`, `AMOUNT_INVALID`; `RECEIPT_USED` when the number is that of something else.
pub async fn record_other_means(app: &App, caller: &Caller, said: Recorded<'_>) -> Result<Account, Refusal> {
    let act = Act {
        kind: Kind::OtherMeans,
        transaction: "record_other_means",
        audited: "other_means_recorded",
        rule: account::other_means,
    };
    record(app, caller, act, said).await
}
