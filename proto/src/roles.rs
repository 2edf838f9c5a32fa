//! Roles that a token may carry. Every service authorises for itself; these are only the words.

/// A candidate; the subject is the candidate's id, which is the dossier's id too (R7: one each).
pub const CANDIDATE: &str = "candidate";
/// Someone acting for a candidate under a mandate (R36); the token's `act_for` is the candidate's id.
pub const MANDATE: &str = "mandate";
/// The person who deposits a fiche d'appréciation through a link (R11).
pub const REFEREE: &str = "referee";
/// Admissions staff of the token's school.
pub const STAFF: &str = "staff";
/// Finance clerk of the token's school.
pub const FINANCE: &str = "finance";
/// Member of the common jury.
pub const JURY: &str = "jury";
/// President or secretary of the jury: signs, confirms, publishes.
pub const JURY_PRESIDENT: &str = "jury_president";
/// Plans the orals of the token's school.
pub const PLANNER: &str = "planner";
/// Runs the platform.
pub const OPERATOR: &str = "operator";
/// Another of our services.
pub const SERVICE: &str = "service";
