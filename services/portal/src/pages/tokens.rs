//! Tokens of a school's other systems: made here, shown once, revoked here. A token opens what its maker's role may.

use axum::{response::IntoResponse as _, routing::get};
use contracts::roles;
use jiff::SignedDuration;
use maud::{Markup, html};
use platform::audit;
use serde_json::json;
use uuid::Uuid;

use crate::{
    api::{scope::Scope, token},
    lists::List,
    store::api_tokens::{self, Token},
    ui::{self, Choice, Column, Field, Tone},
    web::{Audience, Fault, Form, Page, Path, Routes, Visit},
};

const STAFF: &str = "/ecole/api";
const FINANCE: &str = "/finance/api";
/// How long a token may be good, in days, and what is proposed.
const DAYS: [&str; 4] = ["30", "90", "365", "730"];
const PROPOSED: &str = "365";
const LONGEST_NAME: usize = 80;

/// The routes of this room: the same pages for either role.
#[must_use]
pub fn routes() -> Routes {
    let (staff, finance) = (Audience::Roles(&[roles::STAFF]), Audience::Roles(&[roles::FINANCE]));
    Routes::default()
        .on(staff, STAFF, "GET POST", get(page).post(make))
        .on(staff, "/ecole/api.csv", "GET", get(export))
        .on(staff, "/ecole/api.xlsx", "GET", get(export))
        .on(staff, "/ecole/api/{id}", "GET POST", get(one).post(revoke))
        .on(finance, FINANCE, "GET POST", get(page).post(make))
        .on(finance, "/finance/api.csv", "GET", get(export))
        .on(finance, "/finance/api.xlsx", "GET", get(export))
        .on(finance, "/finance/api/{id}", "GET POST", get(one).post(revoke))
}

fn base(visit: &Visit) -> &'static str {
    if visit.role() == roles::FINANCE { FINANCE } else { STAFF }
}

async fn tokens(visit: &Visit) -> Result<Vec<Token>, Fault> {
    Ok(api_tokens::of(&mut *visit.app.db.read().await?, visit.school(), visit.role()).await?)
}

/// `GET /ecole/api`, `/finance/api`
pub async fn page(visit: Visit) -> Page {
    let tokens = tokens(&visit).await?;
    Ok(show(&visit, &tokens, &visit.held, html! {}).into_response())
}

/// `GET /ecole/api.csv`, `/finance/api.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit, &tokens(&visit).await?).file(&visit).await
}

fn show(visit: &Visit, tokens: &[Token], form: &Form, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("tokens-lead")) }
        p { a href="/api" { (t.get("tokens-about")) } }
        (list(visit, tokens).shown(visit, base(visit)))
        (ui::card(&t.get("tokens-new"), new(visit, form)))
    };
    ui::page(visit, &t.get("nav-api"), &[], body)
}

fn list(visit: &Visit, tokens: &[Token]) -> List {
    let t = visit.t;
    let columns = ["tokens-name", "tokens-scopes", "tokens-by", "tokens-until", "tokens-seen", "tokens-state"]
        .map(|key| Column::new(t.get(key)));
    List {
        name: format!("systemes-{}", visit.school()),
        caption: t.get("tokens-caption"),
        empty: t.get("tokens-none"),
        columns: columns.into_iter().chain([Column::act(t.get("tokens-revoke"))]).collect(),
        rows: tokens.iter().map(|token| row(visit, token)).collect(),
    }
}

fn row(visit: &Visit, token: &Token) -> Vec<Markup> {
    let t = visit.t;
    let at = |at: jiff::Timestamp| visit.time(contracts::Timestamp::from(at));
    let made = [
        ("at", visit.instant(contracts::Timestamp::from(token.made_at)).into()),
        ("by", token.made_by.as_str().into()),
    ];
    let (tone, state) = match token.revoked_at {
        Some(_) => (Tone::Bad, "tokens-revoked"),
        None if visit.now >= token.expires_at => (Tone::Warn, "tokens-expired"),
        None => (Tone::Good, "tokens-alive"),
    };
    vec![
        html! { (token.name) },
        html! { @for scope in &token.scopes { code { (scope) } " " } },
        html! { (t.with("tokens-made-by", made)) },
        at(token.expires_at),
        html! { @if let Some(seen) = token.seen_at { (at(seen)) } @else { (t.get("tokens-never")) } },
        ui::badge(tone, &t.get(state)),
        html! { @if token.revoked_at.is_none() {
            a href={ (base(visit)) "/" (token.id) } aria-label={ (t.get("tokens-revoke")) " " (token.name) } { (t.get("tokens-revoke")) }
        } },
    ]
}

fn new(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let fresh = Uuid::new_v4().to_string();
    let days = if form.has("jours") { form.get("jours") } else { PROPOSED };
    let choices = DAYS.map(|n| Choice::new(n, t.with("tokens-days-n", [("n", n.into())])));
    html! {
        (ui::form(visit, base(visit), html! {
            (ui::hidden("demande", if form.has("demande") { form.get("demande") } else { &fresh }))
            (ui::field(visit, &Field { name: "nom", label: &t.get("tokens-name"), hint: &t.get("tokens-name-hint"), value: form.get("nom"), required: true, max: LONGEST_NAME, ..Field::default() }))
            fieldset class="field" {
                legend { (t.get("tokens-scopes")) }
                @for scope in Scope::of_role(visit.role()) {
                    (ui::checkbox(&Field { name: scope.word(), label: &t.get(&scope.key()), ..Field::default() }, form.has(scope.word())))
                }
            }
            (ui::select(visit, &Field { name: "jours", label: &t.get("tokens-days"), value: days, ..Field::default() }, &choices))
            div class="actions" { (ui::button(&t.get("tokens-make"))) }
        }))
    }
}

/// `POST /ecole/api`, `/finance/api`: a new token, shown in this answer and nowhere else.
pub async fn make(visit: Visit, form: Form) -> Page {
    let t = visit.t;
    let name = form.get("nom");
    let sound = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let scopes: Vec<String> =
        Scope::of_role(visit.role()).map(Scope::word).filter(|word| form.has(word)).map(str::to_owned).collect();
    let wrong = match (sound, scopes.is_empty()) {
        (false, _) => Some("tokens-choose-name"),
        (_, true) => Some("tokens-choose-scopes"),
        _ => None,
    };
    if let Some(key) = wrong {
        return Ok(show(&visit, &tokens(&visit).await?, &form, visit.unfit(key)).into_response());
    }
    let days: i64 =
        DAYS.into_iter().find(|n| *n == form.get("jours")).and_then(|n| n.parse().ok()).ok_or(Fault::BadRequest)?;
    let (token, sha256) = token::mint();
    let made = Token {
        id: form.get("demande").parse().map_err(|_| Fault::BadRequest)?,
        school: visit.school().to_owned(),
        role: visit.role().to_owned(),
        name: name.to_owned(),
        scopes,
        made_by: subject(&visit)?,
        made_at: visit.now,
        expires_at: visit.now + SignedDuration::from_hours(24 * days),
        seen_at: None,
        revoked_at: None,
    };
    let mut tx = visit.app.db.begin("make_api_token").await?;
    let new = api_tokens::insert(tx.conn(), &made, &sha256).await?;
    if new {
        let details = json!({ "token": made.id, "school": made.school, "role": made.role, "scopes": made.scopes, "expires_at": made.expires_at.to_string() });
        audit::append(&mut tx, visit.now, &made.made_by, "api_token_made", details).await?;
    }
    tx.commit().await?;
    let alert = if new {
        ui::alert(Tone::Good, &t.get("tokens-made"), html! { p { (t.get("tokens-made-text")) } p { code { (token) } } })
    } else {
        ui::alert(Tone::Warn, &t.get("refused-title"), html! { p { (t.get("tokens-made-before")) } })
    };
    Ok(show(&visit, &tokens(&visit).await?, &Form::default(), alert).into_response())
}

fn subject(visit: &Visit) -> Result<String, Fault> {
    visit.session.as_ref().map(|s| s.subject.clone()).ok_or(Fault::Forbidden)
}

async fn find(visit: &Visit, id: Uuid) -> Result<Token, Fault> {
    tokens(visit).await?.into_iter().find(|token| token.id == id).ok_or(Fault::NotFound)
}

/// `GET /ecole/api/{id}`, `/finance/api/{id}`: asks before it is revoked.
pub async fn one(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let t = visit.t;
    let token = find(&visit, id).await?;
    let body = html! {
        p { a href=(base(&visit)) { (t.get("tokens-back")) } }
        p { @for scope in &token.scopes { code { (scope) } " " } }
        @if token.revoked_at.is_some() { (ui::alert(Tone::Info, &t.get("tokens-revoked"), html! {})) } @else {
            p { (t.get("tokens-revoke-text")) }
            (ui::form(&visit, &format!("{}/{id}", base(&visit)), html! {
                div class="actions" { button class="danger" { (t.get("tokens-revoke-button")) } }
            }))
        }
    };
    let title = t.with("tokens-revoke-title", [("name", token.name.as_str().into())]);
    Ok(ui::page(&visit, &title, &[], body).into_response())
}

/// `POST /ecole/api/{id}`, `/finance/api/{id}`
pub async fn revoke(visit: Visit, Path(id): Path<Uuid>, _: Form) -> Page {
    let (token, by) = (find(&visit, id).await?, subject(&visit)?);
    let mut tx = visit.app.db.begin("revoke_api_token").await?;
    if api_tokens::revoke(tx.conn(), token.id, &by, visit.now).await? {
        let details = json!({ "token": token.id, "school": token.school });
        audit::append(&mut tx, visit.now, &by, "api_token_revoked", details).await?;
    }
    tx.commit().await?;
    Ok(visit.done(base(&visit), "token-revoked"))
}
