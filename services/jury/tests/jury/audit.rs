//! The audit log: what operators read tells no result, and the chain shows what was tampered with.

use std::process::Command;

use contracts::jury as api;
use notice::keys;
use platform::audit;

use crate::house::{House, ask, candidate, id, secretary};

#[tokio::test]
async fn the_log_is_sealed_and_its_seals_open_for_the_jury_only() {
    let house = House::open("sealed").await;
    house.admitted(&[1]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    house.mark(1, "english", "17.25", at).await.unwrap();
    audit::chain(&house.db).await.unwrap();
    let entries = audit::page(&mut house.db.read().await.unwrap(), 0, 1000).await.unwrap();
    let log: Vec<String> = entries.iter().map(|e| format!("{} {}", e.action, e.details)).collect();
    assert!(log.iter().all(|line| !line.contains("17.25") && !line.contains("admissible\":")), "{log:#?}");
    let marked = entries.iter().find(|e| e.action == "result_recorded").unwrap();
    let details: serde_json::Value = serde_json::from_str(&marked.details).unwrap();
    let open = || api::OpenSealRequest { seal: details["seal"].as_str().unwrap().into() };
    assert_eq!(ask!(house, open_seal, open(), candidate(1, at)).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    let record = ask!(house, open_seal, open(), secretary(at)).unwrap();
    assert!(record.content_json.contains("17.25"));
    assert_eq!(details["dossier"], id(1));
    // An unsalted digest of few possibilities would be the result for whoever tries them all.
    let prepared = entries.iter().find(|e| e.action == "act_prepared").unwrap();
    let details: serde_json::Value = serde_json::from_str(&prepared.details).unwrap();
    assert!(details.get("digest").is_none(), "{details}");
    let open = api::OpenSealRequest { seal: details["seal"].as_str().unwrap().into() };
    assert!(ask!(house, open_seal, open, secretary(at)).unwrap().content_json.contains("\"digest\""));
    assert!(house.sql("update sealed set content = '{}'").await.is_err());
}

#[tokio::test]
async fn the_command_verifies_and_names_the_first_entry_that_does_not_fit() {
    let house = House::open("verify").await;
    house.admitted(&[1]).await;
    audit::chain(&house.db).await.unwrap();
    let head = audit::head(&mut house.db.read().await.unwrap()).await.unwrap();
    let url = engines::Postgres::shared().unwrap().url(&house.database);
    let verify = |more: Vec<String>| {
        let run = Command::new(env!("CARGO_BIN_EXE_jury"))
            .args(["verify-audit", "--database", &url])
            .args(more)
            .output()
            .unwrap();
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned())
    };
    let noted = || vec!["--head".to_owned(), format!("{}:{}", head.entries, hex::encode(&head.hash))];
    let (code, said) = verify(noted());
    assert!(code == Some(0) && said.contains("intact") && said.contains(&hex::encode(&head.hash)), "{said}");
    house.sql("update platform.audit set actor = actor || '!' where position = 3").await.unwrap();
    let (code, said) = verify(Vec::new());
    assert!(code == Some(1) && said.contains("BROKEN at entry 3"), "{said}");
    // A tail cut off with its head: only a head noted before tells.
    house.sql("update platform.audit set actor = rtrim(actor, '!') where position = 3").await.unwrap();
    assert_eq!(verify(noted()).0, Some(0));
    house
        .sql(
            "delete from platform.audit where position > 2;
             update platform.audit_head h set position = 2, hash = (select hash from platform.audit where position = 2)",
        )
        .await
        .unwrap();
    assert_eq!((verify(Vec::new()).0, verify(noted()).0), (Some(0), Some(1)));
}
