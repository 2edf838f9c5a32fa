//! One dossier as the jury reads it: all of it, and what the jury finds.

use axum::response::IntoResponse as _;
use contracts::{
    intake::{JuryDossier, ReadDossierRequest},
    jury::{
        Candidature, DecisionState, DeclareConflictRequest, DraftAdmissibilityRequest, GetCandidatureRequest,
        RecordDeterminationRequest, RecordOpinionRequest, SchoolStanding,
    },
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Embargo, People, answer, embargo, exam_name, people, read, words};
use crate::{
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /jury/dossiers/{id}`
pub async fn page(visit: Visit, Path(id): Path<Uuid>) -> Page {
    Ok(show(&visit, id, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, id: Uuid, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let (mut jury, mut intake) = (visit.jury(), visit.intake());
    let (candidature, whole, people, embargo) = tokio::try_join!(
        async { Ok(jury.get_candidature(GetCandidatureRequest { dossier_id: id.to_string() }).await?.into_inner()) },
        async { Ok(intake.read_dossier(ReadDossierRequest { dossier_id: id.to_string() }).await?.into_inner()) },
        people(visit),
        embargo(visit, Embargo::Next),
    )?;
    let JuryDossier { dossier, order } = whole;
    let dossier = dossier.unwrap_or_default();
    let identity = dossier.identity.clone().unwrap_or_default();
    let c = &candidature;
    let body = html! {
        (alert)
        @if c.annulled { (ui::alert(Tone::Bad, &t.get("jury-annulled"), html! { p { (t.get("jury-annulled-text")) } })) }
        (embargo)
        (read::summary(visit, &dossier, c))
        div class="grid" {
            (ui::card(&t.get("jury-read-identity"), read::identity(visit, &identity)))
            (ui::card(&t.get("jury-read-title"), read::title(visit, &dossier, c)))
        }
        (ui::card(&t.get("jury-read-order"), read::order(visit, &order)))
        (ui::card(&t.get("jury-read-studies"), read::studies(t, dossier.studies.as_ref())))
        (ui::card(&t.get("jury-read-fiche"), read::fiche(t, dossier.fiche.as_ref(), &dossier.pieces)))
        (ui::card(&t.get("jury-read-pieces"), read::pieces(visit, id, &dossier.pieces)))
        (ui::card(&t.get("jury-opinions"), opinions(visit, id, c, &people, form)))
        (ui::card(&t.get("jury-determinations"), determinations(visit, id, c, form)))
        (ui::card(&t.get("jury-decision"), decision(visit, id, c, form)))
        @if !c.exams.is_empty() {
            (ui::card(&t.get("jury-exams"), ui::facts(&c.exams.iter().map(|e| (exam_name(visit, &e.exam).to_owned(), words::result(t, e))).collect::<Vec<_>>())))
        }
        (ui::card(&t.get("jury-conflicts"), conflicts(visit, id, c, form)))
        p { a href={ "/jury/dossiers/" (id) "/nullite" } { (t.get("jury-go-annulment")) } }
    };
    let title = format!("{} – {} {}", dossier.number, identity.family_name, identity.first_names);
    Ok(ui::page(visit, &title, &[], body))
}

/// What readers think, and the form for one's own.
fn opinions(visit: &Visit, id: Uuid, c: &Candidature, people: &People, form: &Form) -> Markup {
    let t = visit.t;
    let me = visit.session.as_ref().map(|s| s.subject.as_str()).unwrap_or_default();
    let mine = c.opinions.iter().find(|o| o.author == me);
    let typed = form.get("geste") == "avis";
    let text = if typed { form.get("texte-avis") } else { mine.map_or("", |o| o.text.as_str()) };
    let side = match mine {
        _ if typed => form.get("favorable"),
        Some(o) if o.favourable => "oui",
        Some(_) => "non",
        None => "",
    };
    let sides = [Choice::new("oui", t.get("jury-favourable")), Choice::new("non", t.get("jury-unfavourable"))];
    html! {
        @if !c.readers.is_empty() { p { (t.get("jury-read-by")) " "
            @for (i, r) in c.readers.iter().enumerate() { @if i > 0 { ", " } (people.name(&r.subject)) @if r.opinion_given { " ✓" } }
        } }
        @if c.opinions.is_empty() { p class="empty" { (t.get("jury-no-opinions")) } }
        ul { @for o in &c.opinions { li {
            strong { (people.name(&o.author)) } " " (side_badge(visit, o.favourable)) " " (visit.instant(o.at))
            @if !o.text.is_empty() { p { (o.text) } }
        } } }
        h3 { (t.get("jury-my-opinion")) }
        (ui::form(visit, &path(id), html! {
            (ui::hidden("geste", "avis"))
            (ui::radios(visit, &Field { name: "favorable", label: &t.get("jury-opinion"), value: side, required: true, ..Field::default() }, &sides))
            (ui::textarea(visit, &Field { name: "texte-avis", label: &t.get("jury-opinion-text"), value: text, max: 4000, ..Field::default() }, 3))
            div class="actions" { (ui::button(&t.get("jury-opinion-button"))) }
        }))
    }
}

fn side_badge(visit: &Visit, favourable: bool) -> Markup {
    if favourable {
        ui::badge(Tone::Good, &visit.t.get("jury-favourable"))
    } else {
        ui::badge(Tone::Bad, &visit.t.get("jury-unfavourable"))
    }
}

/// What holds at each school, and the form to find otherwise (R16, R17).
fn determinations(visit: &Visit, id: Uuid, c: &Candidature, form: &Form) -> Markup {
    let t = visit.t;
    let typed = form.get("geste") == "recevabilite";
    let rows: Vec<_> = c
        .schools
        .iter()
        .map(|s: &SchoolStanding| {
            vec![
                html! { (visit.school_name(&s.school)) },
                html! { (read::recevabilite(t, &s.recevabilite)) @if !s.table.is_empty() { br; (s.table) ", " q { (s.row) } } },
                words::standing_badge(t, s.standing()),
                html! { (s.reason) },
            ]
        })
        .collect();
    let columns = ["jury-school", "jury-tables-say", "jury-standing", "jury-reason"].map(|key| Column::new(t.get(key)));
    let schools: Vec<_> = c.schools.iter().map(|s| Choice::new(&s.school, visit.school_name(&s.school))).collect();
    let sides = [
        Choice::new("oui", t.get("jury-standing-recevable")),
        Choice::new("non", t.get("jury-standing-not-recevable")),
    ];
    let value = |name| if typed { form.get(name) } else { "" };
    html! {
        (ui::table(&t.get("jury-determinations"), &columns, &rows, ""))
        @if c.decision() == DecisionState::Signed { p { (t.get("jury-signed-text")) " " a href={ (path(id)) "/corriger" } { (t.get("jury-correct")) } } }
        @else {
            p class="hint" { (t.get("jury-determine-text")) }
            (ui::form(visit, &path(id), html! {
                (ui::hidden("geste", "recevabilite"))
                (ui::select(visit, &Field { name: "ecole", label: &t.get("jury-school"), value: value("ecole"), required: true, ..Field::default() }, &schools))
                (ui::radios(visit, &Field { name: "recevable", label: &t.get("jury-standing"), value: value("recevable"), required: true, ..Field::default() }, &sides))
                (ui::textarea(visit, &Field { name: "motif-recevabilite", label: &t.get("jury-reason"), value: value("motif-recevabilite"), required: true, max: 1000, ..Field::default() }, 2))
                div class="actions" { (ui::button(&t.get("jury-determine"))) }
            }))
        }
    }
}

/// The draft decision (R18).
fn decision(visit: &Visit, id: Uuid, c: &Candidature, form: &Form) -> Markup {
    let t = visit.t;
    let typed = form.get("geste") == "decision";
    let decided = matches!(c.decision(), DecisionState::Draft | DecisionState::Signed);
    let side = match (typed, decided, c.admissible) {
        (true, ..) => form.get("admissible"),
        (_, true, true) => "oui",
        (_, true, false) => "non",
        _ => "",
    };
    let reason = if typed { form.get("motif-decision") } else { c.decision_reason.as_str() };
    let sides = [Choice::new("oui", t.get("jury-admissible")), Choice::new("non", t.get("jury-not-admissible"))];
    html! {
        p { (words::decision(t, c)) @if !c.decision_reason.is_empty() { " – " (c.decision_reason) } }
        @if c.decision() != DecisionState::Signed && !c.annulled {
            (ui::form(visit, &path(id), html! {
                (ui::hidden("geste", "decision"))
                (ui::radios(visit, &Field { name: "admissible", label: &t.get("jury-decision"), value: side, required: true, ..Field::default() }, &sides))
                (ui::textarea(visit, &Field { name: "motif-decision", label: &t.get("jury-reason"), value: reason, max: 1000, ..Field::default() }, 2))
                div class="actions" { (ui::button(&t.get("jury-draft-button"))) }
            }))
        }
    }
}

fn conflicts(visit: &Visit, id: Uuid, c: &Candidature, form: &Form) -> Markup {
    let t = visit.t;
    let value = if form.get("geste") == "conflit" { form.get("motif-conflit") } else { "" };
    html! {
        ul { @for conflict in &c.conflicts { li {
            (if conflict.label.is_empty() { &conflict.subject } else { &conflict.label }) " – " (conflict.reason) " (" (visit.instant(conflict.at)) ")"
        } } }
        p class="hint" { (t.get("jury-conflict-text")) }
        (ui::form(visit, &path(id), html! {
            (ui::hidden("geste", "conflit"))
            (ui::field(visit, &Field { name: "motif-conflit", label: &t.get("jury-conflict-reason"), value, required: true, max: 500, ..Field::default() }))
            div class="actions" { button class="second" { (t.get("jury-conflict-button")) } }
        }))
    }
}

fn path(id: Uuid) -> String {
    format!("/jury/dossiers/{id}")
}

/// `POST /jury/dossiers/{id}`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let (dossier_id, mut jury) = (id.to_string(), visit.jury());
    let text = |name: &str| form.get(name).to_owned();
    let done = match form.get("geste") {
        "avis" => {
            let favourable = form.get("favorable") == "oui";
            let asked = RecordOpinionRequest { dossier_id, favourable, text: text("texte-avis") };
            jury.record_opinion(asked).await.map(|_| "opinion-recorded")
        }
        "recevabilite" => {
            let recevable = form.get("recevable") == "oui";
            let reason = text("motif-recevabilite");
            let asked = RecordDeterminationRequest { dossier_id, school: text("ecole"), recevable, reason };
            jury.record_determination(asked).await.map(|_| "determination-recorded")
        }
        "decision" => {
            let admissible = form.get("admissible") == "oui";
            let asked = DraftAdmissibilityRequest { dossier_id, admissible, reason: text("motif-decision") };
            jury.draft_admissibility(asked).await.map(|_| "decision-drafted")
        }
        "conflit" => {
            let asked = DeclareConflictRequest { dossier_id, reason: text("motif-conflit") };
            jury.declare_conflict(asked).await.map(|_| "conflict-declared")
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(&path(id), key));
    answer(&visit, done, |alert| show(&visit, id, &form, alert)).await
}
