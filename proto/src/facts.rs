//! Which message travels under which name.

use serde::{Serialize, de::DeserializeOwned};

use crate::{eligibility, intake, integration, jury, machinery, payments, published, scheduling};

/// Names of streams and subjects.
pub mod subjects {
    /// Stream of the facts our own services tell each other.
    pub const FACTS: &str = "FACTS";
    /// Everything that stream holds.
    pub const FACTS_ALL: &str = "facts.v1.>";
    /// Stream that other systems read.
    pub const ADMISSIONS: &str = "ADMISSIONS";
    /// Everything that stream holds.
    pub const ADMISSIONS_ALL: &str = "admissions.v1.>";
}

/// A private fact of one service, carrying its aggregate's state (never a delta).
pub trait Fact: Serialize + DeserializeOwned + Send + Sync {
    /// The service that tells it.
    const SERVICE: &'static str;
    /// Its name, the last token of the subject.
    const NAME: &'static str;
    /// Only services that prepare the next step may read it, and guard it by the clock (R19).
    const EMBARGOED: bool;
    /// What it is a fact about; order is kept per aggregate.
    fn aggregate(&self) -> String;
    /// `facts.v1.<service>.<fact>`, or `facts.v1.embargo.<service>.<fact>`.
    fn subject() -> String {
        let embargo = if Self::EMBARGOED { "embargo." } else { "" };
        format!("facts.v1.{embargo}{}.{}", Self::SERVICE, Self::NAME)
    }
}

/// A published fact: a separate, versioned contract for other systems.
pub trait Published: Serialize + Send + Sync {
    /// Its name, the last token of the subject.
    const NAME: &'static str;
    /// The school whose systems may read it.
    fn school(&self) -> &str;
    /// The dossier it is about.
    fn aggregate(&self) -> String;
    /// `admissions.v1.<school>.<fact>`.
    fn subject(&self) -> String {
        format!("admissions.v1.{}.{}", self.school(), Self::NAME)
    }
}

/// Subject on which `service` acknowledges a calendar version.
#[must_use]
pub fn calendar_acknowledged_subject(service: &str) -> String {
    format!("facts.v1.{service}.calendar_acknowledged")
}

macro_rules! facts {
    ($($message:ty: $service:literal $name:literal $($embargo:ident)?, |$m:ident| $aggregate:expr;)*) => {$(
        impl Fact for $message {
            const SERVICE: &'static str = $service;
            const NAME: &'static str = $name;
            const EMBARGOED: bool = facts!(@embargo $($embargo)?);
            fn aggregate(&self) -> String { let $m = self; $aggregate }
        }
    )*};
    (@embargo) => { false };
    (@embargo embargo) => { true };
}

facts! {
    machinery::CalendarChanged: "scheduler" "calendar_changed", |_m| "calendar".into();

    intake::DossierOpened: "intake" "dossier_opened", |m| m.dossier_id.clone();
    intake::FeeClaimed: "intake" "fee_claimed", |m| m.dossier_id.clone();
    intake::DossierClosed: "intake" "dossier_closed", |m| m.dossier_id.clone();
    intake::DossierNotClosed: "intake" "dossier_not_closed", |m| m.dossier_id.clone();
    intake::DossierAbandoned: "intake" "dossier_abandoned", |m| m.dossier_id.clone();
    intake::DossierVerified: "intake" "dossier_verified", |m| m.dossier_id.clone();
    intake::LatePieceDeposited: "intake" "late_piece_deposited", |m| m.dossier_id.clone();
    intake::PreferencesReleased: "intake" "preferences_released" embargo, |m| m.dossier_id.clone();

    eligibility::RecevabiliteAssessed: "eligibility" "recevabilite_assessed", |m| m.dossier_id.clone();

    payments::FeeChanged: "payments" "fee_changed", |m| m.dossier_id.clone();
    payments::LineQueued: "payments" "line_queued", |m| m.line_id.clone();

    jury::AdmissibilityDecided: "jury" "admissibility_decided" embargo, |m| m.dossier_id.clone();
    jury::AdmissibilityPublicationConfirmed: "jury" "admissibility_publication_confirmed" embargo, |_m| "admissibility".into();
    jury::AdmissibilityPublished: "jury" "admissibility_published", |m| m.dossier_id.clone();
    jury::TableSigned: "jury" "table_signed" embargo, |m| format!("{}/{}", m.school, m.filiere);
    jury::AdmissionSigned: "jury" "admission_signed" embargo, |_m| "admission".into();
    jury::AdmissionPublicationConfirmed: "jury" "admission_publication_confirmed" embargo, |_m| "admission".into();
    jury::SeatsSet: "jury" "seats_set", |m| m.school.clone();
    jury::SupernumeraryGranted: "jury" "supernumerary_granted", |m| m.dossier_id.clone();
    jury::CandidatureAnnulled: "jury" "candidature_annulled", |m| m.dossier_id.clone();

    scheduling::ConvocationSet: "scheduling" "convocation_set" embargo, |m| m.dossier_id.clone();
    scheduling::ConvocationImpossible: "scheduling" "convocation_impossible" embargo, |m| m.dossier_id.clone();

    integration::PeriodComputed: "integration" "period_computed" embargo, |m| format!("period/{}", m.period);
    integration::SituationChanged: "integration" "situation_changed", |m| m.dossier_id.clone();
    integration::PeriodClosed: "integration" "period_closed", |m| format!("period/{}", m.period);
}

macro_rules! published {
    ($($message:ident $name:literal;)*) => {$(
        impl Published for published::$message {
            const NAME: &'static str = $name;
            fn school(&self) -> &str { &self.school }
            fn aggregate(&self) -> String { self.dossier_id.clone() }
        }
    )*};
}

published! {
    DossierReceived "dossier_received";
    FeeChanged "fee_changed";
    AdmissibilityPublished "admissibility_published";
    ConvocationPublished "convocation_published";
    SeatProposed "seat_proposed";
    SeatHeld "seat_held";
    SeatReleased "seat_released";
    Admitted "admitted";
    Lapsed "lapsed";
}
