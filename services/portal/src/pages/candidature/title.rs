//! The title and the second-semester transcript that an admission hangs on (R34).

use axum::response::IntoResponse as _;
use contracts::integration::{NextStep, Situation, State};
use maud::{Markup, html};

use super::{answers, proposal, words::Words};
use crate::{
    place::instant,
    ui::{self, Tone},
    web::{Page, Visit},
};

/// `GET /candidat/titre`
pub async fn page(visit: Visit) -> Page {
    let situation = proposal::situation(&visit).await?;
    let t = visit.t;
    let body = match &situation {
        Some(situation) if !situation.titles.is_empty() => view(Words::of(&visit), situation),
        _ => html! { p class="lead" { (t.get("title-nothing")) } },
    };
    Ok(ui::page(&visit, &t.get("title-heading"), &[], body).into_response())
}

/// What is due, by when, and what became of it.
pub fn view(w: Words<'_>, situation: &Situation) -> Markup {
    let t = w.t;
    let due = instant(situation.titles_due_at);
    let school = w.school(&situation.school);
    let said = match situation.state() {
        State::Admitted => Some((Tone::Good, "title-said-admitted")),
        State::Lapsed => Some((Tone::Bad, "title-said-lapsed")),
        State::Accepted if situation.next_step() == NextStep::WaitForSchool => Some((Tone::Info, "title-said-waiting")),
        State::Accepted | State::Holding | State::Proposed => Some((Tone::Warn, "title-said-due")),
        _ => None,
    };
    let deposits = matches!(situation.state(), State::Accepted | State::Holding | State::Proposed);
    html! {
        @if let Some((tone, key)) = said {
            (ui::alert(tone, &t.with(key, [("school", school.into()), ("due", w.instant(due).into())]), html! {
                @if deposits && let Some(due) = due { p { (w.left(due)) } }
            }))
        }
        (answers::title_pieces(w, situation))
        @if deposits { div class="actions" { (ui::go("/candidat/dossier/pieces", &t.get("go-deposit-titles"))) } }
        (ui::card(&t.get("title-integration"), html! {
            p { (t.get(if situation.integration_dossier_received { "title-integration-received" } else { "title-integration-due" })) }
        }))
        p class="hint" { (t.get("title-instant-counts")) }
    }
}

#[cfg(test)]
mod tests {
    use contracts::integration::{TitlePiece, TitlePieceState};

    use super::{super::words::sample, *};

    #[test]
    fn each_state_says_what_is_due_and_a_refusal_its_reason() {
        for (state, step) in [
            (State::Accepted, NextStep::DepositTitles),
            (State::Accepted, NextStep::WaitForSchool),
            (State::Holding, NextStep::LogIn),
            (State::Admitted, NextStep::None),
            (State::Lapsed, NextStep::None),
            (State::Resigned, NextStep::None),
        ] {
            let piece = TitlePiece {
                piece: "diploma".into(),
                state: TitlePieceState::Refused.into(),
                reason: "page manquante".into(),
                ..TitlePiece::default()
            };
            let situation = Situation {
                state: state.into(),
                next_step: step.into(),
                school: "albi".into(),
                titles: vec![piece],
                titles_due_at: Some(sample::at("2026-07-17T22:00:00Z").into()),
                ..Situation::default()
            };
            let [page, _] = sample::rendered(|w| view(w, &situation));
            assert!(page.contains("page manquante"));
            let may_deposit = matches!(state, State::Accepted | State::Holding);
            assert_eq!(page.contains("/candidat/dossier/pieces"), may_deposit, "{state:?}");
        }
    }
}
