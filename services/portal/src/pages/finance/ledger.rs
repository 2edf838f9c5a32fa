//! The school's books, oldest first, with the sums before and after.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::payments::{LedgerReply, LedgerRequest};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    exports::{self, Export, Value},
    pages::{labels, names::Names},
    ui::{self, Column},
    web::{Fault, Page, Path, Visit},
};

const PAGE: &str = "/finance/journal";
const AT_ONCE: u32 = 200;
const MOST: u32 = 1000;

/// After which entry the page begins.
#[derive(Debug, Default, Deserialize)]
pub struct At {
    #[serde(default)]
    apres: u64,
}

fn request(visit: &Visit, after: u64, limit: u32) -> LedgerRequest {
    LedgerRequest { school: visit.school().to_owned(), after, limit, dossier_id: String::new() }
}

/// `GET /finance/journal`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    let t = visit.t;
    let ledger = visit.payments().ledger(request(&visit, at.apres, AT_ONCE)).await?.into_inner();
    let ids = ledger.entries.iter().map(|e| e.dossier_id.as_str()).filter(|id| !id.is_empty());
    let names = Names::of(&visit, ids).await?;
    let next = ledger.entries.last().filter(|_| !ledger.last_page).map(|e| e.sequence);
    let body = html! {
        (exports::links(&visit, PAGE))
        (table(&visit, &ledger, Some(&names)))
        nav class="pager" aria-label=(t.get("pager")) {
            a href=(PAGE) { (t.get("pager-first")) }
            @if let Some(next) = next { a href={ (PAGE) "?apres=" (next) } rel="next" { (t.get("pager-next")) } }
        }
    };
    Ok(ui::page(&visit, &t.get("nav-ledger"), &[], body).into_response())
}

/// Entries between their two sums. `names`: absent where all are one candidate's.
pub(super) fn table(visit: &Visit, ledger: &LedgerReply, names: Option<&Names>) -> Markup {
    let t = visit.t;
    let mut columns = vec![
        Column::new(t.get("ledger-at")),
        Column::new(t.get("ledger-from")),
        Column::new(t.get("ledger-to")),
        Column::number(t.get("amount")),
    ];
    if names.is_some() {
        columns.push(Column::new(t.get("queue-candidate")));
    }
    columns.push(Column::new(t.get("ledger-note")));
    columns.push(Column::number(t.get("ledger-effect")));
    let rows: Vec<_> = ledger
        .entries
        .iter()
        .map(|e| {
            let mut row = vec![
                html! { (visit.instant(e.at)) " " span class="hint" { "n° " (e.sequence) } },
                html! { (t.get(labels::pocket(e.from()))) },
                html! { (t.get(labels::pocket(e.to()))) },
                html! { (visit.money(e.cents)) },
            ];
            if let Some(names) = names {
                row.push(html! { @if !e.dossier_id.is_empty() { a href={ "/finance/comptes/" (e.dossier_id) } {
                    @if names.get(&e.dossier_id).is_some() { (names.full(&e.dossier_id)) } @else { (t.get("ledger-account")) }
                } } });
            }
            row.push(html! { (e.note) });
            row.push(html! { (visit.money(e.balance_effect_cents)) });
            row
        })
        .collect();
    html! {
        dl class="counts" {
            div { dt { (t.get("balance-opening")) } dd { (visit.money(ledger.opening_cents)) } }
            div { dt { (t.get("balance-closing")) } dd { (visit.money(ledger.closing_cents)) } }
        }
        (ui::table(&t.get("nav-ledger"), &columns, &rows, &t.get("ledger-none")))
    }
}

/// The whole ledger as a file.
pub async fn export(visit: Visit) -> Page {
    file(&visit, String::new()).await
}

/// `GET /finance/comptes/{dossier}/journal.csv`, `.xlsx`: one candidate's account.
pub async fn account_export(visit: Visit, Path(dossier): Path<Uuid>) -> Page {
    file(&visit, dossier.to_string()).await
}

async fn file(visit: &Visit, dossier_id: String) -> Page {
    let t = visit.t;
    let entries = exports::all(|token| {
        let asked = request(visit, token.parse().unwrap_or(0), MOST);
        let (mut payments, asked) = (visit.payments(), LedgerRequest { dossier_id: dossier_id.clone(), ..asked });
        async move {
            let reply = payments.ledger(asked).await?.into_inner();
            let next = reply.entries.last().filter(|_| !reply.last_page).map(|e| e.sequence.to_string());
            Ok::<_, Fault>((reply.entries, next.unwrap_or_default()))
        }
    })
    .await?;
    let names = Names::of(visit, entries.iter().map(|e| e.dossier_id.as_str()).filter(|id| !id.is_empty())).await?;
    let rows = entries.into_iter().map(|e| {
        let n = names.get(&e.dossier_id).cloned().unwrap_or_default();
        let (from, to) = (t.get(labels::pocket(e.from())), t.get(labels::pocket(e.to())));
        vec![
            e.sequence.into(),
            exports::instant(visit, e.at),
            from.into(),
            to.into(),
            Value::Cents(e.cents),
            n.family_name.into(),
            n.first_names.into(),
            e.note.into(),
            Value::Cents(e.balance_effect_cents),
        ]
    });
    let columns = [
        "queue-number",
        "ledger-at",
        "ledger-from",
        "ledger-to",
        "amount",
        "queue-name",
        "queue-first-names",
        "ledger-note",
        "ledger-effect",
    ];
    let name = format!("journal-{}", visit.school());
    exports::answer(visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}
