use platform::audit;
use serde_json::json;

use crate::stage::{at, count, database, execute, open};

async fn verdict(db: &platform::db::Db, noted: Option<&audit::Head>) -> Option<u64> {
    let mut conn = db.read().await.unwrap();
    audit::verify(&mut conn, noted).await.unwrap().first_broken
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_removed_or_cut_entry_shows() {
    let db = open(&database("audit_chain").await, "hearer").await;
    for n in 0..6 {
        let mut tx = db.begin("act").await.unwrap();
        audit::append(&mut tx, at("2026-02-01T08:00:00.123456789Z"), "someone", "did", json!({"n": n})).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(verdict(&db, None).await, None, "what is not chained yet is no fault");
    assert_eq!(audit::chain(&db).await.unwrap(), 6);
    assert_eq!(audit::chain(&db).await.unwrap(), 0);
    assert_eq!(verdict(&db, None).await, None);
    let head = audit::head(&mut db.read().await.unwrap()).await.unwrap();
    assert_eq!(head.entries, 6);
    assert_eq!(verdict(&db, Some(&head)).await, None);

    let faults: [(&str, &str, Option<u64>); 6] = [
        ("update platform.audit set details = '{\"n\":9}' where position = 3", "changed details", Some(3)),
        ("update platform.audit set actor = 'other' where position = 6", "changed actor of the last", Some(6)),
        ("update platform.audit set at = at + interval '1 microsecond' where position = 1", "moved", Some(1)),
        ("delete from platform.audit where position = 4", "removed", Some(4)),
        ("delete from platform.audit where position = 6", "tail cut", Some(6)),
        ("update platform.audit_head set hash = decode('00', 'hex')", "head overwritten", Some(7)),
    ];
    for (fault, what, broken) in faults {
        execute(&db, "create table copy as table platform.audit; create table top as table platform.audit_head").await;
        execute(&db, fault).await;
        assert_eq!(verdict(&db, None).await, broken, "{what}");
        execute(
            &db,
            "truncate platform.audit, platform.audit_head;
             insert into platform.audit overriding system value select * from copy;
             insert into platform.audit_head select * from top; drop table copy, top;",
        )
        .await;
        assert_eq!(verdict(&db, None).await, None, "{what}: restored");
    }

    // Whoever can write here can also compute a chain that fits; a head published earlier gives it away.
    execute(
        &db,
        "delete from platform.audit where position = 6;
         update platform.audit_head set position = 5, hash = (select hash from platform.audit where position = 5)",
    )
    .await;
    assert_eq!(verdict(&db, None).await, None);
    assert_eq!(verdict(&db, Some(&head)).await, Some(6));
    assert_eq!(count(&db, "select count(*) from platform.audit").await, 5);
}
