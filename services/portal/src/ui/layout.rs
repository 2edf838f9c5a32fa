//! The frame around every page: skip link, header with language and sign-in, navigation by role, footer.

use contracts::roles;
use maud::{DOCTYPE, Markup, html};

use super::{Tone, alert};
use crate::{
    i18n::Lang,
    web::{FILE_AGAIN, Visit, assets},
};

/// One entry of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// Where it leads.
    pub href: &'static str,
    /// Key of its text.
    pub key: &'static str,
}

const fn at(href: &'static str, key: &'static str) -> Section {
    Section { href, key }
}

const PUBLIC: &[Section] = &[
    at("/", "nav-home"),
    at("/calendrier", "nav-calendar"),
    at("/titres", "nav-titles"),
    at("/procedure", "nav-procedure"),
    at("/ecoles", "nav-schools"),
];

/// Where somebody of this role starts, and what else is theirs.
#[must_use]
pub fn sections(role: &str) -> &'static [Section] {
    match role {
        roles::CANDIDATE => crate::pages::CANDIDATE_SECTIONS,
        roles::MANDATE => crate::pages::MANDATE_SECTIONS,
        roles::STAFF => crate::pages::STAFF_SECTIONS,
        roles::FINANCE => crate::pages::FINANCE_SECTIONS,
        roles::JURY => crate::pages::JURY_SECTIONS,
        roles::JURY_PRESIDENT => crate::pages::PRESIDENT_SECTIONS,
        roles::PLANNER => crate::pages::PLANNER_SECTIONS,
        roles::OPERATOR => crate::pages::OPERATOR_SECTIONS,
        _ => PUBLIC,
    }
}

/// A whole page. `title` is its heading of the first level too; `scripts` are modules such as `js/upload.js`.
#[must_use]
pub fn page(visit: &Visit, title: &str, scripts: &[&str], body: Markup) -> Markup {
    let t = visit.t;
    let here = &visit.path;
    let current = |href: &str| (*here == href).then_some("page");
    let other = t.lang().other();
    html! {
        (DOCTYPE)
        html lang=(t.lang().tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – " (t.get("site-name")) }
                link rel="stylesheet" href=(assets::address("css/admis.css"));
                link rel="icon" type="image/svg+xml" href=(assets::address("favicon.svg"));
                script type="module" src=(assets::address("js/admis.js")) {}
                @for script in scripts { script type="module" src=(assets::address(script)) {} }
            }
            body data-now=(visit.now.as_millisecond()) {
                a class="skip" href="#contenu" { (t.get("skip-to-content")) }
                header class="top" {
                    div class="top-inner" {
                        a class="brand" href="/" { strong { (t.get("site-name")) } " " span { (visit.app.session.id) } }
                        nav class="tools" aria-label=(t.get("nav-account")) {
                            ul {
                                li { a href=(in_language(visit, other)) lang=(other.tag()) hreflang=(other.tag()) {
                                    @if other == Lang::En { "English" } @else { "Français" }
                                } }
                                (who(visit))
                            }
                        }
                    }
                    nav class="main" aria-label=(t.get("nav-main")) {
                        ul { @for s in sections(visit.role()) {
                            li { a href=(s.href) aria-current=[current(s.href)] { (t.get(s.key)) } }
                        } }
                    }
                }
                main id="contenu" tabindex="-1" {
                    h1 { (title) }
                    @if let Some(flash) = &visit.flash {
                        @if let Some(text) = t.find(&format!("done-{}", flash.0), &fluent_bundle::FluentArgs::new()) {
                            (alert(Tone::Good, &text, html! {}))
                        }
                    }
                    @if !visit.held.is_empty() { (alert(Tone::Info, &t.get("held-title"), html! {
                        p { (t.get("held-text")) }
                        @if visit.held.has(FILE_AGAIN) { p { (t.get("held-file")) } }
                    })) }
                    (body)
                }
                footer {
                    ul {
                        li { a href="/calendrier" { (t.get("nav-calendar")) } }
                        li { a href="/titres" { (t.get("nav-titles")) } }
                        li { a href="/procedure" { (t.get("nav-procedure")) } }
                        li { a href="/verifier" { (t.get("nav-verify")) } }
                        li { a href="/ecoles" { (t.get("nav-schools")) } }
                        li { a href="/accessibilite" { (t.get("nav-accessibility")) } }
                        li { a href="/confidentialite" { (t.get("nav-privacy")) } }
                        li { a href="/api" { (t.get("nav-api-about")) } }
                        @if visit.app.settings.demo.is_some() { li { a href="/demo" { (t.get("nav-demo")) } } }
                    }
                    p { (t.with("footer-now", [("now", t.instant(visit.now, &visit.app.session.zone).into())])) }
                }
            }
        }
    }
}

/// The same page in another language. A page that answers a form leads to the page of that form.
fn in_language(visit: &Visit, lang: Lang) -> String {
    let more = if visit.query.is_empty() { String::new() } else { format!("{}&", visit.query) };
    format!("{}?{more}langue={}", visit.page, lang.tag())
}

fn who(visit: &Visit) -> Markup {
    let t = visit.t;
    html! {
        @if let Some(session) = &visit.session {
            @if !session.name.is_empty() { li { span class="who" { (session.name) } } }
            @if session.grants.len() > 1 { li { a href="/espace" { (t.get("nav-roles")) } } }
            @if visit.role() == roles::CANDIDATE { li { a href="/compte" { (t.get("nav-my-account")) } } }
            li {
                form method="post" action="/deconnexion" {
                    input type="hidden" name="jeton" value=(visit.form_token);
                    button class="link" { (t.get("nav-sign-out")) }
                }
            }
        } @else {
            li { a href="/connexion" { (t.get("nav-sign-in")) } }
        }
    }
}
