//! What a period brought, list by list: seats, proposals with their answers, who is no longer there.

use contracts::integration::{PeriodResultsReply, PeriodResultsRequest};
use maud::html;
use platform::refusal::Refusal;

use crate::{
    lists::List,
    pages::{labels, names::Names},
    ui::{self, Column, Tone},
    web::{Fault, Page, Path, Visit},
};

/// What a published period brought, with the names.
pub struct Brought {
    period: u32,
    results: PeriodResultsReply,
    names: Names,
}

impl Brought {
    /// Asks for it; none before the period's opening (R19).
    pub async fn of(visit: &Visit, period: u32) -> Result<Option<Self>, Fault> {
        let results = match visit.integration().period_results(PeriodResultsRequest { period }).await {
            Ok(reply) => reply.into_inner(),
            Err(status) if Refusal::from_status(&status).is_some_and(|r| r.reason == "NOT_YET_PUBLISHED") => {
                return Ok(None);
            }
            Err(status) => return Err(status.into()),
        };
        let ids = results.proposals.iter().map(|p| p.dossier_id.as_str());
        let ids = ids.chain(results.answers.iter().map(|a| a.dossier_id.as_str()));
        let ids = ids.chain(results.eliminated.iter().map(|e| e.dossier_id.as_str()));
        let names = Names::of(visit, ids.chain(results.resigned.iter().map(|x| x.dossier_id.as_str()))).await?;
        Ok(Some(Self { period, results, names }))
    }

    /// Seats, cell by cell.
    pub fn cells(&self, visit: &Visit) -> List {
        let t = visit.t;
        let rows = self.results.cells.iter().map(|c| {
            vec![
                html! { (visit.school_name(&c.school)) ", " (visit.filiere_name(&c.filiere)) },
                html! { (c.seats) },
                html! { (c.taken) },
                html! { @if c.last_called > 0 { (c.last_called) } @else { "–" } },
            ]
        });
        List {
            name: format!("periode-{}-places", self.period),
            caption: t.get("nav-seats"),
            empty: String::new(),
            columns: vec![
                Column::new(t.get("seats-cell")),
                Column::number(t.get("ranking-seats")),
                Column::number(t.get("seats-taken")),
                Column::number(t.get("what-if-last-called")),
            ],
            rows: rows.collect(),
        }
    }

    /// Proposals, and what was answered.
    pub fn proposals(&self, visit: &Visit) -> List {
        let t = visit.t;
        let rows = self.results.proposals.iter().map(|p| {
            let state = if p.new { t.get("what-if-new") } else { t.get("what-if-held") };
            let answer = self.results.answers.iter().find(|a| a.dossier_id == p.dossier_id);
            vec![
                self.names.link(&p.dossier_id, "/jury/dossiers"),
                html! { (visit.school_name(&p.school)) ", " (visit.filiere_name(&p.filiere)) },
                html! { @if p.rank > 0 { (p.rank) } @else { "–" } },
                html! { (state) @if p.supernumerary { " " (ui::badge(Tone::Info, &t.get("what-if-supernumerary"))) } },
                html! { @if let Some(a) = answer { (labels::badge(t, a.answer())) ", " (visit.instant(a.at)) @if a.by_mandate { " " (t.get("jury-period-by-mandate")) } } @else { "–" } },
            ]
        });
        List {
            name: format!("periode-{}-propositions", self.period),
            caption: t.get("jury-period-proposals"),
            empty: t.get("jury-period-no-proposals"),
            columns: vec![
                Column::new(t.get("jury-candidate")),
                Column::new(t.get("jury-school")),
                Column::number(t.get("jury-rank")),
                Column::new(t.get("what-if-state")),
                Column::new(t.get("jury-period-answer")),
            ],
            rows: rows.collect(),
        }
    }

    /// Who was eliminated or resigned.
    pub fn gone(&self, visit: &Visit) -> List {
        let t = visit.t;
        let link = |id: &str| self.names.link(id, "/jury/dossiers");
        let eliminated = self.results.eliminated.iter();
        let eliminated =
            eliminated.map(|e| vec![link(&e.dossier_id), html! { (labels::badge(t, e.reason())) " (" (e.rule) ")" }]);
        let resigned = self.results.resigned.iter();
        let resigned = resigned
            .map(|x| vec![link(&x.dossier_id), html! { (t.get("jury-period-resigned")) ", " (visit.instant(x.at)) }]);
        List {
            name: format!("periode-{}-sorties", self.period),
            caption: t.get("jury-period-gone"),
            empty: t.get("jury-period-nobody-gone"),
            columns: vec![Column::new(t.get("jury-candidate")), Column::new(t.get("jury-period-why"))],
            rows: eliminated.chain(resigned).collect(),
        }
    }
}

async fn file(visit: &Visit, period: u32, list: impl FnOnce(&Brought) -> List) -> Page {
    let brought = Brought::of(visit, period).await?.ok_or(Fault::NotFound)?;
    list(&brought).file(visit).await
}

/// `GET /jury/periodes/{number}/places.csv`, `.xlsx`
pub async fn cells_export(visit: Visit, Path(period): Path<u32>) -> Page {
    file(&visit, period, |brought| brought.cells(&visit)).await
}

/// `GET /jury/periodes/{number}/propositions.csv`, `.xlsx`
pub async fn proposals_export(visit: Visit, Path(period): Path<u32>) -> Page {
    file(&visit, period, |brought| brought.proposals(&visit)).await
}

/// `GET /jury/periodes/{number}/sorties.csv`, `.xlsx`
pub async fn gone_export(visit: Visit, Path(period): Path<u32>) -> Page {
    file(&visit, period, |brought| brought.gone(&visit)).await
}
