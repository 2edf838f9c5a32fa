//! Domain ↔ contracts, both directions.

mod details;
mod facts;
mod merit;
mod reasons;
mod refusals;
mod replies;
mod requests;

pub use details::{Labels, admissibility_minutes, admission_minutes, cell_seats, detail};
pub use facts::{
    admissibility_decided, admissibility_published, admission_signed, published_admissibility, table_signed,
};
pub use merit::{checked, entry};
pub use refusals::MOST_FAULTS;
pub(crate) use refusals::not_published;
pub use replies::{act, candidature, exam_result, exam_results, missing, outcome_of, table};
pub use requests::{MOST_IDS, dossier, dossiers, kind_of, line, member, page, result_of, sentence, text, word};
