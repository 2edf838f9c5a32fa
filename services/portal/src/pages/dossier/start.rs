//! Where the dossier stands: its steps, everything missing at once (R12); or, before there is one, how to begin it (R7).

use axum::response::IntoResponse as _;
use contracts::intake::{self as api, DossierState};
use http::StatusCode;
use maud::{Markup, html};
use platform::refusal::Refusal;
use uuid::Uuid;

use super::{
    Mine, Refused, START, closes,
    frame::{self, Step},
    identity, to_start,
};
use crate::{
    pages::public::calendar,
    ui::{self, Choice, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

/// `GET /candidat/dossier`
pub async fn page(visit: Visit) -> Page {
    match Mine::load(&visit).await? {
        Some(mine) => stands(&visit, &mine).await,
        None => {
            let page = begin(&visit, &visit.held.clone(), None).await?;
            Ok(page.into_response())
        }
    }
}

async fn stands(visit: &Visit, mine: &Mine) -> Page {
    let t = visit.t;
    let d = &mine.dossier;
    let mut body = html! {
        (frame::frozen(visit, mine))
        (ui::facts(&[
            (t.get("dossier-number"), html! { strong { (d.number) } }),
            (t.get("dossier-opened"), html! { (visit.instant(d.opened_at)) }),
        ]))
    };
    if mine.editable(visit.now) {
        let asked = api::MissingRequest { dossier_id: d.dossier_id.clone() };
        let missing = visit.intake().missing(asked).await?.into_inner();
        body = html! {
            (body)
            @if missing.things.is_empty() {
                (ui::alert(Tone::Good, &t.get("dossier-complete"), html! {
                    p { (t.get("dossier-complete-text")) }
                    p { (ui::go(Step::Review.path(), &t.get("dossier-to-review"))) }
                }))
            } @else {
                section class="card next" {
                    h2 { (t.with("dossier-missing", [("n", missing.things.len().into())])) }
                    ul { @for thing in &missing.things { li {
                        a href=(Step::of(thing, &visit.app.session).path()) { (frame::missing(visit, thing)) }
                        @if !thing.source.is_empty() { " " span class="hint" { "(" (thing.source) ")" } }
                    } } }
                }
            }
            h2 { (t.get("dossier-steps")) }
            (frame::overview(visit, &missing))
            p { a href="/candidat/dossier/abandonner" { (t.get("abandon-link")) } }
        };
    } else {
        body = html! {
            (body)
            @if d.state() != DossierState::Abandoned {
                h2 { (t.get("dossier-read")) }
                ol class="steps" { @for step in Step::ALL { li { a href=(step.path()) { (step.name(t)) } } } }
            }
        };
    }
    Ok(ui::page(visit, &t.get("nav-my-dossier"), &[], body).into_response())
}

/// The page that begins a dossier, or says why none can be begun now.
async fn begin(visit: &Visit, form: &Form, refused: Option<&Refused>) -> Result<Markup, Fault> {
    let t = visit.t;
    let session = &visit.app.session;
    let (closes, email) = (closes(visit).await?, identity::email(visit).await?);
    let known = platform::calendar::instant_of(&mut *visit.app.db.read().await?, notice::keys::PLATFORM_OPENS).await?;
    let opens = known.unwrap_or(session.milestones.platform_opens.at);
    let body = if visit.now < opens {
        html! { p class="lead" { (t.with("start-not-yet", [("at", t.instant(opens, &session.zone).into())])) " " (calendar::left(visit, opens)) } }
    } else if visit.now >= closes {
        html! { p class="lead" { (t.with("start-too-late", [("at", t.instant(closes, &session.zone).into())])) } }
    } else {
        let publics: Vec<Choice<'_>> = std::iter::once(Choice::new("", t.get("start-no-public")))
            .chain(session.local_recruitment.iter().map(|l| Choice::new(l.id.as_str(), t.label(&l.public))))
            .collect();
        let request =
            if form.get("demande").is_empty() { Uuid::new_v4().to_string() } else { form.get("demande").to_owned() };
        html! {
            (Refused::top(refused))
            p class="lead" { (t.get("start-lead")) }
            p class="hint" { (t.with("dossier-until", [("at", t.instant(closes, &session.zone).into())])) " " (calendar::left(visit, closes)) }
            (ui::form(visit, START, html! {
                (ui::hidden("demande", &request))
                @if !session.local_recruitment.is_empty() {
                    (ui::radios(visit, &Field { name: "public", label: &t.get("start-public"), value: form.get("public"), hint: &t.get("start-public-hint"), ..Field::default() }, &publics))
                }
                h2 { (t.get("step-identity")) }
                (identity::fields(visit, form, &email, refused))
                div class="actions" { (ui::button(&t.get("start-button"))) }
            }))
        }
    };
    Ok(ui::page(visit, &t.get("start-title"), &[], body))
}

/// `POST /candidat/dossier`: once; a second press, or a second tab, comes to the same dossier (R7).
pub async fn open(visit: Visit, form: Form) -> Page {
    let email = identity::email(&visit).await?;
    let request = api::OpenDossierRequest {
        dossier_id: visit.dossier()?.to_string(),
        identity: Some(identity::stated(&form, email)),
        request_id: form.get("demande").to_owned(),
        local_public: form.get("public").to_owned(),
    };
    match visit.intake().open_dossier(request).await {
        Ok(_) => Ok(visit.done(Step::Studies.path(), "dossier-opened")),
        Err(status) if reason(&status) == "DOSSIER_EXISTS" => Ok(visit.done(START, "dossier-exists")),
        Err(status) => {
            let refused = Refused::new(&visit, &status, identity::name_of)?;
            let page = begin(&visit, &form, Some(&refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn reason(status: &tonic::Status) -> String {
    Refusal::from_status(status).map(|refusal| refusal.reason).unwrap_or_default()
}

/// `GET /candidat/dossier/abandonner`
pub async fn abandon_page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    Ok(abandon_show(&visit, &mine, None).into_response())
}

fn abandon_show(visit: &Visit, mine: &Mine, refused: Option<&Refused>) -> Markup {
    let t = visit.t;
    let body = html! {
        (Refused::top(refused))
        @if mine.editable(visit.now) {
            (ui::alert(Tone::Warn, &t.get("abandon-warning"), html! { p { (t.get("abandon-text")) } }))
            (ui::form(visit, "/candidat/dossier/abandonner", html! {
                (ui::checkbox(&Field { name: "confirmer", label: &t.get("abandon-confirm"), required: true, ..Field::default() }, false))
                div class="actions" { button class="danger" { (t.get("abandon-button")) } a href=(START) { (t.get("cancel")) } }
            }))
        } @else { (frame::frozen(visit, mine)) }
    };
    ui::page(visit, &t.get("abandon-title"), &[], body)
}

/// `POST /candidat/dossier/abandonner`
pub async fn abandon(visit: Visit, form: Form) -> Page {
    if !form.has("confirmer") {
        return abandon_page(visit).await;
    }
    let request = api::AbandonDossierRequest { dossier_id: visit.dossier()?.to_string() };
    match visit.intake().abandon_dossier(request).await {
        Ok(_) => Ok(visit.done(START, "dossier-abandoned")),
        Err(status) => {
            let refused = Refused::new(&visit, &status, str::to_owned)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, abandon_show(&visit, &mine, Some(&refused))).into_response())
        }
    }
}
