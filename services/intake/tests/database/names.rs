//! Who reads names, and from when on.

use crate::world::{FIRST, SECOND, THIRD, World, candidate, ms, refusal};
use contracts::{intake as pb, roles};
use jiff::Timestamp;
use notice::keys;
use tonic::Code;

async fn names(w: &World, role: &str, school: Option<&str>, at: Timestamp) -> Vec<u64> {
    let dossier_ids = [5, 3, 1, 2, 4, 99].map(|n| candidate(n).to_string()).to_vec();
    let request = World::ask(role, "someone", school, at, pb::NamesOfRequest { dossier_ids });
    w.client.clone().names_of(request).await.unwrap().into_inner().names.into_iter().map(|n| n.number).collect()
}

#[tokio::test]
async fn lists_are_read_with_the_names_that_their_reader_may_know() {
    let w = World::new("intake_names").await;
    for n in 1..=4 {
        w.ready(n).await;
    }
    w.order(2, &[SECOND, FIRST], w.day()).await.unwrap();
    w.order(3, &[THIRD], w.day()).await.unwrap();
    for n in 1..=3 {
        w.close(n, w.day()).await.unwrap();
    }
    w.open(5, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let results = w.app.session.instant(keys::ADMISSION_RESULTS).unwrap();
    // 4 and 5 were never closed, nobody bears 99.
    for (role, school, before, from) in [
        (roles::JURY, None, vec![1, 2, 3], vec![1, 2, 3]),
        (roles::JURY_PRESIDENT, None, vec![1, 2, 3], vec![1, 2, 3]),
        (roles::STAFF, Some(FIRST), vec![1], vec![1, 2]),
        (roles::STAFF, Some(SECOND), vec![2], vec![1, 2]),
        (roles::STAFF, Some(THIRD), vec![3], vec![1, 3]),
        (roles::PLANNER, Some(FIRST), vec![1], vec![1]),
        (roles::FINANCE, Some(SECOND), vec![2], vec![2]),
        (roles::STAFF, Some("elsewhere"), vec![], vec![]),
    ] {
        assert_eq!(names(&w, role, school, w.closes).await, before, "{role} {school:?}");
        assert_eq!(names(&w, role, school, results - ms(1)).await, before, "{role} {school:?}");
        assert_eq!(names(&w, role, school, results).await, from, "{role} {school:?}");
    }
    let ask = |role: &str, unit, ids: Vec<String>| {
        let request = World::ask(role, "x", unit, results, pb::NamesOfRequest { dossier_ids: ids });
        let mut client = w.client.clone();
        async move { client.names_of(request).await.map(tonic::Response::into_inner) }
    };
    let one = || vec![candidate(1).to_string()];
    let shown = ask(roles::JURY, None, one()).await.unwrap().names;
    let expected = pb::Name {
        dossier_id: candidate(1).to_string(),
        number: 1,
        family_name: "Lefèvre-1".into(),
        first_names: "Éloïse, Marie".into(),
        filiere: "L3".into(),
    };
    assert_eq!(shown, [expected]);
    for role in [roles::CANDIDATE, roles::MANDATE, roles::OPERATOR, roles::SERVICE, roles::REFEREE] {
        assert_eq!(refusal(ask(role, Some(FIRST), one()).await).code, Code::PermissionDenied, "{role}");
    }
    assert_eq!(refusal(ask("anonymous", None, one()).await).code, Code::Unauthenticated);
    assert_eq!(refusal(ask(roles::STAFF, None, one()).await).reason, "UNIT_NOT_ALLOWED");
    assert!(ask(roles::JURY, None, vec![candidate(1).to_string(); 500]).await.is_ok());
    assert_eq!(refusal(ask(roles::JURY, None, vec![candidate(1).to_string(); 501]).await).reason, "TOO_MANY_IDS");
    assert_eq!(refusal(ask(roles::JURY, None, vec!["x".into()]).await).reason, "ID_MALFORMED");
}

#[tokio::test]
async fn a_service_finds_a_person_by_words_of_the_name() {
    let w = World::new("intake_words").await;
    for n in 1..=3 {
        w.open(n, w.day()).await.unwrap();
    }
    let ask = |role: &str, text: &str| {
        let request = World::ask(role, "payments", None, w.day(), pb::SearchNamesRequest { text: text.into() });
        let mut client = w.client.clone();
        async move { client.search_names(request).await.map(|r| r.into_inner().contacts) }
    };
    for (text, expected) in [
        ("lefevre", vec![1, 2, 3]),
        ("MARIE lefèvre-2", vec![2]),
        ("éloï", vec![1, 2, 3]),
        ("dupont", vec![]),
        ("--", vec![]),
    ] {
        let found: Vec<u64> = ask(roles::SERVICE, text).await.unwrap().into_iter().map(|c| c.number).collect();
        assert_eq!(found, expected, "{text}");
    }
    assert_eq!(refusal(ask(roles::SERVICE, "l").await).reason, "FORM_INVALID");
    for role in [roles::FINANCE, roles::STAFF, roles::JURY, roles::CANDIDATE] {
        assert_eq!(refusal(ask(role, "lefevre").await).code, Code::PermissionDenied, "{role}");
    }
}

#[tokio::test]
async fn what_is_missing_is_told_to_the_notifier_too() {
    let w = World::new("intake_reminded").await;
    w.open(1, w.day()).await.unwrap();
    let ask = |role: &str, subject: &str, n: u128| {
        let message = pb::MissingRequest { dossier_id: candidate(n).to_string() };
        let (mut client, request) = (w.client.clone(), World::ask(role, subject, None, w.day(), message));
        async move { client.missing(request).await.map(|r| r.into_inner().things) }
    };
    let own = w.missing(1).await;
    assert!(!own.is_empty());
    assert_eq!(ask(roles::SERVICE, "notifier", 1).await.unwrap(), own);
    assert_eq!(refusal(ask(roles::SERVICE, "notifier", 2).await).reason, "DOSSIER_UNKNOWN");
    assert_eq!(refusal(ask(roles::SERVICE, "payments", 1).await).reason, "SERVICE_NOT_ALLOWED");
    assert_eq!(refusal(ask(roles::CANDIDATE, &candidate(2).to_string(), 1).await).reason, "NOT_YOURS");
    assert_eq!(refusal(ask(roles::STAFF, "x", 1).await).reason, "ROLE_NOT_ALLOWED");
}
