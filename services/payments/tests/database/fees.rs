//! The fees of a school in a list, its books at an instant, and what a preview tells.

use contracts::{
    intake::FeeClaim,
    payments::{
        BalanceRequest, DecideExemptionRequest, FeeStatus, Holding, ImportStatementRequest, LedgerRequest,
        ListFeesReply, ListFeesRequest, RecordOtherMeansRequest, RecordRefundRequest, payments_server::Payments as _,
    },
    roles,
};
use jiff::SignedDuration;

use crate::world::*;

const ATTESTATION: &str = "00000000-0000-0000-0000-00000000abcd";

fn asked(school: &str) -> ListFeesRequest {
    ListFeesRequest { school: school.into(), ..Default::default() }
}

async fn list(w: &World, request: ListFeesRequest) -> ListFeesReply {
    let school = request.school.clone();
    answer(w.grpc.list_fees(by(roles::STAFF, "staff", Some(&school), request)).await)
}

/// Numbers of every page, three lines each; counts must be the same on all.
async fn numbers(w: &World, request: ListFeesRequest) -> Vec<u64> {
    let mut request = ListFeesRequest { page_size: 3, ..request };
    let (mut seen, mut counts) = (Vec::new(), None);
    loop {
        let reply = list(w, request.clone()).await;
        assert!(reply.fees.len() <= 3);
        seen.extend(reply.fees.iter().map(|f| f.number));
        assert_eq!(counts.get_or_insert_with(|| reply.counts.clone()), &reply.counts);
        if reply.next_page_token.is_empty() {
            return seen;
        }
        request.page_token = reply.next_page_token;
    }
}

fn decide(n: u128, accept: bool) -> DecideExemptionRequest {
    DecideExemptionRequest { dossier_id: dossier(n).to_string(), accept, reason: "autre année".into() }
}

/// Of Albi: 1 settled, 2 declared, 3 asks for the exemption. Of Alès: 4, paid to Albi. 5 opened only, paid to Albi. 6 not
/// closed, first choice Albi.
async fn some(name: &str) -> World {
    let w = world(name).await;
    for n in [1, 2] {
        w.candidature(n, "albi").await;
    }
    w.opened(3).await;
    w.exemption(3, "albi", ATTESTATION).await;
    w.closed(3, "albi").await;
    w.candidature(4, "ales").await;
    w.opened(5).await;
    w.opened(6).await;
    w.claimed(6, FeeClaim::Transfer, "albi").await;
    let lines = [pay(7600, &reference(1), "B1"), pay(7600, &reference(4), "B4"), pay(500, &reference(5), "B5")];
    w.import("albi", &camt(ALBI, "EUR", &lines)).await;
    w
}

#[tokio::test]
async fn a_school_lists_the_fees_that_concern_it() {
    let w = some("fees").await;
    assert_eq!(numbers(&w, asked("albi")).await, [1, 2, 3, 4, 5]);
    assert_eq!(numbers(&w, asked("ales")).await, [4]);
    assert_eq!(numbers(&w, asked("nord-europe")).await, [] as [u64; 0]);
    let status = |statuses: &[FeeStatus]| ListFeesRequest {
        statuses: statuses.iter().map(|s| (*s).into()).collect(),
        ..asked("albi")
    };
    assert_eq!(numbers(&w, status(&[FeeStatus::Settled])).await, [1]);
    assert_eq!(numbers(&w, status(&[FeeStatus::Declared, FeeStatus::Due])).await, [2, 4, 5]);
    for (text, expected) in [
        ("ADM-000002", vec![]),
        (reference(2).as_str(), vec![2]),
        (format!("{} {}", reference(4), reference(1).to_lowercase()).as_str(), vec![1, 4]),
        ("3", vec![3]),
        ("6", vec![]),
        ("0", vec![]),
        ("Dupont", vec![]),
    ] {
        let request = ListFeesRequest { text: text.into(), ..asked("albi") };
        assert_eq!(numbers(&w, request).await, expected, "{text}");
    }
    let all = list(&w, asked("albi")).await;
    let counts: Vec<_> = all.counts.iter().map(|c| (c.status(), c.fees)).collect();
    assert_eq!(
        counts,
        [(FeeStatus::Declared, 2), (FeeStatus::Due, 1), (FeeStatus::ExemptionRequested, 1), (FeeStatus::Settled, 1)]
    );
    let [settled, declared, waiting, elsewhere, early] = all.fees.as_slice() else { panic!("{all:?}") };
    assert_eq!((settled.received_cents, settled.held_cents, settled.due_cents), (7600, 7600, 7600));
    assert_eq!((settled.reference.as_str(), settled.payee_school.as_str()), ("ADM-000001-2", "albi"));
    assert_eq!((declared.received_cents, declared.exemption_waiting), (0, false));
    assert_eq!((waiting.exemption_waiting, waiting.attestation_piece_id.as_str()), (true, ATTESTATION));
    // Money of someone who owes Alès: both see it. Someone who has not closed owes nobody yet (R14).
    let held = [Holding { school: "albi".into(), cents: 7600 }];
    assert_eq!((elsewhere.payee_school.as_str(), elsewhere.held_cents), ("ales", 7600));
    assert_eq!((elsewhere.received_cents, elsewhere.held_elsewhere.as_slice()), (0, held.as_slice()));
    let theirs = &list(&w, asked("ales")).await.fees[0];
    assert_eq!((theirs.held_cents, theirs.held_elsewhere.as_slice()), (0, held.as_slice()));
    assert_eq!((early.payee_school.as_str(), early.held_cents), ("", 500));

    // Ordered back it is still the school's until a statement shows it leaving.
    let refund = RecordRefundRequest {
        dossier_id: dossier(4).to_string(),
        cents: 7600,
        reason: "due à Alès".into(),
        receipt: "R-4".into(),
    };
    answer(w.grpc.record_refund(clerk("albi", refund)).await);
    let fourth = || ListFeesRequest { text: "4".into(), ..asked("albi") };
    let ordered = &list(&w, fourth()).await.fees[0];
    assert_eq!((ordered.held_cents, ordered.refunds_ordered_cents), (0, 7600));
    w.import("albi", &camt(ALBI, "EUR", &[pay(-7600, &reference(4), "B6")])).await;
    assert_eq!(list(&w, fourth()).await.fees, []);
}

#[tokio::test]
async fn exemptions_to_decide_are_listed_until_they_are_decided() {
    let w = some("fees_waiting").await;
    let waiting = || ListFeesRequest { exemption_waiting_only: true, ..asked("albi") };
    assert_eq!(numbers(&w, waiting()).await, [3]);
    assert_eq!(list(&w, asked("albi")).await.exemptions_waiting, 1);
    // Paid all the same, it is settled, and the question still stands: the status alone would not find it.
    w.import("albi", &camt(ALBI, "EUR", &[pay(7600, &reference(3), "B7")])).await;
    assert_eq!(w.status(3).await, FeeStatus::Settled);
    assert_eq!(numbers(&w, waiting()).await, [3]);
    let staff = |message| by(roles::STAFF, "staff", Some("albi"), message);
    // Refused, nothing else changes: no fact is told, and the question is gone.
    let told = w.told("FACTS").await.len();
    answer(w.grpc.decide_exemption(staff(decide(3, false))).await);
    assert_eq!((w.status(3).await, w.told("FACTS").await.len()), (FeeStatus::Settled, told));
    assert_eq!(numbers(&w, waiting()).await, [] as [u64; 0]);
    answer(w.grpc.decide_exemption(staff(decide(3, true))).await);
    assert_eq!((w.status(3).await, list(&w, asked("albi")).await.exemptions_waiting), (FeeStatus::Over, 0));
    // Someone who declares a transfer after all asks for nothing any more, and shows no attestation.
    w.opened(7).await;
    w.exemption(7, "albi", ATTESTATION).await;
    w.claimed(7, FeeClaim::Transfer, "albi").await;
    w.closed(7, "albi").await;
    assert_eq!(numbers(&w, waiting()).await, [] as [u64; 0]);
    let seventh = ListFeesRequest { text: "7".into(), ..asked("albi") };
    assert_eq!(list(&w, seventh).await.fees[0].attestation_piece_id, "");
}

#[tokio::test]
async fn fees_are_listed_to_staff_and_finance_of_the_school_alone() {
    let w = some("fees_access").await;
    for role in [roles::STAFF, roles::FINANCE] {
        assert!(w.grpc.list_fees(by(role, "x", Some("albi"), asked("albi"))).await.is_ok());
    }
    for (role, unit, request, reason) in [
        (roles::STAFF, Some("ales"), asked("albi"), "UNIT_NOT_ALLOWED"),
        (roles::FINANCE, Some("ales"), asked("albi"), "UNIT_NOT_ALLOWED"),
        (roles::STAFF, None, asked("albi"), "UNIT_NOT_ALLOWED"),
        (roles::JURY, None, asked("albi"), "ROLE_NOT_ALLOWED"),
        (roles::PLANNER, Some("albi"), asked("albi"), "ROLE_NOT_ALLOWED"),
        (roles::OPERATOR, None, asked("albi"), "ROLE_NOT_ALLOWED"),
        (roles::CANDIDATE, None, asked("albi"), "ROLE_NOT_ALLOWED"),
        ("anonymous", None, asked("albi"), "TOKEN_REQUIRED"),
        (roles::STAFF, Some("eton"), asked("eton"), "SCHOOL_UNKNOWN"),
        (roles::STAFF, Some("albi"), ListFeesRequest { page_size: 501, ..asked("albi") }, "LIMIT_TOO_LARGE"),
        (roles::STAFF, Some("albi"), ListFeesRequest { page_token: "x".into(), ..asked("albi") }, "PAGE_TOKEN_INVALID"),
    ] {
        assert_eq!(refusal(w.grpc.list_fees(by(role, "x", unit, request)).await).reason, reason, "{role}");
    }
}

#[tokio::test]
async fn the_books_add_up_at_any_instant_and_between_two() {
    let w = world("books_span").await;
    w.candidature(1, "albi").await;
    w.candidature(2, "ales").await;
    let hour = |n: i64| at() + SignedDuration::from_hours(n);
    let import = |moves: Vec<Pay>, h| {
        let request =
            ImportStatementRequest { school: "albi".into(), content: camt(ALBI, "EUR", &moves), ..Default::default() };
        received(clerk("albi", request), hour(h))
    };
    answer(w.grpc.import_statement(import(vec![pay(7600, &reference(1), "S1")], 1)).await);
    let means = RecordOtherMeansRequest {
        dossier_id: dossier(1).to_string(),
        cents: 100,
        means: "espèces".into(),
        receipt: "C-1".into(),
    };
    answer(w.grpc.record_other_means(received(clerk("albi", means), hour(2))).await);
    answer(w.grpc.import_statement(import(vec![pay(200, &reference(2), "S2"), pay(-50, "frais", "S3")], 3)).await);

    let sums = |b: &contracts::payments::BalanceReply| {
        (b.opening_cents, b.bank_since_cents, b.other_means_since_cents, b.closing_cents)
    };
    assert_eq!(sums(&w.balance_of("albi", None, None).await), (0, 7750, 100, 7850));
    // An entry counts from its instant on, and not at the end of a span that ends there (R2).
    assert_eq!(sums(&w.balance_of("albi", None, Some(hour(1))).await), (0, 0, 0, 0));
    assert_eq!(sums(&w.balance_of("albi", Some(hour(1)), Some(hour(2))).await), (0, 7600, 0, 7600));
    assert_eq!(sums(&w.balance_of("albi", Some(hour(2)), Some(hour(3))).await), (7600, 0, 100, 7700));
    let last = w.balance_of("albi", Some(hour(3)), None).await;
    assert_eq!(sums(&last), (7700, 150, 0, 7850));
    assert_eq!((last.accounts_cents, last.other_school_cents, last.queue_cents, last.lines), (7700, 200, -50, 3));
    assert_eq!(sums(&w.balance_of("albi", Some(hour(2)), Some(hour(2))).await), (7600, 0, 0, 7600));
    let backwards = BalanceRequest { school: "albi".into(), since: Some(hour(2).into()), until: Some(hour(1).into()) };
    assert_eq!(refusal(w.grpc.balance(clerk("albi", backwards)).await).reason, "SPAN_INVALID");

    // One candidate's entries make their account, in pages like the whole.
    let (mut after, mut carried, mut effects) = (0, 0, Vec::new());
    loop {
        let request = LedgerRequest { school: "albi".into(), after, limit: 1, dossier_id: dossier(1).to_string() };
        let page = answer(w.grpc.ledger(clerk("albi", request)).await);
        assert_eq!(page.opening_cents, carried);
        carried = page.closing_cents;
        after = page.entries[0].sequence;
        assert_eq!(page.entries[0].dossier_id, dossier(1).to_string());
        effects.push(page.entries[0].balance_effect_cents);
        if page.last_page {
            break;
        }
    }
    assert_eq!((effects, carried), (vec![7600, 100], 7700));
    let other = LedgerRequest { school: "albi".into(), dossier_id: "x".into(), ..Default::default() };
    assert_eq!(refusal(w.grpc.ledger(clerk("albi", other)).await).reason, "ID_MALFORMED");
}

#[tokio::test]
async fn a_preview_tells_each_line_as_the_bank_prints_it_and_whose_it_would_be() {
    let w = world("preview_lines").await;
    w.candidature(1, "albi").await;
    let lines =
        [pay(7600, &format!("frais {}", reference(1)), "P1"), Pay { who: "M. ROUX".into(), ..pay(300, "don", "P2") }];
    let request = |preview| ImportStatementRequest {
        school: "albi".into(),
        content: camt(ALBI, "EUR", &lines),
        preview,
        ..Default::default()
    };
    let before = w.traces().await;
    let told = answer(w.grpc.import_statement(clerk("albi", request(true))).await).lines;
    assert_eq!(w.traces().await, before);
    assert_eq!((told[0].remittance.as_str(), told[0].reference.as_str()), ("frais ADM-000001-2", "ADM-000001-2"));
    assert_eq!((told[1].counterparty.as_str(), told[1].remittance.as_str()), ("M. ROUX", "don"));
    assert_eq!((told[1].bank_reference.as_str(), told[1].reference.as_str(), told[1].reversal), ("P2", "", false));
    // Known lines say whose they are, too.
    answer(w.grpc.import_statement(clerk("albi", request(false))).await);
    assert_eq!(answer(w.grpc.import_statement(clerk("albi", request(true))).await).lines[0].reference, "ADM-000001-2");
}
