//! What the checker objects to, as reasons that the portal has sentences for. Dossiers, schools and filières travel by id.

use std::fmt;

use contracts::machinery::Reason;

use crate::domain::checker::{Fault, Objection};

/// One objection.
#[must_use]
pub fn objection(objection: &Objection) -> Reason {
    let reason = |code| {
        let reason = Reason::new(code, objection).with("filiere", &objection.filiere);
        match &objection.dossier {
            Some(dossier) => reason.with("dossier", dossier),
            None => reason,
        }
    };
    match &objection.fault {
        Fault::FiliereMissing => reason("FILIERE_MISSING"),
        Fault::ProposedTwice => reason("PROPOSED_TWICE"),
        Fault::NotInTheRunning => reason("NOT_IN_THE_RUNNING"),
        Fault::NotOpen(school) => reason("NOT_OPEN").with("school", school),
        Fault::OverCapacity { school, seats, taken } => {
            reason("OVER_CAPACITY").with("school", school).with("seats", seats).with("taken", taken)
        }
        Fault::SeatWasted(school) => reason("SEAT_WASTED").with("school", school),
        Fault::PassedOver { school, by } => reason("PASSED_OVER").with("school", school).with("by", by),
        Fault::LostHeldSeat(school) => reason("LOST_HELD_SEAT").with("school", school),
    }
}

/// What is stored cannot be computed any more.
#[must_use]
pub fn not_computable(why: &impl fmt::Display) -> Reason {
    Reason::new("NOT_COMPUTABLE", why).with("why", why)
}

/// Objections as they are kept with a period: one JSON text each.
#[must_use]
pub fn kept(objections: &[Objection]) -> Vec<String> {
    objections.iter().map(|one| serde_json::json!(objection(one)).to_string()).collect()
}

/// What was kept. A period of earlier days kept sentences.
#[must_use]
pub fn restored(kept: &[String]) -> Vec<Reason> {
    let read = |one: &String| {
        serde_json::from_str(one).unwrap_or_else(|_| Reason::new("OBJECTION_AS_STORED", one).with("said", one))
    };
    kept.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_so_does_an_old_sentence() {
        let fault = Fault::OverCapacity { school: "s".into(), seats: 1, taken: 2 };
        let one = Objection { filiere: "f".into(), dossier: None, fault };
        let mut all = kept(std::slice::from_ref(&one));
        all.push("f: s has 1 seats and 2 taken".into());
        let restored = restored(&all);
        assert_eq!(restored[0], objection(&one));
        assert_eq!((restored[0].values["taken"].as_str(), restored[0].sentence.as_str()), ("2", all[1].as_str()));
        assert_eq!((restored[1].code.as_str(), &restored[1].sentence), ("OBJECTION_AS_STORED", &all[1]));
    }
}
