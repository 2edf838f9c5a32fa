//! Who may: candidates and their mandates for themselves, staff for their school, the jury and operators for all.

use contracts::roles;
use platform::{auth::Caller, db::DbError, refusal::Refusal};
use uuid::Uuid;

use super::Grpc;
use crate::{
    calendar::Calendar,
    commands::record_login,
    queries::{self, lists},
    store::{answers::Actor, mandates},
};

/// Those who read everything once it is published.
pub(super) const OVERSEERS: [&str; 3] = [roles::JURY, roles::JURY_PRESIDENT, roles::OPERATOR];

/// The id that a field holds.
pub(super) fn id(text: &str, field: &'static str) -> Result<Uuid, Refusal> {
    text.parse().map_err(|_| Refusal::invalid("NOT_AN_ID").field(field, "must be a UUID"))
}

impl Grpc {
    /// The candidate, or a mandate of theirs in force; and they were seen (R31), whatever they ask.
    pub(super) async fn own(&self, caller: &Caller, dossier: Uuid) -> Result<Actor, Refusal> {
        let actor = self.authorise_own(caller, dossier).await?;
        self.seen(caller, dossier, &actor).await?;
        Ok(actor)
    }

    /// The same, without recording anything.
    pub(super) async fn authorise_own(&self, caller: &Caller, dossier: Uuid) -> Result<Actor, Refusal> {
        caller.require(&[roles::CANDIDATE, roles::MANDATE])?;
        caller.require_own(dossier)?;
        let by_mandate = caller.role == roles::MANDATE;
        if by_mandate {
            let mut conn = self.db.read().await?;
            let known = match caller.subject.parse() {
                Ok(mandate) => mandates::is_in_force(&mut conn, mandate, dossier).await?,
                Err(_) => false,
            };
            if !known {
                return Err(Refusal::denied(
                    "MANDATE_NOT_IN_FORCE",
                    "mandate",
                    "this mandate was revoked or never given",
                ));
            }
        } else if caller.subject != dossier.to_string() {
            return Err(Refusal::denied("NOT_YOURS", "caller", "that belongs to another account"));
        }
        Ok(Actor { subject: caller.subject.clone(), by_mandate })
    }

    /// Records that they were seen. Which period it counts for, none between periods.
    pub(super) async fn seen(&self, caller: &Caller, dossier: Uuid, actor: &Actor) -> Result<Option<u32>, Refusal> {
        let mut tx = self.db.begin("record_login").await?;
        let period = record_login::record_login(&mut tx, &self.regulation, dossier, caller.received_at, actor).await?;
        tx.commit().await?;
        Ok(period)
    }

    /// The candidate, a mandate, an overseer, or staff of a school on whose table the candidate is.
    pub(super) async fn reader(&self, caller: &Caller, dossier: Uuid) -> Result<(), Refusal> {
        if [roles::CANDIDATE, roles::MANDATE].contains(&caller.role.as_str()) {
            self.own(caller, dossier).await?;
            return Ok(());
        }
        if OVERSEERS.contains(&caller.role.as_str()) || caller.role == roles::SERVICE {
            return Ok(());
        }
        caller.require(&[roles::CANDIDATE, roles::MANDATE, roles::STAFF, roles::JURY, roles::JURY_PRESIDENT])?;
        let mut conn = self.db.read().await?;
        let calendar = Calendar::load(&mut conn, self.regulation.periods()).await?;
        queries::published_period(&mut conn, &calendar, caller.received_at).await?;
        lists::require_on_table(&mut conn, dossier, caller.unit.as_deref().unwrap_or_default()).await
    }

    /// The school that a caller's lists are limited to: staff's own, none for overseers and the roles in `also`.
    pub(super) fn school_of<'a>(caller: &'a Caller, asked: &'a str, also: &[&str]) -> Result<Option<&'a str>, Refusal> {
        let allowed: Vec<&str> = OVERSEERS.iter().chain(also).copied().chain([roles::STAFF]).collect();
        caller.require(&allowed)?;
        if caller.role != roles::STAFF {
            return lists::limited(asked, None);
        }
        let unit = caller.unit.as_deref();
        let unit = unit.ok_or_else(|| Refusal::denied("UNIT_NOT_ALLOWED", "school", "this token names no school"))?;
        lists::limited(asked, Some(unit))
    }

    /// A transaction of that name.
    pub(super) async fn begin(&self, name: &'static str) -> Result<platform::db::Tx, DbError> {
        self.db.begin(name).await
    }
}
