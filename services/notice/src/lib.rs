//! The session file as validated, typed data (R1).
//!
//! Everything the notice prints as a table or a date is in one TOML file; this crate turns it into a [`Session`] or
//! names every fault of it at once, each with line and column. It is pure: only [`Session::load`] touches a file, and
//! no instant is ever read from a clock. What follows from the data (who may apply where, when a window closes) is
//! looked up here; what people decide is not. The next session, or another consortium, is another file and no code.
//!
//! Deliberately absent: any school, filière, period count or fee. They come from the file.

mod account;
mod calendar;
mod dossier;
pub mod keys;
mod orals;
mod parse;
mod problem;
mod schools;
mod session;
mod tables;

pub use calendar::{Milestone, Milestones, Transition};
pub use dossier::{Depositor, Due, Fee, Format, Piece};
pub use orals::{Exam, OralDays, Orals};
pub use problem::{Invalid, Problem, Verdict, Warning};
pub use schools::{Account, LocalRecruitment, School};
pub use session::{Diploma, DiplomaKind, Filiere, Label, Period, Session, UnlistedMention};
pub use tables::{Opening, Row, RowRef, SeatRow, Seats, Table};
