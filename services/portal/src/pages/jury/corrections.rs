//! Correcting a clerical mistake in what is signed (R18): the admissibility of a dossier, or a mark. Two people each.

use axum::response::IntoResponse as _;
use contracts::jury::{
    Candidature, CorrectedDetermination, DecisionState, GetCandidatureRequest, PrepareAdmissibilityCorrectionRequest,
    PrepareMarkCorrectionRequest, PrepareSupernumeraryRequest,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Embargo, answer, embargo, exams, parse, prepared, words};
use crate::{
    pages::names::Names,
    ui::{self, Choice, Field},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /jury/dossiers/{id}/corriger`
pub async fn page(visit: Visit, Path(id): Path<Uuid>) -> Page {
    Ok(show(&visit, id, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, id: Uuid, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let mut jury = visit.jury();
    let text = id.to_string();
    let (c, names) = tokio::try_join!(
        async { Ok(jury.get_candidature(GetCandidatureRequest { dossier_id: id.to_string() }).await?.into_inner()) },
        Names::of(visit, [text.as_str()]),
    )?;
    let body = html! {
        (alert)
        (embargo(visit, Embargo::Admission).await?)
        p class="lead" { (names.link(&text, "/jury/dossiers")) }
        p { (t.get("correct-text")) }
        (ui::card(&t.get("correct-admissibility"), admissibility(visit, &c, form)))
        (ui::card(&t.get("correct-mark"), mark(visit, &c, form)))
        (ui::card(&t.get("supernumerary-title"), supernumerary(visit, &c, form)))
    };
    Ok(ui::page(visit, &t.get("correct-title"), &[], body))
}

fn path(id: &str) -> String {
    format!("/jury/dossiers/{id}/corriger")
}

fn admissibility(visit: &Visit, c: &Candidature, form: &Form) -> Markup {
    let t = visit.t;
    if c.decision() != DecisionState::Signed {
        return html! { p class="empty" { (t.get("correct-not-signed")) } };
    }
    let typed = form.get("geste") == "admissibilite";
    let side = if typed { form.get("admissible") } else { "" };
    let sides = [Choice::new("oui", t.get("jury-admissible")), Choice::new("non", t.get("jury-not-admissible"))];
    let findings = [
        Choice::new("", t.get("correct-keep")),
        Choice::new("oui", t.get("jury-standing-recevable")),
        Choice::new("non", t.get("jury-standing-not-recevable")),
    ];
    let value = |name: &str| if typed { form.get(name).to_owned() } else { String::new() };
    html! {
        p { (words::decision(t, c)) " " (c.decision_reason) }
        (ui::form(visit, &path(&c.dossier_id), html! {
            (ui::hidden("geste", "admissibilite"))
            (ui::radios(visit, &Field { name: "admissible", label: &t.get("correct-to"), value: side, required: true, ..Field::default() }, &sides))
            @for s in &c.schools {
                @let label = t.with("correct-at", [("school", visit.school_name(&s.school).into())]);
                @let (name, why) = (format!("r-{}", s.school), format!("m-{}", s.school));
                (ui::select(visit, &Field { name: &name, label: &label, value: &value(&name), ..Field::default() }, &findings))
                (ui::field(visit, &Field { name: &why, label: &t.with("correct-reason-at", [("school", visit.school_name(&s.school).into())]), value: &value(&why), max: 1000, ..Field::default() }))
            }
            (ui::textarea(visit, &Field { name: "motif-admissibilite", label: &t.get("correct-reason"), value: &value("motif-admissibilite"), required: true, max: 1000, ..Field::default() }, 2))
            div class="actions" { (ui::button(&t.get("correct-prepare"))) }
        }))
    }
}

fn mark(visit: &Visit, c: &Candidature, form: &Form) -> Markup {
    let t = visit.t;
    if c.exams.is_empty() {
        return html! { p class="empty" { (t.get("correct-no-mark")) } };
    }
    let typed = form.get("geste") == "note";
    let value = |name| if typed { form.get(name) } else { "" };
    let choices = exams(visit).map(|(id, exam)| Choice::new(id, t.label(&exam.label)));
    html! {
        ul { @for e in &c.exams { li { (super::exam_name(visit, &e.exam)) " – " (words::result(t, e)) } } }
        (ui::form(visit, &path(&c.dossier_id), html! {
            (ui::hidden("geste", "note"))
            (ui::select(visit, &Field { name: "epreuve", label: &t.get("marks-exam"), value: value("epreuve"), required: true, ..Field::default() }, &choices))
            (ui::field(visit, &Field { name: "note", label: &t.get("marks-mark"), hint: &t.get("marks-mark-hint"), value: value("note"), required: true, max: 10, ..Field::default() }))
            (ui::textarea(visit, &Field { name: "motif-note", label: &t.get("correct-reason"), value: value("motif-note"), required: true, max: 1000, ..Field::default() }, 2))
            div class="actions" { (ui::button(&t.get("correct-prepare"))) }
        }))
    }
}

/// A seat beyond the published number for a person wronged (R33).
fn supernumerary(visit: &Visit, c: &Candidature, form: &Form) -> Markup {
    let t = visit.t;
    let typed = form.get("geste") == "surnombre";
    let value = |name| if typed { form.get(name) } else { "" };
    let schools: Vec<_> = c.schools.iter().map(|s| Choice::new(&s.school, visit.school_name(&s.school))).collect();
    html! {
        p { (t.get("supernumerary-text")) }
        (ui::form(visit, &path(&c.dossier_id), html! {
            (ui::hidden("geste", "surnombre"))
            (ui::select(visit, &Field { name: "ecole", label: &t.get("jury-school"), value: value("ecole"), required: true, ..Field::default() }, &schools))
            (ui::textarea(visit, &Field { name: "motif-surnombre", label: &t.get("jury-reason"), value: value("motif-surnombre"), required: true, max: 1000, ..Field::default() }, 2))
            div class="actions" { (ui::button(&t.get("supernumerary-prepare"))) }
        }))
    }
}

/// What is set at single schools together with the decision; schools left as they are are not named.
fn determinations(form: &Form) -> Vec<CorrectedDetermination> {
    form.pairs()
        .filter_map(|(name, value)| Some((name.strip_prefix("r-")?, value)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(school, value)| CorrectedDetermination {
            school: school.into(),
            recevable: value == "oui",
            reason: form.get(&format!("m-{school}")).into(),
        })
        .collect()
}

/// `POST /jury/dossiers/{id}/corriger`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let (dossier_id, mut jury) = (id.to_string(), visit.jury());
    let text = |name: &str| form.get(name).to_owned();
    let done = match form.get("geste") {
        "admissibilite" => {
            let asked = PrepareAdmissibilityCorrectionRequest {
                dossier_id,
                admissible: form.get("admissible") == "oui",
                determinations: determinations(&form),
                reason: text("motif-admissibilite"),
            };
            jury.prepare_admissibility_correction(asked).await
        }
        "note" => {
            let (mark, absent) = parse::mark(form.get("note"));
            let exam = text("epreuve");
            let asked = PrepareMarkCorrectionRequest { dossier_id, exam, mark, absent, reason: text("motif-note") };
            jury.prepare_mark_correction(asked).await
        }
        "surnombre" => {
            let asked =
                PrepareSupernumeraryRequest { dossier_id, school: text("ecole"), reason: text("motif-surnombre") };
            jury.prepare_supernumerary(asked).await
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|act| prepared(&visit, act.get_ref()));
    answer(&visit, done, |alert| show(&visit, id, &form, alert)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schools_left_as_they_are_are_not_named() {
        let form = Form::parse(b"r-albi=&m-albi=x&r-ales=non&m-ales=Loin&r-nord=oui&m-nord=");
        let set = determinations(&form);
        let shown: Vec<_> = set.iter().map(|d| (d.school.as_str(), d.recevable, d.reason.as_str())).collect();
        assert_eq!(shown, [("ales", false, "Loin"), ("nord", true, "")]);
    }
}
