//! Signing in and out, and choosing which of several roles to wear.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{denied, provider};
use crate::{
    accounts::{self, SignIn},
    domain::session::Kind as SessionKind,
    store::sessions,
    ui::{self, Choice, Field, Kind},
    web::{COOKIE, Client, Fault, Form, Page, Visit, set_cookie},
};

/// Where to go once signed in.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    pub(super) suite: String,
}

/// A path of ours, or the start: nobody is sent elsewhere by a crafted link. Browsers drop tabs and line breaks from an
/// address, and what is left may begin with two slashes.
pub(super) fn ours(path: &str) -> &str {
    let elsewhere = |c: char| c == '\\' || c.is_control();
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(elsewhere);
    if local { path } else { "/" }
}

/// Sets the session's cookie and goes on.
pub(crate) fn enter(cookie: &str, to: &str) -> Response {
    let mut response = Redirect::to(ours(to)).into_response();
    set_cookie(&mut response, &format!("{COOKIE}={cookie}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    response
}

/// `GET /connexion`
pub async fn page(visit: Visit, Query(next): Query<Next>) -> Page {
    Ok(show(&visit, &Form::of([("suite", next.suite)]), html! {}).into_response())
}

fn show(visit: &Visit, form: &Form, alert: Markup) -> Markup {
    let t = visit.t;
    let next = Form::of([("suite", ours(form.get("suite")))]).encoded();
    let body = html! {
        (alert)
        div class="grid" {
            (ui::card(&t.get("sign-in-candidate"), ui::form(visit, "/connexion", html! {
                (ui::hidden("suite", form.get("suite")))
                (ui::field(visit, &Field { name: "email", label: &t.get("email"), value: form.get("email"), kind: Kind::Email, required: true, autocomplete: "username", max: 254, ..Field::default() }))
                (ui::field(visit, &Field { name: "mot-de-passe", label: &t.get("password"), kind: Kind::Password, required: true, autocomplete: "current-password", ..Field::default() }))
                div class="actions" { (ui::button(&t.get("sign-in-button"))) a href="/compte/mot-de-passe" { (t.get("sign-in-forgot")) } }
                p { a href="/compte/creer" { (t.get("sign-in-no-account")) } }
            })))
            (ui::card(&t.get("sign-in-others"), html! {
                p { a href={ "/connexion/mandat?" (next) } { (t.get("sign-in-mandate")) } }
                p { a href={ "/connexion/personnel?" (next) } { (t.get("sign-in-staff")) } }
            }))
        }
    };
    ui::page(visit, &t.get("sign-in-title"), &[], body)
}

/// `POST /connexion`
pub async fn post(visit: Visit, Client(from): Client, form: Form) -> Page {
    match accounts::candidate(&visit.app, form.get("email"), form.raw("mot-de-passe"), &from, visit.now).await {
        Ok(SignIn::In(cookie)) => Ok(enter(&cookie, form.get("suite"))),
        Ok(SignIn::Half(cookie)) => {
            let next = Form::of([("suite", ours(form.get("suite")))]).encoded();
            Ok(enter(&cookie, &format!("/connexion/code?{next}")))
        }
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(show(&visit, &form, alert).into_response())
        }
    }
}

/// `GET /connexion/mandat`
pub async fn mandate_page(visit: Visit, Query(next): Query<Next>) -> Page {
    Ok(mandate_show(&visit, &next.suite, html! {}).into_response())
}

fn mandate_show(visit: &Visit, next: &str, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("mandate-lead")) }
        (ui::form(visit, "/connexion/mandat", html! {
            (ui::hidden("suite", next))
            (ui::field(visit, &Field { name: "code", label: &t.get("mandate-code"), required: true, autocomplete: "one-time-code", max: 100, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("sign-in-button"))) }
        }))
    };
    ui::page(visit, &t.get("mandate-title"), &[], body)
}

/// `POST /connexion/mandat`
pub async fn mandate(visit: Visit, Client(from): Client, form: Form) -> Page {
    match accounts::mandate(&visit.app, form.get("code"), &from, visit.now).await {
        Ok(SignIn::In(cookie) | SignIn::Half(cookie)) => {
            let next = form.get("suite");
            Ok(enter(&cookie, if ours(next) == "/" { "/candidat" } else { next }))
        }
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(mandate_show(&visit, form.get("suite"), alert).into_response())
        }
    }
}

/// `GET /connexion/personnel`
pub async fn staff_page(visit: Visit, Query(next): Query<Next>) -> Page {
    Ok(staff_show(&visit, &Form::of([("suite", next.suite)]), html! {}).into_response())
}

fn staff_show(visit: &Visit, form: &Form, alert: Markup) -> Markup {
    let t = visit.t;
    let (demo, oidc) = (visit.app.settings.demo.is_some(), visit.app.oidc.is_some());
    let body = html! {
        (alert)
        @if oidc { (provider::offer(visit, form.get("suite"))) }
        @if demo {
            p class="lead" { (t.get("staff-demo-lead")) }
            (ui::form(visit, "/connexion/personnel", html! {
                (ui::hidden("suite", form.get("suite")))
                (ui::field(visit, &Field { name: "identifiant", label: &t.get("staff-name"), value: form.get("identifiant"), required: true, autocomplete: "username", max: 100, ..Field::default() }))
                (ui::field(visit, &Field { name: "mot-de-passe", label: &t.get("password"), kind: Kind::Password, required: true, autocomplete: "current-password", ..Field::default() }))
                div class="actions" { (ui::button(&t.get("sign-in-button"))) }
            }))
        } @else if !oidc { p class="lead" { (t.get("staff-none")) } }
    };
    ui::page(visit, &t.get("staff-title"), &[], body)
}

/// `POST /connexion/personnel`
pub async fn staff(visit: Visit, Client(from): Client, form: Form) -> Page {
    let entered = accounts::demo_staff(&visit.app, form.get("identifiant"), form.raw("mot-de-passe"), &from, visit.now);
    match entered.await {
        Ok(cookie) => Ok(enter(&cookie, form.get("suite"))),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(staff_show(&visit, &form, alert).into_response())
        }
    }
}

/// `POST /deconnexion`
pub async fn sign_out(visit: Visit) -> Page {
    if let Some(session) = &visit.session {
        accounts::sign_out(&visit.app, session, visit.now).await?;
    }
    let elsewhere = visit.app.oidc.is_some() && visit.session.as_ref().is_some_and(|s| s.kind == SessionKind::Staff);
    let to = if elsewhere { provider::SIGNED_OUT } else { "/" };
    let mut response = visit.done(to, "signed-out");
    set_cookie(&mut response, &format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
    Ok(response)
}

/// `GET /espace`
pub async fn roles_page(visit: Visit) -> Page {
    let t = visit.t;
    let session = visit.session.as_ref().ok_or(Fault::Forbidden)?;
    let values: Vec<String> = (0..session.grants.len()).map(|i| i.to_string()).collect();
    let choices: Vec<Choice<'_>> = std::iter::zip(&session.grants, &values)
        .map(|(grant, value)| {
            let role = t.get(&format!("role-{}", grant.role));
            let school = grant.school.as_deref().map(|id| format!(" – {}", visit.school_name(id))).unwrap_or_default();
            Choice::new(value, format!("{role}{school}"))
        })
        .collect();
    let worn = session.worn.to_string();
    let body = ui::form(
        &visit,
        "/espace",
        html! {
            (ui::radios(&visit, &Field { name: "role", label: &t.get("roles-label"), value: &worn, required: true, ..Field::default() }, &choices))
            div class="actions" { (ui::button(&t.get("roles-button"))) }
        },
    );
    Ok(ui::page(&visit, &t.get("roles-title"), &[], body).into_response())
}

/// `POST /espace`
pub async fn wear(visit: Visit, form: Form) -> Page {
    let session = visit.session.as_ref().ok_or(Fault::Forbidden)?;
    let index =
        form.get("role").parse::<usize>().ok().filter(|i| *i < session.grants.len()).ok_or(Fault::BadRequest)?;
    sessions::wear(&mut *visit.app.db.read().await?, &session.key, index).await?;
    Ok(Redirect::to("/").into_response())
}

#[cfg(test)]
mod tests {
    use super::ours;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (path, to) in [
            ("/candidat", "/candidat"),
            ("", "/"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nb", "/"),
            ("/\t/evil.example/x", "/"),
            ("/\u{7f}/evil.example", "/"),
        ] {
            assert_eq!(ours(path), to, "{path:?}");
        }
    }
}
