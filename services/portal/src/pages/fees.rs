//! The fees of a school in a list (R20, R22), for its admissions staff and its finance clerks alike.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Redirect, Response},
};
use contracts::payments::{
    FeeStatus, ListFeesReply, ListFeesRequest, ListUnsettledReply, ListUnsettledRequest, ListedFee,
};
use contracts::roles;
use maud::{Markup, html};
use platform::refusal::Refusal;
use serde::Deserialize;

use super::{labels, names::Names};
use crate::{
    exports::{self, Export, Value},
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

/// Under which the search is kept for the session.
const KEPT: &str = "frais";
const STATUSES: [FeeStatus; 10] = [
    FeeStatus::Due,
    FeeStatus::Declared,
    FeeStatus::Settled,
    FeeStatus::Exempt,
    FeeStatus::ExemptionRequested,
    FeeStatus::ExemptionRefused,
    FeeStatus::Short,
    FeeStatus::Over,
    FeeStatus::Refunded,
    FeeStatus::NotOwed,
];

/// An opaque page of a list.
#[derive(Debug, Default, Deserialize)]
pub struct At {
    #[serde(default)]
    page: String,
}

/// Where this list stands for whoever looks, and where one of its lines leads.
struct Room {
    list: &'static str,
    files: &'static str,
    unsettled: &'static str,
    unsettled_files: &'static str,
    one: &'static str,
}

const STAFF: Room = Room {
    list: "/ecole/frais",
    files: "/ecole/frais/liste",
    unsettled: "/ecole/frais/impayes",
    unsettled_files: "/ecole/frais/liste-impayes",
    one: "/ecole/dossiers",
};
const FINANCE: Room = Room {
    list: "/finance/comptes",
    files: "/finance/comptes/liste",
    unsettled: "/finance/impayes",
    unsettled_files: "/finance/liste-impayes",
    one: "/finance/comptes",
};

fn room(visit: &Visit) -> &'static Room {
    if visit.role() == roles::FINANCE { &FINANCE } else { &STAFF }
}

impl Room {
    /// The name, as a link where it leads somewhere: staff see dossiers of their own school alone.
    fn who(&self, visit: &Visit, names: &Names, dossier: &str, payee: &str) -> Markup {
        let name = name(names, dossier);
        let text = if name.is_empty() { visit.t.get("fees-not-named") } else { name };
        if visit.role() == roles::FINANCE || payee == visit.school() {
            html! { a href={ (self.one) "/" (dossier) } { (text) } }
        } else {
            html! { (text) }
        }
    }
}

/// Family name and first names; empty for whom intake does not name to this person.
fn name(names: &Names, id: &str) -> String {
    names.get(id).map(|n| format!("{} {}", n.family_name, n.first_names)).unwrap_or_default()
}

fn request(school: &str, form: &Form, page_size: u32, page_token: String) -> ListFeesRequest {
    let status = STATUSES.into_iter().find(|s| labels::fee_status(*s) == form.get("etat"));
    ListFeesRequest {
        school: school.to_owned(),
        statuses: status.into_iter().map(Into::into).collect(),
        exemption_waiting_only: form.has("exonerations"),
        text: form.get("texte").to_owned(),
        page_size,
        page_token,
    }
}

/// `GET /ecole/frais`, `/finance/comptes`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    let form = if visit.held.is_empty() { visit.recall(KEPT).await? } else { visit.held.clone() };
    let (listed, alert) = match visit.payments().list_fees(request(visit.school(), &form, 100, at.page)).await {
        Ok(listed) => (listed.into_inner(), html! {}),
        Err(status) => (ListFeesReply::default(), visit.refused(&status)?),
    };
    let names = Names::of(&visit, listed.fees.iter().map(|f| f.dossier_id.as_str())).await?;
    let body = html! { (alert) (view(&visit, &form, &listed, &names)) };
    Ok(ui::page(&visit, &visit.t.get("nav-fees"), &[], body).into_response())
}

/// `POST` of the same: the search is kept for the session.
pub async fn search(visit: Visit, form: Form) -> Page {
    let kept = if form.get("geste") == "effacer" { Form::default() } else { form };
    visit.remember(KEPT, &kept).await?;
    Ok(Redirect::to(room(&visit).list).into_response())
}

fn view(visit: &Visit, form: &Form, listed: &ListFeesReply, names: &Names) -> Markup {
    let (t, room) = (visit.t, room(visit));
    let columns = [
        Column::number(t.get("queue-number")),
        Column::new(t.get("queue-candidate")),
        Column::new(t.get("school-fee-reference")),
        Column::new(t.get("queue-state")),
        Column::number(t.get("fee-due-amount")),
        Column::number(t.get("school-fee-received")),
        Column::number(t.get("fees-held-elsewhere")),
    ];
    let rows: Vec<_> = listed.fees.iter().map(|f| row(visit, room, f, names)).collect();
    html! {
        dl class="counts" {
            @for c in &listed.counts { div { dt { (t.get(labels::fee_status(c.status()))) } dd { (c.fees) } } }
            div { dt { (t.get("fees-exemptions-waiting")) } dd { (listed.exemptions_waiting) } }
        }
        p { a href=(room.unsettled) { (t.get("unsettled-title")) } }
        (ui::card(&t.get("search-title"), filters(visit, room, form)))
        (exports::links(visit, room.files))
        (ui::table(&t.get("fees-caption"), &columns, &rows, &t.get("fees-empty")))
        (ui::pager(visit, room.list, &listed.next_page_token))
    }
}

fn row(visit: &Visit, room: &Room, f: &ListedFee, names: &Names) -> Vec<Markup> {
    let t = visit.t;
    vec![
        html! { (f.number) },
        room.who(visit, names, &f.dossier_id, &f.payee_school),
        html! { code { (f.reference) } },
        html! {
            (labels::badge(t, f.status()))
            @if f.exemption_waiting { " " (ui::badge(Tone::Warn, &t.get("fees-to-decide"))) }
            @if !f.payee_school.is_empty() && f.payee_school != visit.school() { " " (ui::badge(Tone::Warn, &t.with("fees-owed-to", [("school", visit.school_name(&f.payee_school).into())]))) }
        },
        html! { (visit.money(f.due_cents)) },
        html! { (visit.money(f.received_cents)) },
        html! { @for h in &f.held_elsewhere { (visit.school_name(&h.school)) " " (visit.money(h.cents)) " " } },
    ]
}

fn filters(visit: &Visit, room: &Room, form: &Form) -> Markup {
    let t = visit.t;
    let mut statuses = vec![Choice::new("", t.get("all"))];
    statuses.extend(STATUSES.map(labels::fee_status).map(|key| Choice::new(key, t.get(key))));
    ui::form(
        visit,
        room.list,
        html! {
            div class="filters" {
                (ui::field(visit, &Field { name: "texte", label: &t.get("fees-text"), value: form.get("texte"), max: 100, ..Field::default() }))
                (ui::select(visit, &Field { name: "etat", label: &t.get("queue-state"), value: form.get("etat"), ..Field::default() }, &statuses))
            }
            (ui::checkbox(&Field { name: "exonerations", label: &t.get("fees-only-exemptions"), ..Field::default() }, form.has("exonerations")))
            div class="actions" {
                (ui::button(&t.get("search-button")))
                button class="second" name="geste" value="effacer" { (t.get("search-clear")) }
            }
        },
    )
}

/// The list as a file, on all its pages.
pub async fn export(visit: Visit) -> Page {
    let form = visit.recall(KEPT).await?;
    let fees = exports::all(|token| {
        let (mut payments, asked) = (visit.payments(), request(visit.school(), &form, 500, token));
        async move {
            let listed = payments.list_fees(asked).await?.into_inner();
            Ok::<_, Fault>((listed.fees, listed.next_page_token))
        }
    })
    .await?;
    let names = Names::of(&visit, fees.iter().map(|f| f.dossier_id.as_str())).await?;
    let t = visit.t;
    let row = |f: ListedFee| {
        let n = names.get(&f.dossier_id).cloned().unwrap_or_default();
        let elsewhere: i64 = f.held_elsewhere.iter().map(|h| h.cents).sum();
        let waiting = if f.exemption_waiting { t.get("yes") } else { String::new() };
        let status = t.get(labels::fee_status(f.status()));
        vec![
            f.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            f.reference.into(),
            status.into(),
            Value::Cents(f.due_cents),
            Value::Cents(f.received_cents),
            Value::Cents(f.held_cents),
            Value::Cents(f.refunds_ordered_cents),
            Value::Cents(elsewhere),
            visit.school_name(&f.payee_school).into(),
            waiting.into(),
        ]
    };
    let columns = [
        "queue-number",
        "queue-name",
        "queue-first-names",
        "school-fee-reference",
        "queue-state",
        "fee-due-amount",
        "school-fee-received",
        "fees-held-here",
        "fees-refunds-ordered",
        "fees-held-elsewhere",
        "fees-payee",
        "fees-exemption-to-decide",
    ];
    let name = format!("frais-{}", visit.school());
    let export =
        Export { name, columns: columns.map(|key| t.get(key)).into(), rows: fees.into_iter().map(row).collect() };
    exports::answer(&visit, export).await
}

/// The list drawn up before the commission (R22); absent before its instant, with that instant.
async fn unsettled_list(visit: &Visit) -> Result<Result<(ListUnsettledReply, Names), Markup>, Fault> {
    let asked = ListUnsettledRequest { school: visit.school().to_owned() };
    match visit.payments().list_unsettled(asked).await {
        Ok(listed) => {
            let listed = listed.into_inner();
            let names = Names::of(visit, listed.fees.iter().map(|f| f.dossier_id.as_str())).await?;
            Ok(Ok((listed, names)))
        }
        Err(status) => match Refusal::from_status(&status) {
            Some(refusal) if refusal.reason == "NOT_LISTED_YET" => {
                let from = refusal.metadata.get("listed_from").and_then(|at| at.parse::<jiff::Timestamp>().ok());
                let from = from.map(|at| visit.t.instant(at, &visit.app.session.zone)).unwrap_or_default();
                Ok(Err(html! { p { (visit.t.with("unsettled-from", [("from", from.into())])) } }))
            }
            _ => Err(status.into()),
        },
    }
}

/// `GET /ecole/frais/impayes`, `/finance/impayes`
pub async fn unsettled(visit: Visit) -> Page {
    let (t, room) = (visit.t, room(&visit));
    let body = match unsettled_list(&visit).await? {
        Err(not_yet) => html! { (ui::alert(Tone::Info, &t.get("unsettled-not-yet"), not_yet)) },
        Ok((listed, names)) => {
            let columns = [
                Column::new(t.get("queue-candidate")),
                Column::new(t.get("unsettled-then")),
                Column::number(t.get("fee-due-amount")),
                Column::number(t.get("school-fee-received")),
                Column::number(t.get("fees-held-elsewhere")),
                Column::new(t.get("unsettled-now")),
            ];
            let row = |f: &contracts::payments::UnsettledFee| {
                vec![
                    room.who(&visit, &names, &f.dossier_id, &f.school),
                    labels::badge(t, f.status()),
                    html! { (visit.money(f.due_cents)) },
                    html! { (visit.money(f.received_cents)) },
                    html! { (visit.money(f.held_elsewhere_cents)) },
                    labels::badge(t, f.status_now()),
                ]
            };
            let rows: Vec<_> = listed.fees.iter().map(row).collect();
            html! {
                p class="lead" { (t.with("unsettled-lead", [("at", visit.instant(listed.listed_at).into())])) }
                (exports::links(&visit, room.unsettled_files))
                (ui::table(&t.get("unsettled-title"), &columns, &rows, &t.get("unsettled-none")))
            }
        }
    };
    let body = html! { p { a href=(room.list) { (t.get("fees-back")) } } (body) };
    Ok(ui::page(&visit, &t.get("unsettled-title"), &[], body).into_response())
}

/// The same as a file.
pub async fn unsettled_export(visit: Visit) -> Page {
    let Ok((listed, names)) = unsettled_list(&visit).await? else {
        return Ok::<Response, _>(Redirect::to(room(&visit).unsettled).into_response());
    };
    let t = visit.t;
    let rows = listed.fees.iter().map(|f| {
        let n = names.get(&f.dossier_id).cloned().unwrap_or_default();
        vec![
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            t.get(labels::fee_status(f.status())).into(),
            Value::Cents(f.due_cents),
            Value::Cents(f.received_cents),
            Value::Cents(f.held_elsewhere_cents),
            t.get(labels::fee_status(f.status_now())).into(),
        ]
    });
    let columns = [
        "queue-number",
        "queue-name",
        "queue-first-names",
        "unsettled-then",
        "fee-due-amount",
        "school-fee-received",
        "fees-held-elsewhere",
        "unsettled-now",
    ];
    let name = format!("impayes-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_question() {
        let asked = request(
            "albi",
            &Form::of([("etat", "fee-short"), ("texte", "ADM-000012"), ("exonerations", "oui")]),
            100,
            "t".into(),
        );
        assert_eq!(asked.statuses().collect::<Vec<_>>(), [FeeStatus::Short]);
        assert!(asked.exemption_waiting_only && asked.text == "ADM-000012" && asked.page_token == "t");
        assert!(request("albi", &Form::of([("etat", "rien")]), 100, String::new()).statuses.is_empty());
    }
}
