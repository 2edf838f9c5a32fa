//! The periods as their computation sees them (R31, R38): held back, overridden by two people, closed by decision.

use axum::{extract::Path, response::IntoResponse as _};
use contracts::integration::{
    CloseDecision, ConfirmPublicationOverrideRequest, ListOutagesRequest, ListPeriodsRequest, PeriodResultsRequest,
    PeriodStatus, PreparePublicationOverrideRequest, RecomputeRequest, ResolveCloseRequest,
};
use maud::{Markup, html};
use platform::refusal::Refusal;

use super::answer;
use crate::{
    pages::{labels, names::Names},
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
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
    let rows: Vec<_> = outages
        .outages
        .iter()
        .map(|o| {
            vec![
                html! { (visit.instant(o.from)) },
                html! { (visit.instant(o.until)) },
                html! { (o.reason) },
                html! { (o.reported_by) },
            ]
        })
        .collect();
    let columns = ["outage-from", "outage-until", "outage-reason", "outage-by"].map(|k| Column::new(t.get(k)));
    let body = html! {
        (alert)
        @for p in &listed.get_ref().periods {
            @let down = outages.periods.iter().find(|o| o.period == p.period).map_or(0, |o| o.seconds);
            (period(visit, p, down, form))
        }
        h2 { (t.get("outage-list")) }
        (ui::table(&t.get("outage-list"), &columns, &rows, &t.get("outage-none")))
    };
    Ok(ui::page(visit, &t.get("nav-periods"), &[], body))
}

/// One period: what happened to it, and what waits for a person.
fn period(visit: &Visit, p: &PeriodStatus, down: u64, form: &Form) -> Markup {
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
            @if !p.held_back.is_empty() { (held_back(visit, p, form)) }
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
            @if p.opened_at.is_some() { p { a href={ (PATH) "/" (n) } { (t.with("jury-period-go-results", [("n", n.into())])) } } }
        }
    }
}

/// Why it is held back, and its publication all the same, by two people (R19, R38).
fn held_back(visit: &Visit, p: &PeriodStatus, form: &Form) -> Markup {
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
            ul { @for o in &p.objections { li lang="en" { (o) } } }
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
                    ul { @for o in &r.objections { li lang="en" { (o) } } }
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
    let r = match visit.integration().period_results(PeriodResultsRequest { period }).await {
        Ok(reply) => reply.into_inner(),
        Err(status) if Refusal::from_status(&status).is_some_and(|r| r.reason == "NOT_YET_PUBLISHED") => {
            let body = html! { (alert) div class="embargo" { (t.get("jury-period-not-yet")) } p { a href=(PATH) { (t.get("jury-period-back")) } } };
            return Ok(ui::page(visit, &title, &[], body));
        }
        Err(status) => return Err(status.into()),
    };
    let ids = r.proposals.iter().map(|p| p.dossier_id.as_str());
    let ids = ids.chain(r.answers.iter().map(|a| a.dossier_id.as_str()));
    let ids = ids.chain(r.eliminated.iter().map(|e| e.dossier_id.as_str()));
    let names = Names::of(visit, ids.chain(r.resigned.iter().map(|x| x.dossier_id.as_str()))).await?;
    let link = |id: &str| names.link(id, "/jury/dossiers");
    let cells: Vec<_> = r
        .cells
        .iter()
        .map(|c| {
            vec![
                html! { (visit.school_name(&c.school)) ", " (visit.filiere_name(&c.filiere)) },
                html! { (c.seats) },
                html! { (c.taken) },
                html! { @if c.last_called > 0 { (c.last_called) } @else { "–" } },
            ]
        })
        .collect();
    let answer_of = |id: &str| r.answers.iter().find(|a| a.dossier_id == id);
    let proposals: Vec<_> = r
        .proposals
        .iter()
        .map(|p| {
            let state = if p.new { t.get("what-if-new") } else { t.get("what-if-held") };
            let answer = answer_of(&p.dossier_id);
            vec![
                link(&p.dossier_id),
                html! { (visit.school_name(&p.school)) ", " (visit.filiere_name(&p.filiere)) },
                html! { @if p.rank > 0 { (p.rank) } @else { "–" } },
                html! { (state) @if p.supernumerary { " " (ui::badge(Tone::Info, &t.get("what-if-supernumerary"))) } },
                html! { @if let Some(a) = answer { (labels::badge(t, a.answer())) ", " (visit.instant(a.at)) @if a.by_mandate { " " (t.get("jury-period-by-mandate")) } } @else { "–" } },
            ]
        })
        .collect();
    let gone: Vec<_> =
        r.eliminated
            .iter()
            .map(|e| vec![link(&e.dossier_id), html! { (labels::badge(t, e.reason())) " (" (e.rule) ")" }])
            .chain(r.resigned.iter().map(|x| {
                vec![link(&x.dossier_id), html! { (t.get("jury-period-resigned")) ", " (visit.instant(x.at)) }]
            }))
            .collect();
    let cell_columns = [
        Column::new(t.get("seats-cell")),
        Column::number(t.get("ranking-seats")),
        Column::number(t.get("seats-taken")),
        Column::number(t.get("what-if-last-called")),
    ];
    let columns = [
        Column::new(t.get("jury-candidate")),
        Column::new(t.get("jury-school")),
        Column::number(t.get("jury-rank")),
        Column::new(t.get("what-if-state")),
        Column::new(t.get("jury-period-answer")),
    ];
    let body = html! {
        (alert)
        (ui::table(&t.get("nav-seats"), &cell_columns, &cells, ""))
        (ui::table(&t.get("jury-period-proposals"), &columns, &proposals, &t.get("jury-period-no-proposals")))
        (ui::table(&t.get("jury-period-gone"), &[Column::new(t.get("jury-candidate")), Column::new(t.get("jury-period-why"))], &gone, &t.get("jury-period-nobody-gone")))
        (again)
    };
    Ok(ui::page(visit, &title, &[], body))
}
