//! Statements in, fees settled, nothing twice.

use contracts::{
    intake::FeeClaim,
    payments::{FeeStatus, ImportStatementRequest, LineOutcome, payments_server::Payments as _},
};

use crate::world::*;

fn outcomes(reply: &contracts::payments::ImportStatementReply) -> Vec<LineOutcome> {
    reply.lines.iter().map(|l| l.outcome()).collect()
}

#[tokio::test]
async fn every_outcome_of_r23_is_told_and_nothing_is_taken_twice() {
    let w = world("outcomes").await;
    for n in 1..=6 {
        w.candidature(n, "albi").await;
    }
    w.candidature(7, "ales").await;
    let lines = [
        pay(7600, &format!("frais {}", reference(1)), "B1"),
        pay(7000, &reference(2), "B2"),
        pay(600, &reference(2).to_lowercase().replace('-', " "), "B3"),
        pay(8000, &reference(3), "B4"),
        pay(7600, &reference(4), "B5"),
        pay(7600, &reference(4), "B6"),
        pay(7600, &reference(7), "B7"),
        pay(7600, "ADM-000999-X", "B8"),
        pay(7600, &format!("{} {}", reference(5), reference(6)), "B9"),
        pay(7600, "MERCI", "B10"),
        pay(100, &reference(5), "B11"),
    ];
    let file = camt(ALBI, "EUR", &lines);
    let expected = [
        LineOutcome::Settles,
        LineOutcome::Short,
        LineOutcome::Settles,
        LineOutcome::Over,
        LineOutcome::Settles,
        LineOutcome::Double,
        LineOutcome::OtherSchool,
        LineOutcome::Queued,
        LineOutcome::QueuedAmbiguous,
        LineOutcome::Queued,
        LineOutcome::Short,
    ];
    let preview =
        ImportStatementRequest { school: "albi".into(), content: file.clone(), preview: true, ..Default::default() };
    let before = w.traces().await;
    let preview = answer(w.grpc.import_statement(clerk("albi", preview)).await);
    assert_eq!(outcomes(&preview), expected);
    assert!(preview.lines.iter().all(|l| l.line_id.is_empty()));
    assert_eq!(w.traces().await, before, "a preview changes nothing");

    let done = w.import("albi", &file).await;
    assert_eq!(outcomes(&done), expected);
    let totals = done.totals.unwrap();
    assert_eq!((totals.lines, totals.new_lines, totals.known_lines), (11, 11, 0));
    assert_eq!((totals.cents, totals.placed_cents, totals.queued_cents), (68_900, 46_100, 22_800));
    let statuses = [FeeStatus::Settled, FeeStatus::Settled, FeeStatus::Over, FeeStatus::Over, FeeStatus::Short];
    for (n, status) in (1..).zip(statuses) {
        assert_eq!(w.status(n).await, status, "{n}");
    }
    let other = w.fee(7).await;
    assert_eq!((other.status(), other.received_cents), (FeeStatus::Declared, 0));
    assert_eq!(other.held_elsewhere.iter().map(|h| (h.school.as_str(), h.cents)).collect::<Vec<_>>(), [("albi", 7600)]);
    let balance = w.balance("albi").await;
    assert_eq!((balance.bank_cents, balance.other_school_cents, balance.queue_cents), (68_900, 7600, 22_800));

    // The same file, and another one with the same lines and one more.
    let before = w.traces().await;
    let again = w.import("albi", &file).await;
    assert_eq!(again.totals.map(|t| (t.new_lines, t.known_lines)), Some((0, 11)));
    assert!(outcomes(&again).iter().all(|o| *o == LineOutcome::AlreadyImported));
    assert_eq!(
        again.lines.iter().map(|l| &l.line_id).collect::<Vec<_>>(),
        done.lines.iter().map(|l| &l.line_id).collect::<Vec<_>>()
    );
    let mut after = w.traces().await;
    after[4] -= 1; // Who asked for it is in the audit log all the same.
    assert_eq!(after, before);
    let mut more = lines.to_vec();
    more.insert(0, pay(7600, &reference(6), "B0"));
    let wider = w.import("albi", &camt(ALBI, "EUR", &more)).await;
    assert_eq!(wider.totals.map(|t| (t.new_lines, t.new_cents)), Some((1, 7600)));
    assert_eq!(w.status(6).await, FeeStatus::Settled);
    assert_eq!(w.balance("albi").await.lines, 12);
}

#[tokio::test]
async fn identical_lines_of_one_file_are_two_payments() {
    let w = world("identical").await;
    w.candidature(1, "albi").await;
    let line = pay(7600, &reference(1), "SAME");
    let file = camt(ALBI, "EUR", &[line.clone(), line.clone()]);
    assert_eq!(outcomes(&w.import("albi", &file).await), [LineOutcome::Settles, LineOutcome::Double]);
    w.import("albi", &camt(ALBI, "EUR", &[line])).await;
    assert_eq!(w.balance("albi").await.bank_cents, 15_200);
}

#[tokio::test]
async fn the_same_day_in_the_other_format_changes_nothing() {
    let w = world("formats").await;
    w.candidature(1, "albi").await;
    let cfonb = include_bytes!("../../fixtures/releve.cfonb120");
    w.import("albi", cfonb).await;
    let balance = w.balance("albi").await;
    // The lines of 10 March, as camt.053: other references of the bank, the payer's text and reference alone.
    let mut second = pay(7000, "ADM-000002-4", "Y2");
    second.end_to_end = "E2E-2".into();
    let camt_file = camt(ALBI, "EUR", &[pay(7600, "Frais ADM 000001 2 merci", "Y1"), second.clone()]);
    let again = w.import("albi", &camt_file).await;
    assert_eq!(outcomes(&again), [LineOutcome::AlreadyImported; 2]);
    assert_eq!(w.balance("albi").await, balance);
    // A second transfer like the first is another one.
    let twice =
        camt(ALBI, "EUR", &[pay(7600, "Frais ADM 000001 2 merci", "Y1"), pay(7600, "Frais ADM 000001 2 merci", "Y3")]);
    assert_eq!(outcomes(&w.import("albi", &twice).await), [LineOutcome::AlreadyImported, LineOutcome::Double]);
}

#[tokio::test]
async fn a_file_with_a_fault_changes_nothing() {
    let w = world("faults").await;
    w.candidature(1, "albi").await;
    let before = w.traces().await;
    let good = camt(ALBI, "EUR", &[pay(7600, &reference(1), "B1")]);
    let wrong_total = String::from_utf8(good.clone()).unwrap().replacen("86.00", "86.01", 1);
    let table: [(&[u8], &str, &str); 7] = [
        (wrong_total.as_bytes(), "STATEMENT_INVALID", "Stmt[1]"),
        (&camt(ALES, "EUR", &[]), "STATEMENT_INVALID", "Stmt[1]"),
        (&camt(ALBI, "GBP", &[pay(7600, "x", "B")]), "STATEMENT_INVALID", "Stmt[1]/Ntry[1]"),
        (b"%PDF-1.7", "FORMAT_UNKNOWN", "content"),
        (b"<Document", "STATEMENT_UNREADABLE", "content"),
        (include_bytes!("../../fixtures/entity-expansion.xml"), "STATEMENT_UNREADABLE", "content"),
        (&vec![b' '; payments::domain::statement::MAX_BYTES + 1], "STATEMENT_TOO_LARGE", "content"),
    ];
    for (file, reason, field) in table {
        let refused = refusal(w.try_import("albi", file).await);
        assert_eq!((refused.reason.as_str(), refused.fields[0].0.as_str()), (reason, field), "{refused}");
        assert_eq!(refused.code, tonic::Code::InvalidArgument);
    }
    assert_eq!(w.traces().await, before);
}

#[tokio::test]
async fn lines_without_a_reference_are_looked_for_by_name() {
    let w = world("names").await;
    for n in 1..=5 {
        w.candidature(n, "albi").await;
    }
    w.opened(6).await;
    w.name("Lefèvre Anaïs", 1);
    w.name("Martin Paul", 2);
    w.name("Martin Paul", 3);
    w.name("Petit Lucie", 4);
    w.name("Roux Jean", 5);
    w.name("Blanc Zoé", 6);
    let mut parent = pay(7600, "LEFEVRE_ANAIS_admission sur titre 2026", "N1");
    parent.who = "M. JEAN ROUX".into();
    let mut by_payer = pay(7600, "frais", "N5");
    by_payer.who = "Roux Jean".into();
    let mut debit = pay(-7600, "Petit Lucie", "N6");
    debit.who = "Petit Lucie".into();
    let lines = [
        parent,
        pay(7600, "Martin_Paul_admission sur titre 2026", "N2"),
        pay(7500, "Petit_Lucie_admission sur titre 2026", "N3"),
        pay(7600, "Blanc_Zoé_admission sur titre 2026", "N4"),
        by_payer,
        debit,
        pay(7600, "nobody", "N7"),
    ];
    let done = w.import("albi", &camt(ALBI, "EUR", &lines)).await;
    assert!(outcomes(&done).iter().all(|o| *o == LineOutcome::Queued));
    assert_eq!(w.unmatched("albi").await.search_pending, 6, "a debit is not looked for");
    w.search().await;
    let waiting = w.unmatched("albi").await;
    assert_eq!((waiting.waiting, waiting.search_pending), (5, 0));
    let told: Vec<_> = waiting.lines.iter().map(|l| (l.bank_reference.as_str(), l.outcome())).collect();
    assert_eq!(
        told,
        [
            ("N2", LineOutcome::QueuedAmbiguous),
            ("N3", LineOutcome::Queued),
            ("N4", LineOutcome::Queued),
            ("N6", LineOutcome::Queued),
            ("N7", LineOutcome::Queued),
        ]
    );
    assert_eq!((w.status(1).await, w.status(5).await), (FeeStatus::Settled, FeeStatus::Settled));
    // Once searched, a later search changes nothing, whatever intake knows by then.
    w.name("nobody", 4);
    let before = w.traces().await;
    w.search().await;
    assert_eq!(w.traces().await, before);
    w.balance("albi").await;
}

#[tokio::test]
async fn the_bank_takes_back_refunds_leave_and_come_back() {
    let w = world("returns").await;
    for n in 1..=3 {
        w.candidature(n, "albi").await;
    }
    let with = |mut p: Pay, e2e: &str, reversal: bool| {
        p.end_to_end = e2e.into();
        p.reversal = reversal;
        p
    };
    // Paid and taken back within one file, known by the payer's reference alone.
    let lines = [with(pay(7600, &reference(1), "R1"), "E1", false), with(pay(-7600, "RETOUR", "R2"), "E1", true)];
    let done = w.import("albi", &camt(ALBI, "EUR", &lines)).await;
    assert_eq!(outcomes(&done), [LineOutcome::Settles, LineOutcome::Returned]);
    assert_eq!(w.status(1).await, FeeStatus::Due);
    // Paid in one file, taken back in a later one.
    w.import("albi", &camt(ALBI, "EUR", &[with(pay(7600, &reference(2), "R3"), "E2", false)])).await;
    let later = w.import("albi", &camt(ALBI, "EUR", &[with(pay(-7600, "RETOUR", "R4"), "E2", true)])).await;
    assert_eq!(outcomes(&later), [LineOutcome::Returned]);
    // A reversal that points to nothing waits for a person.
    let lost = w.import("albi", &camt(ALBI, "EUR", &[with(pay(-7600, "RETOUR", "R5"), "E9", true)])).await;
    assert_eq!(outcomes(&lost), [LineOutcome::Queued]);

    w.import("albi", &camt(ALBI, "EUR", &[pay(15_200, &reference(3), "R6")])).await;
    let refund = contracts::payments::RecordRefundRequest {
        dossier_id: dossier(3).to_string(),
        cents: 7600,
        reason: "trop perçu".into(),
        receipt: "OD-1".into(),
    };
    let fee = answer(w.grpc.record_refund(clerk("albi", refund.clone())).await);
    assert_eq!((fee.status(), fee.received_cents), (FeeStatus::Settled, 7600));
    let version = fee.version;
    assert_eq!(answer(w.grpc.record_refund(clerk("albi", refund)).await).version, version, "once");
    assert_eq!(w.balance("albi").await.refunds_cents, 7600);
    let sent = w.import("albi", &camt(ALBI, "EUR", &[pay(-7600, &format!("REMB {}", reference(3)), "R7")])).await;
    assert_eq!(outcomes(&sent), [LineOutcome::RefundSent]);
    assert_eq!(w.balance("albi").await.refunds_cents, 0);
    assert_eq!(w.status(3).await, FeeStatus::Settled);
    let back = w.import("albi", &camt(ALBI, "EUR", &[with(pay(7600, &reference(3), "R8"), "", true)])).await;
    assert_eq!(outcomes(&back), [LineOutcome::RefundCameBack]);
    assert_eq!(w.status(3).await, FeeStatus::Over);
    let (entries, closing) = w.ledger("albi", 3).await;
    assert_eq!(closing, w.balance("albi").await.bank_cents);
    assert!(entries.len() > 12);
}

#[tokio::test]
async fn facts_follow_the_status_and_the_payee_hears_from_cloture_on() {
    let w = world("facts").await;
    w.opened(1).await;
    w.claimed(1, FeeClaim::Transfer, "ales").await;
    w.claimed(1, FeeClaim::Transfer, "albi").await;
    assert_eq!(w.told("ADMISSIONS").await, Vec::<String>::new(), "a first choice that may change is nobody's business");
    w.closed(1, "albi").await;
    w.import("albi", &camt(ALBI, "EUR", &[pay(7600, &reference(1), "B1")])).await;
    let facts = w.told("FACTS").await;
    let statuses: Vec<(FeeStatus, String)> = facts
        .iter()
        .map(|f| serde_json::from_str::<contracts::payments::FeeChanged>(f).unwrap())
        .map(|f| (f.status(), f.payee_school))
        .collect();
    assert_eq!(
        statuses,
        [
            (FeeStatus::Declared, "ales".to_owned()),
            (FeeStatus::Declared, "albi".to_owned()),
            (FeeStatus::Declared, "albi".to_owned()),
            (FeeStatus::Settled, "albi".to_owned()),
        ]
    );
    let published = w.told("ADMISSIONS").await;
    assert_eq!(published.len(), 2);
    assert!(
        published[1].contains("\"status\":\"SETTLED\"") && published[1].contains("\"school\":\"albi\""),
        "{published:?}"
    );
}

#[tokio::test]
async fn money_that_comes_before_any_claim_is_held_until_the_payee_is_known() {
    let w = world("early").await;
    w.opened(1).await;
    let done = w.import("albi", &camt(ALBI, "EUR", &[pay(7600, &reference(1), "B1")])).await;
    assert_eq!(outcomes(&done), [LineOutcome::Short]);
    assert_eq!(w.status(1).await, FeeStatus::Due);
    assert_eq!(w.balance("albi").await.other_school_cents, 7600);
    w.claimed(1, FeeClaim::Transfer, "albi").await;
    assert_eq!(w.status(1).await, FeeStatus::Settled);
    let balance = w.balance("albi").await;
    assert_eq!((balance.accounts_cents, balance.other_school_cents), (7600, 0));
}

#[tokio::test]
async fn an_invented_session_needs_no_code() {
    let text = include_str!("../../../../tests/sessions/invented.toml");
    let w = world_of("invented", text).await;
    let school = w.app.session.schools[2].clone();
    w.candidature(1, &school.id).await;
    let fee = w.app.session.fee.cents;
    let file = camt(&school.account.iban, &w.app.session.currency, &[pay(fee, &reference(1), "B1")]);
    assert_eq!(outcomes(&w.import(&school.id, &file).await), [LineOutcome::Settles]);
    let shown = w.fee(1).await;
    assert_eq!((shown.due_cents, shown.payee_school, shown.currency), (fee, school.id, w.app.session.currency.clone()));
}

#[tokio::test]
async fn control_characters_are_a_fault_of_the_file_and_not_of_the_database() {
    let w = world("control").await;
    w.candidature(1, "albi").await;
    let before = w.traces().await;
    let nul = camt(ALBI, "EUR", &[pay(7600, "MERCI\0", "B1")]);
    let escaped = camt(ALBI, "EUR", &[pay(7600, "MERCI", "B&#x1;1")]);
    let cfonb = include_str!("../../fixtures/releve.cfonb120").replacen("VIR", "V\0R", 1).into_bytes();
    assert!(cfonb.contains(&0));
    for file in [nul, escaped, cfonb] {
        let refused = refusal(w.try_import("albi", &file).await);
        assert_eq!((refused.reason.as_str(), refused.fields.len()), ("STATEMENT_INVALID", 1), "{refused:?}");
        assert!(refused.fields[0].1.ends_with("holds a control character"), "{refused:?}");
    }
    assert_eq!(w.traces().await, before);
}
