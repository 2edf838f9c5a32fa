//! Other routes' lists (R15). Names are looked up at intake before any transaction, and forgotten; the jury keeps which
//! dossiers matched, and decides.

use jiff::Timestamp;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::Refused;
use crate::store::routes;

/// A file whose names were looked up.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The other route.
    pub route: String,
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// Lines with a person.
    pub lines: u32,
    /// Our dossiers, with the line that looks like each.
    pub matches: Vec<(Uuid, u32)>,
}

/// What an import brought.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The same file had been imported for that route, and it matches nobody new.
    pub already: bool,
}

/// Keeps the matches of one file. Imported again, it may match people who have begun a dossier since.
///
/// # Errors
/// The database.
pub async fn keep_matches(tx: &mut Tx, at: Timestamp, by: &str, looked: &Looked) -> Result<Imported, Refused> {
    let first = routes::save_import(tx.conn(), &looked.route, &looked.digest, looked.lines, by, at).await?;
    let mut new = 0_u32;
    for (dossier, line) in &looked.matches {
        new += u32::from(routes::save_match(tx.conn(), *dossier, &looked.route, *line, at).await?);
    }
    if !first && new == 0 {
        return Ok(Imported { already: true });
    }
    let details = json!({
        "route": looked.route, "file": looked.digest, "lines": looked.lines, "matches": looked.matches.len(), "new": new,
    });
    audit::append(tx, at, by, "other_route_imported", details).await?;
    Ok(Imported { already: false })
}
