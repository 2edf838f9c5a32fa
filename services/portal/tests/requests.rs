//! Keys of other systems' requests, in a real PostgreSQL: taken once, answered again, and not stuck for ever.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it expected")]

use engines::Postgres;
use jiff::{SignedDuration, Timestamp};
use platform::{Service as _, db::Db};
use portal::{
    Portal,
    store::{
        api_requests::{Known, answer, give_up, sweep, take},
        api_tokens::{self, Token},
    },
};
use uuid::Uuid;

const fn at(seconds: i64) -> Timestamp {
    Timestamp::constant(1_700_000_000 + seconds, 0)
}

async fn db() -> Db {
    let url = Postgres::shared().unwrap().create_database("portal_requests").unwrap();
    Db::open(url.parse().unwrap(), 4, Portal::NAME, Portal::migrations()).await.unwrap()
}

#[tokio::test]
async fn a_key_is_taken_once_and_answered_again() {
    let db = db().await;
    let mut conn = db.read().await.unwrap();
    let token = Token {
        id: Uuid::new_v4(),
        school: "here".into(),
        role: "staff".into(),
        name: "a system".into(),
        scopes: vec!["dossiers:read".into()],
        made_by: "somebody".into(),
        made_at: at(0),
        expires_at: at(1000),
        seen_at: None,
        revoked_at: None,
    };
    assert!(api_tokens::insert(&mut conn, &token, &[7; 32]).await.unwrap());
    assert!(!api_tokens::insert(&mut conn, &token, &[8; 32]).await.unwrap(), "the same form makes one token");
    assert!(api_tokens::by_sha256(&mut conn, &[8; 32]).await.unwrap().is_none());
    let (id, one, other) = ((token.id, "key"), [1; 32], [2; 32]);
    let stale = SignedDuration::from_secs(60);

    // Whoever comes second waits; whoever asks something else is told; who began and vanished is replaced.
    assert_eq!(take(&mut conn, id, &one, at(10), at(10) - stale).await.unwrap(), Known::New);
    assert_eq!(take(&mut conn, id, &one, at(11), at(11) - stale).await.unwrap(), Known::Begun);
    assert_eq!(take(&mut conn, id, &other, at(12), at(12) - stale).await.unwrap(), Known::Other);
    assert_eq!(take(&mut conn, id, &one, at(70), at(70) - stale).await.unwrap(), Known::Begun, "a minute is not over");
    assert_eq!(take(&mut conn, id, &one, at(71), at(71) - stale).await.unwrap(), Known::New);
    assert_eq!(take(&mut conn, id, &other, at(200), at(200) - stale).await.unwrap(), Known::Other);

    // Answered, it stays so, however long ago it began.
    answer(&mut conn, id, 409, b"no").await.unwrap();
    for later in [72, 500] {
        let known = take(&mut conn, id, &one, at(later), at(later) - stale).await.unwrap();
        assert_eq!(known, Known::Answered(409, b"no".to_vec()));
    }
    give_up(&mut conn, id).await.unwrap();
    assert_eq!(take(&mut conn, id, &other, at(501), at(441)).await.unwrap(), Known::Other, "an answer is not given up");

    // Given up, the key is free for anything.
    let second = (token.id, "second");
    assert_eq!(take(&mut conn, second, &one, at(10), at(0)).await.unwrap(), Known::New);
    give_up(&mut conn, second).await.unwrap();
    assert_eq!(take(&mut conn, second, &other, at(11), at(0)).await.unwrap(), Known::New);

    // What is old is forgotten.
    assert_eq!(sweep(&mut conn, at(71)).await.unwrap(), 1, "the second alone");
    assert_eq!(take(&mut conn, id, &one, at(72), at(12)).await.unwrap(), Known::Answered(409, b"no".to_vec()));
}
