//! Who may see and do what; what the database itself refuses.

use contracts::{
    intake::{DossierOpened, FeeClaim, FeeClaimed},
    payments::{
        BalanceRequest, FeeStatus, GetFeeRequest, ImportStatementRequest, LedgerRequest, ListUnmatchedRequest,
        payments_server::Payments as _,
    },
    roles,
};
use platform::inbox::HandleError;

use crate::world::*;

fn asking(school: &str) -> GetFeeRequest {
    GetFeeRequest { dossier_id: dossier(1).to_string(), school: school.into() }
}

#[tokio::test]
async fn a_fee_is_shown_to_its_candidate_and_its_payee() {
    let w = world("access").await;
    w.opened(1).await;
    let own = |school: &str| by(roles::CANDIDATE, &dossier(1).to_string(), None, asking(school));
    // Nothing claimed yet: the first school of the order says to whom.
    let shown = answer(w.grpc.get_fee(own("ales")).await);
    assert_eq!((shown.status(), shown.payee_school.as_str(), shown.payee_fixed), (FeeStatus::Due, "ales", false));
    assert_eq!((shown.iban.as_str(), shown.reference.as_str()), (ALES, "ADM-000001-2"));
    assert_eq!(shown.notice_reference, w.app.session.fee.reference);
    assert_eq!(
        shown.epc_payload,
        format!("BCD\n002\n1\nSCT\n{}\n{}\n{ALES}\nEUR76.00\n\n\nADM-000001-2", shown.bic, shown.account_holder)
    );
    assert_eq!(answer(w.grpc.get_fee(own("")).await).iban, "");
    assert_eq!(refusal(w.grpc.get_fee(own("eton")).await).reason, "SCHOOL_UNKNOWN");

    w.claimed(1, FeeClaim::Transfer, "ales").await;
    // The first choice may still change, and is no school's business before clôture (R14).
    for role in [roles::STAFF, roles::FINANCE] {
        let early = by(role, "x", Some("ales"), asking(""));
        assert_eq!(refusal(w.grpc.get_fee(early).await).reason, "DOSSIER_UNKNOWN");
    }
    w.closed(1, "albi").await;
    let fixed = answer(w.grpc.get_fee(own("ales")).await);
    assert_eq!((fixed.payee_school.as_str(), fixed.payee_fixed), ("albi", true), "clôture fixed it");

    let someone = by(roles::CANDIDATE, &dossier(2).to_string(), None, asking(""));
    assert_eq!(refusal(w.grpc.get_fee(someone).await).reason, "NOT_YOURS");
    assert_eq!(refusal(w.grpc.get_fee(by("anonymous", "", None, asking(""))).await).reason, "TOKEN_REQUIRED");
    for role in [roles::STAFF, roles::FINANCE] {
        assert!(w.grpc.get_fee(by(role, "x", Some("albi"), asking(""))).await.is_ok());
        assert_eq!(
            refusal(w.grpc.get_fee(by(role, "x", Some("ales"), asking("ales"))).await).reason,
            "DOSSIER_UNKNOWN"
        );
    }
    // Alès sees it once it holds money of theirs.
    w.import("ales", &camt(ALES, "EUR", &[pay(7600, &reference(1), "B1")])).await;
    assert!(w.grpc.get_fee(by(roles::FINANCE, "x", Some("ales"), asking(""))).await.is_ok());
}

#[tokio::test]
async fn books_are_for_the_finance_of_their_school() {
    let w = world("books").await;
    let albi = || "albi".to_owned();
    for (role, unit, reason) in [
        (roles::FINANCE, Some("ales"), "UNIT_NOT_ALLOWED"),
        (roles::STAFF, Some("albi"), "ROLE_NOT_ALLOWED"),
        (roles::CANDIDATE, None, "ROLE_NOT_ALLOWED"),
        (roles::JURY, None, "ROLE_NOT_ALLOWED"),
    ] {
        let balance = by(role, "x", unit, BalanceRequest { school: albi(), ..Default::default() });
        assert_eq!(refusal(w.grpc.balance(balance).await).reason, reason);
        let ledger = by(role, "x", unit, LedgerRequest { school: albi(), ..Default::default() });
        assert_eq!(refusal(w.grpc.ledger(ledger).await).reason, reason);
        let import = by(role, "x", unit, ImportStatementRequest { school: albi(), ..Default::default() });
        assert_eq!(refusal(w.grpc.import_statement(import).await).reason, reason);
        let queue = by(role, "x", unit, ListUnmatchedRequest { school: albi(), ..Default::default() });
        assert_eq!(refusal(w.grpc.list_unmatched(queue).await).reason, reason);
    }
    let many = LedgerRequest { school: albi(), after: u64::MAX, limit: 1001, ..Default::default() };
    assert_eq!(refusal(w.grpc.ledger(clerk("albi", many)).await).reason, "LIMIT_TOO_LARGE");
    let beyond = LedgerRequest { school: albi(), after: u64::MAX, limit: 1, ..Default::default() };
    assert!(answer(w.grpc.ledger(clerk("albi", beyond)).await).last_page);
}

#[tokio::test]
async fn facts_that_cannot_be_are_rejected_and_early_ones_wait() {
    let w = world("events").await;
    let opened = |number| DossierOpened { dossier_id: dossier(1).to_string(), number, opened_at: None };
    for number in [0, 1_000_000, u64::MAX] {
        assert!(matches!(w.hear(&opened(number)).await, Err(HandleError::Reject(_))), "{number}");
    }
    let claimed = |school: &str| FeeClaimed {
        dossier_id: dossier(1).to_string(),
        claim: FeeClaim::Transfer.into(),
        payee_school: school.into(),
        ..Default::default()
    };
    assert!(matches!(w.hear(&claimed("albi")).await, Err(HandleError::Retry(_))), "before its dossier");
    w.hear(&opened(1)).await.unwrap();
    w.hear(&opened(1)).await.unwrap();
    assert!(matches!(w.hear(&claimed("eton")).await, Err(HandleError::Reject(_))));
    w.hear(&claimed("albi")).await.unwrap();
    assert_eq!(w.status(1).await, FeeStatus::Declared);
}

#[tokio::test]
async fn the_database_refuses_to_rewrite_the_books() {
    let w = world("append_only").await;
    w.candidature(1, "albi").await;
    w.import("albi", &camt(ALBI, "EUR", &[pay(7600, &reference(1), "B1")])).await;
    let mut conn = w.db.read().await.unwrap();
    for statement in [
        "update entries set cents = 1 where cents is not null",
        "delete from entries",
        "truncate entries cascade",
        "update lines set cents = 1",
        "update lines set remittance = ''",
        "insert into lines select * from lines",
    ] {
        assert!(sqlx::query(statement).execute(&mut *conn).await.is_err(), "{statement}");
    }
}
