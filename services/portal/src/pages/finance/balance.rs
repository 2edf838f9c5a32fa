//! Where the school's money stands, pocket by pocket, and that it adds up.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::payments::{BalanceReply, BalanceRequest, ListFeesRequest, ListUnmatchedRequest};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use maud::{Markup, html};
use serde::Deserialize;

use crate::{
    lists::List,
    ui::{self, Column, Field, Kind, Tone},
    web::{Form, Page, Visit},
};

/// Days of the session's zone, both in.
#[derive(Debug, Default, Deserialize)]
pub struct Span {
    #[serde(default)]
    du: String,
    #[serde(default)]
    au: String,
}

impl Span {
    fn day(text: &str) -> Option<Date> {
        text.parse().ok()
    }

    /// The beginning of the first day, and that of the day after the last.
    fn instants(&self, zone: &TimeZone) -> (Option<Timestamp>, Option<Timestamp>) {
        let midnight = |day: Date| day.to_zoned(zone.clone()).ok().map(|z| z.timestamp());
        let after = |day: Date| day.checked_add(1.day()).ok();
        (Self::day(&self.du).and_then(midnight), Self::day(&self.au).and_then(after).and_then(midnight))
    }
}

/// `GET /finance`
pub async fn page(visit: Visit, Query(span): Query<Span>) -> Page {
    let t = visit.t;
    let school = visit.school().to_owned();
    let (mut one, mut two, mut three) = (visit.payments(), visit.payments(), visit.payments());
    let (balance, waiting, fees) = tokio::join!(
        one.balance(asked(&visit, &span)),
        two.list_unmatched(ListUnmatchedRequest {
            school: school.clone(),
            limit: 1,
            ..ListUnmatchedRequest::default()
        }),
        three.list_fees(ListFeesRequest { school, page_size: 1, ..ListFeesRequest::default() }),
    );
    let (waiting, fees) = (waiting?.into_inner(), fees?.into_inner());
    let body = html! {
        @match balance {
            Ok(balance) => (view(&visit, balance.get_ref(), &span)),
            Err(status) => (visit.refused(&status)?),
        }
        (ui::card(&t.get("balance-span"), html! {
            form method="get" action="/finance" {
                div class="filters" {
                    (ui::field(&visit, &Field { name: "du", label: &t.get("balance-from"), value: &span.du, kind: Kind::Date, ..Field::default() }))
                    (ui::field(&visit, &Field { name: "au", label: &t.get("balance-to"), value: &span.au, kind: Kind::Date, ..Field::default() }))
                }
                div class="actions" { (ui::button(&t.get("search-button"))) }
            }
        }))
        (ui::card(&t.get("finance-waits"), html! {
            ul {
                li { a href="/finance/rapprochement" { (t.with("finance-lines-wait", [("n", waiting.waiting.into()), ("amount", visit.money(waiting.waiting_cents).into())])) } }
                li { a href="/finance/comptes" { (t.with("finance-exemptions-wait", [("n", fees.exemptions_waiting.into())])) } }
                li { a href="/finance/impayes" { (t.get("unsettled-title")) } }
                li { a href="/finance/releves" { (t.get("finance-import")) } }
            }
        }))
    };
    Ok(ui::page(&visit, &t.get("balance-title"), &[], body).into_response())
}

/// What is there, and where it came from.
fn lists(visit: &Visit, b: &BalanceReply) -> [List; 2] {
    let t = visit.t;
    let list = |name: &str, caption: &str, keys: &[(&str, i64)]| List {
        name: format!("{name}-{}", visit.school()),
        caption: t.get(caption),
        empty: String::new(),
        columns: vec![Column::new(t.get("balance-pocket")), Column::number(t.get("amount"))],
        rows: keys.iter().map(|(key, cents)| vec![html! { (t.get(key)) }, visit.amount(*cents)]).collect(),
    };
    let pockets = [
        ("balance-accounts", b.accounts_cents),
        ("balance-other-school", b.other_school_cents),
        ("pocket-queue", b.queue_cents),
        ("pocket-unknown", b.unknown_cents),
        ("pocket-refunds", b.refunds_cents),
        ("balance-closing", b.closing_cents),
    ];
    let moved = [
        ("balance-opening", b.opening_cents),
        ("pocket-bank", b.bank_since_cents),
        ("pocket-counter", b.other_means_since_cents),
        ("balance-closing", b.closing_cents),
    ];
    [list("solde", "balance-pockets", &pockets), list("mouvements", "balance-moved", &moved)]
}

fn asked(visit: &Visit, span: &Span) -> BalanceRequest {
    let (since, until) = span.instants(&visit.app.session.zone);
    BalanceRequest { school: visit.school().to_owned(), since: since.map(Into::into), until: until.map(Into::into) }
}

/// `GET /finance/solde.csv`, `.xlsx`
pub async fn pockets_export(visit: Visit, Query(span): Query<Span>) -> Page {
    let balance = visit.payments().balance(asked(&visit, &span)).await?.into_inner();
    let [pockets, _] = lists(&visit, &balance);
    pockets.file(&visit).await
}

/// `GET /finance/mouvements.csv`, `.xlsx`
pub async fn moved_export(visit: Visit, Query(span): Query<Span>) -> Page {
    let balance = visit.payments().balance(asked(&visit, &span)).await?.into_inner();
    let [_, moved] = lists(&visit, &balance);
    moved.file(&visit).await
}

/// What is there, and where it came from: two sums of one amount.
fn view(visit: &Visit, b: &BalanceReply, span: &Span) -> Markup {
    let t = visit.t;
    let [pockets, moved] = lists(visit, b);
    let days = [("du", span.du.as_str()), ("au", span.au.as_str())];
    let days = Form::of(days.into_iter().filter(|(_, day)| !day.is_empty()));
    html! {
        @if b.adds_up { (ui::alert(Tone::Good, &t.get("balance-adds-up"), html! { p { (t.with("balance-lines", [("n", b.lines.into())])) } })) }
        @else { (ui::alert(Tone::Bad, &t.get("balance-does-not-add-up"), html! { p { (t.get("balance-does-not-add-up-text")) } })) }
        div class="grid" {
            div { (pockets.shown_of(visit, "/finance/solde", &days)) }
            div { (moved.shown_of(visit, "/finance/mouvements", &days)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_days_is_half_open_in_the_sessions_zone() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        // The day on which the clocks change has 23 hours.
        let (since, until) = Span { du: "2026-03-29".into(), au: "2026-03-29".into() }.instants(&paris);
        assert_eq!(since.unwrap().to_string(), "2026-03-28T23:00:00Z");
        assert_eq!(until.unwrap().to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(Span { du: "hier".into(), au: String::new() }.instants(&paris), (None, None));
    }
}
