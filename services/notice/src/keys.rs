//! Names of the transitions of a session, the same in every service and event.

/// The platform opens for deposits.
pub const PLATFORM_OPENS: &str = "platform_opens";
/// Deposits close; the window is half-open, this instant is out (R2).
pub const DEPOSITS_CLOSE: &str = "deposits_close";
/// Fees still unsettled are listed to the school and the jury (R22); derived from the admissibility commission.
pub const FEES_LISTED: &str = "fees_listed";
/// The admissibility commission sits.
pub const ADMISSIBILITY_COMMISSION: &str = "admissibility_commission";
/// Admissibility results are public from here (R19).
pub const ADMISSIBILITY_RESULTS: &str = "admissibility_results";
/// The admission commission sits.
pub const ADMISSION_COMMISSION: &str = "admission_commission";
/// Admission results are public from here (R19).
pub const ADMISSION_RESULTS: &str = "admission_results";
/// Titles and second-semester transcripts had to be deposited before this instant (R34).
pub const TITLES_DUE: &str = "titles_due";

/// The opening of integration period `number`, counted from 1.
#[must_use]
pub fn period_opens(number: u32) -> String {
    format!("period_{number}_opens")
}

/// The close of integration period `number`, counted from 1.
#[must_use]
pub fn period_closes(number: u32) -> String {
    format!("period_{number}_closes")
}

/// The number of the period that `key` opens, if it opens one.
#[must_use]
pub fn opened_period(key: &str) -> Option<u32> {
    key.strip_prefix("period_")?.strip_suffix("_opens")?.parse().ok()
}

/// The number of the period that `key` closes, if it closes one.
#[must_use]
pub fn closed_period(key: &str) -> Option<u32> {
    key.strip_prefix("period_")?.strip_suffix("_closes")?.parse().ok()
}
