//! Lists: every entry once, of one's own school alone, and not sent again while it has not changed.

use std::collections::BTreeSet;

use campaign::{must, world::Who};
use contracts::{intake as wire, roles};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    system::{FINANCE, STAFF, System},
    two, world_at,
};

/// Walks a list to its end, `limit` at a time; every page but the last is full.
async fn walk(system: &System, path: &str, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut address = format!("/api/v1{path}?limit={limit}");
    loop {
        let page = system.send(system.request(Method::GET, &address)).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let items = page.body["items"].as_array().expect("items").clone();
        let next = page.body["next"].as_str();
        assert!(items.len() <= limit && (next.is_none() || items.len() == limit), "{page:?}");
        all.extend(items);
        let Some(next) = next else {
            assert_eq!(page.header("link"), "", "a last page leads nowhere");
            return all;
        };
        let link = page.header("link");
        let to =
            link.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).unwrap_or_else(|| panic!("{link}"));
        let at = to.find("/api/").expect("an address of ours");
        address = to[at..].to_owned();
        assert!(address.contains(next) && address.contains(&format!("limit={limit}")), "{address}");
    }
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["dossier_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dossier_of_the_school_once_and_no_other() {
    let world = world_at("2026-03-25T10:00:00Z".parse().ok(), 40, None).await;
    let (here, there) = two(&world);
    let ours = System::of(&world.portal_url, "staff", &here, &STAFF).await;
    let theirs = System::of(&world.portal_url, "staff", &there, &STAFF).await;

    let mut expected = Vec::new();
    for school in [&here, &there] {
        let ask = wire::ListDossiersToVerifyRequest {
            school: school.clone(),
            page_size: 200,
            include_verified: true,
            ..Default::default()
        };
        let listed = must!(world.intake, &Who::at(roles::STAFF, school), list_dossiers_to_verify, ask).unwrap();
        expected.push(listed.dossiers.into_iter().map(|d| d.dossier_id).collect::<BTreeSet<_>>());
    }
    assert!(expected.iter().all(|ids| ids.len() > 3) && expected[0].is_disjoint(&expected[1]), "{expected:?}");
    for (system, expected) in [(&ours, &expected[0]), (&theirs, &expected[1])] {
        for limit in [1, 3, 100] {
            let found = ids(&walk(system, "/dossiers", limit).await);
            assert_eq!(found.len(), expected.len(), "once each");
            assert_eq!(&found.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    // Another school's dossier and its pieces are as unknown as one that does not exist; so is another list's cursor.
    let stranger = expected[1].first().unwrap();
    let own = expected[0].first().unwrap();
    assert_eq!(theirs.get(&format!("/dossiers/{stranger}")).await.status, StatusCode::OK);
    let hidden = ours.get(&format!("/dossiers/{stranger}")).await;
    let nobody = ours.get("/dossiers/5b1d0a5e-0000-4000-8000-000000000001").await;
    assert_eq!((hidden.status, hidden.code()), (StatusCode::NOT_FOUND, nobody.code()));
    let cursor = ours.get("/dossiers?limit=1").await.body["next"].as_str().unwrap().to_owned();
    assert_eq!(theirs.get(&format!("/dossiers?cursor={cursor}")).await.code(), "CURSOR_UNKNOWN");
    assert_eq!(ours.get(&format!("/fees?cursor={cursor}")).await.code(), "CURSOR_UNKNOWN");

    // A dossier as it stands, without what a school is not told; unchanged, it is not sent again.
    let path = format!("/dossiers/{own}");
    let dossier = ours.get(&path).await;
    let told: Vec<&String> = dossier.body.as_object().unwrap().keys().collect();
    assert!(dossier.body["identity"]["family_name"].is_string(), "{told:?}");
    assert!(!told.iter().any(|key| ["order", "fiche", "receipt"].contains(&key.as_str())), "{told:?}");
    let tag = dossier.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() == 66, "{tag}");
    let again =
        async || ours.send(ours.request(Method::GET, &format!("/api/v1{path}")).header("if-none-match", &tag)).await;
    let same = again().await;
    assert_eq!((same.status, same.header("etag"), &same.body), (StatusCode::NOT_MODIFIED, &*tag, &Value::Null));
    assert_eq!(ours.post(&format!("{path}/notes"), "n1", &json!({"text": "vu"})).await.status, StatusCode::OK);
    let changed = again().await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), tag);

    // The content of a piece, under the digest that the dossier names.
    let piece = &dossier.body["pieces"][0];
    let content = format!("/api/v1{path}/pieces/{}/content", piece["piece_id"].as_str().unwrap());
    let bytes = ours.request(Method::GET, &content).send().await.unwrap();
    assert_eq!(bytes.headers()["etag"].to_str().unwrap(), format!("\"{}\"", piece["sha256"].as_str().unwrap()));
    assert_eq!(bytes.headers()["content-type"].to_str().unwrap(), piece["media_type"].as_str().unwrap());
    let bytes = bytes.bytes().await.unwrap();
    assert_eq!(bytes.len() as u64, piece["bytes"].as_u64().unwrap());
    let foreign = theirs.send(theirs.request(Method::GET, &content)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{foreign:?}");

    // What the person in charge of studies wrote is for people (R11): a system is not told of it.
    let mut fiches = 0;
    for id in &expected[0] {
        let ask = wire::GetDossierForSchoolRequest { school: here.clone(), dossier_id: id.clone() };
        let whole = must!(world.intake, &Who::at(roles::STAFF, &here), get_dossier_for_school, ask).unwrap();
        let told = ours.get(&format!("/dossiers/{id}")).await.body;
        for piece in &whole.pieces {
            let kind = world.session.piece(&piece.piece).unwrap();
            let listed = told["pieces"].as_array().unwrap().iter().any(|p| p["piece_id"] == *piece.piece_id);
            assert_eq!(listed, kind.by == notice::Depositor::Candidate, "{}", piece.piece);
            if !listed {
                fiches += 1;
                let content = ours.get(&format!("/dossiers/{id}/pieces/{}/content", piece.piece_id)).await;
                assert_eq!((content.status, content.code()), (StatusCode::NOT_FOUND, "PIECE_UNKNOWN"));
            }
        }
    }
    assert!(fiches > 0, "no fiche was deposited as a file");

    // The school's books, whole and page by page.
    let finance = System::of(&world.portal_url, "finance", &here, &FINANCE).await;
    let entries = walk(&finance, "/ledger", 3).await;
    let sequences: BTreeSet<u64> = entries.iter().map(|e| e["sequence"].as_u64().unwrap()).collect();
    assert!(entries.len() > 3 && sequences.len() == entries.len(), "{}", entries.len());
    let sum: i64 = entries.iter().map(|e| e["balance_effect_cents"].as_i64().unwrap()).sum();
    let balance = finance.get("/balance").await.body;
    assert_eq!((balance["closing_cents"].as_i64(), &balance["adds_up"]), (Some(sum), &true.into()));
    let fees = ids(&walk(&finance, "/fees", 4).await);
    assert_eq!(fees.iter().collect::<BTreeSet<_>>().len(), fees.len());
    assert!(expected[0].iter().all(|id| fees.contains(id)), "every candidature of the school owes its fee here");
}
