//! Audit entries about results: the log holds a seal, the content stays with the jury (R19).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::{audit, db::Tx};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;
use crate::domain::digest;

/// Appends an audit entry whose `open` part anyone who reads the log may see, and whose `secret` part is only bound.
///
/// # Errors
/// The database.
pub async fn audit(
    tx: &mut Tx,
    at: Timestamp,
    actor: &str,
    action: &'static str,
    mut open: Value,
    secret: &Value,
) -> Result<(), StoreError> {
    let (salt, content) = (Uuid::new_v4(), secret.to_string());
    let seal = digest::of([salt.to_string().as_str(), content.as_str()]);
    sqlx::query!(
        "insert into sealed (seal, salt, content, sealed_at) values ($1, $2, $3, $4)",
        seal,
        salt,
        content,
        at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    match open.as_object_mut() {
        Some(open) => {
            open.insert("seal".into(), Value::String(seal));
        }
        None => open = json!({ "seal": seal }),
    }
    audit::append(tx, at, actor, action, open).await?;
    Ok(())
}

/// A sealed record: its content and the salt, so that anyone shown both can recompute the seal.
///
/// # Errors
/// The database.
pub async fn open(conn: &mut PgConnection, seal: &str) -> Result<Option<(String, Uuid)>, StoreError> {
    let row = sqlx::query!("select content, salt from sealed where seal = $1", seal).fetch_optional(conn).await?;
    Ok(row.map(|r| (r.content, r.salt)))
}
