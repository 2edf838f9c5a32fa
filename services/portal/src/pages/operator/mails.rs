//! Mail that left, waits, came back or was given up: without addresses, subjects or content.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::notifier::{ListMailsRequest, Mail, MailState, ReportBounceRequest, RetryMailRequest};
use maud::{Markup, html};

use super::answer;
use crate::{
    exports,
    i18n::Tr,
    lists::List,
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/exploitation/courriels";

/// Value in addresses, state, key of its name.
const STATES: [(&str, MailState, &str); 5] = [
    ("attente", MailState::Pending, "op-mail-pending"),
    ("parti", MailState::Sent, "op-mail-sent"),
    ("revenu", MailState::Bounced, "op-mail-bounced"),
    ("abandonne", MailState::GivenUp, "op-mail-given-up"),
    ("sans-objet", MailState::Moot, "op-mail-moot"),
];

/// `GET /exploitation/courriels`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    Ok(show(&visit, &Form::of(query), &visit.held, html! {}).await?.into_response())
}

fn badge(t: Tr, state: MailState) -> Markup {
    let key = STATES.iter().find(|(_, s, _)| *s == state).map_or("op-mail-pending", |(.., key)| key);
    let tone = match state {
        MailState::Sent => Tone::Good,
        MailState::Bounced | MailState::GivenUp => Tone::Bad,
        _ => Tone::Info,
    };
    ui::badge(tone, &t.get(key))
}

fn asked(query: &Form, page_size: u32) -> ListMailsRequest {
    let state =
        STATES.iter().find(|(value, ..)| *value == query.get("etat")).map_or(MailState::Unspecified, |(_, s, _)| *s);
    let (kind, page_token) = (query.get("genre").into(), query.get("page").into());
    ListMailsRequest { state: state.into(), kind, page_size, page_token }
}

/// What a list is filtered by, without its page.
fn filters(query: &Form) -> Form {
    Form::of(query.pairs().filter(|(name, value)| *name != "page" && !value.is_empty()))
}

fn list(visit: &Visit, mails: &[Mail]) -> List {
    let t = visit.t;
    let columns = ["op-mail-kind", "op-state", "op-asked", "op-tries", "op-error"].map(|k| Column::new(t.get(k)));
    List {
        name: "courriels".into(),
        caption: t.get("nav-mails"),
        empty: t.get("op-mail-none"),
        columns: columns.into_iter().chain([Column::act(t.get("op-act"))]).collect(),
        rows: mails.iter().map(|m| row(visit, m)).collect(),
    }
}

/// `GET /exploitation/courriels.csv`, `.xlsx`: what the filters find, on all its pages.
pub async fn export(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let filters = filters(&Form::of(query));
    let mails = exports::all(|page_token| {
        let (mut notifier, asked) = (visit.notifier(), ListMailsRequest { page_token, ..asked(&filters, 200) });
        async move {
            let page = notifier.list_mails(asked).await?.into_inner();
            Ok::<_, Fault>((page.mails, page.next_page_token))
        }
    })
    .await?;
    list(&visit, &mails).file(&visit).await
}

async fn show(visit: &Visit, query: &Form, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let listed = visit.notifier().list_mails(asked(query, 50)).await?.into_inner();
    let list = list(visit, &listed.mails);
    let choices: Vec<_> = std::iter::once(Choice::new("", t.get("op-any")))
        .chain(STATES.iter().map(|(value, _, key)| Choice::new(value, t.get(key))))
        .collect();
    let body = html! {
        (alert)
        (ui::facts(&[
            (t.get("op-mail-pending"), html! { (listed.pending) }),
            (t.get("op-mail-sent"), html! { (listed.sent) }),
            (t.get("op-mail-bounced"), html! { (listed.bounced) }),
            (t.get("op-mail-given-up"), html! { (listed.given_up) }),
        ]))
        form class="card" method="get" action=(PATH) {
            (ui::select(visit, &Field { name: "etat", label: &t.get("op-state"), value: query.get("etat"), ..Field::default() }, &choices))
            (ui::field(visit, &Field { name: "genre", label: &t.get("op-mail-kind"), hint: &t.get("op-mail-kind-hint"), value: query.get("genre"), max: 80, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("op-show"))) }
        }
        (list.shown_of(visit, PATH, &filters(query)))
        (pager(visit, query, &listed.next_page_token))
        (ui::card(&t.get("op-bounce-title"), html! {
            p { (t.get("op-bounce-text")) }
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "revenu"))
                (ui::field(visit, &Field { name: "courriel", label: &t.get("op-mail-id"), value: form.get("courriel"), required: true, max: 36, ..Field::default() }))
                (ui::field(visit, &Field { name: "cause", label: &t.get("op-bounce-reason"), hint: &t.get("op-bounce-hint"), value: form.get("cause"), required: true, max: 500, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("op-bounce-button"))) }
            }))
        }))
    };
    Ok(ui::page(visit, &t.get("nav-mails"), &[], body))
}

fn pager(visit: &Visit, query: &Form, token: &str) -> Markup {
    let mut kept: Vec<_> = query.pairs().filter(|(name, value)| *name != "page" && !value.is_empty()).collect();
    let first = Form::of(kept.iter().copied());
    kept.push(("page", token));
    let next = Form::of(kept);
    html! {
        nav class="pager" aria-label=(visit.t.get("pager")) {
            a href={ (PATH) "?" (first.encoded()) } { (visit.t.get("pager-first")) }
            @if !token.is_empty() { a href={ (PATH) "?" (next.encoded()) } rel="next" { (visit.t.get("pager-next")) } }
        }
    }
}

fn row(visit: &Visit, m: &Mail) -> Vec<Markup> {
    let t = visit.t;
    let (sent, next) = (visit.instant(m.sent_at), visit.instant(m.next_try_at));
    vec![
        html! { code { (m.kind) } br; span class="mono" { (m.mail_id) } },
        badge(t, m.state()),
        html! { (visit.instant(m.asked_at)) @if !sent.is_empty() { br; (t.with("op-mail-left", [("at", sent.into())])) } @if !next.is_empty() { br; (t.with("op-mail-next", [("at", next.into())])) } },
        html! { (m.tries) },
        html! { span lang="en" { (m.last_error) } },
        html! { @if m.state() == MailState::GivenUp {
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "reessayer"))
                (ui::hidden("courriel", &m.mail_id))
                button class="second" { (t.get("op-retry")) }
            }))
        } },
    ]
}

/// `POST /exploitation/courriels`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut notifier = visit.notifier();
    let mail_id = form.get("courriel").to_owned();
    let done = match form.get("geste") {
        "reessayer" => notifier.retry_mail(RetryMailRequest { mail_id }).await.map(|_| "mail-retried"),
        "revenu" => {
            let asked = ReportBounceRequest { mail_id, reason: form.get("cause").into() };
            notifier.report_bounce(asked).await.map(|_| "bounce-reported")
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(PATH, key));
    let all = Form::default();
    answer(&visit, done, |alert| show(&visit, &all, &form, alert)).await
}
