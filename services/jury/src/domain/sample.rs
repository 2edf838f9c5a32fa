//! Candidatures for the tests of this crate: an invented session of two schools and two filières.

#![allow(clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Application, Candidature, Decision, Determination, Mark, Member, OralResult, OralRules, Reading, Two, Verdict,
};

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn two() -> Two {
    let member = |subject: &str, president| Member { subject: subject.into(), president };
    Two::of(member("anne", false), member("bob", true)).unwrap()
}

pub fn rules() -> OralRules {
    OralRules {
        exams: vec!["interview".into(), "english".into()],
        highest: Mark::from_hundredths(2000),
        eliminating: Mark::from_hundredths(400),
    }
}

pub fn verdict(admissible: bool) -> Verdict {
    Verdict { admissible, reason: "examined".into() }
}

pub fn open(school: &str) -> Application {
    Application { school: school.into(), reading: Some(Reading::Open), determination: None }
}

/// Closed, undecided, open at both schools.
pub fn fresh(n: u128) -> Candidature {
    Candidature {
        dossier: id(n),
        filiere: "F".into(),
        first_school: "north".into(),
        schools: vec![open("north"), open("south")],
        decision: Decision::Undecided,
        annulled: false,
        results: std::collections::BTreeMap::new(),
    }
}

/// Signed admissible, with two good marks.
pub fn admitted(n: u128) -> Candidature {
    let mark = OralResult::Marked(Mark::from_hundredths(1250));
    Candidature {
        decision: Decision::Signed(verdict(true)),
        results: rules().exams.into_iter().map(|e| (e, mark)).collect(),
        ..fresh(n)
    }
}

pub fn reading() -> impl Strategy<Value = Option<Reading>> {
    prop_oneof![Just(None), Just(Some(Reading::Open)), Just(Some(Reading::Closed)), Just(Some(Reading::ForJury))]
}

pub fn determination() -> impl Strategy<Value = Determination> {
    any::<bool>().prop_map(|recevable| Determination { recevable, reason: "found".into() })
}

/// Any candidature at all, most of them admissible.
pub fn candidature() -> impl Strategy<Value = Candidature> {
    let application = |school: &'static str| {
        (reading(), proptest::option::of(determination())).prop_map(move |(reading, determination)| Application {
            school: school.into(),
            reading,
            determination,
        })
    };
    let decision = prop_oneof![
        1 => Just(Decision::Undecided),
        1 => any::<bool>().prop_map(|a| Decision::Draft(verdict(a))),
        6 => prop_oneof![4 => Just(true), 1 => Just(false)].prop_map(|a| Decision::Signed(verdict(a))),
    ];
    let result = prop_oneof![
        1 => Just(None),
        1 => Just(Some(OralResult::Absent)),
        6 => (300_u32..2000).prop_map(|h| Some(OralResult::Marked(Mark::from_hundredths(h)))),
    ];
    (
        application("north"),
        application("south"),
        0_u8..3,
        decision,
        proptest::bool::weighted(0.1),
        (result.clone(), result),
        0_u8..8,
    )
        .prop_map(|(north, south, which, decision, annulled, (interview, english), filiere)| Candidature {
            schools: match which {
                0 => vec![north],
                1 => vec![south],
                _ => vec![north, south],
            },
            decision,
            annulled,
            filiere: if filiere == 0 { "G" } else { "F" }.into(),
            results: [("interview", interview), ("english", english)]
                .into_iter()
                .filter_map(|(exam, result)| result.map(|r| (exam.to_owned(), r)))
                .collect(),
            ..fresh(0)
        })
}
