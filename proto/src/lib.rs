//! What two services must agree on, and nothing else: messages, subjects, roles.
//!
//! The messages are generated from the `.proto` files beside this crate's `src`; generated code stays out of git.
//! A fact says under which name and from which service it travels by implementing [`Fact`]; what other systems
//! hear implements [`Published`]. There is no shared domain code here on purpose: words live with their owner.

mod facts;
mod reason;
pub mod roles;
mod timestamp;

pub use facts::{
    FACTS, Fact, PUBLISHED, Published, Told, calendar_acknowledged_subject, subjects, told_by, told_consumer,
};
pub use timestamp::Timestamp;

/// Every message and service of this crate, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

// Generated code names a message of another package by its place among all packages.
macro_rules! packages {
    ($($(#[$meta:meta])* $module:ident = $package:literal,)*) => {
        #[allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used)]
        mod generated {
            pub mod platform {
                pub mod v1 {
                    include!(concat!(env!("OUT_DIR"), "/platform.v1.rs"));
                    include!(concat!(env!("OUT_DIR"), "/platform.v1.serde.rs"));
                }
            }
            pub mod admissions {$(
                pub mod $module {
                    pub mod v1 {
                        include!(concat!(env!("OUT_DIR"), "/", $package, ".rs"));
                        include!(concat!(env!("OUT_DIR"), "/", $package, ".serde.rs"));
                    }
                }
            )*}
        }
        $($(#[$meta])* pub use generated::admissions::$module::v1 as $module;)*
    };
}

/// Calendar, operations, reasons and the simulated clock: words of the machinery.
pub use generated::platform::v1 as machinery;

packages! {
    /// The dossier until and after its clôture.
    intake = "admissions.intake.v1",
    /// Recevabilité per school.
    eligibility = "admissions.eligibility.v1",
    /// The fee.
    payments = "admissions.payments.v1",
    /// Decisions, marks, tables.
    jury = "admissions.jury.v1",
    /// The orals.
    scheduling = "admissions.scheduling.v1",
    /// Proposals and answers.
    integration = "admissions.integration.v1",
    /// The session's clock.
    scheduler = "admissions.scheduler.v1",
    /// Mail that accounts wait for.
    portal = "admissions.portal.v1",
    /// What leaves the platform.
    notifier = "admissions.notifier.v1",
    /// What other systems hear.
    published = "admissions.published.v1",
}
