//! The page of one dossier.

use contracts::{intake as api, payments::FeeStatus};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Seen, acts, pieces};
use crate::{
    pages::labels,
    ui::{self, Choice, Column, Field, Tone},
    web::{Form, Visit},
};

pub(super) fn body(visit: &Visit, seen: &Seen, asked: &str, form: &Form) -> Markup {
    let (t, d) = (visit.t, &seen.dossier);
    let current = pieces::shown(d, asked);
    html! {
        p { a href="/ecole" { (t.get("back-to-queue")) } }
        @if d.annulled_at.is_some() {
            (ui::alert(Tone::Warn, &t.get("dossier-annulled"), html! { p { (visit.instant(d.annulled_at)) } }))
        }
        @if d.other_route_declared { (ui::alert(Tone::Warn, &t.get("dossier-other-route"), html! {})) }
        @if !seen.alike.is_empty() {
            (ui::alert(Tone::Warn, &t.get("dossier-look-alikes"), html! {
                p { @for a in &seen.alike { (t.with("school-dossier-number", [("n", a.number.to_string().into())])) " " } a href="/ecole/homonymes" { (t.get("look-alikes-title")) } }
            }))
        }
        div class="desk" {
            section class="card" {
                h2 { (t.get("checklist-title")) }
                (pieces::checklist(visit, d, current))
            }
            @if let Some(piece) = current { (pieces::view(visit, d, piece, form)) }
        }
        div class="grid" {
            (ui::card(&t.get("verdict-title"), pieces::verdict(visit, d, form)))
            (ui::card(&t.get("fee-title"), fee(visit, seen, form)))
            (ui::card(&t.get("notes-title"), notes(visit, d, form)))
        }
        (ui::card(&t.get("identity-title"), identity(visit, d)))
        (ui::card(&t.get("studies-title"), studies(visit, d)))
        @if let Some(answers) = &d.fiche { (ui::card(&t.get("fiche-title"), fiche(visit, answers))) }
    }
}

fn identity(visit: &Visit, d: &api::SchoolDossier) -> Markup {
    let (t, i) = (visit.t, d.identity.clone().unwrap_or_default());
    let born = i.birth_date.parse().map_or(i.birth_date.clone(), |date| t.date(date));
    let facts = [
        ("queue-name", i.family_name),
        ("queue-first-names", i.first_names),
        ("identity-born", born),
        ("school-identity-birth-place", i.birth_place),
        ("school-identity-nationality", i.nationality),
        ("school-identity-email", i.email),
        ("school-identity-phone", i.phone),
        ("school-identity-address", i.postal_address),
        ("queue-closed-at", visit.exact(d.receipt.as_ref().and_then(|r| r.closed_at))),
    ];
    ui::facts(&facts.map(|(key, value)| (t.get(key), html! { span class="lines" { (value) } })))
}

fn studies(visit: &Visit, d: &api::SchoolDossier) -> Markup {
    let (t, session) = (visit.t, &visit.app.session);
    let title = d.title.clone().unwrap_or_default();
    let diploma = session.diploma(&title.diploma).map_or(title.diploma.clone(), |x| t.label(&x.label).to_owned());
    let mut facts = vec![
        (t.get("title-diploma"), html! { (diploma) }),
        (t.get("title-mention"), html! { (title.mention) }),
        (t.get("queue-filiere"), html! { (visit.filiere_name(&d.filiere)) }),
    ];
    if !title.equivalent_to.is_empty() {
        facts.push((t.get("title-equivalent"), html! { (title.equivalent_to) }));
    }
    let studies = d.studies.clone().unwrap_or_default();
    if studies.earlier_graduate {
        facts.push((t.get("school-studies-earlier"), html! { (t.get("yes")) }));
    }
    let columns =
        ["school-studies-year", "school-studies-institution", "school-studies-formation", "school-studies-result"]
            .map(|k| Column::new(t.get(k)));
    let rows: Vec<_> = studies
        .years
        .into_iter()
        .map(|y| vec![html! { (y.year) }, html! { (y.institution) }, html! { (y.formation) }, html! { (y.result) }])
        .collect();
    html! { (ui::facts(&facts)) (ui::table(&t.get("studies-caption"), &columns, &rows, &t.get("studies-none"))) }
}

fn fiche(visit: &Visit, a: &api::FicheAnswers) -> Markup {
    let t = visit.t;
    let rank = match (a.rank, a.cohort) {
        (0, _) => t.get("fiche-rank-unknown"),
        (rank, 0) => rank.to_string(),
        (rank, cohort) => t.with("fiche-rank-of", [("rank", rank.into()), ("cohort", cohort.into())]),
    };
    html! {
        p class="hint" { (t.get("fiche-confidential")) }
        (ui::facts(&[
            (t.get("fiche-known-as"), html! { (a.known_as) }),
            (t.get("fiche-rank"), html! { (rank) }),
            (t.get("fiche-appreciation"), labels::badge(t, a.appreciation())),
            (t.get("fiche-comment"), html! { span class="lines" { (a.comment) } }),
        ]))
    }
}

fn notes(visit: &Visit, d: &api::SchoolDossier, form: &Form) -> Markup {
    let t = visit.t;
    let mine = form.get("geste") == acts::NOTE;
    // The same form sent twice adds one note.
    let fresh = Uuid::new_v4().to_string();
    let request = if mine { form.get("demande") } else { &fresh };
    html! {
        p class="hint" { (t.get("notes-lead")) }
        @for note in &d.notes {
            div class="note" {
                p class="hint" { (visit.instant(note.at)) " – " (note.author) }
                p class="lines" { (note.text) }
            }
        }
        (ui::form(visit, &format!("/ecole/dossiers/{}", d.dossier_id), html! {
            (ui::hidden("geste", acts::NOTE)) (ui::hidden("demande", request))
            (ui::textarea(visit, &Field { name: "texte", label: &t.get("notes-text"), value: if mine { form.get("texte") } else { "" }, required: true, max: 2000, ..Field::default() }, 3))
            div class="actions" { (ui::button(&t.get("notes-button"))) }
        }))
    }
}

fn fee(visit: &Visit, seen: &Seen, form: &Form) -> Markup {
    let (t, d) = (visit.t, &seen.dossier);
    html! {
        @if let Some(fee) = &seen.fee {
            p { (labels::badge(t, fee.status())) }
            (ui::facts(&[
                (t.get("school-fee-reference"), html! { code { (fee.reference) } }),
                (t.get("fee-due-amount"), html! { (visit.money(fee.due_cents)) }),
                (t.get("school-fee-received"), html! { (visit.money(fee.received_cents)) }),
            ]))
            @if d.fee_claim() == api::FeeClaim::Exemption && fee.payee_school == visit.school() { (exemption(visit, d, fee.status(), form)) }
        } @else { p { (t.get("fee-not-heard-of")) } }
    }
}

fn exemption(visit: &Visit, d: &api::SchoolDossier, status: FeeStatus, form: &Form) -> Markup {
    let t = visit.t;
    let mine = form.get("geste") == acts::EXEMPTION;
    let decided = match status {
        FeeStatus::Exempt => "accorder",
        FeeStatus::ExemptionRefused => "refuser",
        _ => "",
    };
    let value = if mine { form.get("decision") } else { decided };
    let choices = [("accorder", "exemption-accept"), ("refuser", "exemption-refuse")]
        .map(|(value, key)| Choice::new(value, t.get(key)));
    let here = format!("/ecole/dossiers/{}", d.dossier_id);
    html! {
        h3 { (t.get("exemption-title")) }
        @if !d.attestation_piece_id.is_empty() {
            p { a href={ (here) "?piece=" (d.attestation_piece_id) "#vue" } { (t.get("exemption-attestation")) } }
        }
        (ui::form(visit, &here, html! {
            (ui::hidden("geste", acts::EXEMPTION)) (ui::hidden("piece", &d.attestation_piece_id))
            (ui::radios(visit, &Field { name: "decision", label: &t.get("exemption-decision"), value, required: true, ..Field::default() }, &choices))
            (ui::field(visit, &Field { name: "motif-exoneration", label: &t.get("exemption-reason"), hint: &t.get("exemption-reason-hint"), value: if mine { form.get("motif-exoneration") } else { "" }, max: 500, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("exemption-button"))) }
        }))
    }
}
