//! R15: other routes' lists, looked up and forgotten.

use contracts::jury as api;
use notice::keys;

use crate::house::{House, ask, candidate, id, secretary, staff};

fn list(csv: &str) -> api::ImportOtherRoutesRequest {
    api::ImportOtherRoutesRequest { route: "Concours commun".into(), csv: csv.as_bytes().to_vec() }
}

const CSV: &str = "family_name;given_name;rang\nDupont;Jean;1\nMatch;2;2\nMatch;3;3\nMatch;2;4\n";

#[tokio::test]
async fn a_list_is_matched_once_and_leaves_no_name_behind() {
    let house = House::open("routes").await;
    let at = house.instant(keys::DEPOSITS_CLOSE);
    house.closed(2, &["albi"], &[]).await;
    let done = ask!(house, import_other_routes, list(CSV), secretary(at)).unwrap();
    assert_eq!((done.lines, done.matched_dossier_ids), (4, vec![id(2), id(3)]));
    let again = ask!(house, import_other_routes, list(CSV), secretary(at)).unwrap();
    assert!(again.already_applied && again.matched_dossier_ids == [id(2), id(3)], "the same receipt");
    let matches = ask!(house, list_other_route_matches, api::ListOtherRouteMatchesRequest::default(), secretary(at));
    let matches: Vec<_> = matches.unwrap().matches.into_iter().map(|m| (m.dossier_id, m.line)).collect();
    assert_eq!(matches, [(id(2), 3), (id(3), 4)]);
    let filter = api::ListCandidaturesRequest { other_route_only: true, ..Default::default() };
    let shown = ask!(house, list_candidatures, filter, secretary(at)).unwrap();
    assert_eq!(shown.candidatures[0].other_routes, ["Concours commun"]);
    assert!(!shown.candidatures[0].annulled, "no automatic rejection");
    let everything = house.sql("select * from matches, imports").await.unwrap();
    let audited = house.sql("select details from platform.audit").await.unwrap();
    assert!(!format!("{everything}{audited}").contains("Dupont"));
}

#[tokio::test]
async fn a_list_imported_again_finds_who_came_since() {
    let house = House::open("routes_again").await;
    let at = house.instant(keys::DEPOSITS_CLOSE);
    ask!(house, import_other_routes, list(CSV), secretary(at)).unwrap();
    // As if dossier 3 had been begun after the first import.
    house.sql(&format!("delete from matches where dossier_id = '{}'", id(3))).await.unwrap();
    let more = ask!(house, import_other_routes, list(CSV), secretary(at)).unwrap();
    assert!(!more.already_applied);
    assert_eq!(house.sql("select count(*) from matches").await.unwrap(), "2");
    assert!(ask!(house, import_other_routes, list(CSV), secretary(at)).unwrap().already_applied);
    let audited = "select count(*) from platform.audit where action = 'other_route_imported'";
    assert_eq!(house.sql(audited).await.unwrap(), "2", "a repeat that finds nobody new leaves no trace");
}

#[tokio::test]
async fn staff_see_matches_of_their_own_schools_candidates_only() {
    let house = House::open("routes_staff").await;
    let at = house.instant(keys::DEPOSITS_CLOSE);
    house.closed(2, &["albi"], &[]).await;
    house.closed(3, &["ales"], &[]).await;
    let done = ask!(house, import_other_routes, list(CSV), staff("albi", at)).unwrap();
    assert_eq!(done.matched_dossier_ids, [id(2)]);
    for (who, seen) in
        [(staff("albi", at), vec![id(2)]), (staff("ales", at), vec![id(3)]), (staff("nord-europe", at), vec![])]
    {
        let page = ask!(house, list_other_route_matches, api::ListOtherRouteMatchesRequest::default(), who).unwrap();
        assert_eq!(page.matches.into_iter().map(|m| m.dossier_id).collect::<Vec<_>>(), seen);
    }
    let nowhere = platform::auth::Caller { unit: None, ..staff("albi", at) };
    for refused in [
        ask!(house, list_other_route_matches, api::ListOtherRouteMatchesRequest::default(), nowhere.clone())
            .unwrap_err(),
        ask!(house, import_other_routes, list(CSV), nowhere).unwrap_err(),
    ] {
        assert_eq!(refused.reason, "UNIT_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn text_that_the_database_cannot_hold_is_refused_by_name() {
    let house = House::open("strange_text").await;
    let at = house.instant(keys::DEPOSITS_CLOSE);
    let filter = api::ListCandidaturesRequest { school: "al\0bi".into(), ..Default::default() };
    let refused = ask!(house, list_candidatures, filter, secretary(at)).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.fields[0].0.as_str()), ("INVALID_TEXT", "school"));
    let token = format!("{}/\0", id(1));
    let page = api::ListOtherRouteMatchesRequest { page_token: token, ..Default::default() };
    assert_eq!(ask!(house, list_other_route_matches, page, secretary(at)).unwrap_err().reason, "INVALID_TEXT");
    let seal = api::OpenSealRequest { seal: "\0".into() };
    assert_eq!(ask!(house, open_seal, seal, secretary(at)).unwrap_err().reason, "NO_SEAL");
}

#[tokio::test]
async fn a_bad_file_names_its_lines_and_trouble_at_intake_changes_nothing() {
    let house = House::open("bad_routes").await;
    let at = house.instant(keys::DEPOSITS_CLOSE);
    let bad = ask!(house, import_other_routes, list("family_name,given_name\nA\n,B\n"), secretary(at)).unwrap_err();
    assert_eq!((bad.reason.as_str(), bad.fields.len()), ("CSV_INVALID", 2));
    let big = api::ImportOtherRoutesRequest { route: "x".into(), csv: vec![b'a'; 1024 * 1024 + 1] };
    assert_eq!(ask!(house, import_other_routes, big, secretary(at)).unwrap_err().reason, "CSV_INVALID");
    let down = "family_name,given_name\nMatch,2\nDown,1\n";
    let down = ask!(house, import_other_routes, list(down), secretary(at)).unwrap_err();
    assert_eq!(down.reason, "INTAKE_UNAVAILABLE");
    assert_eq!(house.sql("select count(*) from matches").await.unwrap(), "0");
    let outsider = ask!(house, import_other_routes, list(CSV), candidate(1, at)).unwrap_err();
    assert_eq!(outsider.reason, "ROLE_NOT_ALLOWED");
}
