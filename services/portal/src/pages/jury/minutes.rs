//! The procès-verbal of a stage as PDF: what is signed, with every act of two people.

use axum::response::{IntoResponse as _, Response};
use contracts::jury::{self as api, ActDetail, DecisionItem, ExamResult, GetMinutesRequest, Stage, TableItem};
use documents::{
    Act, Annulment, Correction, Decided, Decision, Determination, Language, Minutes, Named, Outcome, Publication,
    SeatTransfer, SignOff, Signatory, Supernumerary, Table,
};
use http::{HeaderValue, header};
use jiff::{Timestamp, Zoned};
use maud::html;
use notice::keys;
use platform::refusal::Refusal;

use super::{Embargo, People, due, embargo, exam_name, people, words};
use crate::{
    i18n::Lang,
    pages::names::Names,
    ui::{self, Tone},
    web::{Fault, Page, Path, Visit},
};

/// Address, stage, and key of its name.
const STAGES: [(&str, Stage, &str); 2] = [
    ("admissibilite", Stage::Admissibility, "minutes-admissibility"),
    ("admission", Stage::Admission, "minutes-admission"),
];

/// `GET /jury/proces-verbaux`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let mut cards = Vec::new();
    for (path, stage, name) in STAGES {
        let asked = GetMinutesRequest { stage: stage.into() };
        let body = match visit.jury().get_minutes(asked).await {
            Ok(_) => html! { p { (ui::go(&format!("/jury/proces-verbaux/{path}"), &t.get("minutes-open"))) } },
            Err(status) if Refusal::from_status(&status).is_some_and(|r| r.reason == "NOT_SIGNED") => {
                html! { p { (ui::badge(Tone::Info, &t.get("minutes-not-signed"))) } }
            }
            Err(status) => return Err(status.into()),
        };
        cards.push(ui::card(&t.get(name), body));
    }
    let body = html! {
        (embargo(&visit, Embargo::Admission).await?)
        p class="lead" { (t.get("minutes-lead")) }
        div class="grid" { @for card in cards { (card) } }
        p { a href="/jury/actes" { (t.get("acts-back")) } }
    };
    Ok(ui::page(&visit, &t.get("jury-minutes"), &[], body).into_response())
}

/// `GET /jury/proces-verbaux/{stage}`
pub async fn pdf(visit: Visit, Path(stage): Path<String>) -> Page {
    let (_, stage, _) = STAGES.into_iter().find(|(path, ..)| *path == stage).ok_or(Fault::NotFound)?;
    let mut jury = visit.jury();
    let (signed, people) = tokio::try_join!(
        async { Ok(jury.get_minutes(GetMinutesRequest { stage: stage.into() }).await?.into_inner()) },
        people(&visit)
    )?;
    let names = Names::of(&visit, named(&signed)).await?;
    let key = if stage == Stage::Admission { keys::ADMISSION_COMMISSION } else { keys::ADMISSIBILITY_COMMISSION };
    let commission = due(&visit, key).await?.ok_or_else(|| Fault::internal("a commission without a date"))?;
    let minutes = Clerk { visit: &visit, people: &people, names: &names }.minutes(&signed, stage, commission)?;
    let language = if visit.t.lang() == Lang::Fr { Language::French } else { Language::English };
    let press = visit.app.documents.clone();
    let printed = tokio::task::spawn_blocking(move || press.minutes(&minutes, language)).await;
    let bytes = printed.map_err(Fault::internal)?.map_err(Fault::internal)?;
    let mut response: Response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"proces-verbal.pdf\""));
    Ok(response)
}

/// Every dossier named in them.
fn named(m: &api::Minutes) -> Vec<&str> {
    let acts = m.corrections.iter().chain(&m.annulments).chain(&m.supernumeraries);
    let decisions = m.decisions.iter().chain(acts.clone().flat_map(|a| a.decisions.iter().chain(&a.decision_before)));
    let tables = m.tables.iter().chain(acts.clone().flat_map(|a| a.tables.iter().chain(&a.table_before)));
    let ranked = tables.flat_map(|t| &t.dossiers).chain(acts.flat_map(|a| &a.dossier));
    decisions.map(|d| d.dossier_id.as_str()).chain(ranked.map(|d| d.dossier_id.as_str())).collect()
}

/// Puts ids and subjects into words.
struct Clerk<'a> {
    visit: &'a Visit,
    people: &'a People,
    names: &'a Names,
}

impl Clerk<'_> {
    fn minutes(&self, m: &api::Minutes, stage: Stage, commission: Timestamp) -> Result<Minutes, Fault> {
        let session = &self.visit.app.session;
        let decided = if stage == Stage::Admission { self.admission(m)? } else { self.admissibility(m) };
        let signatures = stage == Stage::Admission;
        let sign_off =
            |a: &ActDetail| Ok::<_, Fault>(SignOff { act: self.act(a)?, signature: signatures.then_some(a.signature) });
        let publication =
            |a: &ActDetail| Ok::<_, Fault>(Publication { act: self.act(a)?, visible_at: self.zoned(a.publish_at)? });
        Ok(Minutes {
            session: session.title.clone(),
            commission: commission.to_zoned(session.zone.clone()).date(),
            decided,
            sign_offs: m.sign_offs.iter().map(sign_off).collect::<Result<_, _>>()?,
            publications: m.publications.iter().map(publication).collect::<Result<_, _>>()?,
            corrections: m.corrections.iter().map(|a| self.correction(a)).collect::<Result<_, _>>()?,
            annulments: m.annulments.iter().map(|a| self.annulment(a)).collect::<Result<_, _>>()?,
        })
    }

    fn zoned(&self, at: Option<contracts::Timestamp>) -> Result<Zoned, Fault> {
        let at = at.and_then(|at| Timestamp::try_from(at).ok());
        let at = at.ok_or_else(|| Fault::internal("an act of the minutes lacks an instant"))?;
        Ok(at.to_zoned(self.visit.app.session.zone.clone()))
    }

    fn signatory(&self, subject: &str, at: Option<contracts::Timestamp>) -> Result<Signatory, Fault> {
        let name = self.people.name(subject).to_owned();
        Ok(Signatory { name, capacity: self.visit.t.get("minutes-capacity"), at: self.zoned(at)? })
    }

    fn act(&self, detail: &ActDetail) -> Result<Act, Fault> {
        let act = detail.act.clone().unwrap_or_default();
        Ok(Act {
            prepared: self.signatory(&act.prepared_by, act.prepared_at)?,
            confirmed: self.signatory(&act.confirmed_by, act.confirmed_at)?,
            digest: act.digest,
        })
    }

    fn named(&self, id: &str, number: u64) -> Named {
        let name = self.names.get(id).cloned().unwrap_or_default();
        Named { number: number.to_string(), family_name: name.family_name, first_names: name.first_names }
    }

    fn school(&self, id: &str) -> String {
        self.visit.school_name(id).to_owned()
    }

    fn filiere(&self, id: &str) -> String {
        self.visit.filiere_name(id).to_owned()
    }

    fn reason(detail: &ActDetail) -> String {
        detail.act.as_ref().map(|a| a.reason.clone()).unwrap_or_default()
    }

    fn admissibility(&self, m: &api::Minutes) -> Decided {
        let decision = |d: &DecisionItem| Decision {
            candidate: self.named(&d.dossier_id, d.number),
            filiere: self.filiere(&d.filiere),
            outcome: match (d.annulled, d.admissible) {
                (true, _) => Outcome::Annulled,
                (_, true) => Outcome::Admissible,
                _ => Outcome::Rejected,
            },
            schools: d.recevable_schools.iter().map(|id| self.school(id)).collect(),
            determinations: d
                .determinations
                .iter()
                .map(|f| Determination {
                    school: self.school(&f.school),
                    recevable: f.recevable,
                    reason: f.reason.clone(),
                })
                .collect(),
            reason: d.reason.clone(),
        };
        Decided::Admissibility { decisions: m.decisions.iter().map(decision).collect() }
    }

    fn admission(&self, m: &api::Minutes) -> Result<Decided, Fault> {
        let seats = |t: &TableItem| {
            let cell = m.seats.iter().find(|c| c.school == t.school && c.filiere == t.filiere);
            cell.map_or(0, |c| c.seats)
        };
        let table = |t: &TableItem| Table {
            school: self.school(&t.school),
            filiere: self.filiere(&t.filiere),
            seats: seats(t),
            ranked: t.dossiers.iter().map(|d| self.named(&d.dossier_id, d.number)).collect(),
            tie_breaks: Vec::new(),
        };
        let transfer = |s: &api::SeatTransfer| {
            Ok::<_, Fault>(SeatTransfer {
                school: self.school(&s.school),
                from_filiere: self.filiere(&s.from_filiere),
                to_filiere: self.filiere(&s.to_filiere),
                count: s.count,
                from_period: s.from_period,
                reason: s.reason.clone(),
                moved: self.signatory(&s.moved_by, s.moved_at)?,
            })
        };
        let supernumerary = |a: &ActDetail| {
            let (dossier, seat) = (a.dossier.clone().unwrap_or_default(), a.seat.clone().unwrap_or_default());
            Ok::<_, Fault>(Supernumerary {
                act: self.act(a)?,
                candidate: self.named(&dossier.dossier_id, dossier.number),
                school: self.school(&seat.school),
                filiere: self.filiere(&seat.filiere),
                reason: Self::reason(a),
            })
        };
        Ok(Decided::Admission {
            tables: m.tables.iter().map(table).collect(),
            transfers: m.transfers.iter().map(transfer).collect::<Result<_, _>>()?,
            supernumeraries: m.supernumeraries.iter().map(supernumerary).collect::<Result<_, _>>()?,
        })
    }

    fn annulment(&self, a: &ActDetail) -> Result<Annulment, Fault> {
        let dossier = a.dossier.clone().unwrap_or_default();
        let candidate = self.named(&dossier.dossier_id, dossier.number);
        Ok(Annulment { act: self.act(a)?, candidate, reason: Self::reason(a) })
    }

    /// A correction in words: of a decision, a table or a mark.
    fn correction(&self, a: &ActDetail) -> Result<Correction, Fault> {
        let t = self.visit.t;
        let whom = a.dossier.as_ref().map(|d| self.names.full(&d.dossier_id)).unwrap_or_default();
        let (subject, before, after) = if let Some(table) = a.tables.first() {
            let subject = format!("{}, {}", self.school(&table.school), self.filiere(&table.filiere));
            (subject, a.table_before.as_ref().map(|t| self.ranks(t)).unwrap_or_default(), self.ranks(table))
        } else if let Some(decision) = a.decisions.first() {
            let before = a.decision_before.as_ref().map(|d| self.decision_words(d)).unwrap_or_default();
            (self.names.full(&decision.dossier_id), before, self.decision_words(decision))
        } else {
            let words = |m: Option<&ExamResult>| m.map_or_else(|| t.get("act-nothing-before"), |m| self.mark_words(m));
            let exam = a.mark.as_ref().map(|m| exam_name(self.visit, &m.exam)).unwrap_or_default();
            (format!("{whom}, {exam}"), words(a.mark_before.as_ref()), words(a.mark.as_ref()))
        };
        Ok(Correction { act: self.act(a)?, subject, before, after, reason: Self::reason(a) })
    }

    fn ranks(&self, table: &TableItem) -> String {
        let ranked: Vec<_> = (1..)
            .zip(&table.dossiers)
            .map(|(rank, d): (u32, _)| format!("{rank}. {}", self.names.full(&d.dossier_id)))
            .collect();
        ranked.join(" ; ")
    }

    fn decision_words(&self, d: &DecisionItem) -> String {
        let t = self.visit.t;
        let what = if d.admissible { t.get("jury-admissible") } else { t.get("jury-not-admissible") };
        let schools: Vec<_> = d.recevable_schools.iter().map(|id| self.school(id)).collect();
        if schools.is_empty() { what } else { format!("{what} ({})", schools.join(", ")) }
    }

    fn mark_words(&self, m: &ExamResult) -> String {
        let t = self.visit.t;
        if m.absent { t.get("jury-exam-absent") } else { words::mark(t, &m.mark) }
    }
}
