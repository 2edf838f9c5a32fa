//! One table (R27): as a list of numbers, best first. A draft is replaced; a signed one is corrected by two people.

use axum::response::IntoResponse as _;
use contracts::jury::{
    DecisionState, GetTableRequest, ListCandidaturesRequest, PrepareTableCorrectionRequest, SubmitRankingRequest, Table,
};
use maud::{Markup, html};

use super::{Embargo, answer, candidatures, cells, embargo, parse::Unread, prepared};
use crate::{
    exports::{self, Export},
    pages::names::Names,
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /jury/classement/{school}/{filiere}`
pub async fn page(visit: Visit, Path((school, filiere)): Path<(String, String)>) -> Page {
    Ok(show(&visit, (&school, &filiere), &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, cell: (&str, &str), form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let table = table(visit, cell).await?;
    let names = Names::of(visit, table.dossier_ids.iter().map(String::as_str)).await?;
    let rows: Vec<_> = (1..)
        .zip(&table.dossier_ids)
        .map(|(rank, id): (u32, _)| vec![html! { (rank) }, names.link(id, "/jury/dossiers")])
        .collect();
    let columns = [Column::number(t.get("jury-rank")), Column::new(t.get("jury-candidate"))];
    let numbers: String = table.dossier_ids.iter().map(|id| format!("{}\n", names.number(id))).collect();
    let value = if form.is_empty() { numbers.as_str() } else { form.raw("numeros") };
    let (text, button) = if table.signed {
        (t.get("jury-table-signed-text"), t.get("correct-prepare"))
    } else {
        (t.get("jury-table-draft-text"), t.get("jury-table-submit"))
    };
    let title = format!("{}, {}", visit.school_name(cell.0), visit.filiere_name(cell.1));
    let body = html! {
        (alert)
        (embargo(visit, Embargo::Admission).await?)
        p { a href="/jury/classement" { (t.get("ranking-back")) } " "
            @if table.signed { (ui::badge(Tone::Good, &t.with("ranking-signed", [("n", table.signature.into())]))) }
            @else if table.submitted { (ui::badge(Tone::Warn, &t.get("jury-drafted"))) }
            @else { (ui::badge(Tone::Info, &t.get("ranking-untouched"))) } }
        (exports::links(visit, &format!("{}/table", path(cell))))
        (ui::table(&title, &columns, &rows, &t.get("jury-table-empty")))
        (ui::card(&t.get("jury-table-change"), html! {
            p { (text) }
            (ui::form(visit, &path(cell), html! {
                (ui::textarea(visit, &Field { name: "numeros", label: &t.get("jury-table-numbers"), hint: &t.get("jury-table-numbers-hint"), value, ..Field::default() }, 10))
                @if table.signed { (ui::textarea(visit, &Field { name: "motif", label: &t.get("correct-reason"), value: form.get("motif"), required: true, max: 1000, ..Field::default() }, 2)) }
                div class="actions" { (ui::button(&button)) }
            }))
        }))
    };
    Ok(ui::page(visit, &title, &[], body))
}

/// `GET /jury/classement/{school}/{filiere}/table.csv`, `.xlsx`
pub async fn export(visit: Visit, Path((school, filiere)): Path<(String, String)>) -> Page {
    let t = visit.t;
    let table = table(&visit, (&school, &filiere)).await?;
    let names = Names::of(&visit, table.dossier_ids.iter().map(String::as_str)).await?;
    let rows = (1u32..).zip(&table.dossier_ids).map(|(rank, id)| {
        let number = names.get(id).map_or(0, |name| name.number);
        vec![rank.into(), number.into(), names.name(id).into()]
    });
    let columns = ["jury-rank", "jury-number", "jury-candidate"].map(|key| t.get(key));
    let name = format!("classement-{school}-{filiere}").replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    exports::answer(&visit, Export { name, columns: columns.into(), rows: rows.collect() }).await
}

fn path((school, filiere): (&str, &str)) -> String {
    format!("/jury/classement/{school}/{filiere}")
}

async fn table(visit: &Visit, (school, filiere): (&str, &str)) -> Result<Table, Fault> {
    if !cells(visit).contains(&(school, filiere)) {
        return Err(Fault::NotFound);
    }
    let asked = GetTableRequest { school: school.into(), filiere: filiere.into() };
    Ok(visit.jury().get_table(asked).await?.into_inner())
}

/// Numbers as typed, one per line or separated by anything else.
fn numbers(text: &str) -> Result<Vec<u64>, Unread> {
    let words = (1..).zip(text.lines()).flat_map(|(line, words)| {
        words
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|w| !w.is_empty())
            .map(move |w| (line, w))
    });
    words
        .map(|(line, word)| {
            let unread = || Unread { line, why: "parse-not-a-number", given: word.to_owned() };
            word.parse().map_err(|_| unread())
        })
        .collect()
}

/// Dossiers of one filière by number, among those that are signed as admissible.
pub async fn by_number(visit: &Visit, filiere: &str) -> Result<Vec<(u64, String)>, Fault> {
    let asked = ListCandidaturesRequest {
        filiere: filiere.into(),
        decision: DecisionState::Signed.into(),
        admissible_only: true,
        ..ListCandidaturesRequest::default()
    };
    Ok(candidatures(visit, asked).await?.into_iter().map(|c| (c.number, c.dossier_id)).collect())
}

/// Ids of typed numbers in their order, or what is wrong with one of them.
pub async fn ids(visit: &Visit, filiere: &str, text: &str) -> Result<Result<Vec<String>, Unread>, Fault> {
    let numbers = match numbers(text) {
        Ok(numbers) => numbers,
        Err(unread) => return Ok(Err(unread)),
    };
    let known = by_number(visit, filiere).await?;
    let found = (1..).zip(numbers).map(|(line, number)| {
        let id = known.iter().find(|(n, _)| *n == number).map(|(_, id)| id.clone());
        id.ok_or_else(|| Unread { line, why: "jury-table-unknown-number", given: number.to_string() })
    });
    Ok(found.collect())
}

/// `POST /jury/classement/{school}/{filiere}`
pub async fn post(visit: Visit, Path((school, filiere)): Path<(String, String)>, form: Form) -> Page {
    let cell = (school.as_str(), filiere.as_str());
    let signed = table(&visit, cell).await?.signed;
    let dossier_ids = match ids(&visit, &filiere, form.raw("numeros")).await? {
        Ok(ids) => ids,
        Err(unread) => {
            let alert = super::marks_import::unread(&visit, &[unread]);
            return Ok(show(&visit, cell, &form, alert).await?.into_response());
        }
    };
    let (school, filiere) = (school.clone(), filiere.clone());
    let done = if signed {
        let asked = PrepareTableCorrectionRequest { school, filiere, dossier_ids, reason: form.get("motif").into() };
        visit.jury().prepare_table_correction(asked).await.map(|act| prepared(&visit, act.get_ref()))
    } else {
        let asked = SubmitRankingRequest { school, filiere, dossier_ids };
        visit.jury().submit_ranking(asked).await.map(|_| visit.done(&path(cell), "jury-table-submitted"))
    };
    answer(&visit, done, |alert| show(&visit, cell, &form, alert)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_typed_one_after_the_other() {
        assert_eq!(numbers("12\n7, 9;3\n\n").unwrap(), [12, 7, 9, 3]);
        assert_eq!(numbers("12\nx").unwrap_err(), Unread { line: 2, why: "parse-not-a-number", given: "x".into() });
        assert!(numbers("").unwrap().is_empty());
    }
}
