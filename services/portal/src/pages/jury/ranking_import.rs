//! A filière's merit list from a spreadsheet (R27): ties shown as groups to break, and the tables it comes to.

use axum::{extract::Multipart, response::IntoResponse as _};
use contracts::jury::{CheckMeritReply, CheckedTable, ImportMeritRequest, Merit, MeritTie};
use maud::{Markup, html};

use super::{
    Embargo, embargo, marks_import,
    parse::{self, Read},
    words,
};
use crate::{
    pages::names::Names,
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit, upload},
};

const PATH: &str = "/jury/classement/importer";

/// `GET /jury/classement/importer`
pub async fn page(visit: Visit) -> Page {
    let list = with_ranks(&visit.held);
    let body = html! {
        (embargo(&visit, Embargo::Admission).await?)
        p class="lead" { (visit.t.get("merit-lead")) }
        (form(&visit, &list, false))
    };
    Ok(ui::page(&visit, &visit.t.get("merit-title"), &[], body).into_response())
}

fn form(visit: &Visit, typed: &Form, ready: bool) -> Markup {
    let t = visit.t;
    ui::multipart(
        visit,
        PATH,
        html! {
            (ui::select(visit, &Field { name: "filiere", label: &t.get("jury-filiere"), value: typed.get("filiere"), required: true, ..Field::default() }, &words::filieres(visit, None)))
            (ui::textarea(visit, &Field { name: "texte", label: &t.get("jury-import-pasted"), hint: &t.get("merit-hint"), value: typed.raw("texte"), ..Field::default() }, 10))
            (ui::file(visit, &Field { name: "fichier", label: &t.get("jury-import-file"), ..Field::default() }, ".csv,.txt,text/csv"))
            div class="actions" {
                button class={ @if ready { "second" } } name="geste" value="verifier" { (t.get("jury-import-check")) }
                @if ready { button name="geste" value="enregistrer" { (t.get("merit-submit")) } }
                a href="/jury/classement" { (t.get("cancel")) }
            }
        },
    )
}

/// `POST /jury/classement/importer`
pub async fn post(visit: Visit, multipart: Multipart) -> Page {
    let t = visit.t;
    let (typed, _, file) = upload::read(&visit, multipart, upload::LARGEST_LIST).await?;
    let text = if file.is_empty() { parse::text(typed.raw("texte").as_bytes()) } else { parse::text(&file) };
    let mut read = parse::merit(&text);
    break_ties(&mut read, &typed);
    let text = as_text(&read, &text);
    let filiere = typed.get("filiere").to_owned();
    let shown = Form::of([("filiere", filiere.as_str()), ("texte", text.as_str())]);
    let mut alert = html! {};
    let mut checked = None;
    if read.rows.is_empty() || !read.unread.is_empty() {
        alert = marks_import::unread(&visit, &read.unread);
    } else {
        let entries: Vec<Merit> = read.rows.iter().map(|(_, entry)| entry.clone()).collect();
        let asked = ImportMeritRequest { filiere, entries };
        if typed.get("geste") == "enregistrer" {
            match visit.jury().import_merit(asked.clone()).await {
                Ok(_) => return Ok(visit.done("/jury/classement", "merit-imported")),
                Err(status) => alert = visit.refused(&status)?,
            }
        }
        match visit.jury().check_merit(asked).await {
            Ok(reply) => checked = Some(reply.into_inner()),
            Err(status) => alert = html! { (alert) (visit.refused(&status)?) },
        }
    }
    let ready = checked.as_ref().is_some_and(|c| c.ready);
    let looked_at = match &checked {
        Some(checked) => looked_at(&visit, &shown, checked, &read).await?,
        None => html! {},
    };
    let body = html! {
        (alert)
        (embargo(&visit, Embargo::Admission).await?)
        @if ready { (ui::alert(Tone::Good, &t.get("merit-ready"), html! { p { (t.get("merit-ready-text")) } })) }
        (looked_at)
        (form(&visit, &shown, ready))
    };
    Ok(ui::page(&visit, &t.get("merit-title"), &[], body).into_response())
}

/// Ranks typed inside groups of equal scores (`depart-NUMBER`) go into the list.
fn break_ties(read: &mut Read<Merit>, typed: &Form) {
    for (_, entry) in &mut read.rows {
        if let Ok(rank) = typed.get(&format!("depart-{}", entry.number)).parse() {
            entry.tie_break = rank;
        }
    }
}

/// The list of a form that was held, with the ranks that were typed inside its groups.
fn with_ranks(held: &Form) -> Form {
    let text = parse::text(held.raw("texte").as_bytes());
    let mut read = parse::merit(&text);
    break_ties(&mut read, held);
    Form::of([("filiere", held.get("filiere").to_owned()), ("texte", as_text(&read, &text))])
}

/// The list as it is now, to be sent again; what could not be read stays as it was typed.
fn as_text(read: &Read<Merit>, typed: &str) -> String {
    if !read.unread.is_empty() {
        return typed.to_owned();
    }
    let tie = |entry: &Merit| if entry.tie_break > 0 { entry.tie_break.to_string() } else { String::new() };
    read.rows.iter().map(|(_, m)| format!("{};{};{}\n", m.number, m.score, tie(m))).collect()
}

/// What the jury service says the list comes to.
async fn looked_at(visit: &Visit, shown: &Form, c: &CheckMeritReply, read: &Read<Merit>) -> Result<Markup, Fault> {
    let t = visit.t;
    let tied = c.ties.iter().flat_map(|tie| &tie.members).chain(&c.left_out).map(|d| d.dossier_id.as_str());
    let lines = c.tables.iter().flat_map(|table| &table.lines).map(|line| line.dossier_id.as_str());
    let names = Names::of(visit, tied.chain(lines)).await?;
    let line = |entry: u32| read.rows.get(entry as usize);
    Ok(html! {
        @if !c.faults.is_empty() {
            (ui::alert(Tone::Bad, &t.get("merit-faults"), html! { ul { @for f in &c.faults { @if let Some((line, entry)) = line(f.entry) {
                li { (t.with("jury-import-at-line", [("line", (*line).into())])) " " (entry.number) " – " (t.get(words::merit_fault(&f.reason))) }
            } } } }))
        }
        @if !c.ties.is_empty() { (ties(visit, shown, &c.ties, &names, read)) }
        @for table in &c.tables { (checked_table(visit, table, &names)) }
        @if !c.left_out.is_empty() {
            details class="card" { summary { (t.with("merit-left-out", [("n", c.left_out.len().into())])) }
                p { (t.get("merit-left-out-text")) }
                ul { @for d in &c.left_out { li { (names.link(&d.dossier_id, "/jury/dossiers")) } } }
            }
        }
    })
}

/// Groups of equal scores, each member with the rank inside its group to be typed.
fn ties(visit: &Visit, shown: &Form, ties: &[MeritTie], names: &Names, read: &Read<Merit>) -> Markup {
    let t = visit.t;
    let broken = |number: u64| read.rows.iter().find(|(_, m)| m.number == number).map_or(0, |(_, m)| m.tie_break);
    html! { section class="card next" {
        h2 { (t.with("merit-ties", [("n", ties.len().into())])) }
        p { (t.get("merit-ties-text")) }
        (ui::multipart(visit, PATH, html! {
            (ui::hidden("filiere", shown.get("filiere")))
            (ui::hidden("texte", shown.raw("texte")))
            @for tie in ties { fieldset {
                legend { (t.with("merit-tie", [("score", words::mark(t, &tie.score).into())])) }
                @for d in &tie.members {
                    @let name = format!("depart-{}", d.number);
                    @let value = broken(d.number);
                    (ui::field(visit, &Field { name: &name, label: &names.full(&d.dossier_id), value: &if value > 0 { value.to_string() } else { String::new() }, kind: ui::Kind::Number, max: 4, ..Field::default() }))
                }
            } }
            div class="actions" { button name="geste" value="verifier" { (t.get("merit-break")) } }
        }))
    } }
}

fn checked_table(visit: &Visit, table: &CheckedTable, names: &Names) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = table
        .lines
        .iter()
        .map(|line| {
            vec![
                html! { (line.rank) @if line.tied { " " (ui::badge(Tone::Warn, &t.get("merit-tied"))) } },
                names.link(&line.dossier_id, "/jury/dossiers"),
                html! { (words::mark(t, &line.score)) },
            ]
        })
        .collect();
    let columns = [
        Column::number(t.get("jury-rank")),
        Column::new(t.get("jury-candidate")),
        Column::number(t.get("merit-score")),
    ];
    let caption = format!("{}, {}", visit.school_name(&table.school), visit.filiere_name(&table.filiere));
    html! {
        details class="card" { summary { (caption) " – " (t.with("merit-table-count", [("n", rows.len().into())])) }
            (ui::table(&caption, &columns, &rows, &t.get("jury-table-empty")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_ranks_break_ties_in_the_list_that_is_sent_again() {
        let mut read = parse::merit("12;15.5\n7;15.5\n9;3");
        break_ties(&mut read, &Form::of([("depart-12", "2"), ("depart-7", "1"), ("depart-9", "")]));
        assert_eq!(as_text(&read, ""), "12;15.5;2\n7;15.5;1\n9;3;\n");
        let wrong = parse::merit("12;1\nx;2");
        assert_eq!(as_text(&wrong, "as typed"), "as typed");
    }

    #[test]
    fn a_held_list_comes_back_with_the_ranks_that_were_typed() {
        let held = Form::of([("filiere", "A"), ("texte", "12;15.5\n7;15.5"), ("depart-12", "2"), ("depart-7", "1")]);
        let refilled = with_ranks(&held);
        assert_eq!((refilled.get("filiere"), refilled.raw("texte")), ("A", "12;15.5;2\n7;15.5;1\n"));
        assert_eq!(with_ranks(&Form::default()).raw("texte"), "");
    }
}
