//! Bank statements (R23): looked at before they are imported, and imported as they were looked at.
//!
//! The bytes are held here, bound to the clerk's session, between the two: the page carries nothing but an id.

use axum::{
    extract::Multipart,
    response::{IntoResponse as _, Redirect},
};
use contracts::payments::{ImportStatementReply, ImportStatementRequest, ImportedLine, StatementFormat};
use maud::{Markup, html};
use platform::refusal::Refusal;
use tonic::Status;
use uuid::Uuid;

use crate::{
    FILES_KEPT,
    pages::labels,
    store::held_files::{self, HeldFile},
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit, upload},
};

const PAGE: &str = "/finance/releves";
const CONFIRM: &str = "/finance/releves/importer";
/// Most lines shown of one statement; all of them are imported.
const SHOWN: usize = 500;

/// `GET /finance/releves`
pub async fn page(visit: Visit) -> Page {
    Ok(ask(&visit, html! {}).into_response())
}

fn ask(visit: &Visit, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("statements-lead")) }
        (ui::multipart(visit, PAGE, html! {
            (ui::file(visit, &Field { name: "releve", label: &t.get("statements-file"), hint: &t.get("statements-file-hint"), required: true, ..Field::default() }, ".xml,.txt,.cfo,.120,.dat"))
            div class="actions" { (ui::button(&t.get("statements-preview"))) }
        }))
    };
    ui::page(visit, &t.get("nav-statements"), &[], body)
}

fn request(visit: &Visit, file: &HeldFile, preview: bool) -> ImportStatementRequest {
    ImportStatementRequest {
        school: visit.school().to_owned(),
        content: file.content.clone(),
        format: StatementFormat::Unspecified.into(),
        preview,
        file_name: file.name.clone(),
    }
}

/// `POST /finance/releves`: what the file would do. Nothing changes.
pub async fn preview(visit: Visit, multipart: Multipart) -> Page {
    let t = visit.t;
    let session = visit.session.as_ref().ok_or(Fault::Forbidden)?;
    let (_, name, content) = upload::read(&visit, multipart, upload::LARGEST_LIST).await?;
    // Longer names are somebody's mistake; the log keeps the beginning.
    let file = HeldFile { name: name.chars().take(200).collect(), content };
    let told = match visit.payments().import_statement(request(&visit, &file, true)).await {
        Ok(told) => told.into_inner(),
        Err(status) => return Ok(ask(&visit, faults(&visit, &status)?).into_response()),
    };
    let id = Uuid::new_v4();
    held_files::hold(&mut *visit.app.db.read().await?, id, &session.key, PAGE, &file, visit.now).await?;
    let new = told.totals.is_some_and(|totals| totals.new_lines > 0);
    let body = html! {
        (ui::alert(Tone::Info, &t.get("statements-preview-title"), html! { p { (t.get("statements-preview-text")) } }))
        (view(&visit, &told))
        @if new {
            (ui::form(&visit, CONFIRM, html! {
                (ui::hidden("fichier", &id.to_string()))
                div class="actions" { (ui::button(&t.get("statements-confirm"))) a href=(PAGE) { (t.get("cancel")) } }
            }))
        } @else { p { (t.get("statements-nothing-new")) } p { a href=(PAGE) { (t.get("statements-another")) } } }
    };
    Ok(ui::page(&visit, &t.get("nav-statements"), &[], body).into_response())
}

/// `GET /finance/releves/importer`: whoever comes back here after signing in again begins with the file.
pub async fn again() -> Page {
    Ok(Redirect::to(PAGE).into_response())
}

/// `POST /finance/releves/importer`: the same bytes, in earnest.
pub async fn confirm(visit: Visit, form: Form) -> Page {
    let t = visit.t;
    let session = visit.session.as_ref().ok_or(Fault::Forbidden)?;
    let id: Uuid = form.get("fichier").parse().map_err(|_| Fault::BadRequest)?;
    let held = held_files::find(&mut *visit.app.db.read().await?, id, &session.key, visit.now - FILES_KEPT).await?;
    let Some(file) = held else {
        let gone = ui::alert(Tone::Warn, &t.get("statements-gone"), html! { p { (t.get("statements-gone-text")) } });
        return Ok(ask(&visit, gone).into_response());
    };
    let done = match visit.payments().import_statement(request(&visit, &file, false)).await {
        Ok(done) => done.into_inner(),
        Err(status) => return Ok(ask(&visit, faults(&visit, &status)?).into_response()),
    };
    // Only now: a call whose answer was lost is confirmed again with the same bytes, and changes nothing.
    held_files::drop(&mut *visit.app.db.read().await?, id, &session.key).await?;
    let body = html! {
        (ui::alert(Tone::Good, &t.get("statements-done"), html! {}))
        (view(&visit, &done))
        p { a href="/finance/rapprochement" { (t.get("nav-unmatched")) } }
        p { a href=(PAGE) { (t.get("statements-another")) } }
    };
    Ok(ui::page(&visit, &t.get("nav-statements"), &[], body).into_response())
}

/// What is wrong with the file: every fault with its place, as the service found it.
fn faults(visit: &Visit, status: &Status) -> Result<Markup, Fault> {
    let t = visit.t;
    let alert = visit.refused(status)?;
    let fields = Refusal::from_status(status).map(|refusal| refusal.fields).unwrap_or_default();
    let columns = [Column::new(t.get("statements-where")), Column::new(t.get("statements-fault"))];
    let rows: Vec<_> =
        fields.iter().map(|(at, what)| vec![html! { code { (at) } }, html! { span lang="en" { (what) } }]).collect();
    Ok(html! { (alert) @if !rows.is_empty() { (ui::table(&t.get("statements-faults"), &columns, &rows, "")) } })
}

fn view(visit: &Visit, told: &ImportStatementReply) -> Markup {
    let t = visit.t;
    let totals = told.totals.unwrap_or_default();
    let statements: Vec<_> = told
        .statements
        .iter()
        .map(|s| {
            vec![
                html! { code { (s.iban) } },
                html! { (s.opening_date) " – " (s.closing_date) },
                html! { (visit.money(s.opening_cents)) },
                html! { (visit.money(s.closing_cents)) },
            ]
        })
        .collect();
    let statement_columns = [
        Column::new("IBAN"),
        Column::new(t.get("statements-days")),
        Column::number(t.get("balance-opening")),
        Column::number(t.get("balance-closing")),
    ];
    let columns = [
        Column::new(t.get("line-booked-on")),
        Column::number(t.get("amount")),
        Column::new(t.get("line-counterparty")),
        Column::new(t.get("line-remittance")),
        Column::new(t.get("line-outcome")),
    ];
    let rows: Vec<_> = told.lines.iter().take(SHOWN).map(|l| line(visit, l)).collect();
    html! {
        dl class="counts" {
            div { dt { (t.get("totals-lines")) } dd { (totals.lines) } }
            div { dt { (t.get("totals-new")) } dd { (totals.new_lines) } }
            div { dt { (t.get("totals-known")) } dd { (totals.known_lines) } }
            div { dt { (t.get("totals-new-amount")) } dd { (visit.money(totals.new_cents)) } }
            div { dt { (t.get("totals-placed")) } dd { (visit.money(totals.placed_cents)) } }
            div { dt { (t.get("totals-queued")) } dd { (visit.money(totals.queued_cents)) } }
        }
        (ui::table(&t.get("statements-caption"), &statement_columns, &statements, ""))
        @if told.lines.len() > SHOWN { p { (t.with("statements-shown", [("n", SHOWN.into())])) } }
        (ui::table(&t.get("statements-lines"), &columns, &rows, &t.get("statements-no-lines")))
    }
}

fn line(visit: &Visit, l: &ImportedLine) -> Vec<Markup> {
    let t = visit.t;
    vec![
        html! { (l.booked_on) " " span class="hint" { (l.location) } },
        html! { (visit.money(l.cents)) },
        html! { (l.counterparty) },
        html! { (l.remittance) @if !l.bank_reference.is_empty() { " " span class="hint" { (l.bank_reference) } } },
        html! {
            (labels::badge(t, l.outcome()))
            @if !l.dossier_id.is_empty() { " " a href={ "/finance/comptes/" (l.dossier_id) } { (l.reference) } }
        },
    ]
}
