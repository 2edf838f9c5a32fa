//! The order of schools, best first (§3.1). Every move is a button that saves at once; dragging is an addition to that.
//! Schools that the tables close are shown with the reason and cannot be chosen (R9).

use axum::response::IntoResponse as _;
use contracts::intake::{self as api, Recevabilite, SchoolRecevabilite};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};

use super::{
    Mine, Refused, autosaved,
    frame::{self, Step},
    saved,
    title::standings,
    to_start,
};
use crate::{
    pages::public::titles::{answers, standing},
    ui::{self, Tone},
    web::{Fault, Form, Page, Visit},
};

const STEP: Step = Step::Order;

/// What a button does to the order; `None` when the button is not one of ours.
fn moved(order: &[String], button: &str) -> Option<Vec<String>> {
    let (what, school) = button.split_once(':')?;
    let mut order = order.to_vec();
    let at = order.iter().position(|s| s == school);
    match (what, at) {
        ("ajouter", None) => order.push(school.to_owned()),
        ("retirer", Some(i)) => drop(order.remove(i)),
        ("monter", Some(i)) if i > 0 => order.swap(i, i - 1),
        ("descendre", Some(i)) if i + 1 < order.len() => order.swap(i, i + 1),
        _ => return None,
    }
    Some(order)
}

/// `GET /candidat/dossier/ordre`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    Ok(show(&visit, &mine, html! {}).into_response())
}

fn show(visit: &Visit, mine: &Mine, alert: Markup) -> Markup {
    let t = visit.t;
    let dossier = &mine.dossier;
    let body = if !mine.editable(visit.now) {
        facts(visit, dossier)
    } else if dossier.title.is_none() {
        html! { (alert) p { (t.get("order-title-first")) } (ui::go(Step::Title.path(), &Step::Title.name(t))) }
    } else {
        html! {
            (alert)
            p { (t.get("order-lead")) }
            (editor(visit, dossier))
            div class="actions" {
                a class="button" href=(STEP.next().path()) { (t.get("order-go-on")) }
            }
            (answers(visit, &standings(&dossier.schools)))
        }
    };
    frame::page(visit, mine, STEP, &["js/order.js"], body)
}

fn editor(visit: &Visit, dossier: &api::Dossier) -> Markup {
    let t = visit.t;
    let chosen: Vec<&str> = dossier.order.iter().map(|s| s.school.as_str()).collect();
    let rest: Vec<&SchoolRecevabilite> =
        dossier.schools.iter().filter(|s| !chosen.contains(&s.school.as_str())).collect();
    let button = |what: &str, school: &str, label: String, text: &str| {
        html! {
            button class="second" name="geste" value={ (what) ":" (school) } aria-label=(label) { (text) }
        }
    };
    html! {
        (ui::form(visit, STEP.path(), html! {
            h2 { (t.get("order-chosen")) }
            @if chosen.is_empty() { p class="empty" { (t.get("order-none")) } } @else {
                ol class="order" data-order data-saved=(t.get("autosave-saved")) data-failed=(t.get("autosave-failed")) {
                    @for (i, school) in chosen.iter().enumerate() {
                        @let name = visit.school_name(school);
                        @let who = |key: &str| t.with(key, [("school", name.into())]);
                        li id={ "ecole-" (school) } {
                            (ui::hidden("ecole", school))
                            span class="order-name" { strong { (name) } @if i == 0 { " " span class="hint" { (t.get("order-first")) } } }
                            span class="order-buttons" {
                                @if i > 0 { (button("monter", school, who("order-up"), "↑")) }
                                @if i + 1 < chosen.len() { (button("descendre", school, who("order-down"), "↓")) }
                                @if chosen.len() > 1 { (button("retirer", school, who("order-remove"), "×")) }
                            }
                        }
                    }
                }
            }
            @if !rest.is_empty() {
                h2 { (t.get("order-others")) }
                ul class="order" {
                    @for s in rest {
                        @let name = visit.school_name(&s.school);
                        li id={ "ecole-" (s.school) } {
                            span class="order-name" {
                                (name) " " (standing(t, theirs(s)))
                                @if s.recevabilite() == Recevabilite::Closed {
                                    br; span class="hint" { (t.with("order-closed", [("table", s.table.as_str().into()), ("row", s.row.as_str().into())])) }
                                }
                            }
                            @if s.recevabilite() != Recevabilite::Closed {
                                span class="order-buttons" {
                                    button class="second" name="geste" value={ "ajouter:" (s.school) } { (t.with("order-add", [("school", name.into())])) }
                                }
                            }
                        }
                    }
                }
            }
        }))
    }
}

fn theirs(s: &SchoolRecevabilite) -> contracts::eligibility::Recevabilite {
    standings(std::slice::from_ref(s))
        .first()
        .map(contracts::eligibility::SchoolRecevabilite::recevabilite)
        .unwrap_or_default()
}

/// The order to be read.
pub(super) fn facts(visit: &Visit, dossier: &api::Dossier) -> Markup {
    let t = visit.t;
    html! {
        @if dossier.order.is_empty() { p class="empty" { (t.get("order-none")) } } @else {
            ol { @for s in &dossier.order { li { (visit.school_name(&s.school)) " – " (s.table) } } }
        }
    }
}

/// `POST /candidat/dossier/ordre`: the order as it stands on the page, changed by the button that was pressed.
pub async fn post(visit: Visit, headers: HeaderMap, form: Form) -> Page {
    let shown: Vec<String> = form.all("ecole").map(str::to_owned).collect();
    let pressed = form.get("geste");
    let schools = if pressed.is_empty() { shown } else { moved(&shown, pressed).ok_or(Fault::BadRequest)? };
    let request = api::SetOrderRequest { dossier_id: visit.dossier()?.to_string(), schools };
    match visit.intake().set_order(request).await {
        Ok(_) if autosaved(&headers) => Ok(saved()),
        Ok(_) => {
            // Back to the school that moved, where the next button to press is.
            let school = pressed.split_once(':').map_or("", |(_, school)| school);
            Ok(visit.done(&format!("{}#ecole-{school}", STEP.path()), "saved"))
        }
        Err(status) => {
            let refused = Refused::new(&visit, &status, str::to_owned)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            let alert = html! {
                (Refused::top(Some(&refused)))
                @if !mine.editable(visit.now) { (ui::alert(Tone::Info, &visit.t.get("order-final"), html! {})) }
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&visit, &mine, alert)).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    fn order(schools: &str) -> Vec<String> {
        schools.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn each_button_does_one_thing_and_never_makes_a_school_stand_twice() {
        for (before, button, after) in [
            ("a b c", "monter:c", Some("a c b")),
            ("a b c", "descendre:a", Some("b a c")),
            ("a b c", "retirer:b", Some("a c")),
            ("a b", "ajouter:c", Some("a b c")),
            ("a b", "ajouter:a", None),
            ("a b", "monter:a", None),
            ("a b", "descendre:b", None),
            ("a b", "retirer:x", None),
            ("a b", "a", None),
        ] {
            assert_eq!(moved(&order(before), button), after.map(order), "{button} on {before}");
        }
    }
}
