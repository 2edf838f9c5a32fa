//! After the orals the jury records marks and absences (R26).

use contracts::jury as api;
use jiff::SignedDuration;
use notice::keys;

use super::{Stage, secretary};
use crate::{cast::Outcome, failure::Failure, must, refused};

/// Ids of the two exams.
const EXAMS: [&str; 2] = ["interview", "english"];

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    // The evening of the last oral day.
    let last = stage.session().orals.days.iter().flat_map(|d| d.days.iter().copied()).max();
    let evening =
        last.and_then(|d| d.at(20, 0, 0, 0).to_zoned(stage.session().zone.clone()).ok()).map(|z| z.timestamp());
    let commission = stage.instant(keys::ADMISSION_COMMISSION)?;
    let evening = evening.filter(|at| *at < commission).unwrap_or(commission - SignedDuration::from_hours(12));
    world.advance_and_settle(evening).await?;
    let crowd: Vec<_> = stage.cast.iter().filter(|c| stage.story().admissible.contains(&c.id.to_string())).collect();
    stage.progress.act("marks", crowd.len());
    if let Some(first) = crowd.first() {
        let bad = api::RecordMarkRequest {
            dossier_id: first.id.to_string(),
            exam: "interview".into(),
            mark: "12.345".into(),
            correction_reason: String::new(),
        };
        refused!(world.jury, &secretary(), record_mark, bad, "MARK_INVALID")?;
    }
    stage
        .each(crowd, |who| async move {
            for (exam, outcome) in EXAMS.into_iter().zip([who.interview, who.english]) {
                let eliminates = record(stage, &who.id.to_string(), exam, outcome).await?;
                let expected = outcome.is_none_or(|mark| mark <= stage.session().orals.eliminating_hundredths);
                if eliminates != expected {
                    return Err(Failure::unexpected(
                        &who.label,
                        format!("{exam} {outcome:?} eliminates"),
                        expected.to_string(),
                        eliminates.to_string(),
                    ));
                }
            }
            Ok(())
        })
        .await?;
    world.settle().await
}

async fn record(stage: &Stage<'_>, id: &str, exam: &str, outcome: Outcome) -> Result<bool, Failure> {
    let world = stage.world;
    let reply = match outcome {
        Some(mark) => {
            let mark = format!("{}.{:02}", mark / 100, mark % 100);
            must!(
                world.jury,
                &secretary(),
                record_mark,
                api::RecordMarkRequest {
                    dossier_id: id.into(),
                    exam: exam.into(),
                    mark,
                    correction_reason: String::new()
                }
            )?
        }
        None => must!(
            world.jury,
            &secretary(),
            record_absence,
            api::RecordAbsenceRequest { dossier_id: id.into(), exam: exam.into(), correction_reason: String::new() }
        )?,
    };
    Ok(reply.eliminates)
}
