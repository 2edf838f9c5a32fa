//! Title pieces and the dossier d'intégration (R34).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::titles::{Deposit, PieceId, Review};

/// A deposited piece.
#[derive(Debug, Clone)]
pub struct Deposited {
    /// Whose.
    pub dossier: Uuid,
    /// Which piece of the session file.
    pub piece: PieceId,
    /// This very deposit.
    pub piece_id: Uuid,
    /// When the platform received it.
    pub at: Timestamp,
}

/// Keeps a deposit.
///
/// # Errors
/// The database does not answer.
pub async fn keep(tx: &mut Tx, deposited: &Deposited) -> Result<(), DbError> {
    sqlx::query!(
        "insert into title_deposit (piece_id, dossier_id, piece, deposited_at) values ($1, $2, $3, $4)
         on conflict (piece_id) do nothing",
        deposited.piece_id,
        deposited.dossier,
        deposited.piece,
        deposited.at.to_sqlx(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The latest deposit of a piece before `deadline`.
///
/// # Errors
/// The database does not answer.
pub async fn latest(
    conn: &mut PgConnection,
    dossier: Uuid,
    piece: &str,
    deadline: Timestamp,
) -> Result<Option<Uuid>, DbError> {
    let latest = sqlx::query_scalar!(
        "select piece_id from title_deposit where dossier_id = $1 and piece = $2 and deposited_at < $3
         order by deposited_at desc, piece_id desc limit 1",
        dossier,
        piece,
        deadline.to_sqlx(),
    );
    Ok(latest.fetch_optional(conn).await?)
}

/// A school's review of one deposit.
#[derive(Debug, Clone)]
pub struct Reviewed<'a> {
    /// The deposit.
    pub piece_id: Uuid,
    /// What the school made of it.
    pub review: &'a Review,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: &'a str,
}

/// Records it.
///
/// # Errors
/// The database does not answer.
pub async fn review(tx: &mut Tx, reviewed: &Reviewed<'_>) -> Result<(), DbError> {
    let (accepted, reason) = match reviewed.review {
        Review::Accepted => (true, None),
        Review::Refused(why) => (false, Some(why)),
    };
    sqlx::query!(
        "update title_deposit set accepted = $2, reason = $3, reviewed_at = $4, reviewed_by = $5 where piece_id = $1",
        reviewed.piece_id,
        accepted,
        reason,
        reviewed.at.to_sqlx(),
        reviewed.actor,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deposits of one candidate or of all, by dossier; of each piece the one that counts comes last: an accepted one, else
/// the latest.
///
/// # Errors
/// The database does not answer.
pub async fn deposits(
    conn: &mut PgConnection,
    dossier: Option<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<(PieceId, Deposit)>>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, piece, piece_id, deposited_at, accepted, reason from title_deposit
         where $1::uuid is null or dossier_id = $1 order by accepted is true, deposited_at, piece_id",
        dossier,
    );
    let mut all: BTreeMap<Uuid, Vec<(PieceId, Deposit)>> = BTreeMap::new();
    for row in rows.fetch_all(conn).await? {
        let review = match row.accepted {
            None => None,
            Some(true) => Some(Review::Accepted),
            Some(false) => Some(Review::Refused(row.reason.unwrap_or_default())),
        };
        let deposit = Deposit { id: row.piece_id, at: row.deposited_at.to_jiff(), review };
        all.entry(row.dossier_id).or_default().push((row.piece, deposit));
    }
    Ok(all)
}

/// The title deadline passed, as the calendar announced it.
///
/// # Errors
/// The database does not answer.
pub async fn pass_deadline(tx: &mut Tx, due: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "insert into title_deadline (due_at) values ($1) on conflict (single) do update set due_at = excluded.due_at",
        due.to_sqlx(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The title deadline that has passed, if any.
///
/// # Errors
/// The database does not answer.
pub async fn passed_deadline(conn: &mut PgConnection) -> Result<Option<Timestamp>, DbError> {
    let due = sqlx::query_scalar!("select due_at from title_deadline").fetch_optional(conn).await?;
    Ok(due.map(jiff_sqlx::Timestamp::to_jiff))
}

/// It was moved on.
///
/// # Errors
/// The database does not answer.
pub async fn forget_deadline(tx: &mut Tx) -> Result<(), DbError> {
    sqlx::query!("delete from title_deadline").execute(tx.conn()).await?;
    Ok(())
}

/// The dossier d'intégration arrived at a school, once: where and when it first did.
///
/// # Errors
/// The database does not answer.
pub async fn receive(
    tx: &mut Tx,
    dossier: Uuid,
    school: &str,
    at: Timestamp,
    actor: &str,
) -> Result<(String, Timestamp, bool), DbError> {
    let inserted = sqlx::query!(
        "insert into integration_dossier (dossier_id, school, received_at, actor) values ($1, $2, $3, $4)
         on conflict (dossier_id) do nothing",
        dossier,
        school,
        at.to_sqlx(),
        actor,
    )
    .execute(tx.conn())
    .await?;
    let row = sqlx::query!("select school, received_at from integration_dossier where dossier_id = $1", dossier)
        .fetch_one(tx.conn())
        .await?;
    Ok((row.school, row.received_at.to_jiff(), inserted.rows_affected() == 0))
}

/// Whose dossier d'intégration has arrived.
///
/// # Errors
/// The database does not answer.
pub async fn received(conn: &mut PgConnection, dossier: Option<Uuid>) -> Result<Vec<Uuid>, DbError> {
    let found = sqlx::query_scalar!(
        "select dossier_id from integration_dossier where $1::uuid is null or dossier_id = $1",
        dossier
    );
    Ok(found.fetch_all(conn).await?)
}
