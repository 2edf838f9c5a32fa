//! The periods as their computation sees them (R31, R38): held back, overridden by two people, closed by decision.

use axum::response::IntoResponse as _;
use contracts::integration::{
    CloseDecision, ConfirmPublicationOverrideRequest, ListOutagesRequest, ListPeriodsRequest, PeriodStatus,
    PreparePublicationOverrideRequest, RecomputeRequest, ResolveCloseRequest,
};
use maud::{Markup, html};

use super::{answer, brought::Brought};
use crate::{
    pages::{names::Names, operator::outages},
    ui::{self, Choice, Field, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

const PATH: &str = "/jury/periodes";

/// `GET /jury/periodes`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let (mut a, mut b) = (visit.integration(), visit.integration());
    let (listed, outages) =
        tokio::try_join!(a.list_periods(ListPeriodsRequest {}), b.list_outages(ListOutagesRequest {}))?;
    let outages = outages.into_inner();
    let objections: Vec<_> = listed.get_ref().periods.iter().flat_map(|p| &p.objections).collect();
    let names = Names::in_reasons(visit, &objections).await?;
    let body = html! {
        (alert)
        @for p in &listed.get_ref().periods {
            @let down = outages.periods.iter().find(|o| o.period == p.period).map_or(0, |o| o.seconds);
            (period(visit, p, down, form, &names))
        }
        h2 { (t.get("outage-list")) }
        (outages::list(visit, &outages).shown(visit, "/jury/interruptions"))
    };
    Ok(ui::page(visit, &t.get("nav-periods"), &[], body))
}

/// One period: what happened to it, and what waits for a person.
fn period(visit: &Visit, p: &PeriodStatus, down: u64, form: &Form, names: &Names) -> Markup {
    let t = visit.t;
    let n = p.period;
    let at = |at: Option<contracts::Timestamp>| {
        let text = visit.instant(at);
        html! { @if text.is_empty() { "–" } @else { (text) } }
    };
    let checked = match (p.computed_at.is_some(), p.checked) {
        (false, _) => html! { "–" },
        (_, true) => ui::badge(Tone::Good, &t.get("jury-period-checked")),
        _ => ui::badge(Tone::Bad, &t.get("jury-period-objected")),
    };
    let missing: Vec<String> = p
        .missing_tables
        .iter()
        .map(|cell| {
            let (school, filiere) = cell.split_once('/').unwrap_or((cell, ""));
            format!("{}, {}", visit.school_name(school), visit.filiere_name(filiere))
        })
        .collect();
    let mut facts = vec![
        (t.get("jury-period-computed-at"), at(p.computed_at)),
        (t.get("jury-period-check"), checked),
        (t.get("jury-period-opened-at"), at(p.opened_at)),
        (t.get("jury-period-closed-at"), at(p.closed_at)),
    ];
    if p.signature > 0 {
        facts.push((t.get("jury-signature"), html! { (p.signature) }));
    }
    if down > 0 {
        facts.push((
            t.get("jury-period-down"),
            html! { (t.with("jury-period-down-minutes", [("n", down.div_ceil(60).into())])) },
        ));
    }
    if !missing.is_empty() {
        facts.push((t.get("jury-period-missing-tables"), html! { (missing.join(" ; ")) }));
    }
    if p.missing_preferences > 0 {
        facts.push((t.get("jury-period-missing-preferences"), html! { (p.missing_preferences) }));
    }
    html! {
        section class="card" id={ "periode-" (n) } {
            h2 { (t.with("jury-period-title", [("n", n.into())])) }
            @if !p.held_back.is_empty() { (held_back(visit, p, form, names)) }
            @if !p.close_waits.is_empty() { (close_waits(visit, p, form)) }
            (ui::facts(&facts))
            @if !p.inputs_digest.is_empty() {
                details { summary { (t.get("jury-period-digests")) }
                    (ui::facts(&[
                        (t.get("jury-period-inputs"), html! { span class="mono" { (p.inputs_digest) } }),
                        (t.get("jury-period-outputs"), html! { span class="mono" { (p.outputs_digest) } }),
                    ]))
                }
            }
            @if p.opened_at.is_some() { p { (ui::go(&format!("{PATH}/{n}"), &t.with("jury-period-go-results", [("n", n.into())]))) } }
        }
    }
}

/// Why it is held back, and its publication all the same, by two people (R19, R38).
fn held_back(visit: &Visit, p: &PeriodStatus, form: &Form, names: &Names) -> Markup {
    let t = visit.t;
    let why = match p.held_back.as_str() {
        "NOT_COMPUTED" => t.get("held-back-not-computed"),
        "CHECKER_OBJECTS" => t.get("held-back-checker-objects"),
        "NOT_CONFIRMED" => t.get("held-back-not-confirmed"),
        other => other.to_owned(),
    };
    let n = p.period;
    let (reason, act) = (format!("motif-publication-{n}"), n.to_string());
    html! {
        (ui::alert(Tone::Bad, &t.get("jury-period-held-back"), html! {
            p { (why) }
            ul { @for o in &p.objections { li { (names.reason(visit, o)) } } }
        }))
        @if p.computed_at.is_some() && p.opened_at.is_none() {
            h3 { (t.get("override-title")) }
            p { (t.get("override-text")) }
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "preparer"))
                (ui::hidden("periode", &act))
                (ui::textarea(visit, &Field { name: &reason, label: &t.get("jury-reason"), value: form.get(&reason), required: true, max: 1000, ..Field::default() }, 2))
                div class="actions" { button class="danger" { (t.get("override-prepare")) } }
            }))
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "confirmer"))
                (ui::hidden("periode", &act))
                (ui::hidden("empreinte", &p.outputs_digest))
                div class="actions" { button class="second" { (t.get("override-confirm")) } }
            }))
        }
    }
}

/// A close that waits for a decision (R31).
fn close_waits(visit: &Visit, p: &PeriodStatus, form: &Form) -> Markup {
    let t = visit.t;
    let why = match p.close_waits.as_str() {
        "LOGIN_OUTAGE" => t.get("jury-close-waits-outage"),
        "NEVER_OPENED" => t.get("jury-close-waits-never-opened"),
        other => other.to_owned(),
    };
    let n = p.period;
    let (decision, reason) = (format!("decision-{n}"), format!("motif-cloture-{n}"));
    let sides = [
        Choice { value: "epargner", label: t.get("jury-close-spare"), hint: t.get("jury-close-spare-hint") },
        Choice { value: "eliminer", label: t.get("jury-close-eliminate"), hint: t.get("jury-close-eliminate-hint") },
    ];
    html! {
        (ui::alert(Tone::Warn, &t.get("jury-close-waits"), html! { p { (why) } }))
        (ui::form(visit, PATH, html! {
            (ui::hidden("geste", "cloturer"))
            (ui::hidden("periode", &n.to_string()))
            (ui::radios(visit, &Field { name: &decision, label: &t.get("jury-close-decision"), value: form.get(&decision), required: true, ..Field::default() }, &sides))
            (ui::textarea(visit, &Field { name: &reason, label: &t.get("jury-reason"), value: form.get(&reason), required: true, max: 1000, ..Field::default() }, 2))
            div class="actions" { button class="danger" { (t.get("jury-close-button")) } }
        }))
    }
}

/// `POST /jury/periodes`
pub async fn post(visit: Visit, form: Form) -> Page {
    let period: u32 = form.get("periode").parse().map_err(|_| Fault::BadRequest)?;
    let mut integration = visit.integration();
    let done = match form.get("geste") {
        "preparer" => {
            let reason = form.get(&format!("motif-publication-{period}")).to_owned();
            let asked = PreparePublicationOverrideRequest { period, reason };
            integration.prepare_publication_override(asked).await.map(|_| "override-prepared")
        }
        "confirmer" => {
            let outputs_digest = form.get("empreinte").to_owned();
            let asked = ConfirmPublicationOverrideRequest { period, outputs_digest };
            integration.confirm_publication_override(asked).await.map(|_| "override-confirmed")
        }
        "cloturer" => {
            let decision = match form.get(&format!("decision-{period}")) {
                "epargner" => CloseDecision::Spare,
                "eliminer" => CloseDecision::Eliminate,
                _ => CloseDecision::Unspecified,
            };
            let reason = form.get(&format!("motif-cloture-{period}")).to_owned();
            let asked = ResolveCloseRequest { period, decision: decision.into(), reason };
            integration.resolve_close(asked).await.map(|_| "close-resolved")
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(PATH, key));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}

/// `GET /jury/periodes/{number}`
pub async fn one(visit: Visit, Path(period): Path<u32>) -> Page {
    Ok(results(&visit, period, html! {}).await?.into_response())
}

/// `POST /jury/periodes/{number}`: computes it again from what was kept, and compares (R38).
pub async fn recompute(visit: Visit, Path(period): Path<u32>) -> Page {
    let t = visit.t;
    let alert = match visit.integration().recompute(RecomputeRequest { period }).await {
        Ok(reply) => {
            let r = reply.into_inner();
            let names = Names::in_reasons(&visit, &r.objections.iter().collect::<Vec<_>>()).await?;
            let (tone, title) = if r.identical {
                (Tone::Good, t.get("recompute-identical"))
            } else {
                (Tone::Bad, t.get("recompute-differs"))
            };
            ui::alert(
                tone,
                &title,
                html! {
                    (ui::facts(&[
                        (t.get("jury-period-inputs"), html! { span class="mono" { (r.inputs_digest) } }),
                        (t.get("recompute-stored"), html! { span class="mono" { (r.stored_outputs_digest) } }),
                        (t.get("recompute-again"), html! { span class="mono" { (r.recomputed_outputs_digest) } }),
                    ]))
                    ul { @for o in &r.objections { li { (names.reason(&visit, o)) } } }
                },
            )
        }
        Err(status) => visit.refused(&status)?,
    };
    Ok(results(&visit, period, alert).await?.into_response())
}

async fn results(visit: &Visit, period: u32, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let path = format!("{PATH}/{period}");
    let title = t.with("jury-period-title", [("n", period.into())]);
    let again = html! {
        (ui::card(&t.get("recompute-title"), html! {
            p { (t.get("recompute-text")) }
            (ui::form(visit, &path, html! { div class="actions" { button class="second" { (t.get("recompute-button")) } } }))
        }))
        p { a href=(PATH) { (t.get("jury-period-back")) } }
    };
    let Some(brought) = Brought::of(visit, period).await? else {
        let body = html! { (alert) div class="embargo" { (t.get("jury-period-not-yet")) } p { a href=(PATH) { (t.get("jury-period-back")) } } };
        return Ok(ui::page(visit, &title, &[], body));
    };
    let body = html! {
        (alert)
        (brought.cells(visit).shown(visit, &format!("{path}/places")))
        (brought.proposals(visit).shown(visit, &format!("{path}/propositions")))
        (brought.gone(visit).shown(visit, &format!("{path}/sorties")))
        (again)
    };
    Ok(ui::page(visit, &title, &[], body))
}
