//! Admissibility and admission results, at their instants and not a millisecond before (R19).
//!
//! What is not published reads the same for everyone: the page says when, and nothing else.

use axum::response::IntoResponse as _;
use contracts::jury::{
    AdmissibilityResult, ExamResult, GetAdmissibilityRequest, GetResultRequest, Outcome, Result as JuryResult,
};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{asked, words::Words};
use crate::{
    i18n::Lang,
    place::{Dates, instant},
    ui::{self, Column, Tone},
    web::{Page, Visit},
};

/// `GET /candidat/resultats`
pub async fn page(visit: Visit) -> Page {
    let dates = asked::dates(&visit).await?;
    let id = visit.dossier()?.to_string();
    let (admissibility, result) = tokio::join!(
        asked::when(visit.now >= dates.admissibility, async {
            visit.jury().get_admissibility(GetAdmissibilityRequest { dossier_id: id.clone() }).await
        }),
        asked::when(visit.now >= dates.admission, async {
            visit.jury().get_result(GetResultRequest { dossier_id: id.clone() }).await
        }),
    );
    let body = view(Words::of(&visit), admissibility?.as_ref(), result?.as_ref(), &dates, visit.now);
    Ok(ui::page(&visit, &visit.t.get("results-title"), &[], body).into_response())
}

/// Both results as far as they are public.
pub fn view(
    w: Words<'_>,
    admissibility: Option<&AdmissibilityResult>,
    result: Option<&JuryResult>,
    dates: &Dates,
    now: Timestamp,
) -> Markup {
    let t = w.t;
    html! {
        (ui::card(&t.get("results-admissibility"), match admissibility {
            Some(result) => admissible(w, result),
            None => later(w, dates.admissibility, now),
        }))
        (ui::card(&t.get("results-admission"), match result {
            Some(result) => admitted(w, result),
            None => later(w, dates.admission, now),
        }))
    }
}

fn later(w: Words<'_>, at: Timestamp, now: Timestamp) -> Markup {
    let t = w.t;
    let said = if now < at { t.with("results-at", [("at", w.instant(at).into())]) } else { t.get("results-soon") };
    html! { p { (said) } }
}

fn admissible(w: Words<'_>, result: &AdmissibilityResult) -> Markup {
    let t = w.t;
    if result.annulled {
        return html! { p { (ui::badge(Tone::Bad, &t.get("outcome-annulled"))) } };
    }
    let published = instant(result.published_at);
    html! {
        @if result.admissible {
            p { (ui::badge(Tone::Good, &t.get("outcome-admissible"))) }
            p { (t.with("results-recevable", [("schools", w.schools(&result.recevable_schools).into())])) }
            p { (t.with("results-convenes", [("school", w.school(&result.first_school).into())])) }
        } @else {
            p { (ui::badge(Tone::Bad, &t.get("outcome-not-admissible"))) }
            p { (t.get("results-final")) }
        }
        @if published.is_some() { p class="hint" { (t.with("results-published", [("at", w.instant(published).into())])) } }
    }
}

fn admitted(w: Words<'_>, result: &JuryResult) -> Markup {
    let t = w.t;
    let (tone, key) = match result.outcome() {
        Outcome::Ranked => (Tone::Good, "outcome-ranked"),
        Outcome::NotRetained | Outcome::Unspecified => (Tone::Bad, "outcome-not-retained"),
        Outcome::Eliminated => (Tone::Bad, "outcome-eliminated"),
        Outcome::NotAdmissible => (Tone::Bad, "outcome-not-admissible"),
        Outcome::Annulled => (Tone::Bad, "outcome-annulled"),
    };
    let exams: Vec<Vec<Markup>> = result.exams.iter().map(|exam| mark(w, exam)).collect();
    let ranks: Vec<Vec<Markup>> = (result.ranks.iter())
        .map(|rank| {
            vec![html! { (w.school(&rank.school)) }, html! { (w.filiere(&rank.filiere)) }, html! { (rank.rank) }]
        })
        .collect();
    html! {
        p { (ui::badge(tone, &t.get(key))) }
        p { (t.get(&format!("{key}-text"))) }
        @if !exams.is_empty() {
            (ui::table(&t.get("results-marks"), &[Column::new(t.get("results-exam")), Column::new(t.get("results-mark"))], &exams, ""))
        }
        @if !ranks.is_empty() {
            (ui::table(
                &t.get("results-ranks"),
                &[Column::new(t.get("results-school")), Column::new(t.get("fact-filiere")), Column::number(t.get("results-rank"))],
                &ranks, "",
            ))
        }
        @if result.outcome() == Outcome::Ranked {
            div class="actions" { (ui::go("/candidat/proposition", &t.get("link-proposal"))) }
        }
    }
}

fn mark(w: Words<'_>, exam: &ExamResult) -> Vec<Markup> {
    let t = w.t;
    let orals = &w.session.orals;
    let label = match exam.exam.as_str() {
        "interview" => t.label(&orals.interview.label),
        "english" => t.label(&orals.english.label),
        other => other,
    };
    let mark = if t.lang() == Lang::Fr { exam.mark.replace('.', ",") } else { exam.mark.clone() };
    let highest = orals.highest_hundredths / 100;
    let value = html! {
        @if exam.absent { (t.get("results-absent")) }
        @else { (t.with("results-out-of", [("mark", mark.into()), ("highest", highest.into())])) }
        @if exam.eliminates { " " (ui::badge(Tone::Bad, &t.get("results-eliminates"))) }
    };
    vec![html! { (label) }, value]
}

#[cfg(test)]
mod tests {
    use contracts::jury::Rank;

    use super::{super::words::sample, *};

    fn dates() -> Dates {
        let at = sample::at;
        Dates {
            opens: at("2026-01-26T13:00:00Z"),
            deposits_close: at("2026-03-20T22:00:00Z"),
            fees_listed: at("2026-04-04T22:00:00Z"),
            admissibility: at("2026-04-09T14:00:00Z"),
            admission: at("2026-05-28T12:00:00Z"),
            first_period: at("2026-05-28T12:00:00Z"),
            titles_due: at("2026-07-17T22:00:00Z"),
        }
    }

    #[test]
    fn what_is_not_published_says_when_and_nothing_else() {
        let look = |now: &str| sample::rendered(|w| view(w, None, None, &dates(), sample::at(now)));
        let [before, _] = look("2026-04-09T13:59:59.999Z");
        assert!(before.contains("9 avril 2026 à 16") && before.contains("28 mai 2026 à 14"), "{before}");
        let [late, _] = look("2026-04-09T14:00:00Z");
        assert!(!late.contains("9 avril 2026"), "a date that has passed is no promise: {late}");
    }

    #[test]
    fn every_outcome_has_its_words_and_marks_are_written_as_people_write_them() {
        let exam = |exam: &str, mark: &str, absent| ExamResult {
            exam: exam.into(),
            mark: mark.into(),
            absent,
            eliminates: absent,
        };
        let admissible = AdmissibilityResult {
            admissible: true,
            first_school: "ales".into(),
            recevable_schools: vec!["ales".into(), "albi".into()],
            ..AdmissibilityResult::default()
        };
        for outcome in
            [Outcome::Ranked, Outcome::NotRetained, Outcome::Eliminated, Outcome::NotAdmissible, Outcome::Annulled]
        {
            let result = JuryResult {
                outcome: outcome.into(),
                exams: vec![exam("interview", "12.50", false), exam("english", "", true)],
                ranks: vec![Rank { school: "ales".into(), filiere: "L3".into(), rank: 7 }],
                ..JuryResult::default()
            };
            let now = dates().admission;
            let [french, english] = sample::rendered(|w| view(w, Some(&admissible), Some(&result), &dates(), now));
            assert!(french.contains("12,50") && english.contains("12.50"));
        }
        for (admissible, annulled) in [(false, false), (false, true)] {
            let result = AdmissibilityResult { admissible, annulled, ..AdmissibilityResult::default() };
            sample::rendered(|w| view(w, Some(&result), None, &dates(), dates().admission));
        }
    }
}
