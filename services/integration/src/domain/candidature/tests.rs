use uuid::Uuid;

use super::*;

const USUAL: Closing = Closing { last: false, spare: false };
const SILENT: Seen = Seen { logged_in: true, answer: None };
const ABSENT: Seen = Seen { logged_in: false, answer: None };

fn answered(answer: Answer) -> Seen {
    Seen { logged_in: true, answer: Some(answer) }
}

/// Chose a, b and c in that order and is on all three tables.
fn candidature(standing: Standing) -> Candidature {
    let choice = |school: &str| Choice { school: school.into(), rank: Some(1), given_up: false, supernumerary: false };
    let choices = vec![choice("a"), choice("b"), choice("c")];
    Candidature { dossier: DossierId(Uuid::nil()), choices, standing }
}

fn open(candidature: &Candidature) -> Vec<&str> {
    candidature.open().map(|choice| choice.school.0.as_str()).collect()
}

/// R30's table, as what is left when the period has closed.
#[test]
fn each_answer_takes_its_effect_at_the_close() {
    let proposed = |answer| candidature(Standing::Proposed("b".into())).close_period(answered(answer), USUAL);
    let after = proposed(Answer::OuiDefinitif);
    assert_eq!((after.standing.clone(), open(&after)), (Standing::Accepted("b".into()), vec!["b"]));
    let after = proposed(Answer::OuiMais);
    assert_eq!((after.standing.clone(), open(&after)), (Standing::Holding("b".into()), vec!["a", "b"]));
    let after = proposed(Answer::NonMais);
    assert_eq!((after.standing.clone(), open(&after)), (Standing::Waiting, vec!["a"]));
    let after = candidature(Standing::Waiting).close_period(answered(Answer::Attente), USUAL);
    assert_eq!((after.standing.clone(), open(&after)), (Standing::Waiting, vec!["a", "b", "c"]));
}

#[test]
fn absence_and_silence_eliminate_and_nothing_else_does() {
    let close = |standing, seen| candidature(standing).close_period(seen, USUAL).standing;
    let proposed = || Standing::Proposed("b".into());
    let holding = || Standing::Holding("b".into());
    let accepted = || Standing::Accepted("b".into());
    let no_login = Standing::Eliminated(Reason::NoLogin);
    assert_eq!(close(proposed(), ABSENT), no_login);
    assert_eq!(close(holding(), ABSENT), no_login);
    assert_eq!(close(Standing::Waiting, ABSENT), no_login);
    assert_eq!(close(proposed(), SILENT), Standing::Eliminated(Reason::NoAnswer));
    assert_eq!(close(holding(), SILENT), holding());
    assert_eq!(close(Standing::Waiting, SILENT), Standing::Waiting);
    assert_eq!(close(accepted(), ABSENT), accepted());
    assert_eq!(close(Standing::NotRetained, ABSENT), Standing::NotRetained);
    assert_eq!(close(Standing::Resigned, ABSENT), Standing::Resigned);
}

#[test]
fn after_an_outage_a_person_may_spare_everyone() {
    let spare = Closing { last: false, spare: true };
    let proposed = candidature(Standing::Proposed("b".into()));
    assert_eq!(proposed.clone().close_period(ABSENT, spare).standing, Standing::Holding("b".into()));
    assert_eq!(candidature(Standing::Waiting).close_period(ABSENT, spare).standing, Standing::Waiting);
    // Answers given before the outage stand.
    assert_eq!(proposed.close_period(answered(Answer::NonMais), spare).standing, Standing::Waiting);
}

#[test]
fn oui_mais_is_a_seat_for_good_after_the_last_close() {
    let last = Closing { last: true, spare: false };
    let holding = candidature(Standing::Holding("b".into()));
    assert_eq!(holding.clone().close_period(SILENT, last).standing, Standing::Accepted("b".into()));
    assert_eq!(holding.close_period(answered(Answer::NonMais), last).standing, Standing::Waiting);
}

#[test]
fn an_opening_proposes_releases_or_leaves_things_as_they_are() {
    let open = |standing, proposal: Option<&str>| {
        candidature(standing).open_period(proposal.map(SchoolId::from).as_ref()).standing
    };
    assert_eq!(open(Standing::Waiting, Some("a")), Standing::Proposed("a".into()));
    assert_eq!(open(Standing::Holding("b".into()), Some("b")), Standing::Holding("b".into()));
    assert_eq!(open(Standing::Holding("b".into()), Some("a")), Standing::Proposed("a".into()));
    assert_eq!(open(Standing::Accepted("b".into()), Some("b")), Standing::Accepted("b".into()));
    assert_eq!(open(Standing::Waiting, None), Standing::Waiting);
    assert_eq!(open(Standing::Resigned, None), Standing::Resigned);
}

#[test]
fn on_no_table_is_non_retenu_until_a_table_says_otherwise() {
    let mut nowhere = candidature(Standing::Waiting);
    nowhere.choices.iter_mut().for_each(|choice| choice.rank = None);
    let mut nowhere = nowhere.open_period(None);
    assert_eq!(nowhere.standing, Standing::NotRetained);
    assert_eq!(nowhere.runner(), None);
    nowhere.choices[2].rank = Some(7);
    let runner = Runner { open: vec!["c".into()], held: None };
    assert_eq!(nowhere.runner(), Some(runner));
    assert_eq!(nowhere.open_period(Some(&"c".into())).standing, Standing::Proposed("c".into()));
}

#[test]
fn a_supernumerary_seat_brings_back_the_eliminated_but_not_who_resigned() {
    let eliminated = candidature(Standing::Eliminated(Reason::NoAnswer)).grant(&"b".into());
    assert_eq!(eliminated.standing, Standing::Waiting);
    assert!(eliminated.choices[1].supernumerary);
    assert_eq!(candidature(Standing::Resigned).grant(&"b".into()).standing, Standing::Resigned);
    assert_eq!(candidature(Standing::Waiting).grant(&"z".into()), candidature(Standing::Waiting));
}
