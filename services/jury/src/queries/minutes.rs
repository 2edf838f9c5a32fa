//! What the procès-verbal of a stage prints, of what is signed only.

use jiff::Timestamp;
use sqlx::PgConnection;

use crate::{
    commands::{Covered, Decided, Ranked, Refused, Regulation},
    domain::{ActKind, AdmissionRefused},
    store::{
        acts::{self, Stored},
        admission, candidatures,
        seats::{self, Moved},
    },
};

/// A confirmed act, with what it covers where that is printed with it.
pub type Act = (Stored, Covered);

/// What a stage's minutes hold whatever the stage.
#[derive(Debug, Clone, Default)]
pub struct Acts {
    /// Sign-offs, oldest first.
    pub sign_offs: Vec<Act>,
    /// Publications, oldest first.
    pub publications: Vec<Act>,
    /// Corrections, oldest first.
    pub corrections: Vec<Act>,
    /// Nullities, oldest first.
    pub annulments: Vec<Act>,
}

/// The minutes of the admissibility.
#[derive(Debug, Clone)]
pub struct Admissibility {
    /// What two people did.
    pub acts: Acts,
    /// Signed decisions as they stand, and whether the candidature is annulled.
    pub decisions: Vec<(Decided, bool)>,
}

/// The minutes of the admission.
#[derive(Debug, Clone)]
pub struct Admission {
    /// What two people did.
    pub acts: Acts,
    /// Supernumerary seats, oldest first.
    pub supernumeraries: Vec<Act>,
    /// The current signature.
    pub signature: u64,
    /// Digest of its tables.
    pub digest: String,
    /// When it was given.
    pub signed_at: Option<Timestamp>,
    /// Its tables, in the session's order.
    pub tables: Vec<Ranked>,
    /// Seats of every cell.
    pub seats: Vec<seats::Stored>,
    /// Seats moved, oldest first.
    pub transfers: Vec<Moved>,
}

/// The minutes of the admissibility.
///
/// # Errors
/// Nothing is signed.
pub async fn admissibility(conn: &mut PgConnection) -> Result<Admissibility, Refused> {
    let signed = candidatures::load(conn, None).await?.into_iter().map(|kept| kept.candidature);
    let signed = signed.filter(|candidature| candidature.decision.signed().is_some());
    let decisions: Vec<_> = signed.filter_map(|c| Some((Decided::of(&c)?, c.annulled))).collect();
    if decisions.is_empty() {
        return Err(Refused::NotAllSigned { unsigned: 0, signed: 0 });
    }
    let acts = Acts {
        sign_offs: without_items(conn, &[ActKind::Admissibility]).await?,
        publications: without_items(conn, &[ActKind::AdmissibilityPublication]).await?,
        corrections: acts::confirmed(conn, &[ActKind::AdmissibilityCorrection]).await?,
        annulments: acts::confirmed(conn, &[ActKind::Annulment]).await?,
    };
    Ok(Admissibility { acts, decisions })
}

/// The minutes of the admission.
///
/// # Errors
/// Nothing is signed.
pub async fn admission(conn: &mut PgConnection, regulation: &Regulation) -> Result<Admission, Refused> {
    let stand = admission::read(conn).await?;
    let signature = stand.signature().ok_or(AdmissionRefused::NotSigned)?;
    let tables = Ranked::signed(conn, regulation, signature.number).await?;
    let acts = Acts {
        sign_offs: without_items(conn, &[ActKind::Admission]).await?,
        publications: without_items(conn, &[ActKind::AdmissionPublication]).await?,
        corrections: acts::confirmed(conn, &[ActKind::MarkCorrection, ActKind::TableCorrection]).await?,
        annulments: acts::confirmed(conn, &[ActKind::Annulment]).await?,
    };
    Ok(Admission {
        acts,
        supernumeraries: acts::confirmed(conn, &[ActKind::Supernumerary]).await?,
        signature: signature.number,
        digest: signature.digest.clone(),
        signed_at: admission::signed_at(conn).await?,
        tables,
        seats: seats::all(conn).await?,
        transfers: seats::moved(conn).await?,
    })
}

/// What such acts cover is printed once, as it stands.
async fn without_items(conn: &mut PgConnection, kinds: &[ActKind]) -> Result<Vec<Act>, Refused> {
    let all = acts::confirmed(conn, kinds).await?.into_iter();
    Ok(all.map(|(stored, _)| (stored, Covered::default())).collect())
}
