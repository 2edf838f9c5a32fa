//! Numbers that people write on dossiers, from and to their ids.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;
use crate::domain::{Named, Numbers};

/// Dossiers by those numbers that are among `named`.
///
/// # Errors
/// The database.
pub async fn by_number(conn: &mut PgConnection, named: &[Named]) -> Result<Numbers, StoreError> {
    let number = |named: &Named| match named {
        Named::Number(number) => Some(number.cast_signed()),
        Named::Id(_) => None,
    };
    let numbers: Vec<i64> = named.iter().filter_map(number).collect();
    let rows = sqlx::query!("select number, dossier_id from candidatures where number = any($1)", &numbers);
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.number.cast_unsigned(), row.dossier_id)).collect())
}

/// What stands beside a dossier's id on a list.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// The number that people write on it.
    pub number: u64,
    /// The jury annulled it.
    pub annulled: bool,
}

/// The label of every candidature.
///
/// # Errors
/// The database.
pub async fn labels(conn: &mut PgConnection) -> Result<HashMap<Uuid, Label>, StoreError> {
    let rows = sqlx::query!(r#"select dossier_id, number, annulled_at is not null as "annulled!" from candidatures"#);
    let label = |number: i64, annulled| Label { number: number.cast_unsigned(), annulled };
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.dossier_id, label(row.number, row.annulled))).collect())
}
