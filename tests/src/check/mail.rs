//! Mail: what facts ask for left once, reminders reached those who still needed them (R13, R19).

use std::collections::BTreeMap;

use contracts::notifier::{Mail, MailState};
use jiff::Timestamp;
use notice::keys;

use super::{Invariant, Seen};
use crate::{
    failure::Failure,
    play::{Stage, Story},
};

/// Facts that always ask for a mail, and its kind.
const TOLD: [(&str, &str); 5] = [
    ("dossier_opened", "dossier_opened"),
    ("dossier_closed", "dossier_closed"),
    ("dossier_not_closed", "dossier_not_closed"),
    ("admissibility_published", "result_published"),
    ("candidature_annulled", "annulled"),
];

pub fn check(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Result<Vec<Invariant>, Failure> {
    let missing = || Failure::unexpected("campaign", "the session", keys::ADMISSIBILITY_RESULTS, "none");
    let results = stage.world.session.instant(keys::ADMISSIBILITY_RESULTS).ok_or_else(missing)?;
    Ok(vec![once(seen), in_time(story, seen, results)])
}

/// Counts per dossier.
fn per_dossier<'a>(of: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    of.fold(BTreeMap::new(), |mut counts, id| {
        *counts.entry(id).or_default() += 1;
        counts
    })
}

fn once(seen: &Seen) -> Invariant {
    let mut once = Invariant::new("each fact that asks for mail has sent one, and one only");
    for (fact, kind) in TOLD {
        let told = seen.facts.iter().filter(|m| m.name() == fact && m.subject.starts_with("facts."));
        let told = per_dossier(told.map(|m| m.aggregate.as_str()));
        let left = |mail: &&Mail| mail.kind == kind && mail.state() == MailState::Sent;
        let sent = per_dossier(seen.mails.iter().filter(left).map(|mail| mail.dossier_id.as_str()));
        for id in told.keys().chain(sent.keys()) {
            let (told, sent) = (told.get(id).copied().unwrap_or(0), sent.get(id).copied().unwrap_or(0));
            once.hold(told == sent, || format!("{id}: {fact} told {told} times, {sent} mails sent"));
        }
    }
    let lost = |mail: &&Mail| matches!(mail.state(), MailState::Bounced | MailState::GivenUp);
    for mail in seen.mails.iter().filter(lost) {
        once.hold(false, || format!("{} {} of {}: {}", mail.kind, mail.mail_id, mail.dossier_id, mail.last_error));
    }
    once
}

fn in_time(story: &Story, seen: &Seen, results: Timestamp) -> Invariant {
    let mut in_time = Invariant::new("no mail before its instant, no reminder to a dossier that is closed");
    for mail in &seen.mails {
        let Some(sent) = mail.sent_at.and_then(|at| Timestamp::try_from(at).ok()) else { continue };
        match mail.kind.as_str() {
            "result_published" | "convocation_changed" => {
                in_time.hold(sent >= results, || format!("{} {}: sent {sent}", mail.kind, mail.dossier_id));
            }
            "deposit_reminder" => {
                let closed = story.closed.get(&mail.dossier_id).map(|(at, _)| *at);
                in_time.hold(closed.is_none_or(|at| sent <= at), || format!("{}: reminded {sent}", mail.dossier_id));
            }
            _ => {}
        }
    }
    in_time
}
