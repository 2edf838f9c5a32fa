//! What stands, what each answer would do, what silence would do: said in the same words wherever it is said (R30 to R34).

use contracts::integration::{AllowedAnswer, Answer, Situation, State, TitlePieceState};
use maud::{Markup, html};

use super::words::{self, Words, slug, standing};
use crate::{
    place::{self, Silence, instant},
    ui::{self, Column, Tone},
};

/// The last period that opened: what was proposed, what stands, what silence would do.
pub fn period(w: Words<'_>, situation: &Situation) -> Markup {
    let t = w.t;
    ui::card(
        &t.with("period-title", [("period", situation.period.into())]),
        html! {
            (what_stands(w, situation))
            @if let Some(silence) = place::silence(situation) {
                @let tone = if silence == Silence::Eliminates { Tone::Warn } else { Tone::Info };
                (ui::alert(tone, &t.get("silence-title"), html! { p { (said_by_silence(w, situation, silence)) } }))
            }
        },
    )
}

/// The proposal or seat, and the answer that stands.
fn what_stands(w: Words<'_>, situation: &Situation) -> Markup {
    let t = w.t;
    let mut pairs = Vec::new();
    if !situation.school.is_empty() {
        let key = if situation.state() == State::Proposed { "stands-proposal" } else { "stands-seat" };
        pairs.push((
            t.get(key),
            html! { strong { (w.school(&situation.school)) } ", " (w.filiere(&situation.filiere)) },
        ));
    }
    if !situation.better_schools.is_empty() {
        let key = if situation.school.is_empty() { "stands-open" } else { "stands-better" };
        pairs.push((t.get(key), html! { (w.schools(&situation.better_schools)) }));
    }
    if let Some(answer) = standing(situation) {
        let by = if situation.answered_by_mandate { "stands-by-mandate" } else { "stands-by-candidate" };
        let answered = html! {
            strong { (w.answer(answer)) } ", "
            (t.with("stands-received", [("at", w.exact(instant(situation.answered_at)).into())])) " " (t.get(by))
        };
        pairs.push((t.get("stands-answer"), answered));
    } else if situation.period_open && matches!(situation.state(), State::Proposed | State::Holding) {
        pairs.push((t.get("stands-answer"), html! { (t.get("stands-no-answer")) }));
    }
    if let Some(closes) = instant(situation.period_closes_at) {
        pairs.push((t.get("stands-until"), html! { (w.instant(closes)) " " (w.left(closes)) }));
    }
    if let Some(opens) = instant(situation.next_period_opens_at) {
        pairs.push((t.get("stands-next"), html! { (w.instant(opens)) }));
    }
    ui::facts(&pairs)
}

fn said_by_silence(w: Words<'_>, situation: &Situation, silence: Silence) -> String {
    w.t.with(
        &format!("silence-{}", silence.word()),
        [
            ("school", w.school(&situation.school).into()),
            ("at", w.instant(instant(situation.period_closes_at)).into()),
            ("answer", words::name(situation.answer()).into()),
        ],
    )
}

/// What an answer does, point by point.
pub fn consequences(w: Words<'_>, situation: &Situation, allowed: &AllowedAnswer) -> Markup {
    let t = w.t;
    let answer = allowed.answer();
    let last_chance = answer == Answer::NonMais && situation.last_period;
    html! {
        p { (t.with(&format!("answer-{}", slug(answer)), [("school", w.school(&situation.school).into())])) }
        ul {
            @if !allowed.holds.is_empty() { li { (t.with("answer-holds", [("school", w.school(&allowed.holds).into())])) } }
            @if !allowed.keeps.is_empty() && !last_chance {
                li { (t.with("answer-keeps", [("schools", w.schools(&allowed.keeps).into())])) }
            }
            @if allowed.gives_up.is_empty() { li { (t.get("answer-gives-up-nothing")) } }
            @else { li { (t.with("answer-gives-up", [("schools", w.schools(&allowed.gives_up).into())])) } }
            @if answer == Answer::Non { li { (t.get("answer-at-once")) } }
            @else if let Some(at) = instant(situation.period_closes_at) {
                li { (t.with("answer-at-close", [("at", w.instant(at).into())])) }
            }
        }
        @if allowed.better_proposal_releases {
            p { strong { (t.with("answer-releases", [("school", w.school(&allowed.holds).into())])) } }
        }
        @if last_chance { (ui::alert(Tone::Warn, &t.get("answer-last-title"), html! { p { (t.get("answer-last")) } })) }
        @if situation.last_period && answer == Answer::OuiMais { p { (t.get("answer-last-oui-mais")) } }
    }
}

/// Every title piece with its state (R34).
pub fn title_pieces(w: Words<'_>, situation: &Situation) -> Markup {
    let t = w.t;
    let rows: Vec<Vec<Markup>> = situation
        .titles
        .iter()
        .map(|title| {
            let (tone, key) = match title.state() {
                TitlePieceState::Accepted => (Tone::Good, "title-accepted"),
                TitlePieceState::Deposited => (Tone::Info, "title-deposited"),
                TitlePieceState::Refused => (Tone::Bad, "title-refused"),
                TitlePieceState::Missing | TitlePieceState::Unspecified => (Tone::Warn, "title-missing"),
            };
            let refused = title.state() == TitlePieceState::Refused && !title.reason.is_empty();
            let state = html! {
                (ui::badge(tone, &t.get(key)))
                @if refused { p { (t.with("title-reason", [("reason", title.reason.as_str().into())])) } }
            };
            let deposited = instant(title.deposited_at);
            vec![
                html! { (w.piece(&title.piece)) },
                state,
                html! { @if deposited.is_some() { (w.exact(deposited)) } @else { "–" } },
            ]
        })
        .collect();
    let columns = ["title-piece", "title-state", "title-at"].map(|key| Column::new(t.get(key)));
    let due = w.instant(instant(situation.titles_due_at));
    html! {
        p { (t.with("title-due-lead", [("due", due.into())])) }
        (ui::table(&t.get("title-table"), &columns, &rows, ""))
    }
}
