//! Domain ↔ contracts, both directions.

mod facts;
mod refusals;
mod replies;
mod requests;

pub use facts::{
    admissibility_decided, admissibility_published, admission_signed, published_admissibility, table_signed,
};
pub use refusals::MOST_FAULTS;
pub(crate) use refusals::not_published;
pub use replies::{act, candidature, exam_results, missing, outcome_of, table};
pub use requests::{dossier, dossiers, kind_of, member, page, result_of, text, word};
