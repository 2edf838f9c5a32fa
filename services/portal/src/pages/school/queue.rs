//! The queue of dossiers to verify (R14): filters and search that live in the session, counts, look-alikes marked (R7).

use axum::{
    extract::Query,
    response::{IntoResponse as _, Redirect},
};
use contracts::intake::{
    DossierToVerify, ListDossiersToVerifyReply, ListDossiersToVerifyRequest, Verdict, VerificationSort,
};
use maud::{Markup, html};

use super::At;
use crate::{
    exports::{self, Export},
    pages::labels,
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

/// Under which the search is kept for the session.
const KEPT: &str = "ecole-verification";
const PAGE: &str = "/ecole";
const FILES: &str = "/ecole/verification";

/// What a form of this page asks for. What it does not know it leaves out.
fn request(school: &str, form: &Form, page_size: u32, page_token: String) -> ListDossiersToVerifyRequest {
    let verdicts: &[Verdict] = match form.get("etat") {
        "nouveau" => &[Verdict::Unspecified],
        "correction" => &[Verdict::CorrectionRequested],
        "complet" => &[Verdict::Complete],
        "incomplet" => &[Verdict::Incomplete],
        _ => &[],
    };
    let sort = match form.get("tri") {
        "nom" => VerificationSort::Name,
        "cloture" => VerificationSort::ClosedAt,
        _ => VerificationSort::Number,
    };
    ListDossiersToVerifyRequest {
        school: school.to_owned(),
        page_size,
        page_token,
        include_verified: form.get("etat") == "tous",
        filiere: form.get("filiere").to_owned(),
        verdicts: verdicts.iter().map(|v| (*v).into()).collect(),
        open_corrections_only: form.has("corrections"),
        look_alikes_only: form.has("doublons"),
        text: form.get("texte").to_owned(),
        sort: sort.into(),
    }
}

/// `GET /ecole`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    let form = if visit.held.is_empty() { visit.recall(KEPT).await? } else { visit.held.clone() };
    let (listed, alert) =
        match visit.intake().list_dossiers_to_verify(request(visit.school(), &form, 50, at.page)).await {
            Ok(listed) => (listed.into_inner(), html! {}),
            // A search that was kept and is refused must not lock the page: the alert stands above the form that mends it.
            Err(status) => (ListDossiersToVerifyReply::default(), visit.refused(&status)?),
        };
    let body = html! { (alert) (view(&visit, &form, &listed)) };
    Ok(ui::page(&visit, &visit.t.get("nav-to-verify"), &[], body).into_response())
}

/// `POST /ecole`: the search is kept for the session and never stands in an address.
pub async fn search(visit: Visit, form: Form) -> Page {
    let kept = if form.get("geste") == "effacer" { Form::default() } else { form };
    visit.remember(KEPT, &kept).await?;
    Ok(Redirect::to(PAGE).into_response())
}

/// `GET /ecole/verification.csv`, `.xlsx`: what the search finds, on all its pages.
pub async fn export(visit: Visit) -> Page {
    let form = visit.recall(KEPT).await?;
    let rows = exports::all(|token| {
        let (mut intake, asked) = (visit.intake(), request(visit.school(), &form, 200, token));
        async move {
            let listed = intake.list_dossiers_to_verify(asked).await?.into_inner();
            Ok::<_, Fault>((listed.dossiers, listed.next_page_token))
        }
    })
    .await?;
    let t = visit.t;
    let export = Export {
        name: format!("verification-{}", visit.school()),
        columns: [
            "queue-number",
            "queue-name",
            "queue-first-names",
            "queue-filiere",
            "queue-closed-at",
            "queue-verdict",
            "queue-corrections",
            "queue-look-alike",
            "queue-notes",
        ]
        .map(|key| t.get(key))
        .into(),
        rows: rows
            .into_iter()
            .map(|d| {
                let verdict = t.get(labels::verdict(d.verdict()));
                let alike = if d.looks_alike { t.get("yes") } else { String::new() };
                vec![
                    d.number.into(),
                    d.family_name.into(),
                    d.first_names.into(),
                    visit.filiere_name(&d.filiere).into(),
                    exports::instant(&visit, d.closed_at),
                    verdict.into(),
                    d.open_corrections.into(),
                    alike.into(),
                    d.notes.into(),
                ]
            })
            .collect(),
    };
    exports::answer(&visit, export).await
}

fn view(visit: &Visit, form: &Form, listed: &ListDossiersToVerifyReply) -> Markup {
    let t = visit.t;
    let counts = [
        ("verdict-none", listed.not_yet),
        ("verdict-correction", listed.correction_requested),
        ("verdict-complete", listed.complete),
        ("verdict-incomplete", listed.incomplete),
    ];
    let columns = [
        Column::number(t.get("queue-number")),
        Column::new(t.get("queue-candidate")),
        Column::new(t.get("queue-filiere")),
        Column::new(t.get("queue-closed-at")),
        Column::new(t.get("queue-state")),
    ];
    let rows: Vec<_> = listed.dossiers.iter().map(|d| row(visit, d)).collect();
    html! {
        dl class="counts" { @for (key, n) in counts { div { dt { (t.get(key)) } dd { (n) } } } }
        ul class="links" {
            li { a href="/ecole/homonymes" { (t.get("look-alikes-title")) } }
            li { a href="/ecole/autres-voies" { (t.get("routes-title")) } }
        }
        (ui::card(&t.get("search-title"), filters(visit, form)))
        (exports::links(visit, FILES))
        (ui::table(&t.get("queue-caption"), &columns, &rows, &t.get("queue-empty")))
        (ui::pager(visit, PAGE, &listed.next_page_token))
    }
}

fn row(visit: &Visit, d: &DossierToVerify) -> Vec<Markup> {
    let t = visit.t;
    vec![
        html! { (d.number) },
        html! { a href={ "/ecole/dossiers/" (d.dossier_id) } { (d.family_name) " " (d.first_names) } },
        html! { (visit.filiere_name(&d.filiere)) },
        html! { (visit.instant(d.closed_at)) },
        html! {
            (labels::badge(t, d.verdict()))
            @if d.open_corrections > 0 { " " (ui::badge(Tone::Warn, &t.with("queue-n-corrections", [("n", d.open_corrections.into())]))) }
            @if d.looks_alike { " " (ui::badge(Tone::Bad, &t.get("queue-look-alike"))) }
            @if d.notes > 0 { " " (ui::badge(Tone::Info, &t.with("queue-n-notes", [("n", d.notes.into())]))) }
        },
    ]
}

fn filters(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let mut filieres = vec![Choice::new("", t.get("all"))];
    filieres.extend(visit.app.session.filieres.iter().map(|f| Choice::new(&f.id, t.label(&f.label))));
    let states = [
        ("", "queue-state-to-do"),
        ("nouveau", "verdict-none"),
        ("correction", "verdict-correction"),
        ("complet", "verdict-complete"),
        ("incomplet", "verdict-incomplete"),
        ("tous", "all"),
    ]
    .map(|(value, key)| Choice::new(value, t.get(key)));
    let sorts = [("", "queue-number"), ("nom", "queue-name"), ("cloture", "queue-closed-at")]
        .map(|(value, key)| Choice::new(value, t.get(key)));
    html! {
        (ui::form(visit, PAGE, html! {
            div class="filters" {
                (ui::field(visit, &Field { name: "texte", label: &t.get("search-text"), hint: &t.get("search-text-hint"), value: form.get("texte"), max: 100, ..Field::default() }))
                (ui::select(visit, &Field { name: "etat", label: &t.get("queue-state"), value: form.get("etat"), ..Field::default() }, &states))
                (ui::select(visit, &Field { name: "filiere", label: &t.get("queue-filiere"), value: form.get("filiere"), ..Field::default() }, &filieres))
                (ui::select(visit, &Field { name: "tri", label: &t.get("search-sort"), value: form.get("tri"), ..Field::default() }, &sorts))
            }
            (ui::checkbox(&Field { name: "corrections", label: &t.get("queue-only-corrections"), ..Field::default() }, form.has("corrections")))
            (ui::checkbox(&Field { name: "doublons", label: &t.get("queue-only-look-alikes"), ..Field::default() }, form.has("doublons")))
            div class="actions" {
                (ui::button(&t.get("search-button")))
                button class="second" name="geste" value="effacer" { (t.get("search-clear")) }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_question_and_what_it_does_not_know_is_left_out() {
        let form = Form::of([
            ("etat", "incomplet"),
            ("tri", "nom"),
            ("doublons", "oui"),
            ("texte", " Le Goff "),
            ("filiere", "L3"),
        ]);
        let asked = request("albi", &form, 50, "p".into());
        assert_eq!(asked.verdicts().collect::<Vec<_>>(), [Verdict::Incomplete]);
        assert_eq!(
            (asked.sort(), asked.text.as_str(), asked.filiere.as_str()),
            (VerificationSort::Name, "Le Goff", "L3")
        );
        assert!(asked.look_alikes_only && !asked.open_corrections_only && !asked.include_verified);
        let everything = request("albi", &Form::of([("etat", "tous")]), 50, String::new());
        assert!(everything.include_verified && everything.verdicts.is_empty());
        let unknown = request("albi", &Form::of([("etat", "x"), ("tri", "y")]), 50, String::new());
        assert_eq!((unknown.verdicts.len(), unknown.sort()), (0, VerificationSort::Number));
    }
}
