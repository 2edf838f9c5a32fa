//! What stands in a dossier, as the jury reads it.

use contracts::{
    intake::{
        FeeClaim, FicheAnswers, Identity, Piece, PieceVerdict, Purpose, Recevabilite, SchoolDossier,
        SchoolRecevabilite, Studies,
    },
    jury::Candidature,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::words;
use crate::{
    i18n::Tr,
    pages::{labels, piece},
    ui::{self, Column, Tone},
    web::Visit,
};

/// When it was closed, what the school found, the fee.
pub fn summary(visit: &Visit, d: &SchoolDossier, c: &Candidature) -> Markup {
    let t = visit.t;
    let receipt = d.receipt.clone().unwrap_or_default();
    let claim = match d.fee_claim() {
        FeeClaim::Exemption => t.get("jury-read-claim-exemption"),
        FeeClaim::Transfer => t.get("jury-read-claim-transfer"),
        FeeClaim::Unspecified => String::new(),
    };
    ui::facts(&[
        (t.get("jury-read-closed-at"), html! { (visit.exact(receipt.closed_at)) }),
        (t.get("jury-filiere"), html! { (visit.filiere_name(&d.filiere)) }),
        (t.get("jury-first-school"), html! { (visit.school_name(&c.first_school)) }),
        (
            t.get("jury-verification"),
            html! { (words::verification(t, &c.verification)) @if !d.verdict_note.is_empty() { p { (d.verdict_note) } } },
        ),
        (t.get("jury-fee"), html! { (words::fee_badge(t, &c.fee)) " " (claim) }),
        (
            t.get("jury-read-other-route"),
            html! {
                @if d.other_route_declared { (ui::badge(Tone::Warn, &t.get("jury-read-other-route-declared"))) }
                @for route in &c.other_routes { " " (ui::badge(Tone::Warn, route)) }
                @if !d.other_route_declared && c.other_routes.is_empty() { (t.get("jury-read-none")) }
            },
        ),
        (t.get("jury-decision"), words::decision(t, c)),
    ])
}

/// Who the candidate is.
pub fn identity(visit: &Visit, i: &Identity) -> Markup {
    let t = visit.t;
    let birth = i.birth_date.parse().map_or_else(|_| i.birth_date.clone(), |date| t.date(date));
    ui::facts(&[
        (t.get("jury-read-name"), html! { (i.family_name) " " (i.first_names) }),
        (t.get("jury-read-birth"), html! { (birth) @if !i.birth_place.is_empty() { ", " (i.birth_place) } }),
        (t.get("jury-read-nationality"), html! { (i.nationality) }),
        (t.get("jury-read-email"), html! { (i.email) }),
        (t.get("jury-read-phone"), html! { (i.phone) }),
        (t.get("jury-read-address"), html! { @for line in i.postal_address.lines() { (line) br; } }),
    ])
}

/// The title (R8).
pub fn title(visit: &Visit, d: &SchoolDossier, c: &Candidature) -> Markup {
    let t = visit.t;
    let title = d.title.clone().unwrap_or_default();
    let diploma = visit.app.session.diploma(&title.diploma).map_or(c.diploma.as_str(), |d| t.label(&d.label));
    ui::facts(&[
        (t.get("jury-read-diploma"), html! { (diploma) }),
        (t.get("jury-read-mention"), html! { (title.mention) }),
        (
            t.get("jury-read-equivalent"),
            html! { @if title.equivalent_to.is_empty() { "–" } @else { (title.equivalent_to) } },
        ),
    ])
}

/// The order of schools, best first.
pub fn order(visit: &Visit, order: &[SchoolRecevabilite]) -> Markup {
    html! { ol { @for s in order { li {
        (visit.school_name(&s.school)) " – " (recevabilite(visit.t, word(s.recevabilite())))
        @if !s.table.is_empty() { " (" (s.table) ", " q { (s.row) } ")" }
    } } } }
}

fn word(r: Recevabilite) -> &'static str {
    r.as_str_name().trim_start_matches("RECEVABILITE_")
}

/// What the tables say of a title.
pub fn recevabilite(t: Tr, word: &str) -> String {
    match word {
        "OPEN" => t.get("jury-read-tables-open"),
        "CLOSED" => t.get("jury-read-tables-closed"),
        "FOR_JURY" => t.get("jury-read-tables-for-jury"),
        _ => t.get("jury-read-tables-not-yet"),
    }
}

/// Years since the baccalauréat.
pub fn studies(t: Tr, studies: Option<&Studies>) -> Markup {
    let rows: Vec<_> = studies
        .map(|s| s.years.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|y| vec![html! { (y.year) }, html! { (y.institution) }, html! { (y.formation) }, html! { (y.result) }])
        .collect();
    let columns = ["jury-read-year", "jury-read-institution", "jury-read-formation", "jury-read-result"]
        .map(|k| Column::new(t.get(k)));
    html! {
        (ui::table(&t.get("jury-read-studies"), &columns, &rows, &t.get("jury-read-no-studies")))
        @if studies.is_some_and(|s| s.earlier_graduate) { p { (t.get("jury-read-earlier-graduate")) } }
    }
}

/// The fiche d'appréciation (R11): answers here, a file among the pieces.
pub fn fiche(t: Tr, fiche: Option<&FicheAnswers>, pieces: &[Piece]) -> Markup {
    let Some(f) = fiche else {
        let filed = pieces.iter().any(|p| p.purpose() == Purpose::Fiche);
        return html! { p { @if filed { (t.get("jury-read-fiche-as-file")) } @else { (t.get("jury-read-no-fiche")) } } };
    };
    html! {
        (ui::facts(&[
            (t.get("jury-read-known-as"), html! { (f.known_as) }),
            (t.get("jury-read-rank"), html! { @if f.rank > 0 { (f.rank) @if f.cohort > 0 { " / " (f.cohort) } } @else { "–" } }),
            (t.get("jury-read-appreciation"), labels::badge(t, f.appreciation())),
        ]))
        @for line in f.comment.lines() { p { (line) } }
    }
}

/// Pieces, each to be opened in a frame below its name.
pub fn pieces(visit: &Visit, id: Uuid, pieces: &[Piece]) -> Markup {
    let t = visit.t;
    html! {
        @if pieces.is_empty() { p class="empty" { (t.get("jury-read-no-pieces")) } }
        @for p in pieces {
            @let address = piece::address("jury", &id.to_string(), &p.piece_id);
            @let label = visit.piece_name(&p.piece);
            details class="piece" {
                summary {
                    (label) " – " (p.name) ", " (t.size(p.size))
                    @if p.verdict() != PieceVerdict::Unspecified { " " (labels::badge(t, p.verdict())) }
                    @if p.purpose() == Purpose::Late { " " (ui::badge(Tone::Info, &t.get("jury-read-piece-late"))) }
                    @if !p.corrects.is_empty() { " " (ui::badge(Tone::Info, &t.get("jury-read-piece-correction"))) }
                }
                p { (t.with("jury-read-deposited", [("at", visit.instant(p.deposited_at).into())])) " "
                    a href=(address) target="_blank" rel="noopener" { (t.get("jury-read-open-piece")) } }
                iframe class="piece" loading="lazy" src=(address) title={ (label) " – " (p.name) } {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::intake::{Appreciation, StudyYear};

    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn studies_and_fiche_are_read_in_both_languages() {
        for lang in Lang::ALL {
            let t = Tr(lang);
            let year = StudyYear { year: "2024-2025".into(), institution: "<IUT>".into(), ..StudyYear::default() };
            let shown = studies(t, Some(&Studies { years: vec![year], earlier_graduate: true })).into_string();
            assert!(shown.contains("&lt;IUT&gt;") && !shown.contains('['), "{shown}");
            let answers = FicheAnswers {
                rank: 3,
                cohort: 40,
                appreciation: Appreciation::Reserved.into(),
                comment: "Un\nDeux".into(),
                ..FicheAnswers::default()
            };
            let shown = fiche(t, Some(&answers), &[]).into_string();
            assert!(shown.contains("3 / 40") && shown.contains("<p>Deux</p>") && !shown.contains('['), "{shown}");
            assert!(fiche(t, None, &[]).into_string().contains(&t.get("jury-read-no-fiche")));
        }
    }
}
