//! A candidature that the jury annulled (R15): nothing is added to it any more, and nothing of it vanishes.

use crate::world::{FIRST, World, candidate, ms, pdf, refusal, sha};
use contracts::intake as pb;
use notice::keys;
use platform::refusal::Decoded;
use tonic::Code;

fn annulled(refused: &Decoded) -> bool {
    (refused.code, refused.reason.as_str()) == (Code::FailedPrecondition, "CANDIDATURE_ANNULLED")
}

#[tokio::test]
async fn nothing_is_added_to_an_annulled_candidature() {
    let w = World::new("intake_annulled").await;
    for n in 1..=2 {
        w.ready(n).await;
        w.close(n, w.day()).await.unwrap();
    }
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let late = w.app.catalogue.late_kinds().next().unwrap().to_owned();
    let (file, at) = (pdf(80), w.closes + ms(1));
    // Begun before, it cannot end after.
    let upload = w.begin(1, &late, file.len() as u64, pb::Purpose::Late, at).await.unwrap().upload_id;
    w.send(1, &upload, 0, &[&file]).await.unwrap();
    let before = w.dossier(1).await;
    let told = w.told(1).await;

    w.annulled(1, at + ms(1)).await;
    w.annulled(1, at + ms(9)).await; // heard twice, it happened once
    let after = w.dossier(1).await;
    assert_eq!(after.annulled_at, Some((at + ms(1)).into()));
    assert_eq!(pb::Dossier { annulled_at: None, ..after }, before, "nothing else changes");

    let at = at + ms(2);
    assert!(annulled(&refusal(w.commit(1, &upload, &sha(&file), at).await)));
    assert!(annulled(&refusal(w.begin(1, &late, 80, pb::Purpose::Late, at).await)));
    let verdict = pb::RecordVerdictRequest {
        school: FIRST.into(),
        dossier_id: candidate(1).to_string(),
        verdict: pb::Verdict::Complete.into(),
        note: String::new(),
    };
    assert!(annulled(&refusal(w.client.clone().record_verdict(World::staff(FIRST, at, verdict)).await)));
    assert_eq!(w.told(1).await, told);

    // The school has one dossier left to verify; the other candidate goes on.
    let list = pb::ListDossiersToVerifyRequest { school: FIRST.into(), ..Default::default() };
    let list = w.client.clone().list_dossiers_to_verify(World::staff(FIRST, at, list)).await.unwrap().into_inner();
    assert_eq!(list.dossiers.iter().map(|d| &d.dossier_id).collect::<Vec<_>>(), [&candidate(2).to_string()]);
    w.piece(2, &late, pb::Purpose::Late, at).await.unwrap();
}

#[tokio::test]
async fn only_a_candidature_is_annulled_and_an_unknown_one_stops_nobody() {
    let w = World::new("intake_annulled_open").await;
    w.open(1, w.day()).await.unwrap();
    w.annulled(1, w.day()).await;
    w.annulled(99, w.day()).await;
    assert_eq!(w.dossier(1).await.annulled_at, None);
}
