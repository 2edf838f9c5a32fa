//! Who reads, and with how much of it: the president's page.

use axum::response::IntoResponse as _;
use contracts::jury::{
    AssignSharesRequest, ListReadersReply, ListReadersRequest, ReaderEntry, ReaderShare, SetReadersRequest,
};
use maud::{Markup, html};

use super::answer;
use crate::{
    lists::List,
    ui::{self, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/jury/lecteurs";

/// `GET /jury/lecteurs`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let listed = visit.jury().list_readers(ListReadersRequest {}).await?.into_inner();
    let typed = form.get("geste") == "lecteurs";
    let lines = if typed { form.get("lecteurs").to_owned() } else { as_lines(&listed) };
    let count = listed.readers_per_dossier.max(2).to_string();
    let body = html! {
        (alert)
        @if listed.short_of_readers > 0 {
            (ui::alert(Tone::Warn, &t.with("readers-short", [("n", listed.short_of_readers.into())]), html! { p { (t.get("readers-short-text")) } }))
        }
        (list(visit, &listed).shown(visit, PATH))
        (ui::card(&t.get("readers-assign-title"), html! {
            p { (t.get("readers-assign-text")) }
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "repartir"))
                (ui::field(visit, &Field { name: "par-dossier", label: &t.get("readers-per-dossier"), value: if form.get("geste") == "repartir" { form.get("par-dossier") } else { &count }, kind: Kind::Number, required: true, max: 2, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("readers-assign-button"))) }
            }))
        }))
        (ui::card(&t.get("readers-set-title"), ui::form(visit, PATH, html! {
            (ui::hidden("geste", "lecteurs"))
            (ui::textarea(visit, &Field { name: "lecteurs", label: &t.get("readers-list"), hint: &t.get("readers-list-hint"), value: &lines, required: true, ..Field::default() }, 8))
            div class="actions" { (ui::button(&t.get("readers-set-button"))) }
        })))
    };
    Ok(ui::page(visit, &t.get("nav-readers"), &[], body))
}

fn list(visit: &Visit, listed: &ListReadersReply) -> List {
    let t = visit.t;
    let row = |r: &ReaderShare| {
        let (all, label) =
            (u64::from(r.assigned.max(1)), t.with("readers-progress", [("who", r.label.as_str().into())]));
        vec![
            html! { (r.label) },
            html! { span class="mono" { (r.subject) } },
            html! { (r.assigned) },
            html! { (r.opinions) " " progress max=(all) value=(r.opinions) aria-label=(label) {} },
        ]
    };
    List {
        name: "lecteurs".into(),
        caption: t.get("nav-readers"),
        empty: t.get("readers-none"),
        columns: vec![
            Column::new(t.get("readers-label")),
            Column::new(t.get("readers-subject")),
            Column::number(t.get("readers-assigned")),
            Column::number(t.get("readers-opinions")),
        ],
        rows: listed.readers.iter().map(row).collect(),
    }
}

/// `GET /jury/lecteurs.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit, &visit.jury().list_readers(ListReadersRequest {}).await?.into_inner()).file(&visit).await
}

fn as_lines(listed: &ListReadersReply) -> String {
    listed.readers.iter().map(|r| format!("{} ; {}\n", r.subject, r.label)).collect()
}

/// One reader per line: subject, then what the president calls them.
fn readers(text: &str) -> Vec<ReaderEntry> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (subject, label) = line.split_once(';').unwrap_or((line, ""));
            ReaderEntry { subject: subject.trim().into(), label: label.trim().into() }
        })
        .collect()
}

/// `POST /jury/lecteurs`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut jury = visit.jury();
    let done = match form.get("geste") {
        "lecteurs" => {
            jury.set_readers(SetReadersRequest { readers: readers(form.get("lecteurs")) }).await.map(|_| "readers-set")
        }
        "repartir" => {
            // Not a number is as wrong as one out of range: the jury says what is allowed.
            let readers_per_dossier = form.get("par-dossier").parse().unwrap_or(u32::MAX);
            jury.assign_shares(AssignSharesRequest { readers_per_dossier }).await.map(|_| "shares-assigned")
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(PATH, key));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_typed_a_line_each() {
        let read = readers("a@x ; Anne\n\n b@x;Bruno \nc@x");
        let shown: Vec<_> = read.iter().map(|r| (r.subject.as_str(), r.label.as_str())).collect();
        assert_eq!(shown, [("a@x", "Anne"), ("b@x", "Bruno"), ("c@x", "")]);
    }
}
