//! A payload of each event: typed, so that what a page shows is what travels.

use contracts::{Published, Timestamp, published as pb};
use serde_json::Value;

const DOSSIER: &str = "018f6c1e-7d2a-7c4b-9f10-3b5e8a2d4c61";
const SCHOOL: &str = "albi";
const FILIERE: &str = "L3";
/// 9 April 2026, 14:00 UTC.
const RESULTS: i64 = 1_775_743_200;
const DAY: i64 = 86_400;

/// The example of the event called `name`.
pub fn of(name: &str) -> Option<Value> {
    let dossier_id = DOSSIER.to_owned();
    let (school, filiere) = (SCHOOL.to_owned(), FILIERE.to_owned());
    let at = |seconds: i64| Some(Timestamp { seconds, nanos: 0 });
    let shown = match name {
        pb::DossierReceived::NAME => {
            let closed_at = Some(Timestamp { seconds: 1_774_043_999, nanos: 999_000_000 });
            serde_json::to_value(pb::DossierReceived { dossier_id, school, filiere, closed_at })
        }
        pb::FeeChanged::NAME => serde_json::to_value(pb::FeeChanged { dossier_id, school, status: "SETTLED".into() }),
        pb::AdmissibilityPublished::NAME => {
            serde_json::to_value(pb::AdmissibilityPublished { dossier_id, school, admissible: true, at: at(RESULTS) })
        }
        pb::ConvocationPublished::NAME => {
            let begins = RESULTS + 33 * DAY - 6 * 3_600;
            let (begins_at, ends_at) = (at(begins), at(begins + 7_200));
            serde_json::to_value(pb::ConvocationPublished { dossier_id, school, begins_at, ends_at, remote: true })
        }
        pb::SeatProposed::NAME => serde_json::to_value(pb::SeatProposed { dossier_id, school, filiere, period: 1 }),
        pb::SeatHeld::NAME => serde_json::to_value(pb::SeatHeld { dossier_id, school, filiere, definitive: true }),
        pb::SeatReleased::NAME => serde_json::to_value(pb::SeatReleased { dossier_id, school, filiere, period: 2 }),
        pb::Admitted::NAME => {
            serde_json::to_value(pb::Admitted { dossier_id, school, filiere, at: at(RESULTS + 90 * DAY) })
        }
        pb::Lapsed::NAME => {
            serde_json::to_value(pb::Lapsed { dossier_id, school, filiere, at: at(RESULTS + 99 * DAY) })
        }
        _ => return None,
    };
    shown.ok().filter(Value::is_object)
}
