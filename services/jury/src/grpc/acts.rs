//! Acts of two people: what the first asks, what the second does.

use contracts::jury;
use platform::{auth::Caller, refusal::Refusal};

use super::{JuryGrpc, REASON};
use crate::{
    commands::{self, Asked, AskedDetermination, AskedResult},
    domain::{Member, OralResult, OralRules},
    wire,
};

pub(super) fn admissibility_correction(
    asked: &jury::PrepareAdmissibilityCorrectionRequest,
) -> Result<(Asked, String), Refusal> {
    let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
    let mut determinations = Vec::with_capacity(asked.determinations.len());
    for (i, found) in asked.determinations.iter().enumerate() {
        if asked.determinations.iter().take(i).any(|earlier| earlier.school == found.school) {
            let field = format!("determinations[{i}].school");
            return Err(Refusal::invalid("SCHOOL_TWICE").field(field, "named before"));
        }
        determinations.push(AskedDetermination {
            school: found.school.clone(),
            recevable: found.recevable,
            reason: wire::text(&format!("determinations[{i}].reason"), &found.reason, REASON)?,
        });
    }
    let reason = wire::text("reason", &asked.reason, REASON)?;
    Ok((Asked::AdmissibilityCorrection { dossier, admissible: asked.admissible, determinations }, reason))
}

pub(super) fn mark_correction(
    asked: &jury::PrepareMarkCorrectionRequest,
    rules: &OralRules,
) -> Result<(Asked, String), Refusal> {
    let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
    let result = match wire::result_of(&asked.mark, asked.absent, rules)? {
        OralResult::Marked(mark) => AskedResult::Hundredths(mark.hundredths()),
        OralResult::Absent => AskedResult::Absent,
    };
    let reason = wire::text("reason", &asked.reason, REASON)?;
    Ok((Asked::MarkCorrection { dossier, exam: asked.exam.clone(), result }, reason))
}

pub(super) async fn confirm(
    house: &JuryGrpc,
    caller: &Caller,
    member: Member,
    asked: &jury::ConfirmRequest,
) -> Result<jury::ConfirmReply, Refusal> {
    let id = wire::dossier("act_id", &asked.act_id)?;
    let mut tx = house.begin("confirm_act").await?;
    let (stored, already_applied) =
        commands::confirm(&mut tx, &house.regulation, caller.received_at, member, id, &asked.digest).await?;
    tx.commit().await?;
    house.note_head().await;
    Ok(jury::ConfirmReply {
        act: Some(wire::act(&stored)),
        already_applied,
        signature: stored.signature,
        publish_at: stored.publish_at.map(Into::into),
    })
}
