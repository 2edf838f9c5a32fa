//! Staff sign in at their provider, and out of it.

use axum::{
    extract::{Query, RawQuery},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use maud::{Markup, html};

use super::door::{Next, enter, ours};
use crate::{
    domain::throttle::Door,
    i18n::Tr,
    oidc::{self, Failed, Lacks},
    ui::{self, Tone},
    web::{Client, Fault, Form, Page, Visit, set_cookie},
};

/// Begins a sign-in. A link and no form: a browser follows no form to another site from a page with our policy.
pub(super) const BEGIN: &str = "/connexion/personnel/etablissement";
/// What is said once somebody is signed out here.
pub(super) const SIGNED_OUT: &str = "/deconnexion/etablissement";

/// `GET /connexion/personnel/etablissement`
pub async fn begin(visit: Visit, Client(from): Client, Query(next): Query<Next>) -> Page {
    let provider = visit.app.oidc.as_ref().ok_or(Fault::NotFound)?;
    match oidc::begin(&visit.app, provider, &from, ours(&next.suite), visit.now).await {
        Ok(begun) => {
            let mut response = Redirect::to(&begun.url).into_response();
            let (name, age) = (oidc::COOKIE, oidc::PATIENCE.as_secs());
            let cookie = format!("{name}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}", begun.cookie);
            set_cookie(&mut response, &cookie);
            Ok(response)
        }
        Err(failed) => refuse(&visit, failed),
    }
}

/// `GET /connexion/personnel/retour`: the provider's answer.
pub async fn back(visit: Visit, cookies: CookieJar, RawQuery(query): RawQuery) -> Page {
    let provider = visit.app.oidc.as_ref().ok_or(Fault::NotFound)?;
    let answer = Form::parse(query.unwrap_or_default().as_bytes());
    let cookie = cookies.get(oidc::COOKIE).map(|c| c.value().to_owned()).unwrap_or_default();
    let mut response = match oidc::finish(&visit.app, provider, &answer, &cookie, visit.now).await {
        Ok(entered) => enter(&entered.session, &entered.next),
        Err(failed) => refuse(&visit, failed)?,
    };
    set_cookie(&mut response, &format!("{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", oidc::COOKIE));
    Ok(response)
}

/// The page of a sign-in that came to nothing.
fn refuse(visit: &Visit, failed: Failed) -> Page {
    let status = match &failed {
        Failed::Fault(fault) => return Err(fault.clone()),
        Failed::Stale | Failed::Declined => StatusCode::BAD_REQUEST,
        Failed::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Failed::Away => StatusCode::SERVICE_UNAVAILABLE,
        Failed::Untrusted => StatusCode::BAD_GATEWAY,
        Failed::Lacks(_) => StatusCode::FORBIDDEN,
    };
    let body = html! {
        (ui::alert(Tone::Bad, &visit.t.get("oidc-failed-title"), html! { p { (why(visit.t, &failed)) } }))
        div class="actions" { (ui::go("/connexion/personnel", &visit.t.get("oidc-again"))) }
    };
    let page: Response = ui::page(visit, &visit.t.get("staff-title"), &[], body).into_response();
    Ok((status, page).into_response())
}

fn why(t: Tr, failed: &Failed) -> String {
    match failed {
        Failed::Stale => t.with("oidc-stale", [("minutes", oidc::PATIENCE.as_mins().into())]),
        Failed::Declined => t.get("oidc-declined"),
        Failed::TooMany => t.with("denied-too-many", [("minutes", Door::Address.limit().1.as_mins().into())]),
        Failed::Away => t.get("oidc-away"),
        Failed::Untrusted => t.get("oidc-untrusted"),
        Failed::Lacks(Lacks::Role(claim)) => t.with("oidc-lacks-role", [("claim", claim.as_str().into())]),
        Failed::Lacks(Lacks::School { claim, role }) => {
            let role = t.get(&format!("role-{role}"));
            t.with("oidc-lacks-school", [("claim", claim.as_str().into()), ("role", role.into())])
        }
        Failed::Fault(_) => String::new(),
    }
}

/// What the staff page offers.
pub(super) fn offer(visit: &Visit, next: &str) -> Markup {
    let t = visit.t;
    let query = Form::of([("suite", ours(next))]).encoded();
    ui::card(
        &t.get("oidc-title"),
        html! {
            p { (t.get("oidc-lead")) }
            div class="actions" { (ui::go(&format!("{BEGIN}?{query}"), &t.get("oidc-button"))) }
        },
    )
}

/// `GET /deconnexion/etablissement`
pub async fn signed_out(visit: Visit) -> Page {
    let provider = visit.app.oidc.as_ref().ok_or(Fault::NotFound)?;
    let Some(url) = provider.sign_out_url(visit.now).await else { return Ok(Redirect::to("/").into_response()) };
    let t = visit.t;
    let body = html! {
        p class="lead" { (t.get("oidc-still-in")) }
        div class="actions" { (ui::go(&url, &t.get("oidc-sign-out"))) a href="/" { (t.get("back-to-start")) } }
    };
    Ok(ui::page(&visit, &t.get("oidc-signed-out-title"), &[], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn whoever_is_refused_reads_why_in_both_languages() {
        let role = Lacks::Role("roles".into());
        let school = Lacks::School { claim: "etab".into(), role: "staff".into() };
        for t in Lang::ALL.map(Tr) {
            let texts = [
                Failed::Stale,
                Failed::Declined,
                Failed::TooMany,
                Failed::Away,
                Failed::Untrusted,
                Failed::Lacks(role.clone()),
                Failed::Lacks(school.clone()),
            ]
            .map(|failed| why(t, &failed));
            assert!(texts.iter().all(|text| !text.is_empty() && !text.contains(['[', '{'])), "{texts:?}");
            assert!(texts[5].contains("roles") && texts[6].contains("etab"), "{texts:?}");
            assert!(texts[6].contains(&t.get("role-staff")), "{texts:?}");
        }
    }
}
