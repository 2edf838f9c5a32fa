//! The jury's pages (R15 to R19, R26 to R28, R33, R38): every decision is the jury service's, every act has two people.

mod act;
mod acts;
mod admissibility;
mod annulment;
mod brought;
mod corrections;
mod dossier;
mod dossiers;
mod home;
mod marks;
mod marks_import;
mod minutes;
mod parse;
mod periods;
mod ranking;
mod ranking_import;
mod read;
mod readers;
mod routes;
mod seats;
mod tables;
mod what_if;
mod words;

use axum::{
    extract::DefaultBodyLimit,
    response::{IntoResponse as _, Response},
    routing::get,
};
use contracts::{jury as api, roles};
use jiff::Timestamp;
use maud::{Markup, html};
use notice::{Exam, keys};
use platform::calendar;
use tonic::Status;

use super::{operator::outages, piece};
use crate::web::{Audience, Fault, Page, Routes, Visit, upload};

const JURY: Audience = Audience::Roles(&[roles::JURY, roles::JURY_PRESIDENT]);
const PRESIDENT: Audience = Audience::Roles(&[roles::JURY_PRESIDENT]);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    // A list as a file, and the form around it.
    let list = || DefaultBodyLimit::max(upload::LARGEST_LIST + (1 << 16));
    Routes::default()
        .on(JURY, "/jury", "GET", get(home::page))
        .on(JURY, "/jury/frais.csv", "GET", get(home::fees_export))
        .on(JURY, "/jury/frais.xlsx", "GET", get(home::fees_export))
        .on(JURY, "/jury/actes.csv", "GET", get(acts::export))
        .on(JURY, "/jury/actes.xlsx", "GET", get(acts::export))
        .on(PRESIDENT, "/jury/lecteurs.csv", "GET", get(readers::export))
        .on(PRESIDENT, "/jury/lecteurs.xlsx", "GET", get(readers::export))
        .on(JURY, "/jury/autres-voies.csv", "GET", get(routes::export))
        .on(JURY, "/jury/autres-voies.xlsx", "GET", get(routes::export))
        .on(JURY, "/jury/places.csv", "GET", get(seats::export))
        .on(JURY, "/jury/places.xlsx", "GET", get(seats::export))
        .on(JURY, "/jury/admissibilite/manques.csv", "GET", get(admissibility::missing_export))
        .on(JURY, "/jury/admissibilite/manques.xlsx", "GET", get(admissibility::missing_export))
        .on(JURY, "/jury/classement.csv", "GET", get(ranking::export))
        .on(JURY, "/jury/classement.xlsx", "GET", get(ranking::export))
        .on(JURY, "/jury/classement/manques.csv", "GET", get(ranking::missing_export))
        .on(JURY, "/jury/classement/manques.xlsx", "GET", get(ranking::missing_export))
        .on(PRESIDENT, "/jury/interruptions.csv", "GET", get(outages::export))
        .on(PRESIDENT, "/jury/interruptions.xlsx", "GET", get(outages::export))
        .on(PRESIDENT, "/jury/periodes/{number}/places.csv", "GET", get(brought::cells_export))
        .on(PRESIDENT, "/jury/periodes/{number}/places.xlsx", "GET", get(brought::cells_export))
        .on(PRESIDENT, "/jury/periodes/{number}/propositions.csv", "GET", get(brought::proposals_export))
        .on(PRESIDENT, "/jury/periodes/{number}/propositions.xlsx", "GET", get(brought::proposals_export))
        .on(PRESIDENT, "/jury/periodes/{number}/sorties.csv", "GET", get(brought::gone_export))
        .on(PRESIDENT, "/jury/periodes/{number}/sorties.xlsx", "GET", get(brought::gone_export))
        .on(JURY, "/jury/dossiers", "GET", get(dossiers::page))
        .on(JURY, "/jury/dossiers.csv", "GET", get(dossiers::export))
        .on(JURY, "/jury/dossiers.xlsx", "GET", get(dossiers::export))
        .on(JURY, "/jury/dossiers/{id}", "GET POST", get(dossier::page).post(dossier::post))
        .on(JURY, "/jury/dossiers/{id}/pieces/{piece}", "GET", get(piece::inline))
        .on(JURY, "/jury/dossiers/{id}/nullite", "GET POST", get(annulment::page).post(annulment::post))
        .on(JURY, "/jury/dossiers/{id}/corriger", "GET POST", get(corrections::page).post(corrections::post))
        .on(PRESIDENT, "/jury/lecteurs", "GET POST", get(readers::page).post(readers::post))
        .on(JURY, "/jury/admissibilite", "GET POST", get(admissibility::page).post(admissibility::post))
        .on(JURY, "/jury/notes", "GET POST", get(marks::page).post(marks::post))
        .on(JURY, "/jury/notes/feuille.csv", "GET", get(marks::export))
        .on(JURY, "/jury/notes/feuille.xlsx", "GET", get(marks::export))
        .on(JURY, "/jury/notes/importer", "GET POST", get(marks_import::page).post(marks_import::post).layer(list()))
        .on(JURY, "/jury/classement", "GET POST", get(ranking::page).post(ranking::post))
        .on(
            JURY,
            "/jury/classement/importer",
            "GET POST",
            get(ranking_import::page).post(ranking_import::post).layer(list()),
        )
        .on(JURY, "/jury/classement/{school}/{filiere}", "GET POST", get(tables::page).post(tables::post))
        .on(JURY, "/jury/classement/{school}/{filiere}/table.csv", "GET", get(tables::export))
        .on(JURY, "/jury/classement/{school}/{filiere}/table.xlsx", "GET", get(tables::export))
        .on(JURY, "/jury/places", "GET POST", get(seats::page).post(seats::post))
        .on(JURY, "/jury/simulation", "GET POST", get(what_if::page).post(what_if::post))
        .on(JURY, "/jury/actes", "GET", get(acts::page))
        .on(JURY, "/jury/actes/{id}", "GET POST", get(act::page).post(act::post))
        .on(JURY, "/jury/proces-verbaux", "GET", get(minutes::page))
        .on(JURY, "/jury/proces-verbaux/{stage}", "GET", get(minutes::pdf))
        .on(JURY, "/jury/autres-voies", "GET POST", get(routes::page).post(routes::post).layer(list()))
        .on(PRESIDENT, "/jury/periodes", "GET POST", get(periods::page).post(periods::post))
        .on(PRESIDENT, "/jury/periodes/{number}", "GET POST", get(periods::one).post(periods::recompute))
}

/// When a transition is due as it stands: as moved, else as printed.
async fn due(visit: &Visit, key: &str) -> Result<Option<Timestamp>, Fault> {
    let mut conn = visit.app.db.read().await?;
    Ok(calendar::instant_of(&mut conn, key).await?.or_else(|| visit.app.session.instant(key)))
}

/// What may not leave the jury yet (R19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Embargo {
    Admissibility,
    Admission,
    /// Whichever of the two is not out yet: for pages that show of both.
    Next,
}

/// Says so on a page while it holds: until the instant, and until the publication is confirmed.
async fn embargo(visit: &Visit, of: Embargo) -> Result<Markup, Fault> {
    let progress = visit.jury().get_progress(api::GetProgressRequest {}).await?.into_inner();
    embargo_of(visit, &progress, of).await
}

async fn embargo_of(visit: &Visit, progress: &api::Progress, of: Embargo) -> Result<Markup, Fault> {
    let (key, out) = match of {
        Embargo::Next if progress.admissibility_published => (keys::ADMISSION_RESULTS, progress.admission_confirmed),
        Embargo::Admissibility | Embargo::Next => (keys::ADMISSIBILITY_RESULTS, progress.admissibility_published),
        Embargo::Admission => (keys::ADMISSION_RESULTS, progress.admission_confirmed),
    };
    let at = due(visit, key).await?;
    let past = at.is_some_and(|at| visit.now >= at);
    if out && past {
        return Ok(html! {});
    }
    let until = visit.instant(at.map(contracts::Timestamp::from));
    let t = visit.t;
    Ok(html! { div class="embargo" {
        @if past { (t.get("jury-embargo-unconfirmed")) } @else { (t.with("jury-embargo-until", [("at", until.into())])) }
    } })
}

/// The exams, by the ids under which the jury keeps their results.
fn exams(visit: &Visit) -> [(&'static str, &Exam); 2] {
    [("interview", &visit.app.session.orals.interview), ("english", &visit.app.session.orals.english)]
}

fn exam_name<'a>(visit: &'a Visit, id: &'a str) -> &'a str {
    exams(visit).into_iter().find(|(exam, _)| *exam == id).map_or(id, |(_, exam)| visit.t.label(&exam.label))
}

/// Where an act that was prepared waits for its second person.
fn prepared(visit: &Visit, act: &api::Act) -> Response {
    visit.done(&format!("/jury/actes/{}", act.act_id), "act-prepared")
}

/// What became of a form: on, or the same page again with what was typed and what was refused on top.
async fn answer<F>(visit: &Visit, done: Result<Response, Status>, again: impl FnOnce(Markup) -> F) -> Page
where
    F: Future<Output = Result<Markup, Fault>>,
{
    match done {
        Ok(response) => Ok(response),
        Err(status) => Ok(again(visit.refused(&status)?).await?.into_response()),
    }
}

/// Every candidature that passes a filter, page by page.
async fn candidatures(visit: &Visit, mut asked: api::ListCandidaturesRequest) -> Result<Vec<api::Candidature>, Fault> {
    asked.page_size = 500;
    let mut all = Vec::new();
    loop {
        let page = visit.jury().list_candidatures(asked.clone()).await?.into_inner();
        all.extend(page.candidatures);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        asked.page_token = page.next_page_token;
    }
}

/// Who the people of acts are, as the president calls them; the subject of their token where they never read.
async fn people(visit: &Visit) -> Result<People, Fault> {
    let readers = visit.jury().list_readers(api::ListReadersRequest {}).await?.into_inner().readers;
    Ok(People(readers.into_iter().map(|reader| (reader.subject, reader.label)).collect()))
}

/// See [`people`].
#[derive(Debug, Clone, Default)]
struct People(std::collections::BTreeMap<String, String>);

impl People {
    fn name<'a>(&'a self, subject: &'a str) -> &'a str {
        self.0.get(subject).filter(|label| !label.is_empty()).map_or(subject, String::as_str)
    }
}

/// Cells with seats, school by school: what has a table.
fn cells(visit: &Visit) -> Vec<(&str, &str)> {
    let session = &visit.app.session;
    let all = session.schools.iter().flat_map(|s| session.filieres.iter().map(move |f| (s.id.as_str(), f.id.as_str())));
    all.filter(|(school, filiere)| session.seats(school, filiere) > 0).collect()
}
