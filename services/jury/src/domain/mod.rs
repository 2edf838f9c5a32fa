//! The jury's rules: pure, with every instant an argument.
//!
//! A candidature moves from undecided to drafted to signed, and a signed decision changes only by a correction of two
//! people ([`Two`] cannot be made by one). Tables are made by validation alone ([`Table`]), so what is signed is valid.

pub mod act;
pub mod admission;
pub mod candidature;
pub mod decision;
pub mod digest;
pub mod marks;
pub mod merit;
pub mod named;
pub mod people;
pub mod publication;
pub mod ranking;
pub mod routes;
pub mod seats;
pub mod shares;

#[cfg(test)]
pub mod sample;

pub use act::{Act, ActKind, ActRefused, ActState};
pub use admission::{Admission, AdmissionRefused, Incomplete, complete};
pub use candidature::{Application, Candidature, Correction, Determination, Reading, Refused, Standing};
pub use decision::{Decision, Verdict};
pub use marks::{Mark, MarkInvalid, OralResult, OralRules};
pub use merit::{Score, Scored, TieGroup};
pub use named::{Named, NamedBadly, Numbers};
pub use people::{Member, PeopleRefused, Two};
pub use publication::visible;
pub use ranking::{Cell, RankingFault, Table, merit_tables};
pub use routes::{CsvFault, RouteLine};
pub use seats::{CellSeats, Transfer, TransferRefused, transfer};
pub use shares::{Assigned, ToRead, assign};
