#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

const FEE: Cents = Cents::new(7600);

fn claimed(claim: Claim, school: &str) -> Entry {
    Entry::Claimed { claim, school: school.into() }
}
fn closed(school: &str) -> Entry {
    Entry::Closed { school: school.into(), claim: None }
}
fn moved(school: &str, kind: Kind, cents: i64) -> Entry {
    Entry::Moved(Movement { school: school.into(), kind, cents: Cents::new(cents) })
}
fn received(school: &str, cents: i64) -> Entry {
    moved(school, Kind::Placed(PlacedAs::Received), cents)
}
fn status_of(history: &[Entry]) -> Status {
    standing(FEE, history).status
}

#[test]
fn every_status_of_r22_is_reached() {
    let transfer = || claimed(Claim::Transfer, "a");
    let exemption = || claimed(Claim::Exemption, "a");
    let decided = |accepted| Entry::ExemptionDecided { accepted };
    let table: Vec<(Vec<Entry>, Status)> = vec![
        (vec![], Status::Due),
        (vec![transfer()], Status::Declared),
        (vec![transfer(), closed("a"), received("a", 7600)], Status::Settled),
        (vec![transfer(), received("a", 7599)], Status::Short),
        (vec![transfer(), received("a", 7599), received("a", 1)], Status::Settled),
        (vec![transfer(), received("a", 7600), received("a", 7600)], Status::Over),
        (vec![exemption()], Status::ExemptionRequested),
        (vec![exemption(), closed("a"), decided(true)], Status::Exempt),
        (vec![exemption(), closed("a"), decided(false)], Status::ExemptionRefused),
        (vec![exemption(), closed("a"), decided(false), received("a", 7600)], Status::Settled),
        (vec![exemption(), closed("a"), decided(false), decided(true)], Status::Exempt),
        (vec![exemption(), received("a", 7600), decided(true)], Status::Over),
        (vec![exemption(), received("a", 7600), decided(true), moved("a", Kind::Refunded, 7600)], Status::Exempt),
        (vec![transfer(), received("a", 7600), moved("a", Kind::Refunded, 7600)], Status::Refunded),
        (vec![transfer(), received("a", 15200), moved("a", Kind::Refunded, 7600)], Status::Settled),
        (vec![transfer(), received("a", 7600), moved("a", Kind::Placed(PlacedAs::TakenBack), -7600)], Status::Due),
        (vec![transfer(), moved("a", Kind::OtherMeans, 7600)], Status::Settled),
        (vec![transfer(), Entry::NotACandidature], Status::NotOwed),
        (vec![transfer(), Entry::NotACandidature, transfer()], Status::Declared),
        (vec![received("a", 7600), Entry::NotACandidature, closed("a")], Status::Settled),
        (vec![transfer(), received("a", 7600), Entry::NotACandidature], Status::Over),
        (
            vec![transfer(), received("a", 7600), Entry::NotACandidature, moved("a", Kind::Refunded, 7600)],
            Status::Refunded,
        ),
        (vec![received("b", 7600)], Status::Due),
    ];
    for (history, expected) in table {
        assert_eq!(status_of(&history), expected, "{history:?}");
    }
}

#[test]
fn money_at_another_school_is_shown_and_settles_nothing() {
    let history = [claimed(Claim::Transfer, "a"), received("a", 7600), closed("b")];
    let s = standing(FEE, &history);
    assert_eq!(s.status, Status::Declared);
    assert_eq!((s.received(), s.outstanding()), (Cents::ZERO, FEE));
    assert_eq!(s.elsewhere().collect::<Vec<_>>(), [(&"a".to_owned(), FEE)]);
}

#[test]
fn the_payee_is_fixed_at_cloture() {
    let s = standing(FEE, &[closed("a"), claimed(Claim::Transfer, "b")]);
    assert_eq!(s.payee.as_deref(), Some("a"));
    assert!(s.closed);
}

#[test]
fn a_payment_taken_back_after_its_refund_is_owed_besides() {
    let s = standing(
        FEE,
        &[
            claimed(Claim::Transfer, "a"),
            received("a", 7600),
            moved("a", Kind::Refunded, 7600),
            moved("a", Kind::Placed(PlacedAs::TakenBack), -7600),
        ],
    );
    assert_eq!((s.status, s.received(), s.outstanding()), (Status::Short, -FEE, Cents::new(15200)));
}

#[test]
fn a_refund_is_ordered_then_seen_leaving() {
    let mut history = vec![claimed(Claim::Transfer, "a"), received("a", 7600), moved("a", Kind::Refunded, 7600)];
    assert_eq!(standing(FEE, &history).refunds_ordered.get("a"), Some(&FEE));
    history.push(moved("a", Kind::Placed(PlacedAs::RefundSent), -7600));
    let s = standing(FEE, &history);
    assert_eq!((s.status, s.refunds_ordered.len()), (Status::Refunded, 0));
    // It could not be delivered: the school holds it again.
    history.push(moved("a", Kind::Placed(PlacedAs::RefundCameBack), 7600));
    assert_eq!(standing(FEE, &history).status, Status::Settled);
}

#[test]
fn who_may_decide_what() {
    let open = standing(FEE, &[claimed(Claim::Exemption, "a")]);
    assert_eq!(decide_exemption(&open, true, ""), Err(AccountRefused::NotClosed));
    let asked = standing(FEE, &[claimed(Claim::Exemption, "a"), closed("a")]);
    assert_eq!(decide_exemption(&asked, false, " "), Err(AccountRefused::NoReason));
    assert_eq!(decide_exemption(&asked, true, ""), Ok(Some(Entry::ExemptionDecided { accepted: true })));
    let exempt =
        standing(FEE, &[closed("a"), claimed(Claim::Exemption, "a"), Entry::ExemptionDecided { accepted: true }]);
    assert_eq!(decide_exemption(&exempt, true, ""), Ok(None), "a second time adds nothing");
    let paying = standing(FEE, &[claimed(Claim::Transfer, "a"), closed("a")]);
    assert_eq!(decide_exemption(&paying, true, ""), Err(AccountRefused::NothingAsked));

    assert!(matches!(other_means(&paying, "b", FEE), Err(AccountRefused::NotThePayee { .. })));
    assert_eq!(other_means(&paying, "a", Cents::ZERO), Err(AccountRefused::Amount(Cents::ZERO)));
    assert_eq!(other_means(&paying, "a", Cents::new(i64::MAX)), Err(AccountRefused::Amount(Cents::new(i64::MAX))));
    let refused = refund(&paying, "a", Cents::new(1));
    assert_eq!(refused, Err(AccountRefused::NotHeld { school: "a".into(), held: Cents::ZERO, asked: Cents::new(1) }));
}
