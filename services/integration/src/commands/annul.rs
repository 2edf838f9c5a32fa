//! The jury annulled a candidature (R15): a departure like any other, whatever the moment.

use jiff::Timestamp;
use platform::db::Tx;
use uuid::Uuid;

use super::{
    Fault, Regulation, compute,
    tell::{Step, tell},
};
use crate::{
    domain::candidature::Standing,
    store::{self, answers::Actor},
};

/// Annuls it. `false`: there is no such candidature.
///
/// # Errors
/// The database does not answer.
pub async fn annul(tx: &mut Tx, regulation: &Regulation, dossier: Uuid, at: Timestamp) -> Result<bool, Fault> {
    store::lock_round(tx).await?;
    let Some(mut kept) = store::find_for_update(tx, dossier).await? else { return Ok(false) };
    if kept.candidature.standing != Standing::Annulled {
        let before = kept.candidature.standing.clone();
        kept.candidature = kept.candidature.annul();
        let actor = Actor { subject: "jury".into(), by_mandate: false };
        tell(tx, vec![Step::to(kept, before, None)], at, &actor).await?;
    }
    compute::try_compute(tx, regulation, at).await?;
    Ok(true)
}
