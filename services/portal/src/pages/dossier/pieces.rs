//! The pieces (R10): those due at clôture, those that may follow it, and those a school asks for again (R14).

use axum::{
    body::Body,
    extract::{Query, Request},
    response::{IntoResponse as _, Redirect, Response},
};
use contracts::intake::{self as api, DossierState, Purpose};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use maud::{Markup, html};
use notice::{Depositor, Due, Piece, keys};
use uuid::Uuid;

use super::{
    Mine, Refused,
    frame::{self, Step},
    send,
    slot::{self, Back, Slot},
    to_start,
};
use crate::{
    pages::public::calendar,
    ui::{self, Tone},
    web::{Fault, Form, Measured, Page, Path, Visit},
};

const STEP: Step = Step::Pieces;
/// Where a file is taken out again.
pub const REMOVE: &str = "/candidat/dossier/pieces/retirer";

/// The candidate's pieces that this page asks for before clôture: the fiche and the attestation have pages of their own.
fn due<'s>(visit: &'s Visit, filiere: &str) -> Vec<&'s Piece> {
    let session = &visit.app.session;
    let with_referee = |p: &Piece| {
        p.group.is_some() && session.pieces.iter().any(|q| q.by == Depositor::Referee && q.group == p.group)
    };
    session
        .pieces
        .iter()
        .filter(|p| p.filieres.iter().any(|f| f == filiere))
        .filter(|p| p.by == Depositor::Candidate && p.due == Due::Closing && !with_referee(p))
        .collect()
}

fn late<'s>(visit: &'s Visit, filiere: &str) -> Vec<&'s Piece> {
    visit
        .app
        .session
        .pieces
        .iter()
        .filter(|p| p.due == Due::Titles && p.filieres.iter().any(|f| f == filiere))
        .collect()
}

/// `GET /candidat/dossier/pieces`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    Ok(show(&visit, &mine, html! {}).await?.into_response())
}

async fn show(visit: &Visit, mine: &Mine, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let d = &mine.dossier;
    let editable = mine.editable(visit.now);
    let closed = d.state() == DossierState::Closed;
    let known = platform::calendar::instant_of(&mut *visit.app.db.read().await?, keys::TITLES_DUE).await?;
    let titles_due = known.unwrap_or(visit.app.session.milestones.titles_due.at);
    let takes_late = closed && d.annulled_at.is_none() && visit.now < titles_due;
    let titles = t.instant(titles_due, &visit.app.session.zone);
    let body = html! {
        (alert)
        @if d.filiere.is_empty() {
            p { (t.get("pieces-title-first")) }
            (ui::go(Step::Title.path(), &Step::Title.name(t)))
        } @else {
            @for c in open_corrections(d, visit.now) { (correction(visit, d, c)) }
            @if takes_late {
                h2 { (t.get("pieces-late")) }
                p { (t.with("pieces-late-until", [("at", titles.clone().into())])) " " (calendar::left(visit, titles_due)) }
            } @else if editable { p { (t.get("pieces-lead")) } }
            @if closed {
                @for piece in late(visit, &d.filiere) {
                    (slot::show(visit, &Slot { piece, purpose: takes_late.then_some(Purpose::Late), correction: "", back: Back::Pieces }, &d.pieces, html! {}))
                }
            }
            @for piece in due(visit, &d.filiere) {
                (slot::show(visit, &Slot { piece, purpose: editable.then_some(Purpose::Piece), correction: "", back: Back::Pieces }, &d.pieces, html! {}))
            }
            @if editable {
                section class="card" {
                    h2 { (t.get("pieces-later")) }
                    p { (t.with("pieces-later-text", [("at", titles.into())])) }
                    ul { @for piece in late(visit, &d.filiere) { li { (t.label(&piece.label)) } } }
                }
                div class="actions" { (ui::go(STEP.next().path(), &t.get("order-go-on"))) }
            }
        }
    };
    Ok(frame::page(visit, mine, STEP, &["js/upload.js"], body))
}

/// Corrections that can still be answered at `now`.
fn open_corrections(dossier: &api::Dossier, now: Timestamp) -> impl Iterator<Item = &api::Correction> {
    dossier.corrections.iter().filter(move |c| {
        let until = c.until.and_then(|at| Timestamp::try_from(at).ok());
        c.deposited_piece_id.is_empty() && until.is_some_and(|until| now < until)
    })
}

fn correction(visit: &Visit, d: &api::Dossier, c: &api::Correction) -> Markup {
    let t = visit.t;
    let Some(piece) = visit.app.session.piece(&c.piece) else { return html! {} };
    let until = c.until.and_then(|at| Timestamp::try_from(at).ok());
    let takes = d.annulled_at.is_none().then_some(Purpose::Correction);
    let note = ui::alert(
        Tone::Warn,
        &t.get("correction-asked"),
        html! {
            p { (t.with("correction-until", [("at", visit.instant(c.until).into())])) " " @if let Some(until) = until { (calendar::left(visit, until)) } }
            p { (t.get("correction-why")) " " q { (c.reason) } }
        },
    );
    let asked: Vec<api::Piece> = d.pieces.iter().filter(|p| p.piece_id == c.piece_id).cloned().collect();
    slot::show(visit, &Slot { piece, purpose: takes, correction: &c.correction_id, back: Back::Pieces }, &asked, note)
}

/// `POST /candidat/dossier/pieces`: a plain form with a file, streamed on to intake while it arrives.
pub async fn post(visit: Visit, request: Request) -> Page {
    let mut file = Measured::begin(&visit, request).await?;
    let form = file.form.clone();
    let back = Back::of(form.get("retour"));
    match deposit(&visit, &form, &mut file).await? {
        Ok(()) => Ok(visit.done(back.path(), "piece-deposited")),
        Err(alert) => {
            file.drain().await;
            refused(&visit, back, alert).await
        }
    }
}

/// The page the form was on, with what was wrong.
async fn refused(visit: &Visit, back: Back, alert: Markup) -> Page {
    let Some(mine) = Mine::load(visit).await? else { return to_start() };
    let page = match back {
        Back::Pieces => show(visit, &mine, alert).await?,
        Back::Fiche => super::fiche::show(visit, &mine, &Form::default(), None, alert),
        Back::Fee => super::fee::show(visit, &mine, alert).await?,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn deposit(visit: &Visit, form: &Form, file: &mut Measured) -> Result<Result<(), Markup>, Fault> {
    if file.name.is_empty() {
        let alert = ui::alert(Tone::Bad, &visit.t.get("refused-title"), html! { p { (visit.t.get("piece-no-file")) } });
        return Ok(Err(alert));
    }
    let begun = match visit.intake().begin_upload(send::begin(visit, form, &file.name, file.size)?).await {
        Ok(reply) => reply.into_inner(),
        Err(status) => return Ok(Err(visit.refused(&status)?)),
    };
    let sent = async {
        let sha256 = send::stream(visit, &begun.upload_id, "", file).await?;
        let commit = api::CommitUploadRequest { upload_id: begun.upload_id.clone(), sha256 };
        visit.intake().commit_upload(commit).await.map_err(send::Broken::Refused)
    };
    match sent.await {
        Ok(_) => Ok(Ok(())),
        Err(send::Broken::Refused(status)) => Ok(Err(visit.refused(&status)?)),
        Err(send::Broken::Cut(fault)) => Err(fault),
    }
}

/// `GET /candidat/dossier/pieces/retirer`: asks first, since the file is gone then.
pub async fn remove_page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let t = visit.t;
    let query = Form::of(query);
    let back = Back::of(query.get("retour"));
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    let piece = mine.dossier.pieces.iter().find(|p| p.piece_id == query.get("piece")).ok_or(Fault::NotFound)?;
    let said = [("size", t.size(piece.size).into()), ("at", visit.instant(piece.deposited_at).into())];
    let form = html! {
        (ui::hidden("piece", &piece.piece_id))
        (ui::hidden("retour", back.name()))
        (ui::hidden("confirme", "oui"))
        div class="actions" { button class="danger" { (t.get("piece-remove-sure")) } a href=(back.path()) { (t.get("cancel")) } }
    };
    let body = html! {
        section class="card" {
            h2 { (t.with("piece-remove-name", [("name", piece.name.as_str().into())])) }
            p { (visit.piece_name(&piece.piece)) " – " span class="hint" { (t.with("piece-deposited", said)) } }
            p { (t.get("piece-remove-text")) }
            (ui::form(&visit, REMOVE, form))
        }
    };
    Ok(frame::page(&visit, &mine, STEP, &[], body).into_response())
}

/// `POST /candidat/dossier/pieces/retirer`
pub async fn remove(visit: Visit, form: Form) -> Page {
    if !form.has("confirme") {
        let asked = Form::of([("piece", form.get("piece")), ("retour", form.get("retour"))]).encoded();
        return Ok(Redirect::to(&format!("{REMOVE}?{asked}")).into_response());
    }
    let back = Back::of(form.get("retour"));
    let request =
        api::RemovePieceRequest { dossier_id: visit.dossier()?.to_string(), piece_id: form.get("piece").to_owned() };
    match visit.intake().remove_piece(request).await {
        Ok(_) => Ok(visit.done(back.path(), "piece-removed")),
        Err(status) => {
            let alert = Refused::top(Some(&Refused::new(&visit, &status, str::to_owned)?));
            refused(&visit, back, alert).await
        }
    }
}

/// `GET /candidat/dossier/piece/{id}`: a piece of one's own, to look at.
pub async fn content(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let request = api::GetPieceRequest { dossier_id: visit.dossier()?.to_string(), piece_id: id.to_string() };
    let mut chunks = visit.intake().get_piece(request).await?.into_inner();
    let first = chunks.message().await?.ok_or(Fault::NotFound)?;
    let piece = first.piece.unwrap_or_default();
    let rest = chunks.map_ok(|chunk| chunk.data);
    let body = Body::from_stream(stream::once(async { Ok(first.data) }).chain(rest));
    let mut response = Response::new(body);
    // Told by content when it was deposited, and one of three; never shown as a page of ours.
    let kind = ["application/pdf", "image/jpeg", "image/png"].into_iter().find(|k| *k == piece.media_type);
    let kind = kind.unwrap_or("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, send::attachment(&piece.name));
    Ok(response)
}
