//! What PostgreSQL cannot keep is the caller's fault, not ours.

use platform::{db::DbError, refusal::Refusal};
use tonic::Code;

use crate::stage::{database, open};

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_cannot_be_kept_is_refused_and_not_an_internal_error() {
    let db = open(&database("not_storable").await, "hearer").await;
    let mut conn = db.read().await.unwrap();
    let nul = sqlx::query("select $1::text").bind("a\0b").execute(&mut *conn).await.unwrap_err();
    let json = sqlx::query("select $1::text::jsonb").bind(r#""\u0000""#).execute(&mut *conn).await.unwrap_err();
    let year = jiff::Timestamp::MIN;
    let year = sqlx::query("select $1").bind(jiff_sqlx::Timestamp::from(year)).execute(&mut *conn).await.unwrap_err();
    for error in [nul, json, year] {
        let said = error.to_string();
        let refusal = Refusal::from(DbError::from(error));
        assert_eq!((refusal.code(), refusal.reason()), (Code::InvalidArgument, "VALUE_NOT_STORABLE"), "{said}");
    }
    // A fault in our own statement stays ours.
    let ours = sqlx::query("select 1 / 0").execute(&mut *conn).await.unwrap_err();
    assert_eq!(Refusal::from(ours).code(), Code::Internal);
}
