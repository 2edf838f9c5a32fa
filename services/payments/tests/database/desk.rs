//! What people decide: lines, exemptions, other means, the list for the commission.

use contracts::{
    intake::{DossierAbandoned, DossierNotClosed, FeeClaim},
    payments::{
        DecideExemptionRequest, FeeStatus, LineOutcome, ListUnsettledRequest, MarkUnknownRequest, MatchLineRequest,
        RecordOtherMeansRequest, RecordRefundRequest, ReturnLineRequest, UnmatchLineRequest,
        payments_server::Payments as _,
    },
    roles,
};
use platform::calendar::Effects as _;

use crate::world::*;

fn matching(line: &str, n: u128) -> MatchLineRequest {
    MatchLineRequest { line_id: line.into(), dossier_id: dossier(n).to_string() }
}
fn returning(line: &str) -> ReturnLineRequest {
    ReturnLineRequest { line_id: line.into(), reason: "pas de candidat".into() }
}

#[tokio::test]
async fn a_person_empties_the_queue() {
    let w = world("desk").await;
    w.candidature(1, "albi").await;
    w.candidature(2, "albi").await;
    let lines =
        [pay(7600, "?", "Q1"), pay(777, "facture", "Q2"), pay(4200, "don", "Q3"), pay(-4200, "RETOUR DON", "Q4")];
    w.import("albi", &camt(ALBI, "EUR", &lines)).await;
    let waiting = w.unmatched("albi").await;
    assert_eq!((waiting.waiting, waiting.waiting_cents), (4, 8377));
    let ids: Vec<String> = waiting.lines.into_iter().map(|l| l.line_id).collect();

    let placed = answer(w.grpc.match_line(clerk("albi", matching(&ids[0], 1))).await);
    assert_eq!((placed.outcome(), placed.fee.unwrap().status()), (LineOutcome::Settles, FeeStatus::Settled));
    assert!(answer(w.grpc.match_line(clerk("albi", matching(&ids[0], 1))).await).already_applied);
    let taken = refusal(w.grpc.match_line(clerk("albi", matching(&ids[0], 2))).await);
    assert_eq!(
        (taken.reason.as_str(), taken.allowed.as_slice()),
        ("LINE_STATE", ["waiting or unknown".to_owned()].as_slice())
    );

    let reason = "mauvaise personne".to_owned();
    let off = UnmatchLineRequest { line_id: ids[0].clone(), reason: reason.clone() };
    let off = answer(w.grpc.unmatch_line(clerk("albi", off)).await);
    assert_eq!(off.fee.unwrap().status(), FeeStatus::Declared);
    answer(w.grpc.match_line(clerk("albi", matching(&ids[0], 2))).await);
    assert_eq!((w.status(1).await, w.status(2).await), (FeeStatus::Declared, FeeStatus::Settled));

    let unknown = MarkUnknownRequest { line_id: ids[1].clone(), reason: "facture".into() };
    assert_eq!(answer(w.grpc.mark_unknown(clerk("albi", unknown.clone())).await).outcome(), LineOutcome::Unknown);
    assert!(answer(w.grpc.mark_unknown(clerk("albi", unknown)).await).already_applied);
    let early = refusal(w.grpc.return_line(clerk("albi", returning(&ids[3]))).await);
    assert_eq!((early.reason.as_str(), early.metadata["pending_cents"].as_str()), ("NOTHING_TO_SEND", "0"));
    answer(w.grpc.return_line(clerk("albi", returning(&ids[2]))).await);
    assert_eq!(w.balance("albi").await.refunds_cents, 4200);
    answer(w.grpc.return_line(clerk("albi", returning(&ids[3]))).await);

    let balance = w.balance("albi").await;
    assert_eq!((balance.refunds_cents, balance.queue_cents, balance.unknown_cents), (0, 0, 777));
    assert_eq!((balance.accounts_cents, balance.bank_cents, w.unmatched("albi").await.waiting), (7600, 8377, 0));

    for missing in [dossier(99).to_string(), ids[0].clone()] {
        let refused = refusal(w.grpc.match_line(clerk("ales", matching(&missing, 1))).await);
        assert_eq!(refused.reason, "LINE_UNKNOWN", "of no other school");
    }
    let nobody = refusal(w.grpc.match_line(clerk("albi", matching(&ids[1], 99))).await);
    assert_eq!(nobody.reason, "DOSSIER_UNKNOWN");
}

#[tokio::test]
async fn the_payee_decides_on_the_exemption() {
    let w = world("exemption").await;
    w.opened(1).await;
    w.claimed(1, FeeClaim::Exemption, "ales").await;
    let decide = |accept, reason: &str| DecideExemptionRequest {
        dossier_id: dossier(1).to_string(),
        accept,
        reason: reason.into(),
    };
    let staff = |school: &'static str, message| by(roles::STAFF, "staff", Some(school), message);
    let early = refusal(w.grpc.decide_exemption(staff("ales", decide(true, ""))).await);
    assert_eq!(early.reason, "DOSSIER_NOT_CLOSED");
    w.closed(1, "ales").await;
    assert_eq!(w.status(1).await, FeeStatus::ExemptionRequested);
    assert_eq!(refusal(w.grpc.decide_exemption(staff("albi", decide(true, ""))).await).reason, "DOSSIER_UNKNOWN");
    assert_eq!(refusal(w.grpc.decide_exemption(staff("ales", decide(false, " "))).await).reason, "REASON_MISSING");
    let refused = answer(w.grpc.decide_exemption(staff("ales", decide(false, "autre année"))).await);
    assert_eq!((refused.status(), refused.due_cents), (FeeStatus::ExemptionRefused, 7600));
    let accepted = answer(w.grpc.decide_exemption(staff("ales", decide(true, ""))).await);
    assert_eq!((accepted.status(), accepted.due_cents, accepted.epc_payload.as_str()), (FeeStatus::Exempt, 0, ""));
    let before = w.traces().await;
    let again = answer(w.grpc.decide_exemption(staff("ales", decide(true, ""))).await);
    assert_eq!((again.version, w.traces().await), (accepted.version, before));
    w.candidature(2, "ales").await;
    let nothing = DecideExemptionRequest { dossier_id: dossier(2).to_string(), accept: true, reason: String::new() };
    assert_eq!(refusal(w.grpc.decide_exemption(staff("ales", nothing)).await).reason, "NO_EXEMPTION_ASKED");
}

#[tokio::test]
async fn other_means_are_recorded_once_per_receipt() {
    let w = world("means").await;
    w.candidature(1, "albi").await;
    w.candidature(2, "albi").await;
    let means = |n, cents, receipt: &str| RecordOtherMeansRequest {
        dossier_id: dossier(n).to_string(),
        cents,
        means: "chèque 4411".into(),
        receipt: receipt.into(),
    };
    let paid = answer(w.grpc.record_other_means(clerk("albi", means(1, 7600, "Q-1"))).await);
    assert_eq!(paid.status(), FeeStatus::Settled);
    answer(w.grpc.record_other_means(clerk("albi", means(1, 7600, "Q-1"))).await);
    let balance = w.balance("albi").await;
    assert_eq!((balance.other_means_cents, balance.accounts_cents, balance.bank_cents), (7600, 7600, 0));
    let table = [
        (means(2, 7600, "Q-1"), "albi", "RECEIPT_USED"),
        (means(1, 7601, "Q-1"), "albi", "RECEIPT_USED"),
        (means(1, 0, "Q-2"), "albi", "AMOUNT_INVALID"),
        (means(1, i64::MAX, "Q-2"), "albi", "AMOUNT_INVALID"),
        (means(1, 7600, "Q-2"), "ales", "NOT_THE_PAYEE"),
        (means(1, 7600, ""), "albi", "TEXT_MALFORMED"),
        (means(3, 7600, "Q-2"), "albi", "DOSSIER_UNKNOWN"),
    ];
    let before = w.traces().await;
    for (request, school, reason) in table {
        let refused = refusal(w.grpc.record_other_means(clerk(school, request)).await);
        assert_eq!(refused.reason, reason);
        let told = format!("{refused:?}");
        assert!(reason != "NOT_THE_PAYEE" || !told.contains("albi"), "another school's first choice is told: {told}");
    }
    assert_eq!(w.traces().await, before);
}

#[tokio::test]
async fn who_gives_up_owes_nothing_and_gets_back_what_was_paid() {
    let w = world("abandoned").await;
    for n in 1..=2 {
        w.opened(n).await;
        w.claimed(n, FeeClaim::Transfer, "albi").await;
    }
    w.import("albi", &camt(ALBI, "EUR", &[pay(7600, &reference(2), "A1")])).await;
    for n in 1..=2 {
        w.hear(&DossierAbandoned { dossier_id: dossier(n).to_string(), at: Some(at().into()) }).await.unwrap();
    }
    assert_eq!((w.status(1).await, w.fee(1).await.due_cents), (FeeStatus::NotOwed, 0));
    assert_eq!((w.status(2).await, w.fee(2).await.due_cents), (FeeStatus::Over, 0));
    let refund = RecordRefundRequest {
        dossier_id: dossier(2).to_string(),
        cents: 7600,
        reason: "abandon".into(),
        receipt: "R-1".into(),
    };
    assert_eq!(answer(w.grpc.record_refund(clerk("albi", refund)).await).status(), FeeStatus::Refunded);
}

#[tokio::test]
async fn unsettled_fees_are_listed_as_they_stood() {
    let w = world("unsettled").await;
    for n in 1..=3 {
        w.candidature(n, "albi").await;
    }
    w.candidature(4, "ales").await;
    w.opened(5).await;
    w.claimed(5, FeeClaim::Transfer, "albi").await;
    w.hear(&DossierNotClosed { dossier_id: dossier(5).to_string(), at: Some(at().into()) }).await.unwrap();
    assert_eq!(w.status(5).await, FeeStatus::NotOwed);
    let lines = [pay(7600, &reference(1), "U1"), pay(100, &reference(2), "U2"), pay(7600, &reference(4), "U3")];
    w.import("albi", &camt(ALBI, "EUR", &lines)).await;

    let jury = |school: &str| by(roles::JURY, "jury", None, ListUnsettledRequest { school: school.into() });
    assert_eq!(refusal(w.grpc.list_unsettled(jury("")).await).reason, "NOT_LISTED_YET");
    let due = at() + jiff::SignedDuration::from_hours(500);
    // Three pay over the counter, a millisecond before the instant, at it, and after it, before the transition has run.
    for (n, ms) in [(6, -1), (7, 0), (8, 1)] {
        w.candidature(n, "albi").await;
        let means = RecordOtherMeansRequest {
            dossier_id: dossier(n).to_string(),
            cents: 7600,
            means: "chèque".into(),
            receipt: format!("R-{n}"),
        };
        let mut request = clerk("albi", means);
        let caller = request.extensions_mut().get_mut::<platform::auth::Caller>().unwrap();
        caller.received_at = due + jiff::SignedDuration::from_millis(ms);
        answer(w.grpc.record_other_means(request).await);
    }
    for _ in 0..2 {
        let mut tx = w.db.begin("effect").await.unwrap();
        payments::listen::Milestones(w.app.clone()).at(&mut tx, notice::keys::FEES_LISTED, due).await.unwrap();
        tx.commit().await.unwrap();
        // A payment after the first run must not change the list.
        w.import("albi", &camt(ALBI, "EUR", &[pay(7500, &reference(2), "U4")])).await;
    }
    let list = answer(w.grpc.list_unsettled(jury("")).await);
    assert_eq!(list.listed_at, Some(due.into()));
    let told: Vec<_> = list
        .fees
        .iter()
        .map(|f| {
            (
                f.dossier_id.clone(),
                f.school.as_str(),
                f.status(),
                f.status_now(),
                f.received_cents,
                f.held_elsewhere_cents,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (dossier(2).to_string(), "albi", FeeStatus::Short, FeeStatus::Settled, 100, 0),
            (dossier(3).to_string(), "albi", FeeStatus::Declared, FeeStatus::Declared, 0, 0),
            (dossier(7).to_string(), "albi", FeeStatus::Declared, FeeStatus::Settled, 0, 0),
            (dossier(8).to_string(), "albi", FeeStatus::Declared, FeeStatus::Settled, 0, 0),
            (dossier(4).to_string(), "ales", FeeStatus::Declared, FeeStatus::Declared, 0, 7600),
        ]
    );
    let own = by(roles::STAFF, "staff", Some("ales"), ListUnsettledRequest::default());
    assert_eq!(answer(w.grpc.list_unsettled(own).await).fees.len(), 1);
    let other = by(roles::STAFF, "staff", Some("ales"), ListUnsettledRequest { school: "albi".into() });
    assert_eq!(refusal(w.grpc.list_unsettled(other).await).reason, "UNIT_NOT_ALLOWED");
    let candidate = by(roles::CANDIDATE, "c", None, ListUnsettledRequest::default());
    assert_eq!(refusal(w.grpc.list_unsettled(candidate).await).reason, "ROLE_NOT_ALLOWED");
}
