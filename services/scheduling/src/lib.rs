//! The orals: panels, rooms, days, slots and convocations (R24, R25). This is not the session's clock: milestones and
//! periods are `scheduler`, not the other one.

pub mod domain;
