//! The admissibility commission (R17 to R19): drafts for many at once, what is missing, sign-off, publication.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::jury::{
    Candidature, DecisionState, DraftAdmissibilityBatchRequest, DraftAdmissibilityRequest, GetProgressRequest,
    ListMissingRequest, Missing, PrepareAdmissibilityPublicationRequest, PrepareAdmissibilityRequest, Stage,
};
use maud::{Markup, html};

use super::{Embargo, acts, answer, dossiers, embargo_of, prepared, words};
use crate::{
    exports,
    lists::List,
    pages::names::Names,
    ui::{self, Choice, Column, Field},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/jury/admissibilite";
/// Largest page of the list: what one screen of decisions can be answered for.
const PAGE: u32 = 100;

/// `GET /jury/admissibilite`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    Ok(show(&visit, &Form::of(query), &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, filter: &Form, typed: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let mut asked = dossiers::asked(filter);
    asked.page_size = PAGE;
    let (mut a, mut b, mut c) = (visit.jury(), visit.jury(), visit.jury());
    let (listed, progress, missing) = tokio::try_join!(
        a.list_candidatures(asked),
        b.get_progress(GetProgressRequest {}),
        c.list_missing(ListMissingRequest { stage: Stage::Admissibility.into() }),
    )?;
    let (listed, progress) = (listed.into_inner(), progress.into_inner());
    let missing = missing.into_inner().missing;
    let ids = listed.candidatures.iter().map(|c| c.dossier_id.as_str());
    let names = Names::of(visit, ids.chain(missing.iter().map(|m| m.subject.as_str()))).await?;
    let body = html! {
        (alert)
        (embargo_of(visit, &progress, Embargo::Admissibility).await?)
        (ui::facts(&[
            (t.get("jury-candidatures"), html! { (progress.candidatures) }),
            (t.get("jury-count-undecided"), html! { (progress.undecided) }),
            (t.get("jury-count-drafted"), html! { (progress.drafted) }),
            (t.get("jury-count-signed"), html! { (progress.signed) }),
        ]))
        (dossiers::filters(visit, PATH, filter, false))
        // The same list under the same filters, every page of it.
        (exports::links_of(visit, "/jury/dossiers", &dossiers::without_page(filter)))
        (batch(visit, filter, typed, &listed.candidatures, &names))
        (dossiers::pager(visit, PATH, filter, &listed.next_page_token))
        section class="card" {
            h2 { (t.get("admissibility-sign-off")) }
            @if missing.is_empty() { p { (t.get("admissibility-nothing-missing")) } }
            @else {
                (exports::links(visit, "/jury/admissibilite/manques"))
                details { summary { (t.with("jury-missing-count", [("n", missing.len().into())])) }
                    ul { @for m in &missing { li { a href={ "/jury/dossiers/" (m.subject) } { (gap(visit, m, &names)) } } } }
                }
            }
            p { (t.get("admissibility-sign-off-text")) }
            (button_form(visit, filter, "signer", &t.get("admissibility-prepare")))
        }
        section class="card" {
            h2 { (t.get("jury-publication")) }
            p { (t.get("admissibility-publication-text")) }
            (button_form(visit, filter, "publier", &t.get("jury-prepare-publication")))
        }
    };
    Ok(ui::page(visit, &t.get("nav-admissibility"), &[], body))
}

/// What one dossier or table lacks, in a sentence.
pub fn gap(visit: &Visit, missing: &Missing, names: &Names) -> String {
    let why = missing.why.as_ref().map(|why| names.reason(visit, why)).unwrap_or_default();
    if missing.position == 0 {
        why
    } else {
        visit.t.with("jury-at-position", [("n", missing.position.into()), ("why", why.into())])
    }
}

/// What a sign-off lacks, as a file.
pub fn gaps(visit: &Visit, missing: &[Missing], names: &Names) -> List {
    let t = visit.t;
    let subject = |m: &Missing| match m.subject.split_once('/') {
        Some((school, filiere)) => html! { (visit.school_name(school)) ", " (visit.filiere_name(filiere)) },
        None => html! { (names.full(&m.subject)) },
    };
    List {
        name: "manques".into(),
        caption: t.get("jury-missing"),
        empty: String::new(),
        columns: vec![Column::new(t.get("jury-missing-subject")), Column::new(t.get("jury-period-why"))],
        rows: missing.iter().map(|m| vec![subject(m), html! { (gap(visit, m, names)) }]).collect(),
    }
}

/// `GET /jury/admissibilite/manques.csv`, `.xlsx`
pub async fn missing_export(visit: Visit) -> Page {
    missing_of(&visit, Stage::Admissibility).await
}

/// What a stage lacks.
pub async fn missing_of(visit: &Visit, stage: Stage) -> Page {
    let missing = visit.jury().list_missing(ListMissingRequest { stage: stage.into() }).await?.into_inner().missing;
    let ids = missing.iter().map(|m| m.subject.as_str()).filter(|subject| acts::is_dossier(subject));
    let names = Names::of(visit, ids).await?;
    gaps(visit, &missing, &names).file(visit).await
}

/// A button that posts one act and keeps the filters.
fn button_form(visit: &Visit, filter: &Form, act: &str, text: &str) -> Markup {
    ui::form(
        visit,
        PATH,
        html! {
            (ui::hidden("geste", act))
            (ui::hidden("filtres", &filter.encoded()))
            div class="actions" { (ui::button(text)) }
        },
    )
}

/// The list, each with a box; one decision for all that are ticked.
fn batch(visit: &Visit, filter: &Form, typed: &Form, all: &[Candidature], names: &Names) -> Markup {
    let t = visit.t;
    let ticked: Vec<&str> = typed.all("dossier").collect();
    let rows: Vec<_> = all
        .iter()
        .map(|c| {
            let id = c.dossier_id.as_str();
            let open = c.decision() != DecisionState::Signed && !c.annulled;
            vec![
                html! {
                    @if open { input type="checkbox" name="dossier" value=(id) id={ "d-" (id) } checked[ticked.contains(&id)] aria-label=(names.full(id)); " " }
                    (names.link(id, "/jury/dossiers"))
                },
                html! { (visit.filiere_name(&c.filiere)) },
                html! { ul class="plain" { @for s in &c.schools { li { (visit.school_name(&s.school)) " " (words::standing_badge(t, s.standing())) } } } },
                html! { (c.opinions.iter().filter(|o| o.favourable).count()) " / " (c.opinions.len()) },
                html! { (words::decision(t, c)) @if !c.decision_reason.is_empty() { " " (c.decision_reason) } },
            ]
        })
        .collect();
    let columns = ["jury-candidate", "jury-filiere", "jury-schools", "jury-opinions", "jury-decision"]
        .map(|k| Column::new(t.get(k)));
    let sides = [Choice::new("oui", t.get("jury-admissible")), Choice::new("non", t.get("jury-not-admissible"))];
    ui::form(
        visit,
        PATH,
        html! {
            (ui::hidden("geste", "projets"))
            (ui::hidden("filtres", &filter.encoded()))
            (ui::table(&t.get("nav-dossiers"), &columns, &rows, &t.get("jury-no-dossiers")))
            fieldset class="card" {
                legend { (t.get("admissibility-batch")) }
                (ui::radios(visit, &Field { name: "admissible", label: &t.get("jury-decision"), value: typed.get("admissible"), required: true, ..Field::default() }, &sides))
                (ui::field(visit, &Field { name: "motif", label: &t.get("jury-reason"), value: typed.get("motif"), max: 1000, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("admissibility-batch-button"))) }
            }
        },
    )
}

/// `POST /jury/admissibilite`
pub async fn post(visit: Visit, form: Form) -> Page {
    let filter = Form::parse(form.get("filtres").as_bytes());
    let mut jury = visit.jury();
    let done = match form.get("geste") {
        "projets" => {
            let (admissible, reason) = (form.get("admissible") == "oui", form.get("motif"));
            let decisions: Vec<_> = form
                .all("dossier")
                .map(|id| DraftAdmissibilityRequest { dossier_id: id.into(), admissible, reason: reason.into() })
                .collect();
            if decisions.is_empty() {
                let nothing = ui::alert(
                    ui::Tone::Bad,
                    &visit.t.get("refused-title"),
                    html! { p { (visit.t.get("admissibility-none-ticked")) } },
                );
                return Ok(show(&visit, &filter, &form, nothing).await?.into_response());
            }
            jury.draft_admissibility_batch(DraftAdmissibilityBatchRequest { decisions })
                .await
                .map(|_| visit.done(&format!("{PATH}?{}", filter.encoded()), "decision-drafted"))
        }
        "signer" => {
            jury.prepare_admissibility(PrepareAdmissibilityRequest {}).await.map(|act| prepared(&visit, act.get_ref()))
        }
        "publier" => jury
            .prepare_admissibility_publication(PrepareAdmissibilityPublicationRequest {})
            .await
            .map(|act| prepared(&visit, act.get_ref())),
        _ => return Err(Fault::BadRequest),
    };
    answer(&visit, done, |alert| show(&visit, &filter, &form, alert)).await
}
