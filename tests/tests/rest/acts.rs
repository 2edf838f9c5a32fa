//! What systems record is done once, however often it is sent.

use campaign::bank::{Line, Statement};
use jiff::civil::date;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::json;

use crate::{
    system::{FINANCE, STAFF, System},
    two, world_at,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_act() {
    let world = world_at("2026-03-25T10:00:00Z".parse().ok(), 20, None).await;
    let (here, _) = two(&world);
    let staff = System::of(&world.portal_url, "staff", &here, &STAFF).await;
    let listed = staff.get("/dossiers").await;
    let id = listed.body["items"][0]["dossier_id"].as_str().unwrap().to_owned();
    let notes = async || staff.get(&format!("/dossiers/{id}")).await.body["notes"].as_array().unwrap().len();

    // The same request is answered again as it was, and the note stands once.
    let (path, before) = (format!("/dossiers/{id}/notes"), notes().await);
    let first = staff.post(&path, "key-1", &json!({"text": "Appelé le candidat."})).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::OK, ""), "{first:?}");
    assert!(first.body["author"].as_str().unwrap().starts_with("system/"));
    let again = staff.post(&path, "key-1", &json!({"text": "Appelé le candidat."})).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::OK, "true"));
    assert_eq!((again.body, notes().await), (first.body, before + 1));

    // For anything else the key is taken; another system's keys are its own.
    let other_text = staff.post(&path, "key-1", &json!({"text": "Autre chose."})).await;
    assert_eq!((other_text.status, other_text.code()), (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED"));
    let other_act = staff.post(&format!("/dossiers/{id}/verdict"), "key-1", &json!({"verdict": "incomplete"})).await;
    assert_eq!(other_act.code(), "IDEMPOTENCY_KEY_REUSED");
    let second = System::of(&world.portal_url, "staff", &here, &STAFF).await;
    assert_eq!(second.post(&path, "key-1", &json!({"text": "Autre chose."})).await.status, StatusCode::OK);
    assert_eq!(notes().await, before + 2);

    // A refusal is answered again too, word for word.
    let late = json!({"until": "2026-01-01T00:00:00Z", "reason": "illisible"});
    let piece = staff.get(&format!("/dossiers/{id}")).await.body["pieces"][0]["piece_id"].as_str().unwrap().to_owned();
    let correction = format!("/dossiers/{id}/pieces/{piece}/corrections");
    let refused = staff.post(&correction, "key-2", &late).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "UNTIL_INVALID"), "{refused:?}");
    let refused_again = staff.post(&correction, "key-2", &late).await;
    assert_eq!((refused_again.code(), refused_again.header("idempotency-replayed")), ("UNTIL_INVALID", "true"));
    assert_eq!(refused_again.body, refused.body);

    // Sent at the same moment by two connections, it is done once: the other hears of it or waits.
    let twice = json!({"text": "Deux fois."});
    let (left, right) = tokio::join!(staff.post(&path, "key-3", &twice), staff.post(&path, "key-3", &twice));
    for one in [&left, &right] {
        assert!(one.status == StatusCode::OK || one.code() == "IDEMPOTENCY_IN_PROGRESS", "{one:?}");
    }
    assert!(left.status == StatusCode::OK || right.status == StatusCode::OK);
    assert_eq!(notes().await, before + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_by_another_means_enters_the_books_once() {
    let world = world_at("2026-03-25T10:00:00Z".parse().ok(), 20, None).await;
    let (here, _) = two(&world);
    let finance = System::of(&world.portal_url, "finance", &here, &FINANCE).await;
    let fees = finance.get("/fees?limit=100").await.body;
    let owed = fees["items"].as_array().unwrap().iter().find(|f| f["payee_school"].as_str() == Some(&*here)).unwrap();
    let id = owed["dossier_id"].as_str().unwrap();
    let closing = async || finance.get("/balance").await.body["closing_cents"].as_i64().unwrap();
    let before = closing().await;
    let cheque = json!({"cents": 1500, "means": "chèque 4411", "receipt": "R-1"});
    for _ in 0..2 {
        let paid = finance.post(&format!("/fees/{id}/payments"), "cheque-1", &cheque).await;
        assert_eq!(paid.status, StatusCode::OK, "{paid:?}");
        assert_eq!(closing().await, before + 1500);
    }
    // Another key and the school's same receipt is the same money still; the same receipt for another amount is refused.
    let paid = finance.post(&format!("/fees/{id}/payments"), "cheque-2", &cheque).await;
    assert_eq!((paid.status, closing().await), (StatusCode::OK, before + 1500));
    let other = json!({"cents": 1600, "means": "chèque 4411", "receipt": "R-1"});
    assert_eq!(finance.post(&format!("/fees/{id}/payments"), "cheque-3", &other).await.code(), "RECEIPT_USED");

    // A bank statement: looked at, imported once, and known when the bank sends it again under another key.
    let day = date(2026, 3, 24);
    let line = Line {
        booked: day,
        cents: 2500,
        counterparty: "Mme Martin".into(),
        remittance: owed["reference"].as_str().unwrap().into(),
        reference: "API-1".into(),
        reversal: false,
    };
    let school = world.session.school(&here).unwrap();
    let statement = Statement {
        iban: &school.account.iban,
        currency: &world.session.currency,
        opening: 0,
        lines: &[line],
        days: (day, day),
    };
    let import = async |key: &str, query: &str, content: &str| {
        let request = finance
            .request(Method::POST, &format!("/api/v1/statements{query}"))
            .header("Idempotency-Key", key)
            .header(CONTENT_TYPE, "application/octet-stream");
        finance.send(request.body(content.to_owned())).await
    };
    let file = statement.camt053();
    let preview = import("i-1", "?preview=true", &file).await;
    assert_eq!((preview.status, &preview.body["new_lines"]), (StatusCode::OK, &1.into()), "{preview:?}");
    assert_eq!(closing().await, before + 1500, "a preview changes nothing");
    let imported = import("i-2", "", &file).await;
    assert_eq!(
        (&imported.body["new_lines"], &imported.body["lines"][0]["dossier_id"]),
        (&1.into(), &owed["dossier_id"])
    );
    let known = import("i-3", "", &file).await;
    assert_eq!((&known.body["new_lines"], &known.body["lines"][0]["outcome"]), (&0.into(), &"already_imported".into()));
    assert_eq!(import("i-2", "", &file).await.body, imported.body);
    assert_eq!(closing().await, before + 4000);

    // What is no statement is refused with its faults, and changes nothing.
    for (key, query) in [("s-1", ""), ("s-2", "?preview=true")] {
        let refused = import(key, query, "not a statement").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        refused.code();
    }
    assert_eq!(closing().await, before + 4000);
}
