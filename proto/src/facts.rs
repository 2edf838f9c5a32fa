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
    /// The service that tells it.
    const SERVICE: &'static str;
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

/// Whose fact it is: what a service may tell, and under which subject others hear it.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The service that tells it.
    pub service: &'static str,
    /// Its name, the last token of the subject.
    pub name: &'static str,
    /// It travels on `facts.v1.embargo.…`; never for what is published.
    pub embargoed: bool,
    /// Full name of its message, e.g. `admissions.published.v1.Admitted`.
    pub message: fn() -> String,
}

impl Told {
    /// Where a private fact travels.
    #[must_use]
    pub fn subject(&self) -> String {
        let embargo = if self.embargoed { "embargo." } else { "" };
        format!("facts.v1.{embargo}{}.{}", self.service, self.name)
    }
}

/// Subjects of stream `stream` that `service` alone writes, `*` for any school.
#[must_use]
pub fn told_by(service: &str, stream: &str) -> Vec<String> {
    if stream == subjects::FACTS {
        return vec![format!("facts.v1.embargo.{service}.>"), format!("facts.v1.{service}.>")];
    }
    let own = PUBLISHED.iter().filter(|told| told.service == service);
    own.map(|told| format!("admissions.v1.*.{}", told.name)).collect()
}

/// The consumer through which the relay of `service` reads back what it told.
#[must_use]
pub fn told_consumer(service: &str) -> String {
    format!("{service}-told")
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
    )*

        /// Every private fact of one service (the acknowledgement of a calendar, which each tells, aside).
        pub const FACTS: &[Told] = &[$(Told {
            service: <$message as Fact>::SERVICE,
            name: <$message as Fact>::NAME,
            embargoed: <$message as Fact>::EMBARGOED,
            message: <$message as prost::Name>::full_name,
        },)*];
    };
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
    ($($message:ident: $service:literal $name:literal;)*) => {$(
        impl Published for published::$message {
            const SERVICE: &'static str = $service;
            const NAME: &'static str = $name;
            fn school(&self) -> &str { &self.school }
            fn aggregate(&self) -> String { self.dossier_id.clone() }
        }
    )*

        /// Every published fact.
        pub const PUBLISHED: &[Told] = &[$(Told {
            service: <published::$message as Published>::SERVICE,
            name: <published::$message as Published>::NAME,
            embargoed: false,
            message: <published::$message as prost::Name>::full_name,
        },)*];
    };
}

published! {
    DossierReceived: "intake" "dossier_received";
    FeeChanged: "payments" "fee_changed";
    AdmissibilityPublished: "jury" "admissibility_published";
    ConvocationPublished: "scheduling" "convocation_published";
    SeatProposed: "integration" "seat_proposed";
    SeatHeld: "integration" "seat_held";
    SeatReleased: "integration" "seat_released";
    Admitted: "integration" "admitted";
    Lapsed: "integration" "lapsed";
}
