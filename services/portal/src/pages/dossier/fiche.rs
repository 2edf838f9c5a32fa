//! The fiche d'appréciation (R11): who is asked for it and how far that is, never what it says; or the fiche de poursuite
//! d'études that stands for it.

use axum::response::IntoResponse as _;
use contracts::intake::{self as api, InvitationState, Purpose};
use http::StatusCode;
use maud::{Markup, html};
use notice::{Depositor, Piece};

use super::{
    Mine, Refused,
    frame::{self, Step},
    slot::{self, Back, Slot},
    to_start,
};
use crate::{
    ui::{self, Field, Kind, Tone},
    web::{Form, Page, Visit},
};

const STEP: Step = Step::Fiche;

/// The piece that comes through a link, and those that stand for it.
fn asked(visit: &Visit) -> (Option<&Piece>, Vec<&Piece>) {
    let pieces = &visit.app.session.pieces;
    let fiche = pieces.iter().find(|p| p.by == Depositor::Referee);
    let instead = pieces
        .iter()
        .filter(|p| p.by == Depositor::Candidate && p.group.is_some() && p.group == fiche.and_then(|f| f.group.clone()))
        .collect();
    (fiche, instead)
}

/// `GET /candidat/dossier/fiche`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    let form = visit.held.clone();
    Ok(show(&visit, &mine, &form, None, html! {}).into_response())
}

/// The page; also where a refused deposit comes back to.
pub fn show(visit: &Visit, mine: &Mine, form: &Form, refused: Option<&Refused>, alert: Markup) -> Markup {
    let t = visit.t;
    let d = &mine.dossier;
    let (fiche, instead) = asked(visit);
    let editable = mine.editable(visit.now);
    let body = html! {
        (alert)
        (Refused::top(refused))
        @if let Some(fiche) = fiche {
            p { (t.get("fiche-lead")) }
            section class="card" {
                h2 { (t.label(&fiche.label)) }
                @if let Some(referee) = &d.referee { (state(visit, referee, editable)) } @else { p class="empty" { (t.get("fiche-nobody")) } }
                @if editable && d.referee.as_ref().is_none_or(|r| r.state() != InvitationState::Deposited) {
                    h3 { @if d.referee.is_some() { (t.get("fiche-replace")) } @else { (t.get("fiche-name-someone")) } }
                    @if d.referee.is_some() { p class="hint" { (t.get("fiche-replace-hint")) } }
                    (ui::form(visit, STEP.path(), html! {
                        (ui::hidden("geste", "nommer"))
                        (ui::field(visit, &Field { name: "nom", label: &t.get("fiche-referee"), value: form.get("nom"), error: &Refused::on(refused, "nom"), required: true, max: 200, ..Field::default() }))
                        (ui::field(visit, &Field { name: "courriel", label: &t.get("fiche-email"), value: form.get("courriel"), hint: &t.get("fiche-email-hint"), error: &Refused::on(refused, "courriel"), kind: Kind::Email, required: true, max: 254, ..Field::default() }))
                        (ui::field(visit, &Field { name: "qualite", label: &t.get("fiche-capacity"), value: form.get("qualite"), hint: &t.get("fiche-capacity-hint"), error: &Refused::on(refused, "qualite"), required: true, max: 200, ..Field::default() }))
                        div class="actions" { (ui::button(&t.get("fiche-invite"))) }
                    }))
                }
            }
        }
        @if !instead.is_empty() {
            p { (t.get("fiche-or")) }
            @for piece in instead {
                (slot::show(visit, &Slot { piece, purpose: editable.then_some(Purpose::Piece), correction: "", back: Back::Fiche }, &d.pieces, html! {}))
            }
        }
        @if editable { div class="actions" { (ui::go(STEP.next().path(), &t.get("order-go-on"))) } }
    };
    frame::page(visit, mine, STEP, &["js/upload.js"], body)
}

/// Who was asked, and how far it is. That the fiche has arrived is all that is told of it.
pub(super) fn state(visit: &Visit, referee: &api::Referee, editable: bool) -> Markup {
    let t = visit.t;
    let badge = match referee.state() {
        InvitationState::Deposited => ui::badge(Tone::Good, &t.get("fiche-deposited")),
        InvitationState::Bounced => ui::badge(Tone::Bad, &t.get("fiche-bounced")),
        InvitationState::Sent => ui::badge(Tone::Info, &t.get("fiche-sent")),
        InvitationState::Pending | InvitationState::Unspecified => ui::badge(Tone::Info, &t.get("fiche-pending")),
    };
    let mut facts = vec![
        (t.get("fiche-referee"), html! { (referee.name) }),
        (t.get("fiche-capacity"), html! { (referee.capacity) }),
        (t.get("email"), html! { (referee.email) }),
        (t.get("fiche-invited"), html! { (visit.instant(referee.invited_at)) }),
        (t.get("fiche-state"), badge),
    ];
    if referee.deposited_at.is_some() {
        facts.push((t.get("fiche-arrived"), html! { (visit.instant(referee.deposited_at)) }));
    }
    html! {
        (ui::facts(&facts))
        @if referee.state() == InvitationState::Bounced {
            (ui::alert(Tone::Bad, &t.get("fiche-bounced-title"), html! { p { (t.get("fiche-bounced-text")) } @if !referee.bounce.is_empty() { p class="hint" { (referee.bounce) } } }))
        }
        @if editable && referee.state() != InvitationState::Deposited {
            (ui::form(visit, STEP.path(), html! {
                (ui::hidden("geste", "renvoyer"))
                div class="actions" { button class="second" { (t.get("fiche-resend")) } }
                p class="hint" { (t.get("fiche-resend-hint")) }
            }))
        }
    }
}

/// `POST /candidat/dossier/fiche`: names someone, or sends the invitation again; the earlier link ends with either.
pub async fn post(visit: Visit, form: Form) -> Page {
    let dossier_id = visit.dossier()?.to_string();
    let text = |name: &str| form.get(name).to_owned();
    let done = if form.get("geste") == "renvoyer" {
        visit.intake().resend_invitation(api::ResendInvitationRequest { dossier_id }).await
    } else {
        let request = api::NameRefereeRequest {
            dossier_id,
            name: text("nom"),
            email: text("courriel"),
            capacity: text("qualite"),
        };
        visit.intake().name_referee(request).await
    };
    match done {
        Ok(_) => Ok(visit.done(STEP.path(), "referee-invited")),
        Err(status) => {
            let refused = Refused::new(&visit, &status, name_of)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            let page = show(&visit, &mine, &form, Some(&refused), html! {});
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn name_of(path: &str) -> String {
    match path {
        "name" => "nom",
        "email" => "courriel",
        "capacity" => "qualite",
        _ => "",
    }
    .to_owned()
}
