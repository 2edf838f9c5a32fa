//! A candidate's own convocation, from the admissibility results on (R19).

use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::DbError};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    domain::Convocation,
    store::{self, Known, SchoolRemote},
};

/// A convocation as its candidate sees it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Id of the school that convenes.
    pub school: String,
    /// Both exams.
    pub convocation: Convocation,
    /// At a distance.
    pub remote: bool,
    /// The video room.
    pub link: String,
}

impl Shown {
    /// What `known` is to see, at a school whose orals are at a distance or not; none while not convened.
    #[must_use]
    pub fn of(known: &Known, school: &SchoolRemote) -> Option<Self> {
        let (id, convocation) = known.convened()?;
        let own = convocation.remote && !known.link.is_empty();
        let link = if own { &known.link } else { &school.link };
        let remote = convocation.remote || school.remote;
        Some(Self {
            school: id.to_owned(),
            convocation: convocation.clone(),
            remote,
            link: if remote { link.clone() } else { String::new() },
        })
    }
}

/// The convocation of a dossier, if it may be shown at `at`. The same statements run whether it is unknown, not
/// admissible, not placed or not yet to be shown: neither the answer nor the time it takes tells which.
///
/// # Errors
/// The database failed.
pub async fn convocation(conn: &mut PgConnection, dossier: Uuid, at: Timestamp) -> Result<Option<Shown>, DbError> {
    let known = store::known(conn, None, Some(dossier)).await?.pop();
    let school = known.as_ref().and_then(Known::school).unwrap_or_default().to_owned();
    let remote = store::school_remote(conn, &school).await?;
    let due = calendar::passed(conn, keys::ADMISSIBILITY_RESULTS, at).await?;
    let released = store::released(conn, &[dossier]).await?.iter().any(|(_, publish_at)| *publish_at <= at);
    Ok(known.filter(|_| due && released).and_then(|k| Shown::of(&k, &remote)))
}
