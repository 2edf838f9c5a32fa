//! Who integrates the school (R34): sous réserve, definitive, lapsed; title pieces to review; dossiers d'intégration.

use axum::response::IntoResponse as _;
use contracts::integration::{
    FinalEntry, FinalListRequest, ReceiveIntegrationDossierRequest, ReviewTitleRequest, State, TitlePiece,
    TitlePieceState,
};
use maud::{Markup, html};
use platform::refusal::Refusal;
use uuid::Uuid;

use crate::{
    exports::{self, Export},
    pages::{labels, names::Names, piece},
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

const PAGE: &str = "/ecole/integration";
const REVIEW: &str = "piece";
const RECEIVED: &str = "dossier";

/// The list; nothing before the first period opens.
async fn list(visit: &Visit) -> Result<Option<(Vec<FinalEntry>, Names)>, Fault> {
    let asked = FinalListRequest { school: visit.school().to_owned() };
    match visit.integration().final_list(asked).await {
        Ok(listed) => {
            let entries = listed.into_inner().entries;
            let names = Names::of(visit, entries.iter().map(|e| e.dossier_id.as_str())).await?;
            Ok(Some((entries, names)))
        }
        Err(status) if Refusal::from_status(&status).is_some_and(|r| r.reason == "NOT_YET_PUBLISHED") => Ok(None),
        Err(status) => Err(status.into()),
    }
}

fn to_review(e: &FinalEntry) -> bool {
    e.titles.iter().any(|p| p.state() == TitlePieceState::Deposited)
}

/// `GET /ecole/integration`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let body = match list(&visit).await? {
        None => ui::alert(Tone::Info, &t.get("period-not-yet"), html! { p { (t.get("period-not-yet-text")) } }),
        Some((entries, names)) => view(&visit, &entries, &names),
    };
    Ok(ui::page(&visit, &t.get("nav-integration"), &[], body).into_response())
}

fn view(visit: &Visit, entries: &[FinalEntry], names: &Names) -> Markup {
    let t = visit.t;
    let count = |state: State| entries.iter().filter(|e| e.state() == state).count();
    let columns = ["queue-candidate", "queue-filiere", "queue-state", "integration-titles", "integration-dossier"]
        .map(|key| Column::new(t.get(key)));
    let rows: Vec<_> = entries
        .iter()
        .map(|e| {
            vec![
                html! { a href={ (PAGE) "/" (e.dossier_id) } { (names.full(&e.dossier_id)) } },
                html! { (visit.filiere_name(&e.filiere)) },
                labels::badge(t, e.state()),
                html! { @for p in &e.titles { (visit.piece_name(&p.piece)) " " (labels::badge(t, p.state())) br; } },
                html! { @if e.integration_dossier_received { (ui::badge(Tone::Good, &t.get("integration-received"))) } @else { (ui::badge(Tone::Info, &t.get("integration-not-received"))) } },
            ]
        })
        .collect();
    html! {
        dl class="counts" {
            @for state in [State::Accepted, State::Admitted, State::Lapsed] { div { dt { (t.get(labels::state(state))) } dd { (count(state)) } } }
            div { dt { (t.get("integration-to-review")) } dd { (entries.iter().filter(|e| to_review(e)).count()) } }
        }
        (exports::links(visit, PAGE))
        (ui::table(&t.get("integration-caption"), &columns, &rows, &t.get("integration-none")))
    }
}

async fn entry(visit: &Visit, id: Uuid) -> Result<(FinalEntry, Names), Fault> {
    let (entries, names) = list(visit).await?.ok_or(Fault::NotFound)?;
    let wanted = id.to_string();
    let entry = entries.into_iter().find(|e| e.dossier_id == wanted).ok_or(Fault::NotFound)?;
    Ok((entry, names))
}

/// `GET /ecole/integration/{id}`
pub async fn one(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let (entry, names) = entry(&visit, id).await?;
    Ok(show(&visit, &entry, &names, &visit.held, html! {}).into_response())
}

fn show(visit: &Visit, e: &FinalEntry, names: &Names, form: &Form, alert: Markup) -> Markup {
    let t = visit.t;
    let here = format!("{PAGE}/{}", e.dossier_id);
    let body = html! {
        p { a href=(PAGE) { (t.get("integration-back")) } }
        (alert)
        (ui::facts(&[
            (t.get("queue-state"), labels::badge(t, e.state())),
            (t.get("queue-filiere"), html! { (visit.filiere_name(&e.filiere)) }),
            (t.get("table-rank"), html! { @if e.rank > 0 { (e.rank) } @else { "–" } }),
        ]))
        @for p in &e.titles { (title(visit, &here, e, p, form)) }
        (ui::card(&t.get("integration-dossier"), html! {
            @if e.integration_dossier_received { p { (ui::badge(Tone::Good, &t.get("integration-received"))) } }
            @else {
                p { (t.get("integration-dossier-lead")) }
                (ui::form(visit, &here, html! { (ui::hidden("geste", RECEIVED)) div class="actions" { (ui::button(&t.get("integration-dossier-button"))) } }))
            }
        }))
    };
    ui::page(visit, &names.full(&e.dossier_id), &[], body)
}

fn title(visit: &Visit, here: &str, e: &FinalEntry, p: &TitlePiece, form: &Form) -> Markup {
    let t = visit.t;
    let mine = form.get("piece") == p.piece;
    let reason = format!("motif-{}", p.piece);
    let name = visit.piece_name(&p.piece);
    // Until the admission is definitive a verdict can be given again.
    let open = e.state() != State::Admitted;
    let (verdict, sure) = (format!("avis-{}", p.piece), format!("confirme-{}", p.piece));
    let choices = [("accepter", "title-accept"), ("refuser", "title-refuse")].map(|(value, key)| Choice {
        value,
        label: t.get(key),
        hint: t.get(&format!("{key}-means")),
    });
    html! {
        (ui::card(name, html! {
            p { (labels::badge(t, p.state())) @if p.deposited_at.is_some() { " " span class="hint" { (visit.exact(p.deposited_at)) } } }
            @if !p.reason.is_empty() { p { (p.reason) } }
            @if !p.piece_id.is_empty() {
                @let source = piece::address("ecole", &e.dossier_id, &p.piece_id);
                iframe class="piece" src={ (source) "#navpanes=0&view=FitH" } title=(t.with("piece-frame", [("piece", name.into())])) {}
                p { a href=(source) target="_blank" rel="noopener" { (t.get("piece-open-alone")) } }
            }
            @if p.state() == TitlePieceState::Missing { p { (t.get("title-in-closed-lead")) } }
            @if open { (ui::form(visit, here, html! {
                (ui::hidden("geste", REVIEW)) (ui::hidden("piece", &p.piece))
                @if p.state() == TitlePieceState::Missing {
                    (ui::checkbox(&Field { name: &format!("cloture-{}", p.piece), label: &t.get("title-in-closed"), ..Field::default() }, mine && form.has(&format!("cloture-{}", p.piece))))
                }
                (ui::radios(visit, &Field { name: &verdict, label: &t.get("title-verdict"), value: if mine { form.get(&verdict) } else { "" }, required: true, ..Field::default() }, &choices))
                (ui::field(visit, &Field { name: &reason, label: &t.get("title-review-reason"), hint: &t.get("title-reason-hint"), value: if mine { form.get(&reason) } else { "" }, max: 500, ..Field::default() }))
                (ui::checkbox(&Field { name: &sure, label: &t.get("title-verdict-sure"), required: true, ..Field::default() }, false))
                div class="actions" { (ui::button(&t.get("title-verdict-button"))) }
            })) }
        }))
    }
}

/// What the school decided; the sentence of what is missing, or does not fit, otherwise.
fn verdict(chosen: &str, reason: &str, sure: bool) -> Result<bool, &'static str> {
    match chosen {
        // Whoever wrote a reason meant to refuse.
        "accepter" if !reason.is_empty() => Err("title-reason-with-accept"),
        "accepter" | "refuser" if !sure => Err("title-verdict-not-sure"),
        "accepter" => Ok(true),
        "refuser" => Ok(false),
        _ => Err("title-verdict-choose"),
    }
}

/// `POST /ecole/integration/{id}`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let (dossier_id, here) = (id.to_string(), format!("{PAGE}/{id}"));
    let (answered, key) = match form.get("geste") {
        REVIEW => {
            let piece = form.get("piece").to_owned();
            let reason = form.get(&format!("motif-{piece}")).to_owned();
            let sure = form.has(&format!("confirme-{piece}"));
            let accepted = match verdict(form.get(&format!("avis-{piece}")), &reason, sure) {
                Ok(accepted) => accepted,
                Err(key) => {
                    let (entry, names) = entry(&visit, id).await?;
                    let alert = visit.unfit(key);
                    return Ok(show(&visit, &entry, &names, &form, alert).into_response());
                }
            };
            let in_closed_dossier = form.has(&format!("cloture-{piece}"));
            let asked = ReviewTitleRequest { dossier_id, piece, accepted, reason, in_closed_dossier };
            (visit.integration().review_title(asked).await.map(drop), "title-reviewed")
        }
        RECEIVED => {
            let asked = ReceiveIntegrationDossierRequest { dossier_id };
            (visit.integration().receive_integration_dossier(asked).await.map(drop), "integration-dossier")
        }
        _ => return Err(Fault::BadRequest),
    };
    match answered {
        Ok(()) => Ok(visit.done(&here, key)),
        Err(status) => {
            let alert = visit.refused(&status)?;
            let (entry, names) = entry(&visit, id).await?;
            Ok(show(&visit, &entry, &names, &form, alert).into_response())
        }
    }
}

/// The list as a file.
pub async fn export(visit: Visit) -> Page {
    let t = visit.t;
    let (entries, names) = list(&visit).await?.ok_or(Fault::NotFound)?;
    // Every title piece of the session has a column of its own.
    let pieces: Vec<&notice::Piece> =
        visit.app.session.pieces.iter().filter(|p| p.due == notice::Due::Titles).collect();
    let rows = entries.iter().map(|e| {
        let n = names.get(&e.dossier_id).cloned().unwrap_or_default();
        let mut row = vec![
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            visit.filiere_name(&e.filiere).into(),
            e.rank.into(),
            t.get(labels::state(e.state())).into(),
        ];
        row.extend(pieces.iter().map(|piece| {
            let state = e.titles.iter().find(|p| p.piece == piece.id).map(TitlePiece::state);
            state.map(|state| t.get(labels::title_state(state))).unwrap_or_default().into()
        }));
        row.push(if e.integration_dossier_received { t.get("yes") } else { String::new() }.into());
        row
    });
    let mut columns: Vec<String> =
        ["queue-number", "queue-name", "queue-first-names", "queue-filiere", "table-rank", "queue-state"]
            .map(|key| t.get(key))
            .into();
    columns.extend(pieces.iter().map(|p| t.label(&p.label).to_owned()));
    columns.push(t.get("integration-dossier"));
    let name = format!("integration-{}", visit.school());
    exports::answer(&visit, Export { name, columns, rows: rows.collect() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_accepted_or_refused_by_choice_alone() {
        assert_eq!(verdict("accepter", "", true), Ok(true));
        assert_eq!(verdict("refuser", "illisible", true), Ok(false));
        assert_eq!(verdict("accepter", "illisible", true), Err("title-reason-with-accept"));
        assert_eq!(verdict("accepter", "", false), Err("title-verdict-not-sure"));
        assert_eq!(verdict("refuser", "illisible", false), Err("title-verdict-not-sure"));
        assert_eq!(verdict("", "illisible", true), Err("title-verdict-choose"));
    }

    #[test]
    fn what_waits_for_the_school_is_counted() {
        let piece = |state: TitlePieceState| TitlePiece { state: state.into(), ..TitlePiece::default() };
        let entry = |titles: Vec<TitlePiece>| FinalEntry { titles, ..FinalEntry::default() };
        assert!(to_review(&entry(vec![piece(TitlePieceState::Accepted), piece(TitlePieceState::Deposited)])));
        assert!(!to_review(&entry(vec![piece(TitlePieceState::Accepted), piece(TitlePieceState::Missing)])));
    }
}
