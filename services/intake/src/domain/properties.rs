//! Whatever is tried, in whatever order: a closed dossier keeps what was closed, and stays recomputable.
#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    completeness::missing,
    dossier::{
        Change, Dossier, FeeClaim, Fiche, Piece, Purpose, State,
        tests::{at, catalogue, empty, identity, piece, stated},
    },
    form::{Identity, Studies, StudyYear},
    receipt::digest,
};

#[derive(Debug, Clone)]
enum Try {
    Rename(String),
    Study(bool),
    Title(bool, Vec<usize>),
    Order(Vec<usize>),
    Add(u128, usize, Purpose),
    Remove(u128),
    Fiche,
    Claim(Option<u128>),
    Close,
    WindowEnds,
    WindowReopens,
    Abandon,
}

const KINDS: [&str; 8] = ["identity", "letter", "fiche_b", "synoptic", "crous", "diploma", "fiche_a", "nope"];
const SCHOOLS: [&str; 4] = ["nord", "sud", "est", "ouest"];

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let purpose = prop_oneof![6 => Just(Purpose::Piece), 1 => Just(Purpose::Late), 1 => Just(Purpose::Correction)];
    let one = prop_oneof![
        1 => "[a-z]{1,5}".prop_map(Try::Rename),
        2 => any::<bool>().prop_map(Try::Study),
        2 => (any::<bool>(), prop::collection::vec(0usize..3, 0..2)).prop_map(|(x, c)| Try::Title(x, c)),
        3 => prop::collection::vec(0usize..4, 0..4).prop_map(Try::Order),
        8 => (0u128..20, 0usize..8, purpose).prop_map(|(id, kind, p)| Try::Add(id, kind, p)),
        1 => (0u128..20).prop_map(Try::Remove),
        1 => Just(Try::Fiche),
        2 => prop::option::of(0u128..20).prop_map(Try::Claim),
        4 => Just(Try::Close),
        1 => Just(Try::WindowEnds),
        1 => Just(Try::WindowReopens),
        1 => Just(Try::Abandon),
    ];
    prop::collection::vec(one, 0..80)
}

/// The dossier after the attempt: changed, or as it was when refused.
fn attempt(d: Dossier, what: Try, ms: i64) -> Dossier {
    let c = catalogue();
    let before = d.clone();
    let after = match what {
        Try::Rename(name) => {
            let mut identity = identity();
            identity.family_name = name;
            d.update(Change { identity: Some(identity), ..Change::default() }).ok().map(|(d, _)| d)
        }
        Try::Study(some) => {
            let year = StudyYear {
                year: "2024-2025".into(),
                institution: "U".into(),
                formation: "L".into(),
                result: String::new(),
            };
            let studies = Studies { years: if some { vec![year] } else { vec![] }, earlier_graduate: false };
            d.update(Change { studies: Some(studies), ..Change::default() }).ok().map(|(d, _)| d)
        }
        Try::Title(x, closed) => {
            let closed: Vec<&str> = closed.into_iter().map(|i| SCHOOLS[i]).collect();
            let title = stated(if x { "x" } else { "y" }, &closed);
            d.update(Change { title: Some(title), ..Change::default() }).ok().map(|(d, _)| d)
        }
        Try::Order(order) => {
            d.set_order(order.into_iter().map(|i| SCHOOLS[i].to_owned()).collect(), &c).ok().map(|(d, _)| d)
        }
        Try::Add(id, kind, purpose) if d.pieces.iter().all(|p| p.id != Uuid::from_u128(id)) => {
            d.add_piece(Piece { purpose, ..piece(id, KINDS[kind]) }, &c).ok()
        }
        Try::Add(..) => None,
        Try::Remove(id) => d.remove_piece(Uuid::from_u128(id)).ok().map(|(d, _)| d),
        Try::Fiche => d.deposit_fiche(Fiche { deposited_at: at(ms), digest: [1; 32] }).ok(),
        Try::Claim(attestation) => {
            let claim =
                attestation.map_or(FeeClaim::Transfer, |a| FeeClaim::Exemption { attestation: Uuid::from_u128(a) });
            d.claim_fee(claim, at(ms), &c).ok().map(|(d, _)| d)
        }
        Try::Close => d.close(at(ms), &c).ok().map(|(d, _)| d),
        Try::WindowEnds => Some(d.window_ended(at(ms)).0),
        Try::WindowReopens => Some(d.window_reopened(at(ms)).0),
        Try::Abandon => d.abandon(at(ms)).ok().map(|(d, _)| d),
    };
    after.unwrap_or(before)
}

/// What a clôture froze: everything but what was added after it.
fn frozen(d: &Dossier) -> Dossier {
    let mut frozen = d.clone();
    frozen.pieces.retain(|p| p.purpose == Purpose::Piece);
    frozen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn closed_never_changes_but_by_additions(tries in tries()) {
        let mut d = empty();
        let mut closed: Option<Dossier> = None;
        for (ms, what) in tries.into_iter().enumerate() {
            let before = d.clone();
            d = attempt(d, what, i64::try_from(ms).unwrap());
            prop_assert_eq!(d.id, before.id);
            prop_assert_eq!(d.number, before.number);
            match (&before.state, &d.state) {
                (State::Open, State::Closed(receipt)) => {
                    prop_assert!(missing(&before, &catalogue()).is_empty());
                    prop_assert!(before.order.iter().all(|s| before.title.as_ref().unwrap().allowed().any(|a| a == s)));
                    prop_assert_eq!(receipt.digest, digest(&before));
                    closed = Some(d.clone());
                }
                (State::Open, State::Abandoned { .. }) => {
                    let begun = Dossier { state: d.state.clone(), identity: Identity::nobody(), ..empty() };
                    prop_assert_eq!(&d, &begun, "something is left");
                }
                (State::Open, _) => {}
                (State::Abandoned { .. }, _) => prop_assert_eq!(&d, &before),
                (State::NotClosed { .. }, State::Open) => {
                    prop_assert_eq!(Dossier { state: State::Open, ..before }, d.clone());
                }
                (State::NotClosed { .. }, _) => prop_assert_eq!(&d, &before),
                (State::Closed(receipt), _) => {
                    let first = closed.as_ref().unwrap();
                    prop_assert_eq!(&frozen(&d), first);
                    prop_assert_eq!(receipt.digest, digest(&frozen(&d)));
                    prop_assert!(d.pieces.starts_with(&before.pieces), "a piece vanished or was replaced");
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_exactly_what_blocks(tries in tries()) {
        let mut d = empty();
        for (ms, what) in tries.into_iter().enumerate() {
            if d.state == State::Open {
                let nothing_missing = missing(&d, &catalogue()).is_empty();
                prop_assert_eq!(d.clone().close(at(0), &catalogue()).is_ok(), nothing_missing);
            }
            d = attempt(d, what, i64::try_from(ms).unwrap());
        }
    }
}
