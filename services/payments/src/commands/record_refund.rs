//! A school orders money back to a candidate: at most what it holds for them (R22).

use platform::{auth::Caller, refusal::Refusal};

use super::under_receipt::{Act, Recorded, record};
use crate::{
    app::App,
    domain::{account, ledger::Kind},
    store::Account,
};

/// Orders it under the school's order number; the same number again changes nothing.
///
/// # Errors
/// `DOSSIER_UNKNOWN`, `NOT_HELD`, `AMOUNT_INVALID`; `RECEIPT_USED` when the number is that of something else.
pub async fn record_refund(app: &App, caller: &Caller, said: Recorded<'_>) -> Result<Account, Refusal> {
    let act =
        Act { kind: Kind::Refunded, transaction: "record_refund", audited: "refund_ordered", rule: account::refund };
    record(app, caller, act, said).await
}
