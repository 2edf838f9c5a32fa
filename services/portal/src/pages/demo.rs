//! The demo's own page: sign in as anyone, read the mail, move the clock. Wired only where `[service.demo]` stands in the
//! configuration, which production refuses.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use contracts::{
    intake as dossiers,
    machinery::{AdvanceRequest, simulated_clock_client::SimulatedClockClient},
    notifier::{GetMailboxMessageRequest, ListMailboxRequest},
    roles,
};
use http::{HeaderValue, header};
use jiff::{Timestamp, civil::DateTime};
use maud::{Markup, html};
use platform::auth::Caller;
use serde::Deserialize;
use tonic::service::interceptor::InterceptedService;
use uuid::Uuid;

use super::account::enter;
use crate::{
    accounts,
    backends::SERVICES,
    domain::{email::Email, grant::Grant, session::Kind as SessionKind},
    settings::Demo,
    store,
    ui::{self, Column, Field, Kind},
    web::{Audience, Fault, Form, Page, Path, Routes, Visit},
};

/// Candidates on one page of the list.
const PAGE: u32 = 50;

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(Audience::Anyone, "/demo", "GET", get(page))
        .on(Audience::Anyone, "/demo/entrer", "POST", post(sign_in))
        .on(Audience::Anyone, "/demo/horloge", "POST", post(advance))
        .on(Audience::Anyone, "/demo/courriels", "GET", get(mailbox))
        .on(Audience::Anyone, "/demo/courriels/{id}", "GET", get(message))
        .on(Audience::Anyone, "/demo/courriels/{id}/html", "GET", get(message_html))
}

/// An opaque page of a list.
#[derive(Debug, Default, Deserialize)]
pub struct At {
    #[serde(default)]
    page: String,
}

fn settings(visit: &Visit) -> Result<&Demo, Fault> {
    visit.app.settings.demo.as_ref().ok_or(Fault::NotFound)
}

/// The demo itself, which may list dossiers and move clocks.
fn operator(visit: &Visit) -> Caller {
    Caller { subject: "demo".into(), role: roles::OPERATOR.into(), ..Caller::anonymous(visit.now) }
}

/// `GET /demo`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    let t = visit.t;
    let demo = settings(&visit)?;
    let bearer = visit.app.backends.bearer(Some(&operator(&visit)), visit.now);
    let asked = dossiers::ListDossiersRequest { page_size: PAGE, page_token: at.page };
    let listed = visit.app.backends.intake(bearer).list_dossiers(asked).await?.into_inner();
    let ids = listed.dossiers.iter().map(|d| d.dossier_id.clone()).collect();
    let names = visit.app.backends.intake_as_us().contact_of(dossiers::ContactOfRequest { dossier_ids: ids }).await?;
    let names = names.into_inner().contacts;
    let staff = demo.staff.iter().map(|s| {
        let school = s.school.as_deref().map(|id| visit.school_name(id).to_owned()).unwrap_or_default();
        vec![
            html! { (s.name) },
            html! { (t.get(&format!("role-{}", s.role))) " " (school) },
            html! { code { (s.subject) } " / " code { (s.password.expose()) } },
            enter_button(&visit, &t.with("demo-as", [("who", s.name.as_str().into())]), "personnel", &s.subject),
        ]
    });
    let people: Vec<_> = staff.collect();
    let candidates: Vec<_> = listed
        .dossiers
        .iter()
        .map(|d| {
            let name = names.iter().find(|n| n.dossier_id == d.dossier_id);
            let name = name.map_or_else(String::new, |n| format!("{} {}", n.first_names, n.family_name));
            vec![
                html! { (d.number) },
                html! { (name) },
                html! { (d.filiere) " " (t.get(state(d.state()))) },
                enter_button(&visit, &t.with("demo-as", [("who", name.as_str().into())]), "candidat", &d.dossier_id),
            ]
        })
        .collect();
    let body = html! {
        p class="lead" { (t.get("demo-lead")) }
        (ui::card(&t.get("demo-clock"), clock(&visit)))
        (ui::card(&t.get("demo-mail"), html! { p { (t.get("demo-mail-text")) } (ui::go("/demo/courriels", &t.get("demo-mail-open"))) }))
        (ui::table(&t.get("demo-staff"), &[Column::new(t.get("demo-name")), Column::new(t.get("demo-role")), Column::new(t.get("demo-password")), Column::new(t.get("demo-enter"))], &people, ""))
        (ui::table(&t.get("demo-candidates"), &[Column::number(t.get("demo-number")), Column::new(t.get("demo-name")), Column::new(t.get("demo-state")), Column::new(t.get("demo-enter"))], &candidates, &t.get("demo-no-candidates")))
        (ui::pager(&visit, "/demo", &listed.next_page_token))
    };
    Ok(ui::page(&visit, &t.get("nav-demo"), &[], body).into_response())
}

fn state(state: dossiers::DossierState) -> &'static str {
    match state {
        dossiers::DossierState::Closed => "demo-state-closed",
        dossiers::DossierState::NotClosed => "demo-state-not-closed",
        _ => "demo-state-open",
    }
}

fn enter_button(visit: &Visit, label: &str, kind: &str, who: &str) -> Markup {
    ui::form(
        visit,
        "/demo/entrer",
        html! {
            (ui::hidden("genre", kind))
            (ui::hidden("qui", who))
            button class="second" { (label) }
        },
    )
}

fn clock(visit: &Visit) -> Markup {
    let t = visit.t;
    let session = &visit.app.session;
    let ahead = session.transitions().iter().filter(|x| x.at > visit.now).take(8);
    html! {
        p { (t.with("demo-now", [("now", t.exact(visit.now, &session.zone).into())])) }
        @if visit.app.clock.is_simulated() {
            (ui::form(visit, "/demo/horloge", html! {
                (ui::field(visit, &Field { name: "instant", label: &t.get("demo-advance-to"), kind: Kind::DateTime, required: true, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("demo-advance"))) }
            }))
            h3 { (t.get("demo-next")) }
            ul {
                @for x in ahead { li {
                    (ui::form(visit, "/demo/horloge", html! {
                        (ui::hidden("exact", &x.at.to_string()))
                        button class="link" { (t.instant(x.at, &session.zone)) " – " code { (x.key) } }
                    }))
                } }
            }
        } @else { p { (t.get("demo-real-clock")) } }
    }
}

/// `POST /demo/entrer`
pub async fn sign_in(visit: Visit, form: Form) -> Page {
    let demo = settings(&visit)?;
    let who = form.get("qui");
    let cookie = if form.get("genre") == "personnel" {
        let theirs: Vec<_> = demo.staff.iter().filter(|s| s.subject == who).collect();
        let name = theirs.first().ok_or(Fault::NotFound)?.name.clone();
        let grants = theirs.iter().map(|s| Grant { role: s.role.clone(), school: s.school.clone() }).collect();
        accounts::open_session(&visit.app, SessionKind::Staff, who, &name, grants, visit.now).await
    } else {
        let id: Uuid = who.parse().map_err(|_| Fault::BadRequest)?;
        account_of(&visit, id).await?;
        accounts::open_session(
            &visit.app,
            SessionKind::Candidate,
            who,
            "",
            vec![Grant::of(roles::CANDIDATE)],
            visit.now,
        )
        .await
    };
    let cookie = cookie.map_err(|denied| Fault::internal(format!("{denied:?}")))?;
    Ok(enter(&cookie, "/"))
}

/// Candidates of a played session made their dossiers without a portal: their account is made when they are first
/// signed in as, under the address of their dossier, with no password until they ask for one.
async fn account_of(visit: &Visit, id: Uuid) -> Result<(), Fault> {
    let mut conn = visit.app.db.read().await?;
    if store::accounts::by_id(&mut conn, id).await?.is_some() {
        return Ok(());
    }
    let asked = dossiers::ContactOfRequest { dossier_ids: vec![id.to_string()] };
    let contacts = visit.app.backends.intake_as_us().contact_of(asked).await?.into_inner().contacts;
    let address = contacts.first().ok_or(Fault::NotFound)?.email.clone();
    let mut email = Email::parse(&address).map_err(Fault::internal)?;
    // Two of a played session may share an address; accounts may not.
    if store::accounts::by_email(&mut conn, &email).await?.is_some() {
        email = Email::parse(&format!("{id}.{address}")).map_err(Fault::internal)?;
    }
    store::accounts::insert(&mut conn, id, &email, None, visit.t.lang(), visit.now).await?;
    store::accounts::verify(&mut conn, id, visit.now).await?;
    Ok(())
}

/// `POST /demo/horloge`: every service's clock, ours last, so that the next page already sees what happened.
pub async fn advance(visit: Visit, form: Form) -> Page {
    settings(&visit)?;
    let to = match form.get("exact") {
        "" => form
            .get("instant")
            .parse::<DateTime>()
            .ok()
            .and_then(|local| local.to_zoned(visit.app.session.zone.clone()).ok())
            .map(|zoned| zoned.timestamp()),
        exact => exact.parse::<Timestamp>().ok(),
    };
    let to = to.filter(|to| *to > visit.now).ok_or(Fault::BadRequest)?;
    let bearer = visit.app.backends.bearer(Some(&operator(&visit)), visit.now);
    for service in SERVICES {
        let Some(channel) = visit.app.backends.channel(service) else { continue };
        let mut clock = SimulatedClockClient::new(InterceptedService::new(channel, bearer.clone()));
        clock.advance(AdvanceRequest { to: Some(to.into()) }).await?;
    }
    Ok(visit.done("/demo", "clock-moved"))
}

/// `GET /demo/courriels`
pub async fn mailbox(visit: Visit, Query(at): Query<At>) -> Page {
    let t = visit.t;
    settings(&visit)?;
    let asked = ListMailboxRequest { to: String::new(), page_size: 50, page_token: at.page };
    let listed = visit.app.backends.notifier_as_us().list_mailbox(asked).await?.into_inner();
    let rows: Vec<_> = listed
        .entries
        .iter()
        .map(|m| {
            vec![
                html! { a href={ "/demo/courriels/" (m.mail_id) } { (m.subject) } },
                html! { (m.to) },
                html! { (visit.instant(m.at)) },
            ]
        })
        .collect();
    let body = html! {
        (ui::table(&t.get("demo-mail"), &[Column::new(t.get("demo-subject")), Column::new(t.get("demo-to")), Column::new(t.get("demo-at"))], &rows, &t.get("demo-no-mail")))
        (ui::pager(&visit, "/demo/courriels", &listed.next_page_token))
    };
    Ok(ui::page(&visit, &t.get("demo-mail"), &[], body).into_response())
}

/// `GET /demo/courriels/{id}`
pub async fn message(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let t = visit.t;
    settings(&visit)?;
    let asked = GetMailboxMessageRequest { mail_id: id.to_string() };
    let message = visit.app.backends.notifier_as_us().get_mailbox_message(asked).await?.into_inner();
    let entry = message.entry.unwrap_or_default();
    let body = html! {
        (ui::facts(&[(t.get("demo-to"), html! { (entry.to) }), (t.get("demo-at"), html! { (visit.instant(entry.at)) })]))
        h2 { (t.get("demo-as-text")) }
        pre class="card mail" { @for part in links(&message.text) { (part) } }
        h2 { (t.get("demo-as-html")) }
        iframe class="mail" sandbox="allow-popups" title=(entry.subject) src={ "/demo/courriels/" (id) "/html" } {}
    };
    Ok(ui::page(&visit, &entry.subject, &[], body).into_response())
}

/// The text of a mail with its addresses as links.
fn links(text: &str) -> Vec<Markup> {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let address = word.trim_end();
            if address.starts_with("http://") || address.starts_with("https://") {
                html! { a href=(address) { (address) } (&word[address.len()..]) }
            } else {
                html! { (word) }
            }
        })
        .collect()
}

/// `GET /demo/courriels/{id}/html`: the mail as a mail program shows it, in a frame without scripts.
pub async fn message_html(visit: Visit, Path(id): Path<Uuid>) -> Page {
    settings(&visit)?;
    let asked = GetMailboxMessageRequest { mail_id: id.to_string() };
    let message = visit.app.backends.notifier_as_us().get_mailbox_message(asked).await?.into_inner();
    let mut response: Response = axum::response::Html(message.html).into_response();
    let csp =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp));
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}
