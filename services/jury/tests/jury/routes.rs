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
    let done = ask!(house, import_other_routes, list(CSV), staff("albi", at)).unwrap();
    assert_eq!((done.lines, done.matched_dossier_ids), (4, vec![id(2), id(3)]));
    assert!(ask!(house, import_other_routes, list(CSV), staff("albi", at)).unwrap().already_applied);
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
