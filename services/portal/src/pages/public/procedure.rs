//! The procedure in plain words: what happens when, what is asked, what each answer does and what silence does.

use axum::response::IntoResponse as _;
use maud::{Markup, html};
use notice::{Depositor, Due, keys};

use super::calendar::{self, Entry};
use crate::{
    ui::{self, Column},
    web::{Page, Visit},
};

/// The five answers, in the order of R30.
const ANSWERS: [&str; 5] = ["definitive", "but", "no-but", "wait", "no"];

/// `GET /procedure`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let entries = calendar::load(&visit).await?;
    let when = |key: &str| match calendar::due(&entries, key) {
        Some(at) => t.instant(at, &visit.app.session.zone),
        None => String::new(),
    };
    let session = &visit.app.session;
    let orals = &session.orals;
    let fee = visit.money(session.fee.cents);
    let body = html! {
        p class="lead" { (t.get("procedure-lead")) }
        nav aria-label=(t.get("procedure-contents")) { ul {
            @for (id, title) in [("depot", "procedure-deposit"), ("frais", "procedure-fee"), ("admissibilite", "procedure-admissibility"), ("oraux", "procedure-orals"), ("admission", "procedure-admission"), ("reponses", "procedure-answers"), ("silence", "procedure-silence"), ("titres-dus", "procedure-titles")] {
                li { a href={ "#" (id) } { (t.get(title)) } }
            }
        } }
        section class="card" id="depot" {
            h2 { (t.get("procedure-deposit")) }
            p { (t.with("procedure-deposit-when", [("from", when(keys::PLATFORM_OPENS).into()), ("to", when(keys::DEPOSITS_CLOSE).into())])) }
            p { (t.get("procedure-deposit-one")) }
            p { (t.get("procedure-deposit-order")) }
            h3 { (t.get("procedure-pieces")) }
            (pieces(&visit))
            p { (t.get("procedure-cloture")) }
        }
        section class="card" id="frais" {
            h2 { (t.get("procedure-fee")) }
            p { (t.with("procedure-fee-text", [("fee", fee.into())])) }
            p { (t.get("procedure-fee-exempt")) }
        }
        section class="card" id="admissibilite" {
            h2 { (t.get("procedure-admissibility")) }
            p { (t.with("procedure-admissibility-text", [("at", when(keys::ADMISSIBILITY_RESULTS).into())])) }
            p { (t.get("procedure-recevable")) }
        }
        section class="card" id="oraux" {
            h2 { (t.get("procedure-orals")) }
            p { (t.with("procedure-orals-text", [("interview", orals.interview.minutes.into()), ("english", orals.english.minutes.into()), ("gap", orals.gap_minutes.into())])) }
            p { (t.with("procedure-orals-marks", [("least", hundredths(&visit, orals.eliminating_hundredths).into()), ("most", hundredths(&visit, orals.highest_hundredths).into())])) }
        }
        section class="card" id="admission" {
            h2 { (t.get("procedure-admission")) }
            p { (t.with("procedure-admission-text", [("at", when(keys::ADMISSION_RESULTS).into())])) }
            (periods(&visit, &entries))
            p { (t.get("procedure-admission-how")) }
        }
        section class="card" id="reponses" {
            h2 { (t.get("procedure-answers")) }
            p { (t.get("procedure-answers-lead")) }
            (answers(&visit))
            p { (t.get("procedure-answers-end")) }
        }
        section class="card" id="silence" {
            h2 { (t.get("procedure-silence")) }
            p { (t.get("procedure-silence-login")) }
            p { (t.get("procedure-silence-answer")) }
            p { (t.get("procedure-silence-but")) }
            p { (t.get("procedure-mandate")) }
        }
        section class="card" id="titres-dus" {
            h2 { (t.get("procedure-titles")) }
            p { (t.with("procedure-titles-text", [("at", when(keys::TITLES_DUE).into())])) }
            p { (t.get("procedure-titles-lapse")) }
        }
    };
    Ok(ui::page(&visit, &t.get("procedure-title"), &[], body).into_response())
}

/// A mark, as people write it: "4", "4,25".
fn hundredths(visit: &Visit, hundredths: u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let point = if visit.t.lang() == crate::i18n::Lang::Fr { ',' } else { '.' };
    if rest == 0 { whole.to_string() } else { format!("{whole}{point}{rest:02}") }
}

fn pieces(visit: &Visit) -> Markup {
    let t = visit.t;
    let session = &visit.app.session;
    let rows: Vec<_> = session
        .pieces
        .iter()
        .map(|p| {
            let whom: Vec<&str> = p.filieres.iter().map(|f| visit.filiere_name(f)).collect();
            let due = match p.due {
                Due::Closing => t.get("procedure-due-closing"),
                Due::Titles => t.get("procedure-due-titles"),
                Due::ClosingIfExempt => t.get("procedure-due-exempt"),
            };
            let either = p.group.as_ref().is_some_and(|g| session.pieces.iter().filter(|q| q.group.as_ref() == Some(g)).count() > 1);
            vec![
                html! {
                    (t.label(&p.label))
                    @if p.by == Depositor::Referee { " " span class="hint" { (t.get("procedure-by-referee")) } }
                    @if either { " " span class="hint" { (t.get("procedure-either")) } }
                },
                html! { @if whom.len() == session.filieres.len() { (t.get("procedure-everyone")) } @else { (whom.join(", ")) } },
                html! { (due) },
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("procedure-piece")),
        Column::new(t.get("procedure-whom")),
        Column::new(t.get("procedure-due")),
    ];
    ui::table(&t.get("procedure-pieces-caption"), &columns, &rows, "")
}

fn periods(visit: &Visit, entries: &[Entry]) -> Markup {
    let t = visit.t;
    let zone = &visit.app.session.zone;
    let at = |key: String| calendar::due(entries, &key).map(|at| t.instant(at, zone)).unwrap_or_default();
    let rows: Vec<_> = visit
        .app
        .session
        .periods
        .iter()
        .map(|p| {
            vec![
                html! { (p.number) },
                html! { (at(keys::period_opens(p.number))) },
                html! { (at(keys::period_closes(p.number))) },
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("procedure-period")),
        Column::new(t.get("procedure-opens")),
        Column::new(t.get("procedure-closes")),
    ];
    ui::table(&t.get("procedure-periods"), &columns, &rows, "")
}

fn answers(visit: &Visit) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = ANSWERS
        .iter()
        .map(|answer| {
            let text = |part: &str| html! { (t.get(&format!("procedure-answer-{answer}{part}"))) };
            vec![text(""), text("-when"), text("-effect")]
        })
        .collect();
    let columns = [
        Column::new(t.get("procedure-answer")),
        Column::new(t.get("procedure-answer-when")),
        Column::new(t.get("procedure-answer-effect")),
    ];
    ui::table(&t.get("procedure-answers-caption"), &columns, &rows, "")
}

#[cfg(test)]
mod tests {
    use super::ANSWERS;
    use crate::i18n::{Lang, Tr};

    #[test]
    fn every_answer_is_explained_in_both_languages() {
        for lang in Lang::ALL {
            for answer in ANSWERS {
                for part in ["", "-when", "-effect"] {
                    let text = Tr(lang).get(&format!("procedure-answer-{answer}{part}"));
                    assert!(!text.starts_with('['), "{text}");
                }
            }
        }
    }
}
