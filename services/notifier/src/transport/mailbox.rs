//! The demo's mailbox: what would have left, in a table.

use platform::db::Db;

use super::{Failure, Parcel};
use crate::store;

pub(super) async fn send(db: &Db, parcel: Parcel<'_>) -> Result<(), Failure> {
    let mut tx = db.begin("mailbox").await?;
    store::put(&mut tx, parcel.id, parcel.address, parcel.letter, parcel.at).await?;
    Ok(tx.commit().await?)
}
