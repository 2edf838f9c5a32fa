#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Mark,
    sample::{admitted, candidature, determination, fresh, id, rules, two, verdict},
};

fn found(recevable: bool) -> Determination {
    Determination { recevable, reason: "equivalence".into() }
}

#[test]
fn the_tables_hold_until_the_jury_finds_otherwise() {
    let mut c = fresh(1);
    c.schools[1].reading = Some(Reading::ForJury);
    assert_eq!((c.recevable_schools(), c.undetermined()), (vec!["north".into()], vec!["south".into()]));
    let (c, change) = c.determine("south", found(true)).unwrap();
    assert_eq!((c.recevable_schools().len(), change), (2, Change::Changed));
    let (c, change) = c.determine("south", found(true)).unwrap();
    assert_eq!(change, Change::Same);
    let (c, _) = c.determine("north", found(false)).unwrap();
    assert_eq!(c.recevable_schools(), ["south"]);
    let refused = c.determine("east", found(true)).unwrap_err();
    assert_eq!(
        refused,
        Refused::NotApplied { dossier: id(1), school: "east".into(), applied: vec!["north".into(), "south".into()] }
    );
}

#[test]
fn the_jury_does_not_open_what_the_tables_close() {
    let mut c = fresh(1);
    c.schools[0].reading = Some(Reading::Closed);
    let refused = c.clone().determine("north", found(true)).unwrap_err();
    assert_eq!(refused, Refused::ClosedByTables { dossier: id(1), school: "north".into() });
    assert!(c.determine("north", found(false)).is_ok());
}

#[test]
fn what_is_not_ready_is_not_signed() {
    let mut c = fresh(1);
    c.schools[1].reading = None;
    let both = c.unready();
    assert_eq!(
        both,
        [
            Refused::Undetermined { dossier: id(1), schools: vec!["south".into()] },
            Refused::Undecided { dossier: id(1) }
        ]
    );
    assert!(c.sign(&two()).is_err());
}

#[test]
fn nobody_is_admissible_nowhere() {
    let nowhere = fresh(1).determine("north", found(false)).unwrap().0.determine("south", found(false)).unwrap().0;
    let refused = nowhere.clone().draft(verdict(true)).unwrap_err();
    assert_eq!(refused, Refused::NotRecevableAnywhere { dossier: id(1) });
    assert!(nowhere.draft(verdict(false)).unwrap().0.sign(&two()).is_ok());
    // Drafted first, found not recevable afterwards: the sign-off sees it.
    let drafted = fresh(1).draft(verdict(true)).unwrap().0;
    let drafted = drafted.determine("north", found(false)).unwrap().0.determine("south", found(false)).unwrap().0;
    assert_eq!(drafted.sign(&two()), Err(Refused::NotRecevableAnywhere { dossier: id(1) }));
}

#[test]
fn a_correction_by_two_is_the_only_way_back() {
    let signed = admitted(1);
    let same = Correction { verdict: verdict(true), determinations: Vec::new() };
    assert_eq!(signed.clone().correct(&two(), same), Err(Refused::NothingToCorrect { dossier: id(1) }));
    let other = Correction { verdict: verdict(false), determinations: Vec::new() };
    assert!(!signed.correct(&two(), other.clone()).unwrap().admissible());
    assert_eq!(fresh(1).correct(&two(), other), Err(Refused::NotSigned { dossier: id(1) }));
}

#[test]
fn a_result_is_replaced_only_with_a_reason() {
    let mark = |h| OralResult::Marked(Mark::from_hundredths(h));
    let c = admitted(1);
    assert_eq!(c.clone().record("english", mark(1250), &rules(), false).unwrap().1, Change::Same);
    let refused = c.clone().record("english", mark(400), &rules(), false).unwrap_err();
    assert_eq!(refused, Refused::ResultExists { dossier: id(1), exam: "english".into() });
    let (c, _) = c.record("english", mark(400), &rules(), true).unwrap();
    assert_eq!(c.eliminated_by(&rules()), Some("english"));
    assert!(matches!(c.record("maths", mark(1), &rules(), false), Err(Refused::UnknownExam { .. })));
    let refused = fresh(1).record("english", mark(1), &rules(), false).unwrap_err();
    assert_eq!(refused, Refused::NotAdmissible { dossier: id(1) });
}

#[test]
fn an_annulled_candidature_takes_nothing_more() {
    let void = admitted(1).annul(&two()).unwrap();
    assert!(!void.admissible());
    let annulled = Refused::Annulled { dossier: id(1) };
    assert_eq!(void.clone().annul(&two()), Err(annulled.clone()));
    assert_eq!(void.clone().draft(verdict(true)), Err(annulled.clone()));
    assert_eq!(void.record("english", OralResult::Absent, &rules(), false), Err(annulled));
}

/// Anything one person alone may do.
#[derive(Debug, Clone)]
enum Alone {
    Determine(usize, Determination),
    Draft(bool),
    Record(usize, OralResult),
}

fn alone() -> impl Strategy<Value = Alone> {
    prop_oneof![
        (0_usize..3, determination()).prop_map(|(s, d)| Alone::Determine(s, d)),
        any::<bool>().prop_map(Alone::Draft),
        (0_usize..3, 0_u32..2000).prop_map(|(e, h)| Alone::Record(e, OralResult::Marked(Mark::from_hundredths(h)))),
    ]
}

fn apply(c: Candidature, act: Alone) -> Candidature {
    let before = c.clone();
    let after = match act {
        Alone::Determine(s, found) => c.determine(["north", "south", "east"][s], found).map(|(c, _)| c),
        Alone::Draft(admissible) => c.draft(verdict(admissible)).map(|(c, _)| c),
        Alone::Record(e, result) => {
            c.record(["interview", "english", "maths"][e], result, &rules(), true).map(|(c, _)| c)
        }
    };
    after.unwrap_or(before)
}

proptest! {
    /// R18: no sequence of what one person may do changes a signed decision, or where the dossier is recevable.
    #[test]
    fn signed_decisions_stand(c in candidature(), acts in proptest::collection::vec(alone(), 0..12)) {
        let signed = c.decision.signed().cloned();
        let (schools, annulled) = (c.recevable_schools(), c.annulled);
        let after = acts.into_iter().fold(c, apply);
        prop_assert_eq!(after.annulled, annulled);
        if signed.is_some() {
            prop_assert_eq!(after.decision.signed().cloned(), signed);
            prop_assert_eq!(after.recevable_schools(), schools);
        } else {
            prop_assert!(after.decision.signed().is_none());
        }
    }

    /// Whatever can be signed has a decision, no open question, and a school if it is admissible.
    #[test]
    fn what_is_signed_was_ready(c in candidature()) {
        let ready = c.unready().is_empty();
        if let Ok(signed) = c.sign(&two()) {
            prop_assert!(ready && signed.undetermined().is_empty());
            prop_assert!(!signed.admissible() || !signed.recevable_schools().is_empty());
        }
    }
}
