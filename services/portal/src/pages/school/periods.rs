//! The integration periods as a school sees them: who has not been seen (R35), proposals, answers, tables.

use axum::response::IntoResponse as _;
use contracts::integration::{
    ListTableReply, ListTableRequest, NotLoggedInReply, NotLoggedInRequest, PeriodResultsReply, PeriodResultsRequest,
};
use maud::{Markup, html};
use notice::keys;
use platform::refusal::Refusal;
use tonic::{Response, Status};

use super::brought;
use crate::{
    exports::{self, Export, Value},
    pages::{candidature::asked::instants, labels, names::Names},
    ui::{self, Column, Tone},
    web::{Fault, Page, Path, Visit},
};

/// What integration does not tell now, for reasons that are no fault: not published yet (R19), or closed already.
fn told<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(reply) => Ok(Some(reply.into_inner())),
        Err(status) => match Refusal::from_status(&status).map(|r| r.reason) {
            Some(reason) if matches!(reason.as_str(), "NOT_YET_PUBLISHED" | "PERIOD_CLOSED" | "NO_TABLE") => Ok(None),
            _ => Err(status.into()),
        },
    }
}

/// `GET /ecole/periodes`
pub async fn page(visit: Visit) -> Page {
    let (t, session) = (visit.t, &visit.app.session);
    let keys = |number: u32| [keys::period_opens(number), keys::period_closes(number)];
    let all: Vec<String> = session.periods.iter().flat_map(|p| keys(p.number)).collect();
    // As they stand now, which may be later than the notice prints (R5).
    let known = instants(&visit, &all).await?;
    let periods: Vec<_> = session
        .periods
        .iter()
        .map(|p| {
            let [opens, closes] = keys(p.number).map(|key| known(&key));
            vec![
                html! { a href={ "/ecole/periodes/" (p.number) } { (t.with("period-n", [("n", p.number.into())])) } },
                html! { (visit.instant(opens.map(contracts::Timestamp::from))) },
                html! { (visit.instant(closes.map(contracts::Timestamp::from))) },
            ]
        })
        .collect();
    let columns = ["period", "period-opens", "period-closes"].map(|key| Column::new(t.get(key)));
    let tables = session.filieres.iter().filter(|f| session.seats(visit.school(), &f.id) > 0);
    let body = html! {
        p class="lead" { (t.get("periods-lead")) }
        (ui::table(&t.get("periods-caption"), &columns, &periods, ""))
        (ui::card(&t.get("tables-title"), html! {
            p { (t.get("tables-lead")) }
            ul { @for f in tables { li { a href={ "/ecole/classements/" (f.id) } { (t.label(&f.label)) } } } }
        }))
    };
    Ok(ui::page(&visit, &t.get("nav-periods"), &[], body).into_response())
}

/// What a period shows a school.
pub(super) struct Seen {
    unseen: Option<NotLoggedInReply>,
    pub(super) results: Option<PeriodResultsReply>,
    pub(super) names: Names,
}

pub(super) async fn look(visit: &Visit, period: u32) -> Result<Seen, Fault> {
    if visit.app.session.period(period).is_none() {
        return Err(Fault::NotFound);
    }
    let (mut one, mut two) = (visit.integration(), visit.integration());
    let (unseen, results) = tokio::join!(
        one.not_logged_in(NotLoggedInRequest { school: visit.school().to_owned(), period }),
        two.period_results(PeriodResultsRequest { period }),
    );
    let (unseen, results) = (told(unseen)?, told(results)?);
    let mut ids: Vec<&str> = Vec::new();
    if let Some(u) = &unseen {
        ids.extend(u.not_logged_in.iter().chain(&u.not_answered).map(String::as_str));
    }
    if let Some(r) = &results {
        ids.extend(r.proposals.iter().map(|p| p.dossier_id.as_str()));
        ids.extend(r.answers.iter().map(|a| a.dossier_id.as_str()));
        ids.extend(r.eliminated.iter().map(|e| e.dossier_id.as_str()));
        ids.extend(r.resigned.iter().map(|e| e.dossier_id.as_str()));
    }
    let names = Names::of(visit, ids).await?;
    Ok(Seen { unseen, results, names })
}

/// `GET /ecole/periodes/{n}`
pub async fn one(visit: Visit, Path(period): Path<u32>) -> Page {
    let t = visit.t;
    let seen = look(&visit, period).await?;
    let here = format!("/ecole/periodes/{period}");
    let body = html! {
        p { a href="/ecole/periodes" { (t.get("periods-back")) } }
        @if let Some(unseen) = &seen.unseen { (not_seen(&visit, &here, unseen, &seen.names)) }
        @match &seen.results {
            Some(results) => (brought(&visit, &here, period, results, &seen.names)),
            None => (ui::alert(Tone::Info, &t.get("period-not-yet"), html! { p { (t.get("period-not-yet-text")) } })),
        }
    };
    Ok(ui::page(&visit, &t.with("period-n", [("n", period.into())]), &[], body).into_response())
}

fn not_seen(visit: &Visit, here: &str, unseen: &NotLoggedInReply, names: &Names) -> Markup {
    let t = visit.t;
    let columns = ["queue-candidate", "queue-filiere", "unseen-what", "unseen-last"].map(|key| Column::new(t.get(key)));
    let rows: Vec<_> = unseen
        .candidates
        .iter()
        .map(|c| {
            vec![
                html! { (names.full(&c.dossier_id)) },
                html! { (visit.filiere_name(&c.filiere)) },
                html! { @for key in missing(unseen, &c.dossier_id) { (ui::badge(Tone::Warn, &t.get(key))) " " } },
                html! { (visit.instant(c.logged_in_at.or(c.last_seen_at))) },
            ]
        })
        .collect();
    html! {
        h2 { (t.get("unseen-title")) }
        p { (t.with("unseen-counts", [("absent", unseen.not_logged_in.len().into()), ("silent", unseen.not_answered.len().into())])) }
        (exports::links(visit, &format!("{here}/absents")))
        (ui::table(&t.get("unseen-title"), &columns, &rows, &t.get("unseen-none")))
    }
}

/// What somebody has not done yet, as keys.
fn missing(unseen: &NotLoggedInReply, id: &str) -> Vec<&'static str> {
    let mut keys = Vec::new();
    if unseen.not_logged_in.iter().any(|d| d == id) {
        keys.push("unseen-not-logged-in");
    }
    if unseen.not_answered.iter().any(|d| d == id) {
        keys.push("unseen-not-answered");
    }
    keys
}

fn brought(visit: &Visit, here: &str, period: u32, results: &PeriodResultsReply, names: &Names) -> Markup {
    let t = visit.t;
    let columns = ["queue-candidate", "queue-filiere", "table-rank", "proposal-kind", "answer"]
        .map(|key| Column::new(t.get(key)));
    let rows: Vec<_> = results
        .proposals
        .iter()
        .map(|p| {
            let answer = results.answers.iter().find(|a| a.dossier_id == p.dossier_id);
            vec![
                html! { (names.full(&p.dossier_id)) },
                html! { (visit.filiere_name(&p.filiere)) },
                html! { @if p.rank > 0 { (p.rank) } @else { "–" } },
                html! { (t.get(kind(p.new, p.supernumerary))) },
                match answer {
                    Some(a) => html! { (labels::badge(t, a.answer())) " " span class="hint" { (visit.instant(a.at)) } },
                    None => html! { (ui::badge(Tone::Info, &t.get("answer-none"))) },
                },
            ]
        })
        .collect();
    html! {
        (brought::cells(visit, period, results).shown(visit, &format!("{here}/places")))
        (exports::links(visit, &format!("{here}/propositions")))
        (ui::table(&t.get("proposals-title"), &columns, &rows, &t.get("proposals-none")))
        (brought::left(visit, period, results, names).shown(visit, &format!("{here}/sorties")))
    }
}

const fn kind(new: bool, supernumerary: bool) -> &'static str {
    match (new, supernumerary) {
        (_, true) => "proposal-supernumerary",
        (true, false) => "proposal-new",
        (false, false) => "proposal-held",
    }
}

/// `GET /ecole/periodes/{n}/absents.csv`
pub async fn absent_export(visit: Visit, Path(period): Path<u32>) -> Page {
    let t = visit.t;
    let seen = look(&visit, period).await?;
    let unseen = seen.unseen.ok_or(Fault::NotFound)?;
    let rows = unseen.candidates.iter().map(|c| {
        let n = seen.names.get(&c.dossier_id).cloned().unwrap_or_default();
        let what: Vec<String> = missing(&unseen, &c.dossier_id).into_iter().map(|key| t.get(key)).collect();
        vec![
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            visit.filiere_name(&c.filiere).into(),
            what.join(", ").into(),
            exports::instant(&visit, c.logged_in_at.or(c.last_seen_at)),
        ]
    });
    let columns = ["queue-number", "queue-name", "queue-first-names", "queue-filiere", "unseen-what", "unseen-last"];
    let name = format!("periode-{period}-absents-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

/// `GET /ecole/periodes/{n}/propositions.csv`
pub async fn proposals_export(visit: Visit, Path(period): Path<u32>) -> Page {
    let t = visit.t;
    let seen = look(&visit, period).await?;
    let results = seen.results.ok_or(Fault::NotFound)?;
    let rows = results.proposals.iter().map(|p| {
        let n = seen.names.get(&p.dossier_id).cloned().unwrap_or_default();
        let a = results.answers.iter().find(|a| a.dossier_id == p.dossier_id);
        vec![
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            visit.filiere_name(&p.filiere).into(),
            p.rank.into(),
            t.get(kind(p.new, p.supernumerary)).into(),
            t.get(a.map_or("answer-none", |a| labels::answer(a.answer()))).into(),
            exports::instant(&visit, a.and_then(|a| a.at)),
        ]
    });
    let columns = [
        "queue-number",
        "queue-name",
        "queue-first-names",
        "queue-filiere",
        "table-rank",
        "proposal-kind",
        "answer",
        "answer-at",
    ];
    let name = format!("periode-{period}-propositions-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

async fn table(visit: &Visit, filiere: &str) -> Result<Option<(ListTableReply, Names)>, Fault> {
    if visit.app.session.filiere(filiere).is_none() {
        return Err(Fault::NotFound);
    }
    let asked = ListTableRequest { school: visit.school().to_owned(), filiere: filiere.to_owned() };
    let Some(table) = told(visit.integration().list_table(asked).await)? else { return Ok(None) };
    let names = Names::of(visit, table.rows.iter().map(|r| r.dossier_id.as_str())).await?;
    Ok(Some((table, names)))
}

/// `GET /ecole/classements/{filiere}`
pub async fn ranking(visit: Visit, Path(filiere): Path<String>) -> Page {
    let t = visit.t;
    let body = match table(&visit, &filiere).await? {
        None => ui::alert(Tone::Info, &t.get("period-not-yet"), html! { p { (t.get("period-not-yet-text")) } }),
        Some((table, names)) => {
            let columns = [
                Column::number(t.get("table-rank")),
                Column::new(t.get("queue-candidate")),
                Column::new(t.get("queue-state")),
                Column::new(t.get("table-here")),
            ];
            let rows: Vec<_> = table
                .rows
                .iter()
                .map(|r| {
                    vec![
                        html! { (r.rank) },
                        html! { (names.full(&r.dossier_id)) },
                        labels::badge(t, r.state()),
                        html! { @if let Some(key) = here(r.here, r.open) { (t.get(key)) } },
                    ]
                })
                .collect();
            html! {
                (exports::links(&visit, &format!("/ecole/classements/{filiere}/liste")))
                (ui::table(&t.with("table-caption", [("filiere", visit.filiere_name(&filiere).into())]), &columns, &rows, &t.get("table-none")))
            }
        }
    };
    let body = html! { p { a href="/ecole/periodes" { (t.get("periods-back")) } } (body) };
    Ok(ui::page(&visit, &t.get("tables-title"), &[], body).into_response())
}

/// Where somebody's proposal or seat is, seen from this school.
const fn here(here: bool, open: bool) -> Option<&'static str> {
    match (here, open) {
        (true, _) => Some("table-is-here"),
        (false, true) => Some("table-is-open"),
        (false, false) => None,
    }
}

/// `GET /ecole/classements/{filiere}/liste.csv`
pub async fn ranking_export(visit: Visit, Path(filiere): Path<String>) -> Page {
    let t = visit.t;
    let (table, names) = table(&visit, &filiere).await?.ok_or(Fault::NotFound)?;
    let rows = table.rows.iter().map(|r| {
        let n = names.get(&r.dossier_id).cloned().unwrap_or_default();
        let place = here(r.here, r.open).map(|key| t.get(key)).unwrap_or_default();
        let cells: Vec<Value> = vec![
            r.rank.into(),
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            t.get(labels::state(r.state())).into(),
            place.into(),
        ];
        cells
    });
    let columns = ["table-rank", "queue-number", "queue-name", "queue-first-names", "queue-state", "table-here"];
    // The filière's id was found in the session file.
    let name = format!("classement-{filiere}-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use super::*;
    use crate::i18n::{Lang, Tr};

    #[test]
    fn every_composed_word_exists() {
        let kinds = [kind(true, false), kind(false, false), kind(true, true), kind(false, true)];
        let places = [here(true, false), here(false, true)].map(Option::unwrap);
        let unseen = NotLoggedInReply {
            not_logged_in: vec!["a".into()],
            not_answered: vec!["a".into(), "b".into()],
            ..NotLoggedInReply::default()
        };
        assert_eq!(
            (missing(&unseen, "a").len(), missing(&unseen, "b"), missing(&unseen, "c").len()),
            (2, vec!["unseen-not-answered"], 0)
        );
        assert_eq!(here(false, false), None);
        for lang in Lang::ALL {
            for key in kinds.iter().chain(&places).chain(&missing(&unseen, "a")) {
                assert!(Tr(lang).find(key, &FluentArgs::new()).is_some(), "{key}");
            }
        }
    }
}
