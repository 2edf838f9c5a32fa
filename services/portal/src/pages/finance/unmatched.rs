//! Lines that wait for a person (R23): whose each might be, and what to do with it.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::payments::{
    AccountFound, FindAccountsRequest, LineOutcome, ListUnmatchedReply, ListUnmatchedRequest, MarkUnknownRequest,
    MatchLineRequest, ReturnLineRequest, SuggestMatchesRequest, UnmatchedLine,
};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::found;
use crate::{
    exports::{self, Export, Value},
    pages::labels,
    ui::{self, Column, Field},
    web::{Fault, Form, Page, Path, Visit},
};

const PAGE: &str = "/finance/rapprochement";
const AT_ONCE: u32 = 100;
const MOST: u32 = 500;

const SEARCH: &str = "chercher";
const PLACE: &str = "placer";
const UNKNOWN: &str = "inconnue";
const RETURN: &str = "renvoyer";

/// Which part of the queue.
#[derive(Debug, Default, Deserialize)]
pub struct At {
    /// The line after which this page begins.
    #[serde(default)]
    apres: String,
    /// "oui": those marked as unknown too.
    #[serde(default)]
    inconnues: String,
}

fn request(visit: &Visit, include_unknown: bool, after: String, limit: u32) -> ListUnmatchedRequest {
    ListUnmatchedRequest {
        school: visit.school().to_owned(),
        include_unknown,
        after,
        limit,
        ..ListUnmatchedRequest::default()
    }
}

/// `GET /finance/rapprochement`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    let t = visit.t;
    let unknown = at.inconnues == "oui";
    let listed = visit.payments().list_unmatched(request(&visit, unknown, at.apres, AT_ONCE)).await?.into_inner();
    let columns = [
        Column::new(t.get("line-booked-on")),
        Column::number(t.get("amount")),
        Column::new(t.get("line-counterparty")),
        Column::new(t.get("line-remittance")),
        Column::new(t.get("line-why")),
        Column::new(t.get("line-decide")),
    ];
    let rows: Vec<_> = listed
        .lines
        .iter()
        .map(|l| {
            vec![
                html! { (l.booked_on) },
                html! { (visit.money(l.cents)) },
                html! { (l.counterparty) },
                html! { (l.remittance) },
                labels::badge(t, l.outcome()),
                html! { a href={ (PAGE) "/" (l.line_id) } { (t.with("line-open", [("amount", visit.money(l.cents).into()), ("day", l.booked_on.as_str().into())])) } },
            ]
        })
        .collect();
    let body = html! {
        p class="lead" { (t.with("finance-lines-wait", [("n", listed.waiting.into()), ("amount", visit.money(listed.waiting_cents).into())])) }
        @if listed.search_pending > 0 { p { (t.with("unmatched-search-pending", [("n", listed.search_pending.into())])) } }
        p { @if unknown { a href=(PAGE) { (t.get("unmatched-without-unknown")) } } @else { a href={ (PAGE) "?inconnues=oui" } { (t.get("unmatched-with-unknown")) } } }
        (exports::links(&visit, PAGE))
        (ui::table(&t.get("unmatched-caption"), &columns, &rows, &t.get("unmatched-none")))
        (pager(&visit, &listed, unknown))
    };
    Ok(ui::page(&visit, &t.get("nav-unmatched"), &[], body).into_response())
}

fn pager(visit: &Visit, listed: &ListUnmatchedReply, unknown: bool) -> Markup {
    let full = u32::try_from(listed.lines.len()).is_ok_and(|n| n >= AT_ONCE);
    let last = listed.lines.last().map(|l| l.line_id.as_str()).unwrap_or_default();
    let more = if unknown { "&inconnues=oui" } else { "" };
    html! {
        nav class="pager" aria-label=(visit.t.get("pager")) {
            a href=(PAGE) { (visit.t.get("pager-first")) }
            @if full { a href={ (PAGE) "?apres=" (last) (more) } rel="next" { (visit.t.get("pager-next")) } }
        }
    }
}

async fn everything(visit: &Visit) -> Result<Vec<UnmatchedLine>, Fault> {
    exports::all(|after| {
        let (mut payments, asked) = (visit.payments(), request(visit, true, after, MOST));
        async move {
            let lines = payments.list_unmatched(asked).await?.into_inner().lines;
            let full = u32::try_from(lines.len()).is_ok_and(|n| n >= MOST);
            let next = lines.last().filter(|_| full).map(|l| l.line_id.clone()).unwrap_or_default();
            Ok::<_, Fault>((lines, next))
        }
    })
    .await
}

/// Every line that waits or is marked as unknown, as a file.
pub async fn export(visit: Visit) -> Page {
    let t = visit.t;
    let rows = everything(&visit).await?.into_iter().map(|l| {
        let why = t.get(labels::outcome(l.outcome()));
        vec![
            l.booked_on.into(),
            Value::Cents(l.cents),
            l.counterparty.into(),
            l.remittance.into(),
            l.bank_reference.into(),
            why.into(),
            exports::instant(&visit, l.imported_at),
        ]
    });
    let columns = [
        "line-booked-on",
        "amount",
        "line-counterparty",
        "line-remittance",
        "line-bank-reference",
        "line-why",
        "line-imported-at",
    ];
    let name = format!("a-rapprocher-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

async fn line(visit: &Visit, id: Uuid) -> Result<UnmatchedLine, Fault> {
    let asked = ListUnmatchedRequest { line_id: id.to_string(), ..request(visit, true, String::new(), 1) };
    visit.payments().list_unmatched(asked).await?.into_inner().lines.pop().ok_or(Fault::NotFound)
}

/// `GET /finance/rapprochement/{line}`
pub async fn one(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let line = line(&visit, id).await?;
    show(&visit, &line, &visit.held, None, html! {}).await
}

/// The page of one line. `searched`: what a search found, if one was made.
async fn show(
    visit: &Visit,
    l: &UnmatchedLine,
    form: &Form,
    searched: Option<Vec<AccountFound>>,
    alert: Markup,
) -> Page {
    let t = visit.t;
    let here = format!("{PAGE}/{}", l.line_id);
    // What is suggested is a help: without intake's names a person still decides.
    let suggested = visit.payments().suggest_matches(SuggestMatchesRequest { line_id: l.line_id.clone() }).await;
    let suggestions = match suggested {
        Ok(found) => accounts(visit, &here, &found.into_inner().accounts, "suggest-none"),
        Err(_) => html! { p { (t.get("suggest-unavailable")) } },
    };
    let body = html! {
        p { a href=(PAGE) { (t.get("unmatched-back")) } }
        (alert)
        (ui::facts(&[
            (t.get("line-booked-on"), html! { (l.booked_on) }),
            (t.get("amount"), html! { strong { (visit.money(l.cents)) } @if l.reversal { " " (t.get("line-reversal")) } }),
            (t.get("line-counterparty"), html! { (l.counterparty) }),
            (t.get("line-remittance"), html! { (l.remittance) }),
            (t.get("line-bank-reference"), html! { code { (l.bank_reference) } }),
            (t.get("line-why"), labels::badge(t, l.outcome())),
            (t.get("line-imported-at"), html! { (visit.instant(l.imported_at)) }),
        ]))
        (ui::card(&t.get("suggest-title"), suggestions))
        (ui::card(&t.get("find-title"), html! {
            (ui::form(visit, &here, html! {
                (ui::hidden("geste", SEARCH))
                (ui::field(visit, &Field { name: "texte", label: &t.get("find-text"), hint: &t.get("find-hint"), value: form.get("texte"), required: true, max: 200, ..Field::default() }))
                div class="actions" { button class="second" { (t.get("find-button")) } }
            }))
            @if let Some(searched) = &searched { (accounts(visit, &here, searched, "find-none")) }
        }))
        div class="grid" {
            @if l.outcome() != LineOutcome::Unknown { (decide(visit, &here, form, UNKNOWN, "unknown")) }
            (decide(visit, &here, form, RETURN, "return"))
        }
    };
    Ok(ui::page(visit, &t.get("unmatched-line"), &[], body).into_response())
}

fn accounts(visit: &Visit, here: &str, accounts: &[AccountFound], none: &str) -> Markup {
    let t = visit.t;
    html! {
        @if accounts.is_empty() { p class="empty" { (t.get(none)) } } @else {
            ul class="steps" {
                @for a in accounts { li {
                    div { (found(visit, a)) }
                    (ui::form(visit, here, html! {
                        (ui::hidden("geste", PLACE)) (ui::hidden("dossier", &a.dossier_id))
                        button { (t.with("place-here", [("n", a.number.to_string().into())])) }
                    }))
                } }
            }
        }
    }
}

/// A decision with its reason. One that cannot be taken back asks twice.
fn decide(visit: &Visit, here: &str, form: &Form, act: &str, word: &str) -> Markup {
    let t = visit.t;
    let mine = form.get("geste") == act;
    let reason = format!("motif-{act}");
    html! {
        (ui::card(&t.get(&format!("{word}-title")), ui::form(visit, here, html! {
            (ui::hidden("geste", act))
            p { (t.get(&format!("{word}-lead"))) }
            (ui::field(visit, &Field { name: &reason, label: &t.get("reason"), value: if mine { form.get(&reason) } else { "" }, required: true, max: 200, ..Field::default() }))
            @if act == RETURN { (ui::checkbox(&Field { name: "confirme", label: &t.get("return-sure"), required: true, ..Field::default() }, false)) }
            div class="actions" { button class="second" { (t.get(&format!("{word}-button"))) } }
        })))
    }
}

/// `POST /finance/rapprochement/{line}`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let t = visit.t;
    let line_id = id.to_string();
    let (answered, key) = match form.get("geste") {
        SEARCH => {
            let asked = FindAccountsRequest { school: visit.school().to_owned(), text: form.get("texte").to_owned() };
            let line = line(&visit, id).await?;
            return match visit.payments().find_accounts(asked).await {
                Ok(reply) => show(&visit, &line, &form, Some(reply.into_inner().accounts), html! {}).await,
                Err(status) => show(&visit, &line, &form, None, visit.refused(&status)?).await,
            };
        }
        PLACE => {
            let asked = MatchLineRequest { line_id, dossier_id: form.get("dossier").to_owned() };
            (visit.payments().match_line(asked).await, "line-placed")
        }
        UNKNOWN => {
            let asked = MarkUnknownRequest { line_id, reason: form.get("motif-inconnue").to_owned() };
            (visit.payments().mark_unknown(asked).await, "line-unknown")
        }
        RETURN if !form.has("confirme") => {
            let line = line(&visit, id).await?;
            let alert = ui::alert(ui::Tone::Bad, &t.get("refused-title"), html! { p { (t.get("return-not-sure")) } });
            return show(&visit, &line, &form, None, alert).await;
        }
        RETURN => {
            let asked = ReturnLineRequest { line_id, reason: form.get("motif-renvoyer").to_owned() };
            (visit.payments().return_line(asked).await, "line-returning")
        }
        _ => return Err(Fault::BadRequest),
    };
    match answered {
        Ok(_) => Ok(visit.done(PAGE, key)),
        Err(status) => {
            let alert = visit.refused(&status)?;
            let line = line(&visit, id).await?;
            show(&visit, &line, &form, None, alert).await
        }
    }
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use crate::i18n::{Lang, Tr};

    #[test]
    fn every_decision_has_its_words() {
        for lang in Lang::ALL {
            for word in ["unknown", "return"] {
                for part in ["title", "lead", "button"] {
                    let key = format!("{word}-{part}");
                    assert!(Tr(lang).find(&key, &FluentArgs::new()).is_some(), "{key}");
                }
            }
        }
    }
}
