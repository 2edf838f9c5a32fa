//! One act and everything it covers: what the second person confirms.

use std::collections::BTreeSet;

use axum::response::IntoResponse as _;
use contracts::jury::{
    Act, ActDetail, ActState, ConfirmRequest, DecisionItem, ExamResult, GetActRequest, TableItem, WithdrawRequest,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Embargo, acts, answer, embargo, exam_name, people, words};
use crate::{
    pages::names::Names,
    ui::{self, Column, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /jury/actes/{id}`
pub async fn page(visit: Visit, Path(id): Path<Uuid>) -> Page {
    Ok(show(&visit, id, html! {}).await?.into_response())
}

async fn show(visit: &Visit, id: Uuid, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let mut jury = visit.jury();
    let (detail, people) = tokio::try_join!(
        async { Ok::<_, Fault>(jury.get_act(GetActRequest { act_id: id.to_string() }).await?.into_inner()) },
        people(visit)
    )?;
    let act = detail.act.clone().unwrap_or_default();
    let names = Names::of(visit, dossiers(&detail).iter().map(String::as_str)).await?;
    let waiting = act.state() == ActState::Prepared;
    let mut facts = vec![
        (t.get("act-about"), html! { (acts::subject(visit, &act, &names)) }),
        (t.get("act-state"), words::act_state(t, act.state())),
        (t.get("act-count"), html! { (act.count) }),
        (t.get("act-prepared"), html! { (people.name(&act.prepared_by)) ", " (visit.exact(act.prepared_at)) }),
    ];
    if act.state() == ActState::Confirmed {
        facts.push((
            t.get("act-confirmed"),
            html! { (people.name(&act.confirmed_by)) ", " (visit.exact(act.confirmed_at)) },
        ));
    }
    if !act.reason.is_empty() {
        facts.push((t.get("jury-reason"), html! { (act.reason) }));
    }
    if detail.signature > 0 {
        facts.push((t.get("jury-signature"), html! { (detail.signature) }));
    }
    if detail.publish_at.is_some() {
        facts.push((t.get("act-publish-at"), html! { (visit.exact(detail.publish_at)) }));
    }
    facts.push((t.get("act-digest"), html! { span class="mono" { (act.digest) } }));
    let body = html! {
        (alert)
        (embargo(visit, Embargo::Admission).await?)
        (ui::facts(&facts))
        @if waiting { (second_person(visit, &act)) }
        (covered(visit, &detail, &names))
        p { a href="/jury/actes" { (t.get("acts-back")) } }
    };
    Ok(ui::page(visit, &t.get(words::kind(act.kind())), &[], body))
}

/// Confirm what is shown, under its digest; or take it back.
fn second_person(visit: &Visit, act: &Act) -> Markup {
    let t = visit.t;
    let me = visit.session.as_ref().is_some_and(|s| s.subject == act.prepared_by);
    let path = format!("/jury/actes/{}", act.act_id);
    html! {
        section class="card next" {
            h2 { (t.get("act-second-person")) }
            p { @if me { (t.get("act-yours")) } @else { (t.get("act-second-person-text")) } }
            (ui::form(visit, &path, html! {
                (ui::hidden("geste", "confirmer"))
                (ui::hidden("empreinte", &act.digest))
                div class="actions" { (ui::button(&t.get("act-confirm"))) }
            }))
            (ui::form(visit, &path, html! {
                (ui::hidden("geste", "retirer"))
                div class="actions" { button class="second" { (t.get("act-withdraw")) } }
            }))
        }
    }
}

/// Every dossier that is named anywhere in it.
fn dossiers(detail: &ActDetail) -> BTreeSet<String> {
    let decisions = detail.decisions.iter().chain(&detail.decision_before).map(|d| d.dossier_id.clone());
    let tables = detail.tables.iter().chain(&detail.table_before).flat_map(|t| &t.dossiers);
    let one = detail.dossier.iter().chain(tables).map(|d| d.dossier_id.clone());
    let subject = detail.act.iter().map(|a| a.subject.clone()).filter(|s| acts::is_dossier(s));
    decisions.chain(one).chain(subject).collect()
}

/// What is confirmed, as it would stand, and as it was before a correction.
fn covered(visit: &Visit, detail: &ActDetail, names: &Names) -> Markup {
    let t = visit.t;
    let mark = |mark: Option<&ExamResult>| match mark {
        Some(m) => html! { (exam_name(visit, &m.exam)) " – " (words::result(t, m)) },
        None => html! { (t.get("act-nothing-before")) },
    };
    let before: Vec<DecisionItem> = detail.decision_before.iter().cloned().collect();
    let table_before: Vec<TableItem> = detail.table_before.iter().cloned().collect();
    html! {
        h2 { (t.get("act-covers")) }
        @if !before.is_empty() { (decisions(visit, &t.get("act-before"), &before, names)) }
        @if !detail.decisions.is_empty() { (decisions(visit, &t.get("act-decisions"), &detail.decisions, names)) }
        @for table in &table_before { (ranked(visit, &t.get("act-before"), table, names)) }
        @for table in &detail.tables { (ranked(visit, &t.get("act-table"), table, names)) }
        @if detail.mark.is_some() {
            (ui::facts(&[(t.get("act-before"), mark(detail.mark_before.as_ref())), (t.get("act-after"), mark(detail.mark.as_ref()))]))
        }
        @if let Some(d) = &detail.dossier { p { (names.link(&d.dossier_id, "/jury/dossiers")) } }
        @if let Some(seat) = &detail.seat { p { (visit.school_name(&seat.school)) ", " (visit.filiere_name(&seat.filiere)) } }
    }
}

fn decisions(visit: &Visit, caption: &str, items: &[DecisionItem], names: &Names) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = items
        .iter()
        .map(|d| {
            let decision = match (d.annulled, d.admissible) {
                (true, _) => ui::badge(Tone::Bad, &t.get("jury-annulled")),
                (_, true) => ui::badge(Tone::Good, &t.get("jury-admissible")),
                _ => ui::badge(Tone::Bad, &t.get("jury-not-admissible")),
            };
            let schools: Vec<_> = d.recevable_schools.iter().map(|id| visit.school_name(id)).collect();
            vec![
                names.link(&d.dossier_id, "/jury/dossiers"),
                html! { (visit.filiere_name(&d.filiere)) },
                decision,
                html! { (schools.join(", ")) },
                html! { (d.reason) @for f in &d.determinations { p {
                    (visit.school_name(&f.school)) " – " @if f.recevable { (t.get("jury-standing-recevable")) } @else { (t.get("jury-standing-not-recevable")) }
                    " – " (f.reason)
                } } },
            ]
        })
        .collect();
    let columns = ["jury-candidate", "jury-filiere", "jury-decision", "jury-recevable-at", "jury-reason"]
        .map(|k| Column::new(t.get(k)));
    ui::table(caption, &columns, &rows, "")
}

fn ranked(visit: &Visit, what: &str, table: &TableItem, names: &Names) -> Markup {
    let t = visit.t;
    let caption = format!("{what} – {}, {}", visit.school_name(&table.school), visit.filiere_name(&table.filiere));
    let rows: Vec<_> = (1..)
        .zip(&table.dossiers)
        .map(|(rank, d): (u32, _)| vec![html! { (rank) }, names.link(&d.dossier_id, "/jury/dossiers")])
        .collect();
    let columns = [Column::number(t.get("jury-rank")), Column::new(t.get("jury-candidate"))];
    html! {
        @if rows.is_empty() { h3 { (caption) } }
        (ui::table(&caption, &columns, &rows, &t.get("jury-table-empty")))
    }
}

/// `POST /jury/actes/{id}`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let (act_id, mut jury) = (id.to_string(), visit.jury());
    let done = match form.get("geste") {
        "confirmer" => {
            let asked = ConfirmRequest { act_id, digest: form.get("empreinte").to_owned() };
            jury.confirm(asked).await.map(|_| "act-confirmed")
        }
        "retirer" => jury.withdraw(WithdrawRequest { act_id }).await.map(|_| "act-withdrawn"),
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(&format!("/jury/actes/{id}"), key));
    answer(&visit, done, |alert| show(&visit, id, alert)).await
}

#[cfg(test)]
mod tests {
    use contracts::jury::RankedDossier;

    use super::*;

    #[test]
    fn everyone_in_an_act_is_named() {
        let ranked = |id: &str| RankedDossier { dossier_id: id.into(), number: 1 };
        let table = |id: &str| TableItem { dossiers: vec![ranked(id)], ..TableItem::default() };
        let decision = |id: &str| DecisionItem { dossier_id: id.into(), ..DecisionItem::default() };
        let detail = ActDetail {
            decisions: vec![decision("a")],
            decision_before: Some(decision("b")),
            tables: vec![table("c")],
            table_before: Some(table("d")),
            dossier: Some(ranked("e")),
            ..ActDetail::default()
        };
        assert_eq!(dossiers(&detail).into_iter().collect::<String>(), "abcde");
    }
}
