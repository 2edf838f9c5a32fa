//! Which schools are open to a title (R8, R9, R16), and the tables that say so.
//!
//! The same questions make up the candidate's page of the title; see [`Stated`].

use std::collections::BTreeMap;

use axum::{extract::Query, response::IntoResponse as _};
use contracts::eligibility::{
    Diploma, DiplomaKind, ListTitlesRequest, OpenSchoolsRequest, Recevabilite, SchoolRecevabilite, Title,
};
use maud::{Markup, html};

use crate::{
    i18n::{Lang, Tr},
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

/// What stands for "not in this list" among the mentions; no table prints it.
const OTHER: &str = "*";

/// A title as a form states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Id of the diploma; empty before one is chosen.
    pub diploma: String,
    /// Row of its table, or [`OTHER`].
    pub mention: String,
    /// The mention in free words, when no row lists it.
    pub other: String,
    /// The row it is then claimed to be equivalent to.
    pub equivalent: String,
}

impl Stated {
    /// From the fields that [`Self::fields`] shows.
    #[must_use]
    pub fn of(form: &Form) -> Self {
        let field = |name: &str| form.get(name).to_owned();
        Self {
            diploma: field("diplome"),
            mention: field("mention"),
            other: field("autre"),
            equivalent: field("equivalence"),
        }
    }

    /// From a title that was stated before.
    #[must_use]
    pub fn stored(diploma: &str, mention: &str, equivalent: &str) -> Self {
        let (listed, other) = if equivalent.is_empty() { (mention, "") } else { (OTHER, mention) };
        Self { diploma: diploma.into(), mention: listed.into(), other: other.into(), equivalent: equivalent.into() }
    }

    /// The title meant: its diploma, mention and the row claimed as equivalent. What the form shows for one kind of
    /// mention is not sent with the other.
    #[must_use]
    pub fn title(&self, listed: bool) -> Title {
        let free = !listed || self.mention == OTHER;
        Title {
            diploma: self.diploma.clone(),
            mention: if free { self.other.clone() } else { self.mention.clone() },
            equivalent_to: if free { self.equivalent.clone() } else { String::new() },
        }
    }

    /// Something beyond the diploma was said.
    #[must_use]
    pub fn complete(&self) -> bool {
        !self.diploma.is_empty() && [&self.mention, &self.other, &self.equivalent].iter().any(|said| !said.is_empty())
    }

    /// Mention and equivalence, as this diploma asks for them.
    #[must_use]
    pub fn fields(&self, visit: &Visit, diploma: &Diploma) -> Markup {
        let t = visit.t;
        let listed = diploma.kind() == DiplomaKind::Listed;
        let free = !listed || diploma.equivalence_possible;
        let rows = || {
            std::iter::once(Choice::new("", t.get("titles-choose")))
                .chain(diploma.rows.iter().map(|r| Choice::new(r.mention.as_str(), r.mention.clone())))
        };
        let other = free.then(|| Choice::new(OTHER, t.get("titles-not-listed")));
        let mentions: Vec<Choice<'_>> = rows().chain(other).collect();
        let equivalents: Vec<Choice<'_>> = rows().collect();
        html! {
            @if listed {
                (ui::select(visit, &Field {
                    name: "mention", label: &t.get("titles-mention"), value: &self.mention, required: true,
                    hint: &if free { String::new() } else { t.get("titles-closed-list") }, ..Field::default()
                }, &mentions))
            }
            @if free {
                fieldset class="field" {
                    legend { @if listed { (t.get("titles-if-not-listed")) } @else { (t.get("titles-your-title")) } }
                    p class="hint" { (t.get("titles-equivalence-hint")) }
                    (ui::field(visit, &Field { name: "autre", label: &t.get("titles-other"), value: &self.other, max: 200, required: !listed, ..Field::default() }))
                    (ui::select(visit, &Field {
                        name: "equivalence", label: &t.get("titles-equivalent"), value: &self.equivalent, required: !listed, ..Field::default()
                    }, &equivalents))
                }
            }
        }
    }
}

/// A diploma's name.
#[must_use]
pub fn label(t: Tr, diploma: &Diploma) -> &str {
    if t.lang() == Lang::Fr { &diploma.label_fr } else { &diploma.label_en }
}

/// Every diploma, in the session file's order.
///
/// # Errors
/// Eligibility does not answer.
pub async fn diplomas(visit: &Visit) -> Result<Vec<Diploma>, Fault> {
    Ok(visit.eligibility().list_titles(ListTitlesRequest {}).await?.into_inner().diplomas)
}

/// The choice of the diploma, by which the rest of the questions follows: asks the same page again.
#[must_use]
pub fn choose_diploma(visit: &Visit, action: &str, diplomas: &[Diploma], chosen: &str) -> Markup {
    let t = visit.t;
    let choices: Vec<_> = std::iter::once(Choice::new("", t.get("titles-choose")))
        .chain(diplomas.iter().map(|d| Choice::new(d.id.as_str(), label(t, d))))
        .collect();
    html! {
        form method="get" action=(action) {
            (ui::select(visit, &Field { name: "diplome", label: &t.get("titles-diploma"), value: chosen, required: true, ..Field::default() }, &choices))
            div class="actions" { button class="second" { (t.get("titles-go-on")) } }
        }
    }
}

/// What the tables answer, school by school, and where it is written.
#[must_use]
pub fn answers(visit: &Visit, schools: &[SchoolRecevabilite]) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = schools
        .iter()
        .map(|s| {
            vec![
                html! { (visit.school_name(&s.school)) },
                standing(t, s.recevabilite()),
                html! { (s.table) @if !s.row.is_empty() { " – " (t.with("titles-row", [("row", s.row.as_str().into())])) } },
            ]
        })
        .collect();
    ui::table(
        &t.get("titles-answer"),
        &[Column::new(t.get("public-school")), Column::new(t.get("titles-open")), Column::new(t.get("titles-written"))],
        &rows,
        "",
    )
}

/// Open, closed, or for the jury, in a word.
#[must_use]
pub fn standing(t: Tr, standing: Recevabilite) -> Markup {
    match standing {
        Recevabilite::Open => ui::badge(Tone::Good, &t.get("titles-is-open")),
        Recevabilite::Closed => ui::badge(Tone::Bad, &t.get("titles-is-closed")),
        Recevabilite::ForJury | Recevabilite::Unspecified => ui::badge(Tone::Warn, &t.get("titles-for-jury")),
    }
}

/// `GET /titres`: a title is no personal data, so that the question may stand in the address.
pub async fn page(visit: Visit, Query(query): Query<BTreeMap<String, String>>) -> Page {
    let t = visit.t;
    let stated = Stated::of(&Form::of(query));
    let diplomas = diplomas(&visit).await?;
    let chosen = diplomas.iter().find(|d| d.id == stated.diploma);
    let mut answer = html! {};
    if let Some(diploma) = chosen.filter(|_| stated.complete()) {
        let title = stated.title(diploma.kind() == DiplomaKind::Listed);
        answer = match visit.eligibility().open_schools(OpenSchoolsRequest { title: Some(title) }).await {
            Ok(reply) => {
                let reply = reply.into_inner();
                html! {
                    p { (t.with("titles-filiere", [("filiere", visit.filiere_name(&reply.filiere).into())])) }
                    (answers(&visit, &reply.schools))
                    p { (t.get("titles-open-means")) }
                }
            }
            Err(status) => visit.refused(&status)?,
        };
    }
    let body = html! {
        p class="lead" { (t.get("titles-lead")) }
        section class="card next" {
            h2 { (t.get("titles-question")) }
            (choose_diploma(&visit, "/titres", &diplomas, &stated.diploma))
            @if let Some(diploma) = chosen {
                form method="get" action="/titres" {
                    (ui::hidden("diplome", &diploma.id))
                    (stated.fields(&visit, diploma))
                    div class="actions" { (ui::button(&t.get("titles-ask"))) }
                }
            }
            (answer)
        }
        (tables(&visit))
    };
    Ok(ui::page(&visit, &t.get("titles-title"), &[], body).into_response())
}

/// The tables as printed; a school without a column is closed by the table (R9).
fn tables(visit: &Visit) -> Markup {
    let t = visit.t;
    let session = &visit.app.session;
    let columns: Vec<Column> = std::iter::once(Column::new(t.get("titles-table-row")))
        .chain(session.schools.iter().map(|s| Column::new(s.name.clone())))
        .collect();
    html! {
        h2 { (t.get("titles-tables")) }
        @for table in &session.tables {
            @let rows: Vec<_> = table.rows.iter().map(|row| {
                let cells = session.schools.iter().map(|s| {
                    let open = table.open(&row.label, &s.id).unwrap_or(false);
                    html! { @if open { (t.get("titles-yes")) } @else { strong { (t.get("titles-no")) } } }
                });
                std::iter::once(html! { (row.label) }).chain(cells).collect::<Vec<_>>()
            }).collect();
            details class="card" {
                summary { (table.source) " – " (table.title) }
                (ui::table(&table.source, &columns, &rows, ""))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_comes_back_from_its_form_as_it_was_stored() {
        for (mention, equivalent) in [("Chimie", ""), ("Chimie verte", "Chimie")] {
            let stated = Stated::stored("licence", mention, equivalent);
            let title = stated.title(true);
            assert_eq!((title.mention.as_str(), title.equivalent_to.as_str()), (mention, equivalent));
        }
    }

    #[test]
    fn a_listed_mention_takes_no_equivalence_along() {
        let form = Form::parse("diplome=licence&mention=Chimie&autre=x&equivalence=Physique".as_bytes());
        let stated = Stated::of(&form);
        assert_eq!(stated.title(true).equivalent_to, "");
        // A foreign title has no list of its own: its free words count.
        let foreign = stated.title(false);
        assert_eq!((foreign.mention.as_str(), foreign.equivalent_to.as_str()), ("x", "Physique"));
    }
}
