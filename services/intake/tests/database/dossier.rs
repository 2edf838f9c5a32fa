//! From the first page to the clôture, over gRPC (R7–R10, R12–R14).

use crate::world::{FIRST, SECOND, THIRD, World, candidate, ms, refusal};
use contracts::{intake as pb, roles};
use notice::keys;
use tonic::Code;
use uuid::Uuid;

#[tokio::test]
async fn a_dossier_is_closed_once_and_told_without_name_or_order() {
    let w = World::new("intake_close").await;
    w.ready(1).await;
    let at = w.closes - ms(1);
    let first = w.close(1, at).await.unwrap();
    assert!(!first.already_applied);
    let receipt = first.receipt.unwrap();
    assert_eq!(jiff::Timestamp::try_from(receipt.closed_at.unwrap()).unwrap(), at);

    let again = w.close(1, at).await.unwrap();
    assert!(again.already_applied);
    assert_eq!(again.receipt.as_ref(), Some(&receipt));

    let told = w.told(1).await;
    let subjects: Vec<_> = told.iter().map(|(s, ..)| s.as_str()).collect();
    assert_eq!(
        subjects,
        [
            "facts.v1.intake.dossier_opened",
            "facts.v1.intake.fee_claimed",
            "facts.v1.intake.dossier_closed",
            "admissions.v1.albi.dossier_received",
        ]
    );
    assert_eq!(told.iter().map(|(_, v, _)| *v).collect::<Vec<_>>(), [1, 2, 3, 3]);
    let closed = &told[2].2;
    assert_eq!(
        closed["schools"],
        serde_json::json!([FIRST, SECOND, THIRD]),
        "the session's order, not the candidate's"
    );
    assert_eq!(closed["digest"], receipt.digest);
    let all = serde_json::to_string(&told).unwrap();
    for personal in ["Lefèvre", "Éloïse", "eloise1@exemple.fr", "2004-02-29"] {
        assert!(!all.contains(personal), "{personal} was told");
    }

    // After the window, the clôture still answers with its receipt, and the order is refused for good.
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    assert_eq!(w.close(1, w.closes + ms(5)).await.unwrap().receipt.unwrap(), receipt);
    for at in [w.day(), w.closes + ms(5)] {
        let refused = refusal(w.order(1, &[SECOND], at).await);
        assert_eq!((refused.code, refused.reason.as_str()), (Code::FailedPrecondition, "ORDER_FINAL"));
        assert!(refused.message.contains("§3.1"));
    }
    assert_eq!(w.dossier(1).await.receipt.unwrap(), receipt);
    let mut conn = w.db.read().await.unwrap();
    let audited: i64 = sqlx::query_scalar("select count(*) from platform.audit where action = 'dossier_closed'")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn everything_missing_is_named_at_once_and_nothing_changes() {
    let w = World::new("intake_missing").await;
    w.open(1, w.day()).await.unwrap();
    let before = refusal(w.close(1, w.day()).await);
    let subjects: Vec<_> = before.preconditions.iter().map(|(s, _)| s.as_str()).collect();
    assert_eq!(subjects, ["studies", "title", "order", "fee"]);

    w.title(1, "Chimie").await.unwrap();
    let things = w.missing(1).await;
    let alternatives: Vec<_> = things.iter().filter(|t| t.any_of.len() > 1).collect();
    assert_eq!(alternatives.len(), 1, "either fiche: {things:?}");
    let refused = refusal(w.close(1, w.day()).await);
    assert_eq!(refused.reason, "DOSSIER_INCOMPLETE");
    assert_eq!(refused.preconditions.len(), things.len());
    assert_eq!(w.dossier(1).await.state(), pb::DossierState::Open);
    assert_eq!(w.told(1).await.len(), 1, "only that it was opened");
}

#[tokio::test]
async fn one_millisecond_either_side_of_the_window() {
    let w = World::new("intake_window").await;
    let early = refusal(w.open(1, w.opens - ms(1)).await);
    assert_eq!(early.reason, "WINDOW_NOT_YET_OPEN");
    w.open(1, w.opens).await.unwrap();
    w.ready(2).await;
    w.ready(3).await;
    w.ready(4).await;

    // At the instant, before the close is stored: no word of a deadline, come back.
    let closing = refusal(w.close(2, w.closes).await);
    assert_eq!((closing.code, closing.reason.as_str()), (Code::Unavailable, "WINDOW_CLOSING"));
    // Stamped in time and handled late: accepted.
    w.close(3, w.closes - ms(1)).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    for at in [w.closes, w.closes + ms(1)] {
        let late = refusal(w.close(2, at).await);
        assert_eq!((late.code, late.reason.as_str()), (Code::FailedPrecondition, "NOT_A_CANDIDATURE"));
    }
    let edit = refusal(w.title(4, "Chimie").await);
    assert_eq!(edit.reason, "WINDOW_CLOSED");

    for (n, last) in
        [(1, "dossier_not_closed"), (2, "dossier_not_closed"), (3, "dossier_received"), (4, "dossier_not_closed")]
    {
        let told = w.told(n).await;
        assert!(told.last().unwrap().0.ends_with(last), "{n}: {told:?}");
    }
    assert_eq!(w.told(2).await.last().unwrap().2["at"], w.closes.to_string());
}

#[tokio::test]
async fn a_second_dossier_points_to_the_first_and_a_retry_does_not() {
    let w = World::new("intake_second").await;
    let request = Uuid::new_v4().to_string();
    let open = |request_id: String| {
        let message = pb::OpenDossierRequest {
            dossier_id: candidate(1).to_string(),
            identity: Some(World::identity(1)),
            request_id,
            local_public: String::new(),
        };
        let mut client = w.client.clone();
        let request = World::me(1, w.day(), message);
        async move { client.open_dossier(request).await.map(tonic::Response::into_inner) }
    };
    let first = open(request.clone()).await.unwrap();
    let retry = open(request).await.unwrap();
    assert!(!first.already_applied && retry.already_applied);
    assert_eq!((first.number, first.opened_at), (retry.number, retry.opened_at));
    let second = refusal(open(String::new()).await);
    assert_eq!((second.code, second.reason.as_str()), (Code::AlreadyExists, "DOSSIER_EXISTS"));
    assert_eq!(second.metadata["dossier_id"], candidate(1).to_string());
    assert_eq!(second.metadata["number"], first.number.to_string());
    assert_eq!(w.told(1).await.len(), 1);
}

#[tokio::test]
async fn a_closed_school_cannot_be_ordered_and_a_new_title_clears_what_no_longer_fits() {
    let w = World::new("intake_order").await;
    w.open(1, w.day()).await.unwrap();
    assert_eq!(refusal(w.order(1, &[FIRST], w.day()).await).reason, "TITLE_MISSING");
    w.title(1, "Biologie, Biochimie").await.unwrap();
    let refused = refusal(w.order(1, &[FIRST, THIRD], w.day()).await);
    assert_eq!(refused.reason, "SCHOOL_CLOSED_BY_TABLE");
    assert_eq!(
        (refused.metadata["table"].as_str(), refused.metadata["row"].as_str()),
        ("Tableau 5", "Biologie, Biochimie")
    );
    assert_eq!(refused.allowed, [FIRST, SECOND]);
    for bad in [&[][..], &[FIRST, FIRST], &["mars"]] {
        assert_eq!(refusal(w.order(1, bad, w.day()).await).reason, "ORDER_INVALID");
    }
    assert_eq!(refusal(w.claim(1).await).reason, "ORDER_MISSING");

    w.title(1, "Chimie").await.unwrap();
    w.order(1, &[THIRD, FIRST], w.day()).await.unwrap();
    w.claim(1).await.unwrap();
    assert!(w.claim(1).await.unwrap().already_applied);
    // The payee follows choice 1 until clôture.
    w.order(1, &[FIRST, THIRD], w.day()).await.unwrap();
    let payees: Vec<_> = w.told(1).await[1..].iter().map(|(_, _, p)| p["payeeSchool"].clone()).collect();
    assert_eq!(payees, [THIRD, FIRST]);
    let cleared = w.title(1, "Biologie, Biochimie").await.unwrap();
    assert!(cleared.order_cleared);
    assert_eq!(w.dossier(1).await.order, []);

    let unknown = refusal(w.title(1, "Sorcellerie").await);
    assert_eq!((unknown.code, unknown.reason.as_str()), (Code::InvalidArgument, "TITLE_REFUSED"));
    assert_eq!(unknown.metadata["because"], "UNKNOWN_DIPLOMA");
    assert_eq!(unknown.allowed, ["licence"]);
}

#[tokio::test]
async fn nobody_else_edits_or_reads_a_dossier() {
    let w = World::new("intake_yours").await;
    w.open(1, w.day()).await.unwrap();
    let get = pb::GetDossierRequest { dossier_id: candidate(1).to_string() };
    let mut client = w.client.clone();
    let other = refusal(client.get_dossier(World::me(2, w.day(), get.clone())).await);
    assert_eq!((other.code, other.reason.as_str()), (Code::PermissionDenied, "NOT_YOURS"));
    for role in [roles::MANDATE, roles::STAFF, roles::JURY, roles::SERVICE] {
        let asked = World::ask(role, &candidate(1).to_string(), None, w.day(), get.clone());
        assert_eq!(refusal(client.get_dossier(asked).await).reason, "ROLE_NOT_ALLOWED", "{role}");
    }
    let nobody = World::ask("anonymous", "", None, w.day(), get.clone());
    assert_eq!(refusal(client.get_dossier(nobody).await).code, Code::Unauthenticated);
    let malformed = pb::GetDossierRequest { dossier_id: "'; drop table".into() };
    assert_eq!(refusal(client.get_dossier(World::me(1, w.day(), malformed)).await).reason, "ID_MALFORMED");
    let unknown = pb::GetDossierRequest { dossier_id: candidate(9).to_string() };
    assert_eq!(refusal(client.get_dossier(World::me(9, w.day(), unknown)).await).reason, "DOSSIER_UNKNOWN");
    let jury = pb::ReadDossierRequest { dossier_id: candidate(1).to_string() };
    assert_eq!(refusal(client.read_dossier(World::jury(w.day(), jury)).await).reason, "DOSSIER_UNKNOWN", "still open");
}

#[tokio::test]
async fn an_unsound_form_names_every_field_and_publics_recruited_locally_are_pointed_there() {
    let w = World::new("intake_form").await;
    let identity = pb::Identity { birth_date: "hier".into(), email: "@".into(), ..World::identity(1) };
    let message =
        pb::OpenDossierRequest { dossier_id: candidate(1).to_string(), identity: Some(identity), ..Default::default() };
    let mut client = w.client.clone();
    let refused = refusal(client.open_dossier(World::me(1, w.day(), message.clone())).await);
    let fields: Vec<_> = refused.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert!(fields.contains(&"identity.birth_date") && fields.contains(&"identity.email"), "{fields:?}");

    let local = w.app.session.local_recruitment.first().expect("the notice names some").clone();
    let message = pb::OpenDossierRequest { identity: Some(World::identity(1)), local_public: local.id, ..message };
    let pointed = refusal(client.open_dossier(World::me(1, w.day(), message)).await);
    assert_eq!(pointed.reason, "RECRUITED_LOCALLY");
    assert_eq!(pointed.metadata["contact"], local.contact);
}

#[tokio::test]
async fn of_many_clotures_at_once_one_is_told() {
    let w = std::sync::Arc::new(World::new("intake_race").await);
    w.ready(1).await;
    let closes: Vec<_> = (0..8)
        .map(|i| {
            let w = w.clone();
            tokio::spawn(async move {
                if i % 2 == 0 {
                    w.close(1, w.day() + ms(i)).await.map(|r| r.receipt)
                } else {
                    // Meanwhile the order keeps changing: it is in time, or it is refused.
                    w.order(1, if i % 4 == 1 { &[FIRST] } else { &[SECOND, FIRST] }, w.day()).await.map(|_| None)
                }
            })
        })
        .collect();
    let mut receipts = Vec::new();
    for task in closes {
        match task.await.unwrap() {
            Ok(Some(receipt)) => receipts.push(receipt),
            Ok(None) => {}
            Err(status) => assert_eq!(refusal::<()>(Err(status)).reason, "ORDER_FINAL"),
        }
    }
    assert_eq!(receipts.len(), 4);
    receipts.dedup();
    assert_eq!(receipts.len(), 1);
    let told = w.told(1).await;
    assert_eq!(told.iter().filter(|(s, ..)| s.ends_with("dossier_closed")).count(), 1);
    // What was closed is what stands.
    let first = w.dossier(1).await.order[0].school.clone();
    let closed = told.iter().find(|(s, ..)| s.ends_with("dossier_closed")).unwrap();
    assert_eq!(closed.2["firstSchool"], first);
    let versions: Vec<_> = told.iter().filter(|(s, ..)| s.starts_with("facts")).map(|(_, v, _)| *v).collect();
    assert!(versions.windows(2).all(|v| v[0] < v[1]), "{versions:?}");
}

#[tokio::test]
async fn the_database_itself_keeps_what_was_closed() {
    let w = World::new("intake_guard").await;
    w.ready(1).await;
    w.close(1, w.day()).await.unwrap();
    let mut conn = w.db.read().await.unwrap();
    for statement in [
        "update dossiers set school_order = '{ales}'",
        "update dossiers set state = 'open', closed_at = null, digest = null",
        "update dossiers set email = 'x@y.fr'",
        "update pieces set sha256 = decode(repeat('00', 32), 'hex')",
        "update pieces set removed_at = now()",
        "delete from pieces",
    ] {
        let error = sqlx::query(statement).execute(&mut *conn).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "23000", "{statement}: {error}");
    }
    let done = sqlx::query("update dossiers set version = version + 1, verdict = 'complete'").execute(&mut *conn).await;
    assert_eq!(done.unwrap().rows_affected(), 1);
}

#[tokio::test]
async fn orders_are_released_at_the_commission_and_not_before() {
    let w = World::new("intake_release").await;
    w.ready(1).await;
    w.close(1, w.day()).await.unwrap();
    w.open(2, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let before = serde_json::to_string(&w.told(1).await).unwrap();
    assert!(!before.contains("preferences"));
    w.fire(keys::ADMISSION_COMMISSION, w.commission).await;
    let told = w.told(1).await;
    let (subject, _, payload) = told.last().unwrap();
    assert_eq!(subject, "facts.v1.embargo.intake.preferences_released");
    assert_eq!(payload["schools"], serde_json::json!([FIRST, THIRD, SECOND]));
    assert!(!w.told(2).await.iter().any(|(s, ..)| s.contains("preferences")));
}

#[tokio::test]
async fn a_window_reopened_for_everyone_lets_what_had_ended_go_on() {
    let w = World::new("intake_reopened").await;
    w.ready(1).await;
    w.ready(2).await;
    w.close(2, w.day()).await.unwrap();
    let receipt = w.dossier(2).await.receipt;
    w.open(3, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    assert_eq!(w.dossier(1).await.state(), pb::DossierState::NotClosed);
    // The same calendar again reopens nothing.
    w.calendar_heard().await;
    assert_eq!(w.dossier(1).await.state(), pb::DossierState::NotClosed);

    let later = w.closes + jiff::SignedDuration::from_hours(24);
    w.move_on(keys::DEPOSITS_CLOSE, later).await;
    w.calendar_heard().await;
    assert_eq!(w.dossier(1).await.state(), pb::DossierState::Open);
    assert_eq!(w.dossier(2).await.receipt, receipt);
    let last = w.told(1).await.pop().unwrap();
    assert!(last.0.ends_with("fee_claimed"), "owed again: {last:?}");
    w.close(1, later - ms(1)).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, later).await;
    assert_eq!(w.dossier(1).await.state(), pb::DossierState::Closed);
    let ends: Vec<_> = w.told(3).await.into_iter().filter(|(s, ..)| s.ends_with("not_closed")).collect();
    assert_eq!(
        ends.iter().map(|(_, _, p)| p["at"].clone()).collect::<Vec<_>>(),
        [w.closes.to_string(), later.to_string()]
    );
    assert!(ends[0].1 < ends[1].1);
}
