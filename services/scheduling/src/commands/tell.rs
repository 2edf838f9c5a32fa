//! What is told about a candidate's slots: the private fact always, the published one once the results are out.

use jiff::{Timestamp, tz::TimeZone};
use platform::{
    db::{DbError, Tx},
    outbox,
};
use uuid::Uuid;

use crate::{
    domain::Convocation,
    store::{self, Announcement},
    wire,
};

/// What decides how a convocation is told.
#[derive(Clone, Debug)]
pub struct Telling<'a> {
    /// Id of the school that convenes.
    pub school: &'a str,
    /// Its orals are at a distance.
    pub remote: bool,
    /// Zone in which its days are named.
    pub zone: &'a TimeZone,
    /// Whether changes announce themselves.
    pub announcement: Announcement,
}

impl Telling<'_> {
    /// Tells new or changed convocations, those of one candidate each.
    pub async fn convened(&self, tx: &mut Tx, convocations: &[Convocation], at: Timestamp) -> Result<(), DbError> {
        let out = match self.announcement {
            Announcement::ToCome => Vec::new(),
            Announcement::Done(_) => {
                let dossiers: Vec<_> = convocations.iter().map(Convocation::dossier).collect();
                store::released(tx.conn(), &dossiers).await?
            }
        };
        for convocation in convocations {
            let version = store::bump(tx, convocation.dossier()).await?;
            let fact = wire::convocation_set(self, convocation);
            outbox::append(tx, &fact, version, at).await?;
            if out.iter().any(|(dossier, _)| *dossier == convocation.dossier()) {
                outbox::publish(tx, &wire::convocation_published(self, convocation), version, at).await?;
            }
        }
        Ok(())
    }

    /// Announces convocations at the instant, or once their results are confirmed after it.
    pub async fn announce(&self, tx: &mut Tx, convocations: &[Convocation], at: Timestamp) -> Result<(), DbError> {
        for convocation in convocations {
            let version = store::bump(tx, convocation.dossier()).await?;
            outbox::publish(tx, &wire::convocation_published(self, convocation), version, at).await?;
        }
        Ok(())
    }

    /// Tells that a candidate has no slot, and why.
    pub async fn not_convened(&self, tx: &mut Tx, dossier: Uuid, why: &str, at: Timestamp) -> Result<(), DbError> {
        let version = store::bump(tx, dossier).await?;
        outbox::append(tx, &wire::convocation_impossible(dossier, self.school, why), version, at).await
    }
}
