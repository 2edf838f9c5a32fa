//! The first page: where they stand, and the next thing to do, by when (R35).

use axum::response::IntoResponse as _;
use contracts::integration::{Answer, EliminationReason, Situation, State};
use maud::{Markup, html};

use super::{answers, asked, words, words::Words};
use crate::{
    place::{self, Known, Place, Standing, Step, What, instant},
    ui,
    web::{Page, Visit},
};

/// `GET /candidat`
pub async fn page(visit: Visit) -> Page {
    let dates = asked::dates(&visit).await?;
    let known = asked::known(&visit, &dates).await?;
    let standing = place::standing(&known, &dates, visit.now);
    let key = if known.mandate { "first-title-mandate" } else { "first-title" };
    let body = view(Words::of(&visit), &known, &standing);
    Ok(ui::page(&visit, &visit.t.get(key), &[], body).into_response())
}

/// The page from what was answered.
pub fn view(w: Words<'_>, known: &Known, standing: &Standing) -> Markup {
    let t = w.t;
    let situation = known.situation.as_ref();
    let word = standing.place.word();
    html! {
        section class="card next" {
            h2 { (sentence(w, known, &format!("place-{word}"), "")) }
            p { (sentence(w, known, &format!("place-{word}-text"), &w.instant(standing.next.at))) }
            @if standing.place == Place::Eliminated && let Some(situation) = situation { (eliminated(w, situation)) }
            h3 { (t.get("next-title")) }
            (step(w, known, standing.next))
        }
        @if !standing.also.is_empty() {
            (ui::card(&t.get("also-title"), html! { @for other in &standing.also { (step(w, known, *other)) } }))
        }
        @if let Some(situation) = situation {
            @if situation.period_open && place::silence(situation).is_some() { (answers::period(w, situation)) }
            (titles(w, known, situation))
        }
        (facts(w, known))
        (ui::card(&t.get("more-title"), links(w, known)))
    }
}

/// A sentence about this candidature; each names what it needs of these.
fn sentence(w: Words<'_>, known: &Known, key: &str, at: &str) -> String {
    let situation = known.situation.clone().unwrap_or_default();
    let convening = known.convocation.as_ref().map_or("", |c| c.school.as_str());
    let missing: Vec<&str> = situation.missing_titles.iter().map(|id| w.piece(id)).collect();
    w.t.with(
        key,
        [
            ("at", at.into()),
            ("school", w.school(&situation.school).into()),
            ("filiere", w.filiere(&situation.filiere).into()),
            ("period", situation.period.into()),
            ("answer", words::name(situation.answer()).into()),
            ("convening", w.school(convening).into()),
            ("missing", missing.join(", ").into()),
            ("n", known.missing.len().into()),
        ],
    )
}

fn step(w: Words<'_>, known: &Known, step: Step) -> Markup {
    let t = w.t;
    let word = step.what.word();
    html! {
        p {
            strong { (sentence(w, known, &format!("next-{word}"), "")) }
            @if let Some(at) = step.at {
                " " (t.with(if deadline(step.what) { "next-by" } else { "next-from" }, [("at", w.instant(at).into())]))
                @if deadline(step.what) { " " (w.left(at)) }
            }
        }
        @if let Some(href) = href(step.what, known.mandate) {
            div class="actions" { (ui::go(href, &t.get(&format!("go-{word}")))) }
        } @else if known.mandate && step.what == What::DepositTitles { p class="hint" { (t.get("candidate-deposits")) } }
    }
}

/// The instant ends something; otherwise it begins something.
const fn deadline(what: What) -> bool {
    matches!(
        what,
        What::OpenDossier
            | What::Complete
            | What::Close
            | What::Correct
            | What::Pay
            | What::Answer
            | What::MayChange
            | What::DepositTitles
    )
}

/// Where a step is done.
const fn href(what: What, mandate: bool) -> Option<&'static str> {
    Some(match what {
        What::Answer | What::MayChange => "/candidat/proposition",
        _ if mandate => return None,
        What::OpenDossier | What::Complete | What::Close => "/candidat/dossier",
        What::Correct | What::DepositTitles => "/candidat/dossier/pieces",
        What::Pay => "/candidat/dossier/frais",
        What::Come => "/candidat/convocation",
        _ => return None,
    })
}

fn eliminated(w: Words<'_>, situation: &Situation) -> Markup {
    let t = w.t;
    let why = match situation.elimination_reason() {
        EliminationReason::NoLogin => "eliminated-no-login",
        EliminationReason::NoAnswer => "eliminated-no-answer",
        EliminationReason::Unspecified => "eliminated-unknown",
    };
    // "R31: why, in English": the why is said here in the reader's language.
    let rule = situation.elimination_rule.split(':').next().unwrap_or_default();
    html! {
        p { (t.with(why, [("period", situation.eliminated_in_period.into())])) }
        @if !rule.is_empty() { p class="hint" { (t.with("eliminated-rule", [("rule", rule.into())])) } }
    }
}

/// Title pieces that a seat hangs on (R34).
fn titles(w: Words<'_>, known: &Known, situation: &Situation) -> Markup {
    let t = w.t;
    let kept =
        |state| matches!(state, State::Proposed | State::Holding | State::Accepted | State::Admitted | State::Lapsed);
    if !kept(situation.state()) || situation.answer() == Answer::Non || situation.titles.is_empty() {
        return html! {};
    }
    ui::card(
        &t.get("title-heading"),
        html! {
            (answers::title_pieces(w, situation))
            @if !known.mandate { p { a href="/candidat/titre" { (t.get("title-more")) } } }
        },
    )
}

fn facts(w: Words<'_>, known: &Known) -> Markup {
    let t = w.t;
    let Some(dossier) = known.dossier.as_ref().filter(|d| d.number > 0) else { return html! {} };
    let mut pairs = vec![(t.get("fact-number"), html! { (dossier.number) })];
    if !dossier.filiere.is_empty() {
        pairs.push((t.get("fact-filiere"), html! { (w.filiere(&dossier.filiere)) }));
    }
    if let Some(closed) = dossier.receipt.as_ref().and_then(|receipt| instant(receipt.closed_at)) {
        let order: Vec<&str> = dossier.order.iter().map(|choice| w.school(&choice.school)).collect();
        pairs.push((t.get("fact-closed"), html! { (w.exact(closed)) }));
        pairs.push((t.get("fact-order"), html! { ol { @for school in order { li { (school) } } } }));
    }
    ui::card(&t.get("facts-title"), ui::facts(&pairs))
}

/// What else there is to see now. What is not public yet has no entry, for anyone.
fn links(w: Words<'_>, known: &Known) -> Markup {
    let own = !known.mandate;
    let entries = [
        (own && known.admissibility.is_some(), "/candidat/resultats", "link-results"),
        (own && known.convocation.is_some(), "/candidat/convocation", "link-convocation"),
        (known.situation.is_some(), "/candidat/proposition", "link-proposal"),
        (known.situation.is_some(), "/candidat/pourquoi", "link-why"),
        (true, "/candidat/historique", "link-history"),
        (own, "/candidat/mandats", "link-mandates"),
    ];
    html! { ul { @for (_, href, key) in entries.iter().filter(|entry| entry.0) { li { a href=(href) { (w.t.get(key)) } } } } }
}

#[cfg(test)]
mod tests {
    use contracts::{
        intake::{Dossier, DossierState},
        integration::{TitlePiece, TitlePieceState},
    };

    use super::{super::words::sample, *};

    fn known(mandate: bool) -> Known {
        let piece = |piece: &str, state: TitlePieceState| TitlePiece {
            piece: piece.into(),
            state: state.into(),
            reason: "illisible".into(),
            ..Default::default()
        };
        let situation = Situation {
            state: State::Proposed.into(),
            school: "ales".into(),
            filiere: "L3".into(),
            period: 2,
            period_open: true,
            better_schools: vec!["albi".into()],
            titles: vec![piece("diploma", TitlePieceState::Refused), piece("x", TitlePieceState::Missing)],
            elimination_reason: EliminationReason::NoAnswer.into(),
            elimination_rule: "R31: left without an answer".into(),
            eliminated_in_period: 2,
            ..Default::default()
        };
        let dossier = Dossier { number: 12, state: DossierState::Closed.into(), ..Default::default() };
        Known { mandate, dossier: (!mandate).then_some(dossier), situation: Some(situation), ..Known::default() }
    }

    #[test]
    fn every_place_and_every_step_has_its_words() {
        let at = Some(sample::at("2026-06-03T21:00:00Z"));
        for mandate in [false, true] {
            for (i, what) in What::ALL.iter().enumerate() {
                let next = Step { what: *what, at };
                let standing = Standing { place: Place::ALL[i], next, also: vec![next] };
                sample::rendered(|w| view(w, &known(mandate), &standing));
            }
            for place in Place::ALL {
                let standing = Standing { place: *place, next: Step { what: What::Nothing, at: None }, also: vec![] };
                sample::rendered(|w| view(w, &known(mandate), &standing));
            }
        }
    }

    #[test]
    fn a_relative_is_led_to_nothing_of_the_dossier() {
        for what in What::ALL {
            let next = Step { what: *what, at: None };
            let standing = Standing { place: Place::Proposed, next, also: Vec::new() };
            let page = |mandate| sample::rendered(|w| view(w, &known(mandate), &standing)).concat();
            for closed in ["/candidat/dossier", "/candidat/titre", "/candidat/resultats", "/candidat/mandats"] {
                assert!(!page(true).contains(closed), "{what:?} leads to {closed}");
            }
            assert!(page(false).contains("/candidat/titre") && page(false).contains("/candidat/mandats"));
        }
    }
}
