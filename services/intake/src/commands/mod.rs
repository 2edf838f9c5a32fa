//! One file per thing the world may ask. A command guards its window, locks the dossier, lets the domain decide, stores,
//! tells, commits; what it is refused for changes nothing.

mod abandon_dossier;
mod add_note;
mod annul;
mod begin_upload;
mod check_piece;
mod claim_fee;
mod close_dossier;
mod commit_upload;
mod deposit_fiche;
mod end_window;
mod invite;
mod mail;
mod open_dossier;
mod receive_chunks;
mod record_verdict;
mod release_preferences;
mod remove_piece;
mod reopen_window;
mod request_correction;
mod set_order;
mod sweep;
mod update_form;

pub use abandon_dossier::abandon_dossier;
pub use add_note::add_note;
pub use annul::annul;
pub use begin_upload::{BeginUpload, begin_fiche_upload, begin_upload};
pub use check_piece::check_piece;
pub use claim_fee::claim_fee;
pub use close_dossier::close_dossier;
pub use commit_upload::commit_upload;
pub use deposit_fiche::{Deposit, FicheReceipt, deposit_fiche};
pub use end_window::end_window;
pub use invite::{name_referee, resend_invitation};
pub(crate) use mail::{behind, due, only_the_notifier};
pub use mail::{confirm_sent, report_bounce, take_invitations};
pub use open_dossier::{Opened, open_dossier};
pub use receive_chunks::{authorised, receive_chunks};
pub use record_verdict::record_verdict;
pub use release_preferences::release_preferences;
pub use remove_piece::remove_piece;
pub use reopen_window::reopen_window;
pub use request_correction::request_correction;
pub use set_order::set_order;
pub use sweep::{Swept, sweep};
pub use update_form::{Patch, update_form};

use platform::{auth::Caller, db::Tx, refusal::Refusal};
use uuid::Uuid;

use crate::{
    domain::{dossier::StateName, verification},
    refusals::unknown_dossier,
    store::{dossiers, dossiers::Stored},
};

/// The dossier, locked until `tx` ends.
async fn locked(tx: &mut Tx, id: Uuid) -> Result<Stored, Refusal> {
    dossiers::lock(tx, id).await?.ok_or_else(|| unknown_dossier(id))
}

/// A closed dossier of the school that the caller works for as choice 1 (R14), locked. Any other is unknown to them; one that
/// the jury annulled is verified no more.
async fn locked_for_school(tx: &mut Tx, caller: &Caller, school: &str, id: Uuid) -> Result<Stored, Refusal> {
    caller.require_unit(&[contracts::roles::STAFF], school)?;
    let stored = locked(tx, id).await?;
    let theirs = stored.dossier.state_name() == StateName::Closed && stored.dossier.first_school() == Some(school);
    if !theirs {
        return Err(unknown_dossier(id));
    }
    stored.dossier.in_the_running()?;
    Ok(stored)
}

/// A correction by its id.
fn correction(all: Vec<verification::Correction>, id: Uuid) -> Result<verification::Correction, Refusal> {
    all.into_iter().find(|c| c.id == id).ok_or_else(|| {
        Refusal::not_found("CORRECTION_UNKNOWN", id.to_string(), "no correction of that id was asked of this dossier")
    })
}
