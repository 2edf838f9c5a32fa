//! Everything to look at once more, the clôture and its confirmation (R12), and the receipt afterwards.

use axum::response::{IntoResponse as _, Response};
use contracts::intake::{self as api, DossierState, MissingReply};
use documents::Language;
use http::{HeaderValue, StatusCode, header};
use jiff::{Timestamp, Zoned};
use maud::{Markup, html};

use super::{
    Mine, fiche,
    frame::{self, Step},
    identity, order, studies, title, to_start,
};
use crate::{
    i18n::Lang,
    pages::public::titles,
    seals::Attested,
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

const STEP: Step = Step::Review;
const CLOSE: &str = "/candidat/dossier/cloture";

async fn missing(visit: &Visit, mine: &Mine) -> Result<MissingReply, Fault> {
    if !mine.editable(visit.now) {
        return Ok(MissingReply::default());
    }
    let asked = api::MissingRequest { dossier_id: mine.dossier.dossier_id.clone() };
    Ok(visit.intake().missing(asked).await?.into_inner())
}

/// `GET /candidat/dossier/verification`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    let t = visit.t;
    let d = &mine.dossier;
    let (missing, diplomas) = tokio::try_join!(missing(&visit, &mine), titles::diplomas(&visit))?;
    let section = |step: Step, body: Markup| {
        html! {
            section class="card" {
                h2 { (step.name(t)) }
                (body)
                p { a href=(step.path()) { @if mine.editable(visit.now) { (t.with("review-change", [("step", step.name(t).into())])) } @else { (t.with("review-see", [("step", step.name(t).into())])) } } }
            }
        }
    };
    let body = html! {
        @if let Some(receipt) = &d.receipt { (receipt_card(&visit, receipt)) }
        @if mine.editable(visit.now) { (closing(&visit, &missing)) }
        (section(Step::Identity, identity::facts(&visit, &d.identity.clone().unwrap_or_default())))
        (section(Step::Studies, studies::facts(&visit, d)))
        @if d.title.is_some() { (section(Step::Title, title::summary(&visit, d, &diplomas))) }
        (section(Step::Order, order::facts(&visit, d)))
        (section(Step::Pieces, pieces(&visit, d)))
        @if let Some(referee) = &d.referee { (section(Step::Fiche, fiche::state(&visit, referee, false))) }
        @if let Some(fee) = &d.fee {
            (section(Step::Fee, html! { p {
                @if fee.claim() == api::FeeClaim::Exemption { (t.get("fee-exemption-asked")) } @else { (t.get("fee-declared")) }
                " – " (visit.instant(fee.claimed_at))
            } }))
        }
    };
    Ok(frame::page(&visit, &mine, STEP, &[], body).into_response())
}

fn receipt_card(visit: &Visit, receipt: &api::Receipt) -> Markup {
    let t = visit.t;
    html! {
        section class="card next" {
            h2 { (t.get("receipt-title")) }
            (ui::facts(&[
                (t.get("dossier-number"), html! { strong { (receipt.number) } }),
                (t.get("receipt-at"), html! { strong { (visit.exact(receipt.closed_at)) } }),
                (t.get("receipt-digest"), html! { span class="mono" { (receipt.digest) } }),
            ]))
            p { (t.get("receipt-text")) }
            div class="actions" { (ui::go("/candidat/dossier/recu.pdf", &t.get("receipt-pdf"))) }
        }
    }
}

fn closing(visit: &Visit, missing: &MissingReply) -> Markup {
    let t = visit.t;
    html! {
        @if missing.things.is_empty() {
            section class="card next" {
                h2 { (t.get("dossier-complete")) }
                p { (t.get("review-read")) }
                div class="actions" { (ui::go(CLOSE, &t.get("review-close"))) }
            }
        } @else { (lacks(visit, missing)) }
    }
}

/// Everything missing, each with the way to it.
fn lacks(visit: &Visit, missing: &MissingReply) -> Markup {
    let title = visit.t.with("dossier-missing", [("n", missing.things.len().into())]);
    ui::alert(
        Tone::Warn,
        &title,
        html! {
            ul { @for thing in &missing.things { li { a href=(Step::of(thing, &visit.app.session).path()) { (frame::missing(visit, thing)) } } } }
        },
    )
}

fn pieces(visit: &Visit, d: &api::Dossier) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = d
        .pieces
        .iter()
        .map(|p| {
            vec![
                html! { (visit.piece_name(&p.piece)) },
                html! { a href={ "/candidat/dossier/piece/" (p.piece_id) } { (p.name) } },
                html! { (t.size(p.size)) },
                html! { (visit.instant(p.deposited_at)) },
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("procedure-piece")),
        Column::new(t.get("piece-file-name")),
        Column::number(t.get("piece-size")),
        Column::new(t.get("piece-at")),
    ];
    ui::table(&t.get("step-pieces"), &columns, &rows, &t.get("piece-none"))
}

/// `GET /candidat/dossier/cloture`: what it means, before it is done.
pub async fn confirm(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    let missing = missing(&visit, &mine).await?;
    Ok(confirm_show(&visit, &mine, &missing, html! {}).into_response())
}

fn confirm_show(visit: &Visit, mine: &Mine, missing: &MissingReply, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        @if !mine.editable(visit.now) { (frame::frozen(visit, mine)) }
        @else if !missing.things.is_empty() { (lacks(visit, missing)) }
        @else {
            (ui::alert(Tone::Warn, &t.get("close-warning"), html! { ul {
                li { (t.get("close-frozen")) }
                li { (t.get("close-order")) ol { @for s in &mine.dossier.order { li { (visit.school_name(&s.school)) } } } }
                li { (t.with("close-payee", [("school", mine.dossier.order.first().map_or("", |s| visit.school_name(&s.school)).into())])) }
                li { (t.get("close-added")) }
            } }))
            (ui::form(visit, CLOSE, html! {
                (ui::checkbox(&Field { name: "confirmer", label: &t.get("close-confirm"), required: true, ..Field::default() }, false))
                div class="actions" { (ui::button(&t.get("close-do"))) a href=(STEP.path()) { (t.get("cancel")) } }
            }))
        }
    };
    ui::page(visit, &t.get("close-dossier"), &[], body)
}

/// `POST /candidat/dossier/cloture`: once; repeating it comes to the same receipt.
pub async fn close(visit: Visit, form: Form) -> Page {
    if !form.has("confirmer") {
        return confirm(visit).await;
    }
    let request = api::CloseDossierRequest { dossier_id: visit.dossier()?.to_string() };
    match visit.intake().close_dossier(request).await {
        Ok(_) => Ok(visit.done(STEP.path(), "dossier-closed")),
        Err(status) => {
            let alert = visit.refused(&status)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            let missing = missing(&visit, &mine).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, confirm_show(&visit, &mine, &missing, alert)).into_response())
        }
    }
}

/// `GET /candidat/dossier/recu.pdf`: the receipt, sealed. It names the order of schools, and is the candidate's own.
pub async fn receipt(visit: Visit) -> Page {
    let (number, pdf) = receipt_pdf(&visit).await?.ok_or(Fault::NotFound)?;
    let mut response = Response::new(pdf.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, super::send::attachment(&format!("recepisse-{number}.pdf")));
    Ok(response)
}

/// The number of the dossier and the receipt as PDF; nothing before the clôture.
pub async fn receipt_pdf(visit: &Visit) -> Result<Option<(String, Vec<u8>)>, Fault> {
    let Some(mine) = Mine::load(visit).await? else { return Ok(None) };
    if mine.dossier.receipt.is_none() || mine.dossier.state() != DossierState::Closed {
        return Ok(None);
    }
    let diplomas = titles::diplomas(visit).await?;
    let receipt = told(visit, &mine, &diplomas)?;
    let language = if visit.t.lang() == Lang::Fr { Language::French } else { Language::English };
    let documents = visit.app.documents.clone();
    let number = receipt.candidate.number.clone();
    let set = tokio::task::spawn_blocking(move || documents.receipt(&receipt, language));
    Ok(Some((number, set.await.map_err(Fault::internal)?.map_err(Fault::internal)?)))
}

/// What the receipt is told; nothing before the clôture.
fn told(visit: &Visit, mine: &Mine, diplomas: &[contracts::eligibility::Diploma]) -> Result<documents::Receipt, Fault> {
    let t = visit.t;
    let d = &mine.dossier;
    let receipt = d.receipt.as_ref().filter(|_| d.state() == DossierState::Closed).ok_or(Fault::NotFound)?;
    let closed_at = instant(receipt.closed_at)?;
    let zoned = |at: Timestamp| -> Zoned { at.to_zoned(visit.app.session.zone.clone()) };
    let identity = d.identity.clone().unwrap_or_default();
    let pieces = d
        .pieces
        .iter()
        // As it was closed: what was added since is not under the digest.
        .filter(|p| p.purpose() == api::Purpose::Piece)
        .map(|p| {
            Ok(documents::Piece {
                label: visit.piece_name(&p.piece).to_owned(),
                file: p.name.clone(),
                size: p.size,
                sha256: p.sha256.clone(),
                deposited_at: zoned(instant(p.deposited_at)?),
            })
        })
        .collect::<Result<_, Fault>>()?;
    let stated = d.title.clone().unwrap_or_default();
    let diploma =
        diplomas.iter().find(|x| x.id == stated.diploma).map_or(stated.diploma.as_str(), |x| titles::label(t, x));
    Ok(documents::Receipt {
        session: visit.app.session.title.clone(),
        candidate: documents::Candidate {
            number: receipt.number.to_string(),
            birth_date: identity.birth_date.parse().map_err(Fault::internal)?,
            family_name: identity.family_name,
            first_names: identity.first_names,
        },
        closed_at: zoned(closed_at),
        schools: d.order.iter().map(|s| visit.school_name(&s.school).to_owned()).collect(),
        filiere: visit.filiere_name(&d.filiere).to_owned(),
        title: format!("{diploma} – {}", stated.mention),
        pieces,
        digest: receipt.digest.clone(),
        seal: visit.app.seals.seal(&Attested { number: receipt.number, closed_at, digest: receipt.digest.clone() })?,
    })
}

fn instant(at: Option<contracts::Timestamp>) -> Result<Timestamp, Fault> {
    at.and_then(|at| Timestamp::try_from(at).ok())
        .ok_or_else(|| Fault::internal("a receipt or a piece without an instant"))
}
