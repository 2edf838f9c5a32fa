//! One file per thing that happens to this service's state.

mod assess_dossier;
mod confirm_publication;
mod record_determinations;

pub use assess_dossier::{AssessFailed, ClosedDossier, assess_dossier};
pub use confirm_publication::confirm_publication;
pub use record_determinations::{Determination, record_determinations};
