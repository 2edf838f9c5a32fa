#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use notice::{Depositor, Due};

use super::*;
use crate::domain::{
    catalogue::Kind,
    completeness::Missing,
    file::MediaType,
    form::{StudyYear, Title},
    verification::PieceVerdict,
};

/// An invented session: two schools and more, pieces of every sort.
pub(crate) fn catalogue() -> Catalogue {
    let kind = |id: &str, due: Due, by: Depositor, group: Option<&str>, filieres: &[&str]| Kind {
        id: id.into(),
        label: format!("la pièce {id}"),
        source: "§9".into(),
        by,
        due,
        filieres: filieres.iter().map(|f| (*f).to_owned()).collect(),
        group: group.map(str::to_owned),
        formats: vec![MediaType::Pdf, MediaType::Png],
        max_bytes: 1000,
    };
    let both = &["x", "y"][..];
    Catalogue {
        schools: vec!["nord".into(), "sud".into(), "est".into()],
        kinds: vec![
            kind("identity", Due::Closing, Depositor::Candidate, None, both),
            kind("fiche_a", Due::Closing, Depositor::Referee, Some("fiche"), both),
            kind("letter", Due::Closing, Depositor::Candidate, None, both),
            kind("fiche_b", Due::Closing, Depositor::Candidate, Some("fiche"), both),
            kind("synoptic", Due::Closing, Depositor::Candidate, None, &["x"]),
            kind("crous", Due::ClosingIfExempt, Depositor::Candidate, None, both),
            kind("diploma", Due::Titles, Depositor::Candidate, None, both),
        ],
        attestation: "crous".into(),
    }
}

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_772_000_000_000 + ms).unwrap()
}

pub(crate) fn identity() -> Identity {
    Identity {
        family_name: "Roux".into(),
        first_names: "Ada".into(),
        birth_date: jiff::civil::date(2004, 5, 6),
        birth_place: String::new(),
        email: "ada@exemple.fr".into(),
        nationality: "FR".into(),
        phone: String::new(),
        postal_address: String::new(),
    }
}

pub(crate) fn stated(filiere: &str, closed: &[&str]) -> Stated {
    let standing = |s: &String| Standing {
        school: s.clone(),
        recevabilite: if closed.contains(&s.as_str()) { Recevabilite::Closed } else { Recevabilite::Open },
        table: "Tableau 9".into(),
        row: "Chimie".into(),
    };
    Stated {
        title: Title { diploma: "d".into(), mention: "Chimie".into(), equivalent_to: String::new() },
        filiere: filiere.into(),
        standings: catalogue().schools.iter().map(standing).collect(),
    }
}

pub(crate) fn piece(id: u128, kind: &str) -> Piece {
    Piece {
        id: Uuid::from_u128(id),
        kind: kind.into(),
        name: "p.pdf".into(),
        size: 10,
        sha256: [u8::try_from(id % 251).unwrap(); 32],
        media: MediaType::Pdf,
        checked: None,
        deposited_at: at(0),
        purpose: Purpose::Piece,
        corrects: None,
        verdict: None,
    }
}

pub(crate) fn empty() -> Dossier {
    Dossier::open(Uuid::from_u128(1), 7, identity(), at(0))
}

/// A dossier of filière `y` with nothing missing.
pub(crate) fn complete() -> Dossier {
    let c = catalogue();
    let year =
        StudyYear { year: "2024-2025".into(), institution: "U".into(), formation: "L2".into(), result: String::new() };
    let change = Change {
        studies: Some(Studies { years: vec![year], earlier_graduate: false }),
        title: Some(stated("y", &["est"])),
        ..Change::default()
    };
    let mut d = empty().update(change).unwrap().0.set_order(vec!["sud".into(), "nord".into()], &c).unwrap().0;
    for (id, kind) in [(11, "identity"), (12, "letter"), (13, "fiche_b")] {
        d = d.add_piece(piece(id, kind), &c).unwrap();
    }
    d.claim_fee(FeeClaim::Transfer, at(5), &c).unwrap().0
}

fn closed() -> Dossier {
    complete().close(at(10), &catalogue()).unwrap().0
}

#[test]
fn an_empty_dossier_lists_everything_missing_at_once() {
    let Err(CloseRefused::Incomplete(missing)) = empty().close(at(1), &catalogue()) else { panic!("closed") };
    assert_eq!(missing.iter().map(Missing::what).collect::<Vec<_>>(), ["studies", "title", "order", "fee"]);

    // With a title the pieces of its filière are known, and a group is one thing.
    let titled = empty().update(Change { title: Some(stated("x", &[])), ..Change::default() }).unwrap().0;
    let Err(CloseRefused::Incomplete(missing)) = titled.close(at(1), &catalogue()) else { panic!("closed") };
    let pieces: Vec<_> = missing.iter().filter(|m| m.what() == "piece").map(Missing::any_of).collect();
    assert_eq!(pieces, [vec!["identity"], vec!["fiche_a", "fiche_b"], vec!["letter"], vec!["synoptic"]]);
}

#[test]
fn each_single_thing_taken_away_blocks_the_cloture() {
    let c = catalogue();
    assert!(complete().close(at(10), &c).is_ok());
    let without = |edit: &dyn Fn(&mut Dossier)| {
        let mut d = complete();
        edit(&mut d);
        let Err(CloseRefused::Incomplete(missing)) = d.close(at(10), &c) else { panic!("closed") };
        missing
    };
    assert_eq!(without(&|d| d.studies.years.clear()), [Missing::Studies]);
    assert_eq!(without(&|d| d.order.clear()), [Missing::Order]);
    assert_eq!(without(&|d| d.fee = None), [Missing::Fee]);
    assert_eq!(without(&|d| d.title = None), [Missing::Title]);
    for (i, any_of) in [(0, vec!["identity"]), (1, vec!["letter"]), (2, vec!["fiche_a", "fiche_b"])] {
        let missing = without(&|d| drop(d.pieces.remove(i)));
        assert_eq!(missing.iter().map(Missing::any_of).collect::<Vec<_>>(), [any_of]);
    }
    let closed_school = without(&|d| d.title = Some(stated("y", &["nord"])));
    assert_eq!(closed_school, [Missing::ClosedSchool { school: "nord".into(), table: "Tableau 9".into() }]);
}

#[test]
fn either_fiche_does() {
    let c = catalogue();
    let mut d = complete();
    d.pieces.retain(|p| p.kind != "fiche_b");
    assert!(d.clone().close(at(10), &c).is_err());
    let d = d.deposit_fiche(Fiche { deposited_at: at(6), digest: [3; 32] }).unwrap();
    assert!(d.close(at(10), &c).is_ok());
}

#[test]
fn an_exemption_needs_its_attestation_when_asked_for_and_at_cloture() {
    let c = catalogue();
    let wanted = FeeClaim::Exemption { attestation: Uuid::from_u128(20) };
    assert_eq!(complete().claim_fee(wanted, at(6), &c), Err(FeeRefused::AttestationMissing(Uuid::from_u128(20))));
    // A piece of another kind is no attestation.
    let letter = FeeClaim::Exemption { attestation: Uuid::from_u128(12) };
    assert!(matches!(complete().claim_fee(letter, at(6), &c), Err(FeeRefused::AttestationMissing(_))));
    let d = complete().add_piece(piece(20, "crous"), &c).unwrap().claim_fee(wanted, at(6), &c).unwrap().0;
    assert!(d.clone().close(at(10), &c).is_ok());
    let (d, was_there) = d.remove_piece(Uuid::from_u128(20)).unwrap();
    assert!(was_there);
    assert_eq!(d.close(at(10), &c), Err(CloseRefused::Incomplete(vec![Missing::Attestation { kind: "crous".into() }])));
}

#[test]
fn a_claim_needs_a_payee_and_the_same_one_twice_changes_nothing() {
    let c = catalogue();
    assert_eq!(empty().claim_fee(FeeClaim::Transfer, at(1), &c), Err(FeeRefused::OrderMissing));
    let (d, changed) = complete().claim_fee(FeeClaim::Transfer, at(99), &c).unwrap();
    assert!(!changed);
    assert_eq!(d.fee, Some((FeeClaim::Transfer, at(5))));
}

#[test]
fn a_closed_school_cannot_be_ordered_and_the_refusal_cites_the_table() {
    let c = catalogue();
    let d = empty().update(Change { title: Some(stated("y", &["est"])), ..Change::default() }).unwrap().0;
    let refused = d.clone().set_order(vec!["sud".into(), "est".into()], &c).unwrap_err();
    assert_eq!(refused.to_string(), "Tableau 9 closes est to this title (Chimie)");
    for order in [vec![], vec!["sud", "sud"], vec!["ouest"]] {
        let order = order.into_iter().map(str::to_owned).collect();
        assert!(matches!(d.clone().set_order(order, &c), Err(OrderRefused::Malformed(_))));
    }
    assert_eq!(empty().set_order(vec!["sud".into()], &c), Err(OrderRefused::TitleMissing));
    // What the jury decides may be ordered (R17).
    let mut for_jury = stated("y", &[]);
    for_jury.standings[2].recevabilite = Recevabilite::ForJury;
    let d = empty().update(Change { title: Some(for_jury), ..Change::default() }).unwrap().0;
    assert!(d.set_order(vec!["est".into()], &c).is_ok());
}

#[test]
fn a_change_of_title_clears_an_order_it_no_longer_fits_and_only_then() {
    let fits = Change { title: Some(stated("x", &["est"])), ..Change::default() };
    let (d, cleared) = complete().update(fits).unwrap();
    assert!(!cleared);
    assert_eq!(d.order, ["sud", "nord"]);
    let closes = Change { title: Some(stated("x", &["nord"])), ..Change::default() };
    let (d, cleared) = complete().update(closes).unwrap();
    assert!(cleared);
    assert!(d.order.is_empty());
}

#[test]
fn a_new_first_school_is_a_new_payee() {
    let c = catalogue();
    assert!(complete().set_order(vec!["nord".into(), "sud".into()], &c).unwrap().1);
    assert!(!complete().set_order(vec!["sud".into()], &c).unwrap().1);
    let mut unclaimed = complete();
    unclaimed.fee = None;
    assert!(!unclaimed.set_order(vec!["nord".into()], &c).unwrap().1);
}

#[test]
fn the_cloture_happens_once_and_a_second_answers_with_the_same_receipt() {
    let c = catalogue();
    let (d, fresh) = complete().close(at(10), &c).unwrap();
    assert!(fresh);
    let (again, fresh) = d.clone().close(at(11), &c).unwrap();
    assert!(!fresh);
    assert_eq!(again, d);
    let State::Closed(receipt) = d.state else { panic!("not closed") };
    assert_eq!((receipt.closed_at, receipt.number), (at(10), 7));
}

#[test]
fn after_cloture_nothing_is_edited_and_the_order_cites_3_1() {
    let c = catalogue();
    let not_editable = NotEditable { state: StateName::Closed };
    assert_eq!(closed().update(Change::default()).unwrap_err(), not_editable);
    assert_eq!(closed().remove_piece(Uuid::from_u128(11)).unwrap_err(), not_editable);
    assert_eq!(closed().deposit_fiche(Fiche { deposited_at: at(11), digest: [0; 32] }).unwrap_err(), not_editable);
    assert_eq!(closed().claim_fee(FeeClaim::Transfer, at(11), &c), Err(FeeRefused::NotEditable(not_editable)));
    let refused = closed().set_order(vec!["sud".into()], &c).unwrap_err();
    assert_eq!(refused, OrderRefused::Final);
    assert!(refused.to_string().contains("§3.1"));
    assert!(matches!(closed().add_piece(piece(30, "letter"), &c), Err(PieceRefused::WrongState { .. })));
}

#[test]
fn late_pieces_and_corrections_are_added_to_a_closed_dossier_only() {
    let c = catalogue();
    let late = |kind: &str| Piece { purpose: Purpose::Late, ..piece(40, kind) };
    assert_eq!(closed().add_piece(late("diploma"), &c).unwrap().pieces.len(), 4);
    assert_eq!(closed().add_piece(late("letter"), &c), Err(PieceRefused::Kind("letter".into())));
    assert!(matches!(complete().add_piece(late("diploma"), &c), Err(PieceRefused::WrongState { .. })));
    let correction = Piece { purpose: Purpose::Correction, corrects: Some(Uuid::from_u128(12)), ..piece(41, "letter") };
    assert!(closed().add_piece(correction.clone(), &c).is_ok());
    assert!(complete().add_piece(correction, &c).is_err());
    // A title may also be there from the start.
    assert!(complete().add_piece(piece(42, "diploma"), &c).is_ok());
}

#[test]
fn kinds_sizes_formats_and_counts_are_those_of_the_session() {
    let c = catalogue();
    assert_eq!(empty().add_piece(piece(1, "nope"), &c), Err(PieceRefused::Kind("nope".into())));
    // What a referee deposits a candidate cannot (R11).
    assert_eq!(empty().add_piece(piece(1, "fiche_a"), &c), Err(PieceRefused::Kind("fiche_a".into())));
    for size in [0, 1001] {
        let refused = empty().add_piece(Piece { size, ..piece(1, "letter") }, &c);
        assert_eq!(refused, Err(PieceRefused::Size { size, most: 1000 }));
    }
    assert!(empty().add_piece(Piece { size: 1000, ..piece(1, "letter") }, &c).is_ok());
    let jpeg = Piece { media: MediaType::Jpeg, ..piece(1, "letter") };
    assert!(matches!(empty().add_piece(jpeg, &c), Err(PieceRefused::Media { .. })));
    let mut d = empty();
    for id in 0..MOST_FILES_PER_KIND as u128 {
        d = d.add_piece(piece(id, "letter"), &c).unwrap();
    }
    assert_eq!(d.clone().add_piece(piece(99, "letter"), &c), Err(PieceRefused::TooMany("letter".into())));
    assert!(d.add_piece(piece(99, "identity"), &c).is_ok());
}

#[test]
fn the_end_of_the_window_ends_open_dossiers_only() {
    let c = catalogue();
    let (ended, told) = complete().window_ended(at(50));
    assert!(told);
    assert_eq!(ended.clone().close(at(51), &c), Err(CloseRefused::NotACandidature { at: at(50) }));
    assert_eq!(ended.clone().update(Change::default()).unwrap_err().state, StateName::NotClosed);
    assert!(!ended.window_ended(at(60)).1);
    let (still, told) = closed().window_ended(at(50));
    assert!(!told);
    assert_eq!(still, closed());
}

#[test]
fn a_reopened_window_opens_what_it_ended_and_nothing_else() {
    let ended = complete().window_ended(at(50)).0;
    assert!(!ended.clone().window_reopened(at(50)).1, "the same end is no reopening");
    let (open, reopened) = ended.window_reopened(at(51));
    assert!(reopened);
    assert_eq!(open, complete());
    assert!(open.close(at(50), &catalogue()).is_ok());
    let (still, reopened) = closed().window_reopened(at(51));
    assert!(!reopened);
    assert_eq!(still, closed());
}

type Edit = Box<dyn Fn(&mut Dossier)>;

#[test]
fn the_digest_covers_every_part_of_what_was_closed() {
    let c = catalogue();
    let of = |d: Dossier| match d.close(at(10), &c).unwrap().0.state {
        State::Closed(r) => r.digest,
        _ => panic!("not closed"),
    };
    let base = of(complete());
    assert_eq!(base, of(complete()));
    let edits: [Edit; 8] = [
        Box::new(|d| d.identity.birth_place = "Albi".into()),
        Box::new(|d| d.order.reverse()),
        Box::new(|d| d.order.truncate(1)),
        Box::new(|d| d.pieces[0].sha256 = [9; 32]),
        Box::new(|d| d.other_route_declared = true),
        Box::new(|d| d.fiche = Some(Fiche { deposited_at: at(1), digest: [1; 32] })),
        Box::new(|d| d.studies.years[0].result = "AB".into()),
        // A value that imitates the next field.
        Box::new(|d| d.identity.postal_address = "x\nearlier_graduate 4\ntrue".into()),
    ];
    for (i, edit) in edits.iter().enumerate() {
        let mut d = complete();
        edit(&mut d);
        assert_ne!(of(d), base, "edit {i}");
    }
    // Not the order in which pieces arrived, nor what the school finds of them later.
    let mut d = complete();
    d.pieces.reverse();
    d.pieces[0].verdict = Some(PieceVerdict::Ok);
    assert_eq!(of(d), base);
}
