//! What a period brought a school, as lists: its seats, and who left.

use contracts::integration::{CellResult, Elimination, PeriodResultsReply};
use maud::html;

use super::periods::look;
use crate::{
    lists::List,
    pages::{labels, names::Names},
    ui::Column,
    web::{Fault, Page, Path, Visit},
};

/// The school's seats.
pub fn cells(visit: &Visit, period: u32, results: &PeriodResultsReply) -> List {
    let t = visit.t;
    let own = results.cells.iter().filter(|c| c.school == visit.school());
    let row = |c: &CellResult| {
        let filiere = html! { (visit.filiere_name(&c.filiere)) };
        vec![filiere, html! { (c.seats) }, html! { (c.taken) }, html! { (c.last_called) }]
    };
    List {
        name: format!("periode-{period}-places-{}", visit.school()),
        caption: t.get("cells-title"),
        empty: t.get("cells-none"),
        columns: vec![
            Column::new(t.get("queue-filiere")),
            Column::number(t.get("cells-seats")),
            Column::number(t.get("cells-taken")),
            Column::number(t.get("cells-last-called")),
        ],
        rows: own.map(row).collect(),
    }
}

/// Who was eliminated or resigned.
pub fn left(visit: &Visit, period: u32, results: &PeriodResultsReply, names: &Names) -> List {
    let t = visit.t;
    let who = |id: &str| html! { (names.full(id)) };
    let why = |e: &Elimination| html! { (t.get(labels::elimination(e.reason()))) " (" (e.rule) ")" };
    let eliminated = results.eliminated.iter().map(|e| vec![who(&e.dossier_id), why(e)]);
    let resigned = results.resigned.iter();
    let resigned = resigned.map(|r| vec![who(&r.dossier_id), html! { (t.get("reply-non")) " " (visit.instant(r.at)) }]);
    List {
        name: format!("periode-{period}-sorties-{}", visit.school()),
        caption: t.get("left-title"),
        empty: t.get("left-none"),
        columns: ["queue-candidate", "left-why"].map(|key| Column::new(t.get(key))).into(),
        rows: eliminated.chain(resigned).collect(),
    }
}

/// `GET /ecole/periodes/{n}/places.csv`, `.xlsx`
pub async fn cells_export(visit: Visit, Path(period): Path<u32>) -> Page {
    let seen = look(&visit, period).await?;
    cells(&visit, period, &seen.results.ok_or(Fault::NotFound)?).file(&visit).await
}

/// `GET /ecole/periodes/{n}/sorties.csv`, `.xlsx`
pub async fn left_export(visit: Visit, Path(period): Path<u32>) -> Page {
    let seen = look(&visit, period).await?;
    left(&visit, period, &seen.results.ok_or(Fault::NotFound)?, &seen.names).file(&visit).await
}
