//! Whose turn it is with a mail that another service hands over at each try.

use platform::db::DbError;
use uuid::Uuid;

use crate::{
    app::App,
    domain::Kind,
    store::{self, About, Claimed, NewMail, Row},
};

/// What to do with what was handed over.
pub(super) enum Turn {
    /// Send it.
    Ours(Claimed),
    /// It left before, and whoever handed it over did not hear of that.
    Sent,
    /// The same for one that could not be delivered.
    Failed(Row),
    /// Another replica has it, or its next try is to come.
    NotNow,
}

/// Claims the mail of `cause`, which is made known at its first try.
pub(super) async fn turn(app: &App, kind: Kind, cause: &str, dossier: Option<Uuid>) -> Result<Turn, DbError> {
    let now = app.clock.now();
    let mut tx = app.db.begin("claim_taken").await?;
    let mail = NewMail { kind, dossier, cause: cause.to_owned(), at: now, about: About::default() };
    store::queue(&mut tx, &[mail], now).await?;
    let claimed = store::claim_taken(&mut tx, (kind, cause), app.lease(), now).await?;
    let turn = match claimed {
        Some(mail) => Turn::Ours(mail),
        None => match store::of_cause(tx.conn(), kind, cause).await? {
            Some(row) if row.state == "sent" => Turn::Sent,
            Some(row) if row.state == "bounced" || row.state == "given_up" => Turn::Failed(row),
            _ => Turn::NotNow,
        },
    };
    tx.commit().await?;
    Ok(turn)
}
