//! Why: rank, seats and last rank called, per school, in the candidate's order; without anyone else in it (R37).

use axum::response::IntoResponse as _;
use contracts::integration::{ExplainRequest, Explanation, Reason, SchoolExplanation};
use maud::{Markup, html};

use super::{asked, words::Words};
use crate::{
    ui,
    web::{Page, Visit},
};

/// `GET /candidat/pourquoi`
pub async fn page(visit: Visit) -> Page {
    let asked = ExplainRequest { dossier_id: visit.dossier()?.to_string() };
    let explanation = asked::present(visit.integration().explain(asked).await)?;
    let t = visit.t;
    let body = match &explanation {
        Some(explanation) => view(Words::of(&visit), explanation),
        None => html! { p class="lead" { (t.get("why-not-yet")) } },
    };
    Ok(ui::page(&visit, &t.get("why-title"), &[], body).into_response())
}

/// Each school in words.
pub fn view(w: Words<'_>, explanation: &Explanation) -> Markup {
    let t = w.t;
    let args = [("period", explanation.period.into()), ("filiere", w.filiere(&explanation.filiere).into())];
    html! {
        p class="lead" { (t.with("why-lead", args)) }
        @for school in &explanation.schools { (one(w, school)) }
        p class="hint" { (t.get("why-nobody")) }
    }
}

fn one(w: Words<'_>, school: &SchoolExplanation) -> Markup {
    let t = w.t;
    let rank = if school.rank == 0 {
        html! { (t.get("why-no-rank")) }
    } else {
        html! { (school.rank) }
    };
    let called = if school.last_called == 0 {
        html! { (t.get("why-nobody-called")) }
    } else {
        html! { (school.last_called) }
    };
    let why = match school.reason() {
        Reason::Proposed => "why-proposed",
        Reason::Held => "why-held",
        Reason::BetterObtained => "why-better-obtained",
        Reason::RankNotReached => "why-rank-not-reached",
        Reason::NotOnTable => "why-not-on-table",
        Reason::GivenUp => "why-given-up",
        Reason::Out | Reason::Unspecified => "why-out",
    };
    let args = [("rank", school.rank.into()), ("seats", school.seats.into()), ("called", school.last_called.into())];
    let title = t.with("why-school", [("choice", school.choice.into()), ("school", w.school(&school.school).into())]);
    ui::card(
        &title,
        html! {
            p { (t.with(why, args)) }
            (ui::facts(&[
                (t.get("why-rank"), rank),
                (t.get("why-seats"), html! { (school.seats) }),
                (t.get("why-called"), called),
            ]))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::{super::words::sample, *};

    #[test]
    fn every_reason_is_said_with_its_numbers_in_the_candidates_order() {
        let reasons = [
            Reason::Proposed,
            Reason::Held,
            Reason::BetterObtained,
            Reason::RankNotReached,
            Reason::NotOnTable,
            Reason::GivenUp,
            Reason::Out,
        ];
        for reason in reasons {
            let school = |school: &str, choice, rank| SchoolExplanation {
                school: school.into(),
                choice,
                rank,
                seats: 10,
                last_called: 31,
                reason: reason.into(),
            };
            let schools = vec![school("ales", 1, 42), school("albi", 2, 0)];
            let explanation = Explanation { filiere: "L3".into(), period: 2, schools, ..Explanation::default() };
            let [page, _] = sample::rendered(|w| view(w, &explanation));
            assert!(page.find("Alès").unwrap() < page.find("Albi").unwrap());
            assert!(page.contains("42") && page.contains("31") && page.contains("10"), "{page}");
        }
    }
}
