//! Takes away bytes that are no piece's: parts whose content became a piece, and whatever a session left that nobody
//! finished, be it parts or an object whose command was refused at the end.

use jiff::Timestamp;
use platform::refusal::Refusal;
use uuid::Uuid;

use crate::{
    app::App,
    domain::upload::{ABANDONED_AFTER, SWEPT_AFTER},
    store::uploads,
};

/// Sessions looked at in one sweep, of each kind.
const AT_ONCE: i64 = 200;

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions whose parts went because their bytes are in a piece.
    pub spent: usize,
    /// Unfinished sessions that were closed: they take no more bytes.
    pub abandoned: u64,
    /// Abandoned sessions that went with everything they had left.
    pub forgotten: usize,
}

/// Sweeps once, a bounded number of sessions. `now` is the present.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(app: &App, now: Timestamp) -> Result<Swept, Refusal> {
    let spent = spent(app).await?;
    let mut tx = app.db.begin("abandon_uploads").await?;
    let before = now.saturating_sub(ABANDONED_AFTER).unwrap_or(now);
    let abandoned = uploads::abandon(&mut tx, before, now, AT_ONCE).await?;
    tx.commit().await?;
    let forgotten = forgotten(app, now).await?;
    Ok(Swept { spent, abandoned, forgotten })
}

async fn spent(app: &App) -> Result<usize, Refusal> {
    let spent: Vec<Uuid> = {
        let mut conn = app.db.read().await?;
        uploads::spent(&mut conn, AT_ONCE).await?
    };
    let mut swept = 0;
    for id in spent {
        if app.files.forget_upload(id).await {
            let mut tx = app.db.begin("forget_parts").await?;
            uploads::forget_parts(&mut tx, id).await?;
            tx.commit().await?;
            swept += 1;
        }
    }
    Ok(swept)
}

async fn forgotten(app: &App, now: Timestamp) -> Result<usize, Refusal> {
    let abandoned = {
        let before = now.saturating_sub(SWEPT_AFTER).unwrap_or(now);
        let mut conn = app.db.read().await?;
        uploads::abandoned(&mut conn, before, AT_ONCE).await?
    };
    let mut swept = 0;
    for (id, dossier) in abandoned {
        if app.files.forget_upload(id).await && app.files.forget_piece(dossier, id).await {
            let mut tx = app.db.begin("forget_upload").await?;
            uploads::forget(&mut tx, id).await?;
            tx.commit().await?;
            swept += 1;
        }
    }
    Ok(swept)
}
