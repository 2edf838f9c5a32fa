//! Bank statements (R23): looked at before they are imported, and imported as they were looked at.
//!
//! The bytes are held here, bound to the clerk's session, between the two: the page carries nothing but an id.

use axum::{
    extract::{Multipart, Query},
    response::{IntoResponse as _, Redirect},
};
use contracts::payments::{ImportStatementReply, ImportStatementRequest, ImportedLine, StatementFormat};
use maud::{Markup, html};
use platform::refusal::{Because, Refusal};
use tonic::Status;
use uuid::Uuid;

use crate::{
    FILES_KEPT, exports,
    lists::List,
    pages::labels,
    store::held_files::{self, HeldFile},
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit, upload},
};

const PAGE: &str = "/finance/releves";
const LINES: &str = "/finance/releves/lignes";
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
        (view(&visit, &told, Some(id)))
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
        (view(&visit, &done, None))
        p { a href="/finance/rapprochement" { (t.get("nav-unmatched")) } }
        p { a href=(PAGE) { (t.get("statements-another")) } }
    };
    Ok(ui::page(&visit, &t.get("nav-statements"), &[], body).into_response())
}

/// What is wrong with the file: every fault with its place, as the service found it.
fn faults(visit: &Visit, status: &Status) -> Result<Markup, Fault> {
    let t = visit.t;
    let alert = visit.refused(status)?;
    let Some(refusal) = Refusal::from_status(status).filter(|refusal| refusal.reason == "STATEMENT_INVALID") else {
        return Ok(alert);
    };
    let columns = [Column::new(t.get("statements-where")), Column::new(t.get("statements-fault"))];
    let row =
        |fault: &Because| vec![place(visit, &fault.place), html! { (visit.reason(&fault.reason, str::to_owned)) }];
    let rows: Vec<_> = refusal.because.iter().map(row).collect();
    let (shown, all) = (rows.len(), refusal.reasons());
    Ok(html! {
        (alert)
        (ui::table(&t.get("statements-faults"), &columns, &rows, ""))
        @if shown < all { p { (t.with("statements-faults-shown", [("n", shown.into()), ("all", all.into())])) } }
    })
}

/// A line of the file or an element of it; elements bear the format's own names.
fn place(visit: &Visit, at: &str) -> Markup {
    match at.strip_prefix("line ") {
        Some(line) => html! { (visit.t.with("statements-at-line", [("line", line.to_owned().into())])) },
        None if at == "file" => html! { (visit.t.get("statements-whole-file")) },
        None => html! { code { (at) } },
    }
}

/// What a statement does or did; `held`: the file it is looked at from.
fn view(visit: &Visit, told: &ImportStatementReply, held: Option<Uuid>) -> Markup {
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
    let shown = lines(visit, told.lines.get(..SHOWN).unwrap_or(&told.lines));
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
        @if let Some(id) = held { (exports::links_of(visit, LINES, &Form::of([("fichier", id.to_string())]))) }
        @else { p { a href="/finance/journal" { (t.get("nav-ledger")) } } }
        (ui::table(&shown.caption, &shown.columns, &shown.rows, &shown.empty))
    }
}

fn lines(visit: &Visit, lines: &[ImportedLine]) -> List {
    let t = visit.t;
    List {
        name: format!("releve-{}", visit.school()),
        caption: t.get("statements-lines"),
        empty: t.get("statements-no-lines"),
        columns: vec![
            Column::new(t.get("line-booked-on")),
            Column::number(t.get("amount")),
            Column::new(t.get("line-counterparty")),
            Column::new(t.get("line-remittance")),
            Column::new(t.get("line-outcome")),
        ],
        rows: lines.iter().map(|l| line(visit, l)).collect(),
    }
}

/// `GET /finance/releves/lignes.csv`, `.xlsx`: every line of a statement that is looked at and still held.
pub async fn lines_export(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let session = visit.session.as_ref().ok_or(Fault::Forbidden)?;
    let id: Uuid = Form::of(query).get("fichier").parse().map_err(|_| Fault::BadRequest)?;
    let held = held_files::find(&mut *visit.app.db.read().await?, id, &session.key, visit.now - FILES_KEPT).await?;
    let file = held.ok_or(Fault::NotFound)?;
    let told = visit.payments().import_statement(request(&visit, &file, true)).await?.into_inner();
    lines(&visit, &told.lines).file(&visit).await
}

fn line(visit: &Visit, l: &ImportedLine) -> Vec<Markup> {
    let t = visit.t;
    vec![
        html! { (l.booked_on) " " span class="hint" { (l.location) } },
        visit.amount(l.cents),
        html! { (l.counterparty) },
        html! { (l.remittance) @if !l.bank_reference.is_empty() { " " span class="hint" { (l.bank_reference) } } },
        html! {
            (labels::badge(t, l.outcome()))
            @if !l.dossier_id.is_empty() { " " a href={ "/finance/comptes/" (l.dossier_id) } { (l.reference) } }
        },
    ]
}
