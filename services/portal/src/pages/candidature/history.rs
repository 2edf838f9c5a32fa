//! Everything that happened to the candidature, with who acted (R36).

use std::collections::BTreeMap;

use axum::response::IntoResponse as _;
use contracts::{
    intake::{Dossier, DossierState, GetDossierRequest, Purpose, Verdict},
    integration::{Answer, HistoryEntry, HistoryReply, HistoryRequest, LogIn},
    roles,
};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    asked, mandates,
    words::{self, Words},
};
use crate::{
    place::instant,
    ui::{self, Column},
    web::{Page, Visit},
};

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
    /// Who acted.
    pub who: Who,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The candidate.
    Candidate,
    /// A relative, by the name the candidate gave them; empty where that is not known.
    Mandate(String),
    /// A school.
    School,
    /// The jury.
    Jury,
    /// The calendar of the procedure.
    Calendar,
}

/// `GET /candidat/historique`
pub async fn page(visit: Visit) -> Page {
    let own = visit.role() == roles::CANDIDATE;
    let dossier_id = visit.dossier()?.to_string();
    let dates = asked::dates(&visit).await?;
    let (dossier, history, labels) = tokio::join!(
        asked::when(own, async {
            visit.intake().get_dossier(GetDossierRequest { dossier_id: dossier_id.clone() }).await
        }),
        asked::when(visit.now >= dates.first_period, async {
            visit.integration().history(HistoryRequest { dossier_id: dossier_id.clone() }).await
        }),
        async { if own { mandates::labels(&visit).await } else { Ok(BTreeMap::new()) } },
    );
    let w = Words::of(&visit);
    let lines = lines(w, dossier?.as_ref(), &history?.unwrap_or_default(), &labels?);
    Ok(ui::page(&visit, &visit.t.get("history-title"), &[], view(w, &lines)).into_response())
}

/// Both histories in one, oldest first.
pub fn lines(
    w: Words<'_>,
    dossier: Option<&Dossier>,
    history: &HistoryReply,
    labels: &BTreeMap<String, String>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = dossier.into_iter().flat_map(|dossier| of_dossier(w, dossier)).collect();
    lines.extend(history.log_ins.iter().filter_map(|log_in| seen(w, log_in, labels)));
    lines.extend(history.entries.iter().filter_map(|entry| happened(w, entry, labels)));
    lines.sort_by_key(|line| line.at);
    lines
}

fn of_dossier(w: Words<'_>, dossier: &Dossier) -> Vec<Line> {
    let t = w.t;
    let mut lines = Vec::new();
    let mut add = |at: Option<contracts::Timestamp>, what: String, who: Who| {
        lines.extend(instant(at).map(|at| Line { at, what, who }));
    };
    add(dossier.opened_at, t.get("what-opened"), Who::Candidate);
    for piece in &dossier.pieces {
        let key = match piece.purpose() {
            Purpose::Correction => "what-corrected",
            Purpose::Late => "what-late",
            _ => "what-deposited",
        };
        add(piece.deposited_at, t.with(key, [("piece", w.piece(&piece.piece).into())]), Who::Candidate);
    }
    if let Some(receipt) = &dossier.receipt {
        add(receipt.closed_at, t.get("what-closed"), Who::Candidate);
    }
    for correction in &dossier.corrections {
        let args =
            [("piece", w.piece(&correction.piece).into()), ("until", w.instant(instant(correction.until)).into())];
        add(correction.requested_at, t.with("what-correction", args), Who::School);
    }
    if dossier.verdict() == Verdict::Complete {
        add(dossier.verdict_at, t.get("what-verified"), Who::School);
    }
    match dossier.state() {
        DossierState::NotClosed => add(dossier.ended_at, t.get("what-not-closed"), Who::Calendar),
        DossierState::Abandoned => add(dossier.ended_at, t.get("what-abandoned"), Who::Candidate),
        _ => {}
    }
    add(dossier.annulled_at, t.get("what-annulled"), Who::Jury);
    lines
}

fn seen(w: Words<'_>, log_in: &LogIn, labels: &BTreeMap<String, String>) -> Option<Line> {
    let what = w.t.with("what-seen", [("period", log_in.period.into())]);
    Some(Line { at: instant(log_in.at)?, what, who: person(log_in.by_mandate, &log_in.actor, labels) })
}

fn happened(w: Words<'_>, entry: &HistoryEntry, labels: &BTreeMap<String, String>) -> Option<Line> {
    // The answer to a NON or an answer is of a person; the rest is what the calendar or the jury did.
    let who = match entry.what.as_str() {
        "answered" | "resigned" => person(entry.by_mandate, &entry.actor, labels),
        "annulled" => Who::Jury,
        "admitted" => Who::School,
        _ => Who::Calendar,
    };
    let key = match entry.what.as_str() {
        "answered" => "what-answered",
        "resigned" => "what-resigned",
        "proposed" => "what-proposed",
        "held" => "what-held",
        "waiting" => "what-waiting",
        "accepted" => "what-accepted",
        "admitted" => "what-admitted",
        "lapsed" => "what-lapsed",
        "restored" => "what-restored",
        "eliminated" => "what-eliminated",
        "not_retained" => "what-not-retained",
        "annulled" => "what-annulled",
        "reopened" => "what-reopened",
        _ => "what-changed",
    };
    let school = if entry.school.is_empty() { "–" } else { w.school(&entry.school) };
    let answer = if entry.answer() == Answer::Unspecified { "" } else { words::name(entry.answer()) };
    let args = [("school", school.into()), ("answer", answer.into()), ("period", entry.period.into())];
    Some(Line { at: instant(entry.at)?, what: w.t.with(key, args), who })
}

fn person(by_mandate: bool, actor: &str, labels: &BTreeMap<String, String>) -> Who {
    if by_mandate { Who::Mandate(labels.get(actor).cloned().unwrap_or_default()) } else { Who::Candidate }
}

/// The lines, oldest first.
pub fn view(w: Words<'_>, lines: &[Line]) -> Markup {
    let t = w.t;
    let who = |who: &Who| match who {
        Who::Candidate => t.get("who-candidate"),
        Who::Mandate(name) if name.is_empty() => t.get("who-mandate"),
        Who::Mandate(name) => t.with("who-mandate-named", [("name", name.as_str().into())]),
        Who::School => t.get("who-school"),
        Who::Jury => t.get("who-jury"),
        Who::Calendar => t.get("who-calendar"),
    };
    let rows: Vec<Vec<Markup>> = (lines.iter())
        .map(|line| vec![html! { (w.exact(line.at)) }, html! { (line.what) }, html! { (who(&line.who)) }])
        .collect();
    let columns = ["history-at", "history-what", "history-who"].map(|key| Column::new(t.get(key)));
    ui::table(&t.get("history-table"), &columns, &rows, &t.get("history-none"))
}

#[cfg(test)]
mod tests {
    use contracts::intake::{Correction, Piece, Receipt};

    use super::{super::words::sample, *};

    fn entry(what: &str, at: &str, by_mandate: bool) -> HistoryEntry {
        HistoryEntry {
            at: Some(sample::at(at).into()),
            what: what.into(),
            actor: "m1".into(),
            by_mandate,
            period: 2,
            school: "ales".into(),
            answer: Answer::OuiMais.into(),
            ..HistoryEntry::default()
        }
    }

    #[test]
    fn both_histories_are_one_by_instant_with_who_acted() {
        let stamp = |text: &str| Some(sample::at(text).into());
        let dossier = Dossier {
            opened_at: stamp("2026-02-01T08:00:00Z"),
            receipt: Some(Receipt { closed_at: stamp("2026-03-01T08:00:00Z"), ..Receipt::default() }),
            pieces: vec![Piece { piece: "cv".into(), deposited_at: stamp("2026-02-02T08:00:00Z"), ..Piece::default() }],
            corrections: vec![Correction { requested_at: stamp("2026-03-05T08:00:00Z"), ..Correction::default() }],
            ..Dossier::default()
        };
        let seen = LogIn { period: 2, at: stamp("2026-06-05T07:59:59Z"), actor: "m1".into(), by_mandate: true };
        let history = HistoryReply {
            entries: vec![
                entry("proposed", "2026-06-04T12:00:00Z", false),
                entry("answered", "2026-06-05T08:00:00Z", true),
            ],
            log_ins: vec![seen],
        };
        let labels: BTreeMap<String, String> = [("m1".to_owned(), "Ma mère".to_owned())].into();
        let [french, _] = sample::rendered(|w| view(w, &lines(w, Some(&dossier), &history, &labels)));
        let order = ["9:00:00.000", "ouvert", "clôturé", "demandée", "proposé", "OUI MAIS", "Ma mère"];
        assert!(order.iter().all(|part| french.contains(part)), "{french}");
        let w = Words { t: crate::i18n::Tr(crate::i18n::Lang::Fr), session: sample::session() };
        let whos: Vec<Who> = lines(w, Some(&dossier), &history, &labels).into_iter().map(|line| line.who).collect();
        let mother = || Who::Mandate("Ma mère".into());
        let expected = [Who::Candidate, Who::Candidate, Who::Candidate, Who::School, Who::Calendar, mother(), mother()];
        assert_eq!(whos, expected);
    }

    #[test]
    fn everything_integration_tells_has_its_words() {
        let whats = [
            "answered",
            "resigned",
            "proposed",
            "held",
            "waiting",
            "accepted",
            "admitted",
            "lapsed",
            "restored",
            "eliminated",
            "not_retained",
            "annulled",
            "reopened",
            "something_new",
        ];
        for what in whats {
            let history = HistoryReply { entries: vec![entry(what, "2026-06-05T08:00:00Z", true)], log_ins: vec![] };
            sample::rendered(|w| view(w, &lines(w, None, &history, &BTreeMap::new())));
        }
    }
}
