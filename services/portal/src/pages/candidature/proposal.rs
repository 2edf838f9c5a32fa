//! The proposal or the held seat, and the answers it allows now (R30): each is confirmed on a page that names what it does.

use axum::response::{IntoResponse as _, Redirect};
use contracts::integration::{AllowedAnswer, Answer, AnswerRequest, GetSituationRequest, Situation, State};
use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    answers, asked,
    words::{self, Words, of_slug, slug, standing},
};
use crate::{
    place::instant,
    ui::{self, Field, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /candidat/proposition`
pub async fn page(visit: Visit) -> Page {
    let situation = situation(&visit).await?;
    show(&visit, situation.as_ref(), html! {}).await
}

/// The page as things stand now, below whatever there is to say first.
async fn show(visit: &Visit, situation: Option<&Situation>, alert: Markup) -> Page {
    let w = Words::of(visit);
    let body = match situation {
        Some(situation) => html! { (alert) (view(w, situation)) },
        // The same for everyone: nothing is said of who will have one (R19).
        None => {
            let opens = asked::dates(visit).await?.first_period;
            html! { (alert) (not_yet(w, Some(opens).filter(|opens| *opens > visit.now))) }
        }
    };
    Ok(ui::page(visit, &visit.t.get("proposal-title"), &[], body).into_response())
}

/// Where the candidate stands; none before the first opening, or without a candidature.
pub async fn situation(visit: &Visit) -> Result<Option<Situation>, Fault> {
    let asked = GetSituationRequest { dossier_id: visit.dossier()?.to_string() };
    asked::present(visit.integration().get_situation(asked).await)
}

fn not_yet(w: Words<'_>, opens: Option<Timestamp>) -> Markup {
    let t = w.t;
    html! {
        @match opens {
            Some(opens) => p class="lead" { (t.with("proposal-not-yet", [("at", w.instant(opens).into())])) },
            None => p class="lead" { (t.get("proposal-none")) },
        }
        p { (t.get("proposal-not-yet-text")) }
        div class="actions" { (ui::go("/candidat", &t.get("to-first-page"))) }
    }
}

/// What stands, what silence would do, and what may be answered.
pub fn view(w: Words<'_>, situation: &Situation) -> Markup {
    let t = w.t;
    html! {
        p class="lead" { (lead(w, situation)) }
        (answers::period(w, situation))
        @if situation.allowed.is_empty() { p { (t.get("proposal-nothing-allowed")) } } @else {
            h2 { (t.get("proposal-allowed")) }
            p { (t.get(if situation.period_open { "proposal-last-stands" } else { "proposal-only-non" })) }
            div class="grid" { @for allowed in &situation.allowed { (choice(w, situation, allowed)) } }
        }
        ul {
            li { a href="/candidat/pourquoi" { (t.get("link-why")) } }
            li { a href="/candidat/historique" { (t.get("link-history")) } }
        }
    }
}

fn lead(w: Words<'_>, situation: &Situation) -> String {
    let key = match situation.state() {
        State::Proposed => "proposal-lead-proposed",
        State::Holding => "proposal-lead-holding",
        State::Waiting => "proposal-lead-waiting",
        State::Accepted | State::Admitted => "proposal-lead-accepted",
        _ => "proposal-lead-out",
    };
    let school = w.school(&situation.school);
    w.t.with(key, [("school", school.into()), ("filiere", w.filiere(&situation.filiere).into())])
}

fn choice(w: Words<'_>, situation: &Situation, allowed: &AllowedAnswer) -> Markup {
    let t = w.t;
    let answer = allowed.answer();
    let stands = standing(situation) == Some(answer);
    html! {
        section class="card" {
            h3 { (w.answer(answer)) @if stands { " " (ui::badge(Tone::Good, &t.get("answer-stands-now"))) } }
            (answers::consequences(w, situation, allowed))
            @if !stands {
                a class="button second" href={ "/candidat/proposition/" (slug(answer)) } {
                    (t.get("answer-choose")) " " (w.answer(answer))
                }
            }
        }
    }
}

/// `GET /candidat/proposition/{reponse}`: what this answer will do, before it is given.
pub async fn confirm_page(visit: Visit, Path(reponse): Path<String>) -> Page {
    let answer = of_slug(&reponse).ok_or(Fault::NotFound)?;
    confirm_show(&visit, answer, html! {}).await
}

async fn confirm_show(visit: &Visit, answer: Answer, alert: Markup) -> Page {
    let w = Words::of(visit);
    let t = visit.t;
    let situation = situation(visit).await?;
    let allowed = situation.as_ref().and_then(|s| Some((s, s.allowed.iter().find(|a| a.answer() == answer)?)));
    let Some((situation, allowed)) = allowed else {
        // What was asked for is not possible any more, or never was: what is possible now follows.
        let title = t.with("answer-not-now", [("answer", words::name(answer).into())]);
        let said = html! { (alert) (ui::alert(Tone::Warn, &title, html! { p { (t.get("answer-not-now-text")) } })) };
        return show(visit, situation.as_ref(), said).await;
    };
    let path = format!("/candidat/proposition/{}", slug(answer));
    let confirm = html! {
        // Marks this very page: sent twice, it answers once.
        (ui::hidden("envoi", &Uuid::new_v4().to_string()))
        @if allowed.needs_confirmation {
            (ui::checkbox(&Field { name: "confirme", label: &t.get("answer-understood"), required: true, ..Field::default() }, false))
        }
        div class="actions" {
            button class=[allowed.needs_confirmation.then_some("danger")] { (t.get("answer-confirm")) " " (w.answer(answer)) }
            a href="/candidat/proposition" { (t.get("cancel")) }
        }
    };
    let body = html! {
        (alert)
        (confirm_view(w, situation, allowed))
        (ui::form(visit, &path, confirm))
    };
    let title = t.with("answer-confirm-title", [("answer", words::name(answer).into())]);
    Ok(ui::page(visit, &title, &[], body).into_response())
}

/// What stands and what will.
pub fn confirm_view(w: Words<'_>, situation: &Situation, allowed: &AllowedAnswer) -> Markup {
    let t = w.t;
    let stands = standing(situation).map(|standing| {
        if standing == allowed.answer() {
            return t.get("answer-stands-already");
        }
        let at = w.exact(instant(situation.answered_at));
        t.with("answer-replaces", [("answer", words::name(standing).into()), ("at", at.into())])
    });
    html! {
        @if let Some(stands) = stands { (ui::alert(Tone::Info, &stands, html! {})) }
        (ui::card(&t.get("answer-means"), answers::consequences(w, situation, allowed)))
    }
}

/// `POST /candidat/proposition/{reponse}`
pub async fn answer(visit: Visit, Path(reponse): Path<String>, form: Form) -> Page {
    let answer = of_slug(&reponse).ok_or(Fault::NotFound)?;
    let sending = form.get("envoi").parse::<Uuid>().ok().map(|id| format!("reponse-{id}"));
    if let Some(sending) = &sending {
        let before = visit.recall(sending).await?;
        if !before.is_empty() {
            // This page was sent already. Another answer may stand since then, which the receipt says.
            return Ok(Redirect::to(&receipt(before.get("version"))).into_response());
        }
    }
    let asked = AnswerRequest {
        dossier_id: visit.dossier()?.to_string(),
        answer: answer.into(),
        confirmed: form.has("confirme"),
    };
    match visit.integration().answer(asked).await.map(tonic::Response::into_inner) {
        Ok(given) => {
            let version = given.version.to_string();
            if let Some(sending) = &sending {
                visit.remember(sending, &Form::of([("version", version.as_str())])).await?;
            }
            Ok(visit.done(&receipt(&version), if given.already_applied { "answer-stood" } else { "answer-received" }))
        }
        Err(status) => {
            let alert = visit.refused(&status)?;
            confirm_show(&visit, answer, alert).await
        }
    }
}

fn receipt(version: &str) -> String {
    format!("/candidat/proposition/recu/{version}")
}

#[cfg(test)]
mod tests {
    use super::{super::words::sample, *};

    fn allowed(answer: Answer, holds: &str, keeps: &[&str], gives_up: &[&str]) -> AllowedAnswer {
        let schools = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        AllowedAnswer {
            answer: answer.into(),
            holds: holds.into(),
            keeps: schools(keeps),
            gives_up: schools(gives_up),
            needs_confirmation: answer == Answer::Non,
            better_proposal_releases: answer == Answer::OuiMais,
        }
    }

    fn proposed(answer: Answer, last_period: bool) -> Situation {
        Situation {
            state: State::Proposed.into(),
            school: "ales".into(),
            filiere: "L3".into(),
            period: 1,
            period_open: true,
            period_closes_at: Some(sample::at("2026-06-03T21:00:00Z").into()),
            answer: answer.into(),
            answered_at: Some(sample::at("2026-06-01T10:00:00.007Z").into()),
            better_schools: vec!["albi".into()],
            last_period,
            allowed: vec![
                allowed(Answer::OuiDefinitif, "ales", &[], &["albi", "nord-europe"]),
                allowed(Answer::OuiMais, "ales", &["albi"], &["nord-europe"]),
                allowed(Answer::NonMais, "", &["albi"], &["ales", "nord-europe"]),
                allowed(Answer::Non, "", &[], &["albi", "ales", "nord-europe"]),
            ],
            ..Situation::default()
        }
    }

    #[test]
    fn every_allowed_answer_leads_to_its_confirmation_and_no_other_does() {
        let [page, _] = sample::rendered(|w| view(w, &proposed(Answer::Unspecified, false)));
        for answer in [Answer::OuiDefinitif, Answer::OuiMais, Answer::NonMais, Answer::Non] {
            assert!(page.contains(&format!("href=\"/candidat/proposition/{}\"", slug(answer))), "{answer:?}");
        }
        assert!(!page.contains("/candidat/proposition/attente"));
        // The answer that stands is not offered again.
        let [page, _] = sample::rendered(|w| view(w, &proposed(Answer::OuiMais, false)));
        assert!(!page.contains("/candidat/proposition/oui-mais") && page.contains("12:00:00.007"));
    }

    #[test]
    fn only_oui_mais_warns_that_a_better_proposal_releases_the_seat() {
        let situation = proposed(Answer::Unspecified, false);
        let warns = |allowed: &&AllowedAnswer| {
            sample::rendered(|w| confirm_view(w, &situation, allowed))[0].contains("sera libérée")
        };
        let warned: Vec<Answer> = situation.allowed.iter().filter(warns).map(AllowedAnswer::answer).collect();
        assert_eq!(warned, [Answer::OuiMais]);
    }

    #[test]
    fn in_the_last_period_non_mais_is_said_to_lead_to_nothing() {
        for last_period in [true, false] {
            let situation = proposed(Answer::Unspecified, last_period);
            let [page, _] = sample::rendered(|w| confirm_view(w, &situation, &situation.allowed[2]));
            assert_eq!(page.contains("ne peut mener à rien"), last_period, "{page}");
            assert_eq!(page.contains("restent possibles"), !last_period, "{page}");
        }
    }

    #[test]
    fn a_confirmation_says_what_it_replaces() {
        let stands = proposed(Answer::OuiDefinitif, false);
        let [page, _] = sample::rendered(|w| confirm_view(w, &stands, &stands.allowed[1]));
        assert!(page.contains("OUI DÉFINITIF") && page.contains("12:00:00.007"), "{page}");
        let none = proposed(Answer::Unspecified, false);
        let [page, _] = sample::rendered(|w| confirm_view(w, &none, &none.allowed[1]));
        assert!(!page.contains("12:00:00.007"), "{page}");
    }

    #[test]
    fn an_address_means_one_answer_of_the_notice() {
        for answer in words::ANSWERS {
            assert_eq!(of_slug(slug(answer)), Some(answer));
        }
        assert_eq!((of_slug("aucune"), of_slug("recu")), (None, None));
    }

    #[test]
    fn every_standing_has_a_lead() {
        for state in [State::Waiting, State::Holding, State::Accepted, State::Resigned, State::NotRetained] {
            let situation =
                Situation { state: state.into(), allowed: Vec::new(), ..proposed(Answer::Unspecified, false) };
            sample::rendered(|w| view(w, &situation));
        }
        sample::rendered(|w| not_yet(w, None));
        sample::rendered(|w| not_yet(w, Some(sample::at("2026-05-28T12:00:00Z"))));
    }
}
