//! R24: nobody sits two exams at once, everyone has time in between, and both exams are on one of the school's days.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Invariant, Seen, dossiers::instant};
use crate::play::{Stage, Story};

pub fn check(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Vec<Invariant> {
    let mut convened = Invariant::new("every admissible candidate is convened by the school of choice 1");
    let mut apart = Invariant::new("no two exams at once for a candidate, a panel, an examiner or a room");
    let mut rested = Invariant::new("both exams on one day of the school, with time in between");
    let gap = SignedDuration::from_mins(i64::from(stage.session().orals.gap_minutes));
    let mut taken: BTreeMap<String, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for (school, schedule) in &seen.schedules {
        let members: BTreeMap<&str, &[String]> =
            schedule.panels.iter().map(|p| (p.panel.as_str(), p.examiners.as_slice())).collect();
        let days = stage.session().oral_days(school);
        for candidate in &schedule.candidates {
            let Some(convocation) = &candidate.convocation else { continue };
            let mut slots = Vec::new();
            for (slot, panel) in
                [(&convocation.interview, &candidate.interview_panel), (&convocation.english, &candidate.english_panel)]
            {
                let span = slot.as_ref().and_then(|s| Some((instant(s.begins_at)?, instant(s.ends_at)?)));
                let Some(span) = span else {
                    rested.hold(false, || format!("{}: an exam without its time", candidate.dossier_id));
                    continue;
                };
                slots.push(span);
                taken.entry(format!("candidate {}", candidate.dossier_id)).or_default().push(span);
                taken.entry(format!("{school} panel {panel}")).or_default().push(span);
                for examiner in members.get(panel.as_str()).copied().unwrap_or_default() {
                    taken.entry(format!("examiner {examiner}")).or_default().push(span);
                }
                if let Some(room) = slot.as_ref().map(|s| &s.room).filter(|r| !r.is_empty()) {
                    taken.entry(format!("{school} room {room}")).or_default().push(span);
                }
            }
            slots.sort();
            if let [(_, ends), (begins, _)] = slots.as_slice() {
                let zoned = |at: Timestamp| at.to_zoned(stage.session().zone.clone()).date();
                rested.hold(
                    *begins >= *ends + gap && zoned(*ends) == zoned(*begins) && days.contains(&zoned(*begins)),
                    || format!("{}: {slots:?}", candidate.dossier_id),
                );
            }
        }
        let expected = story.admissible.iter().filter(|id| {
            story.orders.get(*id).and_then(|o| o.first()) == Some(school) && !story.annulled.contains(*id)
        });
        for id in expected {
            let found = schedule.candidates.iter().any(|c| c.dossier_id == *id && c.convocation.is_some());
            convened.hold(found, || format!("{id}: not convened by {school}"));
        }
    }
    for (what, mut spans) in taken {
        spans.sort();
        for pair in spans.windows(2) {
            if let [(_, ends), (begins, _)] = pair {
                apart.hold(ends <= begins, || format!("{what}: {begins} begins before {ends}"));
            }
        }
    }
    vec![convened, apart, rested]
}
