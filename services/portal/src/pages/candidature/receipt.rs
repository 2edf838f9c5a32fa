//! The receipt of an answer: when it was received, when it takes effect, and whether it still stands (R30, R36).

use axum::response::IntoResponse as _;
use contracts::{
    integration::{Answer, HistoryEntry, HistoryReply, HistoryRequest},
    roles,
};
use jiff::Timestamp;
use maud::{Markup, html};
use notice::keys;

use super::{
    asked, files, mandates,
    words::{self, Words},
};
use crate::{
    place::instant,
    ui::{self, Tone},
    web::{Fault, Page, Path, Visit},
};

/// One answer as it was received.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// What the history holds of it.
    pub entry: HistoryEntry,
    /// When it takes effect, or took effect.
    pub takes_effect: Option<Timestamp>,
    /// What became of it.
    pub since: Since,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It stands until the close.
    Stands,
    /// Another one replaced it.
    Replaced(Answer),
    /// It took effect.
    Done,
    /// The jury annulled the candidature before it could (R15).
    Void,
}

/// Whether an entry of the history is an answer being given; what a close made of one is not.
fn answered(entry: &HistoryEntry) -> bool {
    matches!(entry.what.as_str(), "answered" | "resigned") && entry.answer() != Answer::Unspecified
}

/// Reads one answer out of the history.
pub fn given(
    history: &HistoryReply,
    version: u64,
    closes: impl Fn(u32) -> Option<Timestamp>,
    now: Timestamp,
) -> Option<Given> {
    let entry = history.entries.iter().find(|entry| entry.version == version && answered(entry))?.clone();
    let takes_effect = if entry.answer() == Answer::Non { instant(entry.at) } else { closes(entry.period) };
    // The last one before it takes effect is the one that counts.
    let later = || history.entries.iter().filter(|other| other.version > version && instant(other.at) < takes_effect);
    let since = if let Some(later) = later().rfind(|other| answered(other)) {
        Since::Replaced(later.answer())
    } else if later().any(|other| other.what == "annulled") {
        Since::Void
    } else if takes_effect.is_some_and(|at| at <= now) {
        Since::Done
    } else {
        Since::Stands
    };
    Some(Given { takes_effect, since, entry })
}

/// When each period closes.
async fn closes(visit: &Visit) -> Result<impl Fn(u32) -> Option<Timestamp> + use<'_>, Fault> {
    let keys: Vec<String> = visit.app.session.periods.iter().map(|p| keys::period_closes(p.number)).collect();
    let closes = asked::instants(visit, &keys).await?;
    Ok(move |period| closes(&keys::period_closes(period)))
}

/// Every answer that was given, oldest first; none before the first opening.
pub async fn all(visit: &Visit) -> Result<Vec<Given>, Fault> {
    let asked = HistoryRequest { dossier_id: visit.dossier()?.to_string() };
    let Some(history) = asked::present(visit.integration().history(asked).await)? else { return Ok(Vec::new()) };
    let closes = closes(visit).await?;
    let versions = history.entries.iter().filter(|entry| answered(entry)).map(|entry| entry.version);
    Ok(versions.filter_map(|version| given(&history, version, &closes, visit.now)).collect())
}

/// Looks the answer up.
async fn find(visit: &Visit, version: u64) -> Result<Given, Fault> {
    let asked = HistoryRequest { dossier_id: visit.dossier()?.to_string() };
    let history = asked::present(visit.integration().history(asked).await)?.ok_or(Fault::NotFound)?;
    given(&history, version, closes(visit).await?, visit.now).ok_or(Fault::NotFound)
}

/// `GET /candidat/proposition/recu/{version}`
pub async fn page(visit: Visit, Path(version): Path<u64>) -> Page {
    let given = find(&visit, version).await?;
    let own = visit.session.as_ref().is_some_and(|session| session.subject == given.entry.actor);
    let candidate = visit.role() == roles::CANDIDATE;
    let body = html! {
        (view(Words::of(&visit), &given, own))
        div class="actions" {
            @if candidate {
                (ui::go(&format!("/candidat/proposition/recu/{version}/recu.pdf"), &visit.t.get("given-pdf")))
            }
            a href="/candidat/proposition" { (visit.t.get("given-see-now")) }
            a href="/candidat" { (visit.t.get("to-first-page")) }
        }
    };
    Ok(ui::page(&visit, &visit.t.get("given-title"), &[], body).into_response())
}

/// `GET /candidat/proposition/recu/{version}/recu.pdf`: names the candidate, so the candidate alone has it.
pub async fn pdf(visit: Visit, Path(version): Path<u64>) -> Page {
    let given = find(&visit, version).await?;
    let labels = mandates::labels(&visit).await?;
    let pdf = files::answer(&visit, &given, &labels).await?;
    Ok(files::attached(files::PDF, &format!("reponse-{version}.pdf"), pdf))
}

/// The receipt. `own`: whoever looks is who answered.
pub fn view(w: Words<'_>, given: &Given, own: bool) -> Markup {
    let t = w.t;
    let entry = &given.entry;
    let by = match (own, entry.by_mandate) {
        (true, _) => "given-by-you",
        (false, true) => "given-by-mandate",
        (false, false) => "given-by-candidate",
    };
    let mut pairs = vec![(t.get("given-answer"), html! { strong { (w.answer(entry.answer())) } })];
    if !entry.school.is_empty() {
        pairs.push((t.get("given-school"), html! { (w.school(&entry.school)) }));
    }
    pairs.push((t.get("given-period"), html! { (entry.period) }));
    pairs.push((t.get("given-received"), html! { strong { (w.exact(instant(entry.at))) } }));
    pairs.push((t.get("given-effect"), html! { (w.exact(given.takes_effect)) }));
    if !entry.gives_up.is_empty() {
        pairs.push((t.get("given-gives-up"), html! { (w.schools(&entry.gives_up)) }));
    }
    pairs.push((t.get("given-by"), html! { (t.get(by)) }));
    let (tone, since) = match given.since {
        Since::Stands => (Tone::Good, t.get("given-stands")),
        Since::Replaced(by) => (Tone::Warn, t.with("given-replaced", [("answer", words::name(by).into())])),
        Since::Done => (Tone::Info, t.get("given-done")),
        Since::Void => (Tone::Warn, t.get("given-void")),
    };
    html! {
        (ui::alert(tone, &since, html! {}))
        (ui::card(&t.get("given-card"), ui::facts(&pairs)))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::words::sample, *};

    const CLOSES: &str = "2026-06-03T21:00:00Z";

    fn entry(version: u64, at: &str, answer: Answer, period: u32) -> HistoryEntry {
        HistoryEntry {
            at: Some(sample::at(at).into()),
            what: "answered".into(),
            period,
            school: "ales".into(),
            answer: answer.into(),
            version,
            gives_up: vec!["albi".into()],
            ..HistoryEntry::default()
        }
    }

    fn look(entries: &[HistoryEntry], version: u64, now: &str) -> Option<Given> {
        let history = HistoryReply { entries: entries.to_vec(), log_ins: Vec::new() };
        given(&history, version, |_| Some(sample::at(CLOSES)), sample::at(now))
    }

    #[test]
    fn a_receipt_says_whether_its_answer_still_stands() {
        let proposed = HistoryEntry { version: 3, what: "proposed".into(), ..HistoryEntry::default() };
        let yes = entry(4, "2026-06-01T10:00:00.123Z", Answer::OuiMais, 1);
        let later = entry(5, "2026-06-01T10:00:00.124Z", Answer::OuiDefinitif, 1);
        // What the close made of it bears the same answer, and is no receipt.
        let accepted = HistoryEntry { what: "accepted".into(), ..entry(6, CLOSES, Answer::OuiDefinitif, 1) };
        let now = "2026-06-02T00:00:00Z";
        assert_eq!(look(&[proposed.clone(), yes.clone()], 4, now).unwrap().since, Since::Stands);
        let all = [proposed, yes, later, accepted];
        assert_eq!(look(&all, 4, now).unwrap().since, Since::Replaced(Answer::OuiDefinitif));
        assert_eq!(look(&all, 5, now).unwrap().since, Since::Stands);
        assert_eq!(look(&all, 5, CLOSES).unwrap().since, Since::Done);
        for version in [3, 6, 9] {
            assert_eq!(look(&all, version, now), None);
        }
    }

    #[test]
    fn a_non_takes_effect_when_it_is_received_and_one_between_periods_replaces_nothing() {
        let yes = entry(4, "2026-06-01T10:00:00Z", Answer::OuiMais, 1);
        let now = "2026-06-03T21:30:00.123Z";
        let non = HistoryEntry { what: "resigned".into(), ..entry(7, now, Answer::Non, 1) };
        let found = look(&[yes.clone(), non.clone()], 7, now).unwrap();
        assert_eq!((found.takes_effect, found.since), (Some(sample::at(now)), Since::Done));
        assert_eq!(look(&[yes, non], 4, now).unwrap().since, Since::Done);
    }

    #[test]
    fn an_answer_of_a_candidature_annulled_since_has_no_effect() {
        let yes = entry(4, "2026-06-01T10:00:00Z", Answer::OuiMais, 1);
        let at = Some(sample::at("2026-06-02T10:00:00Z").into());
        let annulled = HistoryEntry { version: 5, what: "annulled".into(), at, ..HistoryEntry::default() };
        let found = look(&[yes, annulled], 4, "2026-06-02T11:00:00Z").unwrap();
        assert_eq!(found.since, Since::Void);
        sample::rendered(|w| view(w, &found, true));
    }

    #[test]
    fn the_instant_of_receipt_is_told_to_the_millisecond() {
        let yes = entry(4, "2026-06-01T10:00:00.123Z", Answer::OuiMais, 1);
        let found = look(&[yes], 4, "2026-06-02T00:00:00Z").unwrap();
        for own in [true, false] {
            let [french, english] = sample::rendered(|w| view(w, &found, own));
            assert!(french.contains("12:00:00.123") && english.contains("12:00:00.123"), "{french}");
        }
    }
}
