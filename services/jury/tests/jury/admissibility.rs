//! R16 to R19: from the commission to the instant.

use contracts::jury::{self as api, jury_server::Jury as _};
use notice::keys;
use platform::refusal::Refusal;

use crate::house::{House, MS, ask, candidate, dossier, id, member, president, request, secretary, staff};

fn draft(n: u128, admissible: bool) -> api::DraftAdmissibilityRequest {
    api::DraftAdmissibilityRequest { dossier_id: id(n), admissible, reason: "vu le dossier".into() }
}

fn found(n: u128, school: &str, recevable: bool) -> api::RecordDeterminationRequest {
    api::RecordDeterminationRequest { dossier_id: id(n), school: school.into(), recevable, reason: "programme".into() }
}

const SIGN: api::PrepareAdmissibilityRequest = api::PrepareAdmissibilityRequest {};
const PUBLISH: api::PrepareAdmissibilityPublicationRequest = api::PrepareAdmissibilityPublicationRequest {};

#[tokio::test]
async fn nothing_is_signed_before_the_commission_or_while_anything_is_open() {
    let house = House::open("unready").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    house.closed(1, &["albi", "ales"], &[]).await;
    house.closed(2, &["ales", "albi"], &["albi"]).await;
    let early = ask!(house, prepare_admissibility, SIGN, secretary(at - MS)).unwrap_err();
    assert_eq!(early.reason, "BEFORE_COMMISSION");
    assert_eq!(early.metadata["opens_at"], at.to_string());
    ask!(house, draft_admissibility, draft(2, true), secretary(at)).unwrap();
    let open = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap_err();
    assert_eq!((open.reason.as_str(), open.metadata["faults"].as_str()), ("UNDECIDED", "2"));
    let subjects: Vec<String> = open.preconditions.iter().map(|(subject, _)| subject.clone()).collect();
    assert_eq!(subjects, [format!("dossier/{}", id(1)), format!("dossier/{}", id(2))]);
    let stage = api::ListMissingRequest { stage: api::Stage::Admissibility.into() };
    let missing = ask!(house, list_missing, stage, secretary(at)).unwrap().missing;
    assert_eq!(missing.iter().map(|m| m.subject.clone()).collect::<Vec<_>>(), [id(1), id(2)]);

    // Determined, but recevable nowhere: not admissible.
    ask!(house, draft_admissibility, draft(1, true), secretary(at)).unwrap();
    ask!(house, record_determination, found(2, "albi", false), secretary(at)).unwrap();
    ask!(house, record_determination, found(2, "ales", false), secretary(at)).unwrap();
    let nowhere = ask!(house, draft_admissibility, draft(2, true), secretary(at)).unwrap_err();
    assert_eq!(nowhere.reason, "NOT_RECEVABLE_ANYWHERE");
    assert_eq!(ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap_err().reason, "UNDECIDED");
    ask!(house, draft_admissibility, draft(2, false), secretary(at)).unwrap();
    assert_eq!(ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap().count, 2);
}

#[tokio::test]
async fn a_sign_off_takes_two_people_and_the_state_they_saw() {
    let house = House::open("sign").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    house.closed(1, &["albi"], &[]).await;
    ask!(house, draft_admissibility, draft(1, true), secretary(at)).unwrap();
    let act = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, secretary(at)).await.unwrap_err().reason, "SAME_PERSON");
    assert_eq!(house.confirm(&act, member(at)).await.unwrap_err().reason, "NO_PRESIDENT");
    let other = api::Act { digest: "00".into(), ..act.clone() };
    assert_eq!(house.confirm(&other, president(at)).await.unwrap_err().reason, "DIGEST_MISMATCH");
    ask!(house, draft_admissibility, draft(1, false), secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, president(at)).await.unwrap_err().reason, "CHANGED_SINCE_PREPARED");
    assert!(house.told::<api::AdmissibilityDecided>().await.is_empty(), "a refused confirmation tells nothing");

    let again = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    assert_ne!(again.act_id, act.act_id);
    assert_eq!(house.confirm(&act, president(at)).await.unwrap_err().reason, "ACT_REPLACED");
    assert!(!house.confirm(&again, president(at)).await.unwrap().already_applied);
    assert!(house.confirm(&again, president(at)).await.unwrap().already_applied, "a repeat answers the same");
    assert_eq!(house.confirm(&again, member(at)).await.unwrap_err().reason, "ALREADY_CONFIRMED");
    let told = house.told::<api::AdmissibilityDecided>().await;
    assert_eq!(told.len(), 1);
    assert!(!told[0].3.admissible && told[0].3.first_school == "albi");

    for refused in [
        ask!(house, draft_admissibility, draft(1, true), secretary(at)).unwrap_err(),
        ask!(house, record_determination, found(1, "albi", false), secretary(at)).unwrap_err(),
    ] {
        assert_eq!(refused.reason, "ADMISSIBILITY_SIGNED");
    }
    // Against our own mistakes: the database does not unsign either.
    let unsign = house.sql("update candidatures set decision = 'draft'").await.unwrap_err();
    assert!(unsign.to_string().contains("cannot be unsigned"), "{unsign}");
    let alone = house.sql("update acts set confirmed_by = prepared_by where state = 'confirmed'").await.unwrap_err();
    assert!(alone.to_string().contains("check constraint"), "{alone}");
}

#[tokio::test]
async fn confirmed_twice_at_once_it_happens_once() {
    let house = House::open("race").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    for n in 1..=20 {
        house.closed(n, &["albi"], &[]).await;
    }
    let decisions = (1..=20).map(|n| draft(n, n % 3 != 0)).collect();
    let batch = api::DraftAdmissibilityBatchRequest { decisions };
    assert_eq!(ask!(house, draft_admissibility_batch, batch, secretary(at)).unwrap().changed, 20);
    let act = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    let confirm = || api::ConfirmRequest { act_id: act.act_id.clone(), digest: act.digest.clone() };
    let (one, two) = tokio::join!(
        house.grpc.confirm(request(confirm(), president(at))),
        house.grpc.confirm(request(confirm(), president(at)))
    );
    let flags = [one.unwrap().into_inner().already_applied, two.unwrap().into_inner().already_applied];
    assert!(flags.contains(&true) && flags.contains(&false), "{flags:?}");
    assert_eq!(house.told::<api::AdmissibilityDecided>().await.len(), 20);
}

/// R19: admissible, rejected and unknown look alike to the byte until the instant.
#[tokio::test]
async fn before_the_instant_every_answer_is_the_same_and_from_it_on_each_has_its_own() {
    let house = House::open("instant").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    let due = house.instant(keys::ADMISSIBILITY_RESULTS);
    house.closed(1, &["albi", "ales"], &["ales"]).await;
    house.closed(2, &["albi"], &[]).await;
    ask!(house, record_determination, found(1, "ales", false), secretary(at)).unwrap();
    ask!(house, draft_admissibility, draft(1, true), secretary(at)).unwrap();
    ask!(house, draft_admissibility, draft(2, false), secretary(at)).unwrap();
    let act = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    let unsigned = ask!(house, prepare_admissibility_publication, PUBLISH, secretary(at)).unwrap_err();
    assert_eq!(unsigned.reason, "NOT_SIGNED");
    house.confirm(&act, president(at)).await.unwrap();
    let publication = ask!(house, prepare_admissibility_publication, PUBLISH, secretary(at)).unwrap();
    let confirmed = house.confirm(&publication, president(at)).await.unwrap();
    assert_eq!(confirmed.publish_at, Some(due.into()));

    let get = |n| api::GetAdmissibilityRequest { dossier_id: id(n) };
    let mut answers = Vec::new();
    for (n, who) in [
        (1, candidate(1, due - MS)),
        (2, candidate(2, due - MS)),
        (3, candidate(3, due - MS)),
        (1, staff("albi", due - MS)),
        (2, staff("nord-europe", due - MS)),
    ] {
        let status = house.grpc.get_admissibility(request(get(n), who)).await.unwrap_err();
        assert_eq!(Refusal::from_status(&status).unwrap().reason, "NOT_PUBLISHED");
        answers.push((status.code(), status.message().to_owned(), status.details().to_vec()));
    }
    assert!(answers.iter().all(|a| a == &answers[0]));
    assert!(
        house.told_on("admissions.%").await.is_empty() && house.told::<api::AdmissibilityPublished>().await.is_empty()
    );

    // The clock guards: at the instant it shows, whether or not the effect has run.
    let shown = ask!(house, get_admissibility, get(1), candidate(1, due)).unwrap();
    assert!(shown.admissible && shown.recevable_schools == ["albi"] && shown.published_at == Some(due.into()));
    assert!(!ask!(house, get_admissibility, get(2), candidate(2, due)).unwrap().admissible);
    assert_eq!(ask!(house, get_admissibility, get(3), candidate(3, due)).unwrap_err().reason, "NO_CANDIDATURE");
    assert_eq!(ask!(house, get_admissibility, get(1), candidate(2, due)).unwrap_err().reason, "NOT_YOURS");
    let there = ask!(house, get_admissibility, get(1), staff("ales", due)).unwrap();
    assert!(!there.admissible && there.first_school.is_empty(), "not recevable there, and no order before admission");
    assert_eq!(
        ask!(house, get_admissibility, get(1), staff("nord-europe", due)).unwrap_err().reason,
        "UNIT_NOT_ALLOWED"
    );

    house.due(keys::ADMISSIBILITY_RESULTS).await;
    let told = house.told::<api::AdmissibilityPublished>().await;
    assert_eq!(told.iter().map(|t| (t.0.clone(), t.1, t.2)).collect::<Vec<_>>(), [(id(1), 2, due), (id(2), 2, due)]);
    let public = house.told_on("admissions.v1.%").await;
    assert_eq!(public.len(), 3, "one per school applied to");
    assert_eq!(public.iter().filter(|(.., payload)| payload.contains("\"admissible\":true")).count(), 1);
}

#[tokio::test]
async fn confirmed_late_it_is_published_at_the_confirmation() {
    let house = House::open("late").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    let due = house.instant(keys::ADMISSIBILITY_RESULTS);
    house.closed(1, &["albi"], &[]).await;
    ask!(house, draft_admissibility, draft(1, true), secretary(at)).unwrap();
    let act = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    house.confirm(&act, president(at)).await.unwrap();
    house.due(keys::ADMISSIBILITY_RESULTS).await;
    let get = || api::GetAdmissibilityRequest { dossier_id: id(1) };
    assert_eq!(ask!(house, get_admissibility, get(), candidate(1, due)).unwrap_err().reason, "NOT_PUBLISHED");
    let late = due + MS * 1000;
    let publication = ask!(house, prepare_admissibility_publication, PUBLISH, secretary(late)).unwrap();
    let confirmed = house.confirm(&publication, president(late)).await.unwrap();
    assert_eq!(confirmed.publish_at, Some(late.into()));
    assert_eq!(ask!(house, get_admissibility, get(), candidate(1, late - MS)).unwrap_err().reason, "NOT_PUBLISHED");
    let shown = ask!(house, get_admissibility, get(), candidate(1, late)).unwrap();
    assert_eq!(shown.published_at, Some(late.into()));
    assert_eq!(house.told::<api::AdmissibilityPublished>().await.len(), 1);
}

#[tokio::test]
async fn a_correction_is_an_act_of_two_and_is_told_again() {
    let house = House::open("correct").await;
    house.admitted(&[1]).await;
    let at = house.instant(keys::ADMISSIBILITY_RESULTS) + MS;
    let correction = api::PrepareAdmissibilityCorrectionRequest {
        dossier_id: id(1),
        admissible: true,
        determinations: vec![api::CorrectedDetermination {
            school: "ales".into(),
            recevable: false,
            reason: "erreur de saisie".into(),
        }],
        reason: "erreur de saisie".into(),
    };
    let nothing = api::PrepareAdmissibilityCorrectionRequest { determinations: Vec::new(), ..correction.clone() };
    let refused = ask!(house, prepare_admissibility_correction, nothing, secretary(at)).unwrap_err();
    assert_eq!(refused.reason, "NOTHING_TO_CORRECT");
    let act = ask!(house, prepare_admissibility_correction, correction, secretary(at)).unwrap();
    assert_eq!(house.told::<api::AdmissibilityDecided>().await.len(), 1, "prepared is not done");
    house.confirm(&act, president(at)).await.unwrap();
    let told = house.told::<api::AdmissibilityDecided>().await;
    assert_eq!((told[1].1, told[1].3.recevable_schools.as_slice()), (3, &["albi".to_owned()][..]));
    let published = house.told::<api::AdmissibilityPublished>().await;
    assert_eq!(published.iter().map(|t| t.1).collect::<Vec<_>>(), [2, 4]);
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    let house = House::open("bad_input").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    house.closed(1, &["albi"], &[]).await;
    let malformed = api::DraftAdmissibilityRequest { dossier_id: "1".into(), ..draft(1, true) };
    assert_eq!(ask!(house, draft_admissibility, malformed, secretary(at)).unwrap_err().reason, "INVALID_ID");
    let silent = api::DraftAdmissibilityRequest { reason: " \n".into(), ..draft(1, true) };
    let silent = ask!(house, draft_admissibility, silent, secretary(at)).unwrap_err();
    assert_eq!((silent.reason.as_str(), silent.fields[0].0.as_str()), ("INVALID_TEXT", "reason"));
    assert_eq!(ask!(house, draft_admissibility, draft(9, true), secretary(at)).unwrap_err().reason, "NO_CANDIDATURE");
    let elsewhere = ask!(house, record_determination, found(1, "ales", true), secretary(at)).unwrap_err();
    assert_eq!((elsewhere.reason.as_str(), elsewhere.allowed.as_slice()), ("NOT_APPLIED", &["albi".to_owned()][..]));
    let batch =
        api::DraftAdmissibilityBatchRequest { decisions: vec![draft(1, true), draft(9, true), draft(1, false)] };
    let batch = ask!(house, draft_admissibility_batch, batch, secretary(at)).unwrap_err();
    let lines: Vec<String> = batch.fields.into_iter().map(|(field, _)| field).collect();
    assert_eq!((batch.reason.as_str(), lines), ("BATCH_INVALID", vec!["decisions[1]".into(), "decisions[2]".into()]));
    for outsider in [candidate(1, at), staff("albi", at)] {
        assert_eq!(ask!(house, draft_admissibility, draft(1, true), outsider).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    }
    let listed = ask!(house, list_candidatures, api::ListCandidaturesRequest::default(), member(at)).unwrap();
    assert_eq!(listed.candidatures[0].decision(), api::DecisionState::Undecided);
}

#[tokio::test]
async fn the_jury_reads_everything_around_a_dossier_filtered_and_paged() {
    use contracts::{intake, payments};
    let house = House::open("listing").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    for n in 1..=5 {
        house.closed(n, &["albi", "ales"], if n == 4 { &["ales"] } else { &[] }).await;
    }
    let fee = |n: u128, status: payments::FeeStatus| payments::FeeChanged {
        dossier_id: id(n),
        status: status.into(),
        ..Default::default()
    };
    for n in 1..=4 {
        house.hear(&fee(n, payments::FeeStatus::Settled), 2).await;
    }
    house.hear(&fee(1, payments::FeeStatus::Due), 1).await; // older than what was heard
    let verified = intake::DossierVerified {
        dossier_id: id(2),
        school: "albi".into(),
        verdict: intake::Verdict::Complete.into(),
        at: Some(at.into()),
    };
    house.hear(&verified, 2).await;
    let opinion = || api::RecordOpinionRequest { dossier_id: id(2), favourable: true, text: "solide".into() };
    assert!(!ask!(house, record_opinion, opinion(), member(at)).unwrap().already_applied);
    assert!(ask!(house, record_opinion, opinion(), member(at)).unwrap().already_applied);

    let list = |request| async { ask!(house, list_candidatures, request, member(at)).unwrap() };
    let ids = |reply: &api::ListCandidaturesReply| {
        reply.candidatures.iter().map(|c| u128::from(c.number)).collect::<Vec<_>>()
    };
    let unpaid = list(api::ListCandidaturesRequest { fee_unsettled_only: true, ..Default::default() }).await;
    assert_eq!(ids(&unpaid), [5]);
    let open = list(api::ListCandidaturesRequest { undetermined_only: true, ..Default::default() }).await;
    assert_eq!(ids(&open), [4]);
    let declared = list(api::ListCandidaturesRequest { other_route_only: true, ..Default::default() }).await;
    assert_eq!(ids(&declared), [1, 3, 5]);
    let first = list(api::ListCandidaturesRequest { page_size: 3, ..Default::default() }).await;
    let token = first.next_page_token.clone();
    let second = list(api::ListCandidaturesRequest { page_size: 3, page_token: token, ..Default::default() }).await;
    assert_eq!((ids(&first), ids(&second)), (vec![1, 2, 3], vec![4, 5]));
    assert!(second.next_page_token.is_empty());
    let two = ask!(house, get_candidature, api::GetCandidatureRequest { dossier_id: id(2) }, member(at)).unwrap();
    assert_eq!((two.fee.as_str(), two.verification.as_str(), two.opinions.len()), ("SETTLED", "COMPLETE", 1));
    assert_eq!((two.schools[1].table.as_str(), two.schools[1].recevabilite.as_str()), ("Tableau 5", "OPEN"));
    assert_eq!(dossier(2).to_string(), two.dossier_id);
}

#[tokio::test]
async fn prepared_twice_at_once_one_waits_and_the_other_stands() {
    let house = House::open("prepare_race").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    house.closed(1, &["albi"], &[]).await;
    let annul = |reason: &str| api::PrepareAnnulmentRequest { dossier_id: id(1), reason: reason.into() };
    let (one, two) = tokio::join!(
        house.grpc.prepare_annulment(request(annul("une raison"), secretary(at))),
        house.grpc.prepare_annulment(request(annul("une autre"), member(at)))
    );
    let acts = [one.unwrap().into_inner(), two.unwrap().into_inner()];
    let waiting = api::ListActsRequest { prepared_only: true, ..Default::default() };
    let waiting = ask!(house, list_acts, waiting, president(at)).unwrap().acts;
    assert_eq!(waiting.len(), 1);
    let (stands, replaced): (Vec<_>, Vec<_>) = acts.iter().partition(|a| a.act_id == waiting[0].act_id);
    assert_eq!(house.confirm(replaced[0], president(at)).await.unwrap_err().reason, "ACT_REPLACED");
    house.confirm(stands[0], president(at)).await.unwrap();
}
