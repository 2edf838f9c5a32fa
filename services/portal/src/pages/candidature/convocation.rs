//! The convocation to the orals, and what collides with it (R24, R25).

use axum::response::{IntoResponse as _, Response};
use contracts::scheduling::{Convocation, GetConvocationRequest, Slot, StateConstraintRequest};
use maud::{Markup, html};

use super::{asked, files, ics, words::Words};
use crate::{
    place::instant,
    ui::{self, Column, Field},
    web::{Fault, Form, Page, Visit},
};

/// Longest constraint, in characters.
const LONGEST: usize = 2000;

/// The exams of a convocation, earliest first: word, label, slot.
pub fn exams<'a>(w: Words<'a>, convocation: &'a Convocation) -> Vec<(&'static str, &'a str, &'a Slot)> {
    let orals = &w.session.orals;
    let mut exams: Vec<_> = [
        ("interview", w.t.label(&orals.interview.label), convocation.interview.as_ref()),
        ("english", w.t.label(&orals.english.label), convocation.english.as_ref()),
    ]
    .into_iter()
    .filter_map(|(word, label, slot)| Some((word, label, slot?)))
    .collect();
    exams.sort_by_key(|(_, _, slot)| instant(slot.begins_at));
    exams
}

/// The convocation of whoever looks; none before it is published, and for whoever has none.
pub async fn find(visit: &Visit) -> Result<Option<Convocation>, Fault> {
    let dates = asked::dates(visit).await?;
    let asked = GetConvocationRequest { dossier_id: visit.dossier()?.to_string() };
    let reply =
        asked::when(visit.now >= dates.admissibility, async { visit.scheduling().get_convocation(asked).await })
            .await?;
    Ok(reply.and_then(|reply| reply.convocation))
}

/// `GET /candidat/convocation`
pub async fn page(visit: Visit) -> Page {
    show(&visit, &visit.held, html! {}).await
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Page {
    let t = visit.t;
    let body = match find(visit).await? {
        None => html! { p class="lead" { (t.get("convocation-none")) } },
        Some(convocation) => html! {
            (alert)
            (view(Words::of(visit), &convocation))
            (ui::card(&t.get("constraint-title"), html! {
                p { (t.get("constraint-lead")) }
                (ui::form(visit, "/candidat/convocation", html! {
                    (ui::textarea(visit, &Field { name: "motif", label: &t.get("constraint-reason"), value: form.get("motif"), required: true, max: LONGEST, ..Field::default() }, 3))
                    div class="actions" { (ui::button(&t.get("constraint-button"))) }
                }))
            }))
        },
    };
    Ok(ui::page(visit, &t.get("convocation-title"), &[], body).into_response())
}

/// `POST /candidat/convocation`: states a constraint.
pub async fn constraint(visit: Visit, form: Form) -> Page {
    let reason: Vec<&str> = form.get("motif").split_whitespace().collect();
    let asked = StateConstraintRequest { dossier_id: visit.dossier()?.to_string(), reason: reason.join(" ") };
    match visit.scheduling().state_constraint(asked).await {
        Ok(_) => Ok(visit.done("/candidat/convocation", "constraint-stated")),
        Err(status) => {
            let alert = visit.refused(&status)?;
            show(&visit, &form, alert).await
        }
    }
}

/// Where, when, with what.
pub fn view(w: Words<'_>, convocation: &Convocation) -> Markup {
    let t = w.t;
    let remote = convocation.remote;
    let rows: Vec<Vec<Markup>> = exams(w, convocation)
        .into_iter()
        .map(|(_, label, slot)| {
            let time = |at| instant(at).map(|at| t.time(at, &w.session.zone)).unwrap_or_default();
            vec![
                html! { (label) },
                html! { (time(slot.begins_at)) },
                html! { (time(slot.ends_at)) },
                html! { @if slot.room.is_empty() { "–" } @else { (slot.room) } },
            ]
        })
        .collect();
    let columns =
        ["convocation-exam", "convocation-from", "convocation-to", "convocation-room"].map(|k| Column::new(t.get(k)));
    let day = convocation.day.parse().map(|day| t.date(day)).unwrap_or_else(|_| convocation.day.clone());
    let school = w.session.school(&convocation.school);
    html! {
        p class="lead" { (t.with("convocation-lead", [("school", w.school(&convocation.school).into()), ("day", day.into())])) }
        (ui::table(&t.get("convocation-exams"), &columns, &rows, ""))
        (ui::card(&t.get(if remote { "convocation-remote" } else { "convocation-place" }), html! {
            @if remote {
                @if convocation.link.is_empty() { p { (t.get("convocation-link-later")) } }
                @else { p { a href=(convocation.link) rel="noreferrer" { (convocation.link) } } }
            } @else {
                p { @for line in convocation.address.lines() { (line) br; } }
            }
            @if let Some(school) = school {
                p { (school.office) " · " a href={ "mailto:" (school.mail) } { (school.mail) } @for phone in &school.phone { " · " (phone) } }
            }
        }))
        (ui::card(&t.get("convocation-bring"), html! {
            ul {
                li { (t.get("convocation-bring-identity")) }
                li { (t.get("convocation-bring-itself")) }
                @if remote { li { (t.get("convocation-bring-equipment")) } }
            }
        }))
        div class="actions" {
            (ui::go("/candidat/convocation.pdf", &t.get("convocation-pdf")))
            a class="button second" href="/candidat/convocation.ics" { (t.get("convocation-ics")) }
        }
        p class="hint" { (t.get("convocation-moves")) }
    }
}

/// `GET /candidat/convocation.ics`
pub async fn calendar(visit: Visit) -> Page {
    let convocation = find(&visit).await?.ok_or(Fault::NotFound)?;
    let text = ics::calendar(Words::of(&visit), &convocation, visit.now);
    Ok(files::attached("text/calendar; charset=utf-8", "convocation.ics", text.into_bytes()))
}

/// `GET /candidat/convocation.pdf`
pub async fn pdf(visit: Visit) -> Result<Response, Fault> {
    let convocation = find(&visit).await?.ok_or(Fault::NotFound)?;
    let pdf = files::convocation(&visit, &convocation).await?;
    Ok(files::attached(files::PDF, "convocation.pdf", pdf))
}

#[cfg(test)]
pub mod tests {
    use super::{super::words::sample, *};

    pub fn convened(remote: bool) -> Convocation {
        let slot = |begins: &str, ends: &str, room: &str| {
            Some(Slot {
                begins_at: Some(sample::at(begins).into()),
                ends_at: Some(sample::at(ends).into()),
                room: if remote { String::new() } else { room.into() },
            })
        };
        Convocation {
            dossier_id: "7f1e5a52-0000-4000-8000-000000000001".into(),
            school: "ales".into(),
            school_name: "IMT Mines Alès".into(),
            address: if remote { String::new() } else { "6 avenue de Clavières\n30100 Alès; France".into() },
            day: "2026-05-18".into(),
            interview: slot("2026-05-18T08:00:00Z", "2026-05-18T08:25:00Z", "B12"),
            english: slot("2026-05-18T07:00:00Z", "2026-05-18T07:15:00Z", "C3"),
            remote,
            link: if remote { "https://visio.example/abc".into() } else { String::new() },
        }
    }

    #[test]
    fn exams_are_told_in_their_order_at_the_schools_hours() {
        let [page, _] = sample::rendered(|w| view(w, &convened(false)));
        let (first, then) = (page.find("9\u{a0}h\u{a0}00").unwrap(), page.find("10\u{a0}h\u{a0}00").unwrap());
        assert!(first < then && page.contains("lundi 18 mai 2026") && page.contains("B12"), "{page}");
        assert!(!page.contains("visio"));
    }

    #[test]
    fn at_a_distance_the_link_stands_instead_of_the_place() {
        let [page, _] = sample::rendered(|w| view(w, &convened(true)));
        assert!(page.contains("https://visio.example/abc") && !page.contains("Clavières"), "{page}");
        let later = Convocation { link: String::new(), ..convened(true) };
        sample::rendered(|w| view(w, &later));
    }
}
