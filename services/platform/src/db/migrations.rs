//! The tables: brought up to date, or waited for.
//!
//! A migration only ever adds, until no running process needs what it would take away: old and new processes work side by
//! side while one replaces the other. So what the database has and this process does not know is none of its business.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{
    PgPool,
    migrate::{Migrate as _, MigrateError, Migrator},
};

use crate::service::StartError;

/// How often the tables are looked at while they are waited for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A history of migrations, and the table that it stands in.
struct History {
    table: &'static str,
    migrations: Migrator,
}

/// Platform's own tables, in a schema and with a history of their own, then the service's.
fn both(own: Migrator) -> [History; 2] {
    let both = [("platform._sqlx_migrations", sqlx::migrate!()), ("_sqlx_migrations", own)];
    both.map(|(table, mut migrations)| {
        migrations.set_ignore_missing(true);
        History { table, migrations }
    })
}

/// Applies what is missing. Several may try at once: one after the other, and the later ones find nothing to do. One that
/// fails leaves everything before it applied and nothing of itself, and is tried again by the next run.
pub(super) async fn run(pool: &PgPool, own: Migrator) -> Result<(), StartError> {
    for History { table, migrations } in both(own) {
        migrations.run(pool).await.map_err(|e| StartError::from_source(table, e))?;
    }
    Ok(())
}

/// Waits until somebody has applied everything that this process needs.
pub(super) async fn wait(pool: &PgPool, own: Migrator) -> Result<(), StartError> {
    let all = both(own);
    let mut told = Vec::new();
    loop {
        let mut missing = Vec::new();
        for history in &all {
            let lacks = lacking(pool, history).await.map_err(|e| StartError::from_source(history.table, e))?;
            missing.extend(lacks.into_iter().map(|version| format!("{}: {version}", history.table)));
        }
        if missing.is_empty() {
            return Ok(());
        }
        if told != missing {
            tracing::warn!(?missing, "the tables are not up to date: waiting for `migrate`");
            told = missing;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Versions that are not applied, or only half.
async fn lacking(pool: &PgPool, history: &History) -> Result<Vec<i64>, MigrateError> {
    let mut conn = pool.acquire().await?;
    let applied = match conn.list_applied_migrations(history.table).await {
        Err(MigrateError::Execute(error)) if undefined_table(&error) => Vec::new(),
        applied => applied?,
    };
    let half = if applied.is_empty() { None } else { conn.dirty_version(history.table).await? };
    let whole: BTreeSet<i64> = applied.into_iter().map(|one| one.version).filter(|one| Some(*one) != half).collect();
    Ok(history.migrations.iter().map(|one| one.version).filter(|version| !whole.contains(version)).collect())
}

/// Nothing was ever applied: there is not even a history.
fn undefined_table(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == "42P01")
}
