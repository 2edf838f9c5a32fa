//! A whole sheet of marks at once, from a file or pasted: looked at first, then recorded, all of it or nothing.

use axum::{extract::Multipart, response::IntoResponse as _};
use contracts::jury::{MarkRow, RecordMarksRequest};
use maud::{Markup, html};
use platform::refusal::{Because, Refusal};

use super::{
    Embargo, embargo, exam_name, exams, marks,
    parse::{self, Read, Unread},
    words,
};
use crate::{
    ui::{self, Cell, Column, Field, Tone},
    web::{Form, Page, Visit, upload},
};

const PATH: &str = "/jury/notes/importer";

/// `GET /jury/notes/importer`
pub async fn page(visit: Visit) -> Page {
    let body = html! {
        (embargo(&visit, Embargo::Admission).await?)
        (form(&visit, &visit.held, None))
    };
    Ok(ui::page(&visit, &visit.t.get("marks-import-title"), &[], body).into_response())
}

/// The list again, to be checked or recorded. `ready`: how many results it holds, once it was looked at.
fn form(visit: &Visit, typed: &Form, ready: Option<usize>) -> Markup {
    let t = visit.t;
    let columns: Vec<_> = exams(visit).into_iter().map(|(id, _)| marks::heading(visit, id)).collect();
    html! {
        @if ready.is_none() { p class="lead" { (t.with("marks-import-lead", [("columns", columns.join(" ; ").into())])) } }
        (ui::multipart(visit, PATH, html! {
            (ui::textarea(visit, &Field { name: "texte", label: &t.get("jury-import-pasted"), value: typed.raw("texte"), ..Field::default() }, 10))
            (ui::field(visit, &Field { name: "motif", label: &t.get("marks-correction"), hint: &t.get("marks-correction-hint"), value: typed.get("motif"), max: 500, ..Field::default() }))
            (ui::file(visit, &Field { name: "fichier", label: &t.get("jury-import-file"), ..Field::default() }, ".csv,.txt,text/csv"))
            div class="actions" {
                button class={ @if ready.is_some() { "second" } } name="geste" value="verifier" { (t.get("jury-import-check")) }
                @if let Some(n) = ready.filter(|n| *n > 0) { button name="geste" value="enregistrer" { (t.with("marks-import-record", [("n", n.into())])) } }
                a href="/jury/notes" { (t.get("cancel")) }
            }
        }))
    }
}

/// `POST /jury/notes/importer`
pub async fn post(visit: Visit, multipart: Multipart) -> Page {
    let t = visit.t;
    let (typed, _, file) = upload::read(&visit, multipart, upload::LARGEST_LIST).await?;
    let text = if file.is_empty() { parse::text(typed.raw("texte").as_bytes()) } else { parse::text(&file) };
    let ids = exams(&visit).map(|(id, _)| id);
    let read = parse::marks(&text, &ids, typed.get("motif"));
    let typed = Form::of([("texte", text.as_str()), ("motif", typed.get("motif")), ("geste", typed.get("geste"))]);
    let clean = read.unread.is_empty() && !read.rows.is_empty();
    let mut alert = html! {};
    if typed.get("geste") == "enregistrer" && clean {
        let rows = read.rows.iter().map(|(_, row)| row.clone()).collect();
        match visit.jury().record_marks(RecordMarksRequest { rows }).await {
            Ok(_) => return Ok(visit.done("/jury/notes", "marks-recorded")),
            Err(status) => {
                alert = html! { (visit.refused(&status)?) (faults(&visit, &read, &Refusal::from_status(&status).map(|r| r.because).unwrap_or_default())) }
            }
        }
    } else if !clean {
        alert = unread(&visit, &read.unread);
    }
    let body = html! {
        (alert)
        (embargo(&visit, Embargo::Admission).await?)
        (ui::table(&t.get("jury-import-read"), &columns(&visit), &rows(&visit, &read.rows), &t.get("jury-import-nothing")))
        (form(&visit, &typed, Some(if clean { read.rows.len() } else { 0 })))
    };
    Ok(ui::page(&visit, &t.get("marks-import-title"), &[], body).into_response())
}

fn columns(visit: &Visit) -> [Column; 4] {
    let t = visit.t;
    [
        Column::number(t.get("jury-import-line")),
        Column::number(t.get("jury-number")),
        Column::new(t.get("marks-exam")),
        Column::new(t.get("marks-mark")),
    ]
}

fn rows(visit: &Visit, rows: &[(u64, MarkRow)]) -> Vec<Vec<Cell>> {
    let t = visit.t;
    rows.iter()
        .map(|(line, r)| {
            let mark = if r.absent { t.get("jury-exam-absent") } else { words::mark(t, &r.mark) };
            vec![html! { (line) }, html! { (r.number) }, html! { (exam_name(visit, &r.exam)) }, html! { (mark) }]
        })
        .collect()
}

/// Lines that could not be read, one by one.
pub fn unread(visit: &Visit, unread: &[Unread]) -> Markup {
    let t = visit.t;
    if unread.is_empty() {
        return ui::alert(Tone::Warn, &t.get("jury-import-nothing"), html! {});
    }
    ui::alert(
        Tone::Bad,
        &t.get("jury-import-unread"),
        html! { ul { @for u in unread {
            li { (t.with("jury-import-at-line", [("line", u.line.into())])) " " q { (u.given) } " – " (t.get(u.why)) }
        } } },
    )
}

/// What the jury service says of single rows, by the line each came from.
fn faults(visit: &Visit, read: &Read<MarkRow>, faults: &[Because]) -> Markup {
    let t = visit.t;
    html! { ul { @for fault in faults {
        @if let Some((line, row)) = row_of(&fault.place).and_then(|i| read.rows.get(i)) {
            li { (t.with("jury-import-at-line", [("line", (*line).into())])) " " (row.number) ", " (exam_name(visit, &row.exam)) " – " (visit.reason(&fault.reason, |_| row.number.to_string())) }
        }
    } } }
}

/// `rows[3].mark` is of the fourth row.
fn row_of(field: &str) -> Option<usize> {
    field.strip_prefix("rows[")?.split(']').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::row_of;

    #[test]
    fn a_fault_finds_its_row() {
        assert_eq!(
            [row_of("rows[3].mark"), row_of("rows[12]"), row_of("rows"), row_of("rows[x]")],
            [Some(3), Some(12), None, None]
        );
    }
}
