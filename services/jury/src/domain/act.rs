//! An act that one prepares and another confirms.

use jiff::Timestamp;
use thiserror::Error;

use super::people::{Member, PeopleRefused, Two};

/// What kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActKind {
    /// Sign-off of the admissibility decisions (R18).
    Admissibility,
    /// Their publication (R19).
    AdmissibilityPublication,
    /// Correction of one signed decision (R18).
    AdmissibilityCorrection,
    /// Correction of a mark after the admission sign-off.
    MarkCorrection,
    /// Sign-off of the tables (R27).
    Admission,
    /// Publication of the admission results (R19).
    AdmissionPublication,
    /// Correction of a signed table.
    TableCorrection,
    /// A seat beyond the published number (R33).
    Supernumerary,
    /// Nullity of a candidature (R15).
    Annulment,
}

/// Where an act stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActState {
    /// Waits for its second person.
    Prepared,
    /// Done.
    Confirmed {
        /// By whom.
        by: Member,
        /// When.
        at: Timestamp,
    },
    /// A later preparation of the same act stands in its place.
    Replaced,
    /// Taken back.
    Withdrawn,
}

/// An act, prepared by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What kind.
    pub kind: ActKind,
    /// SHA-256, hex, of everything it covers, as prepared.
    pub digest: String,
    /// Who prepared it.
    pub prepared_by: Member,
    /// Where it stands.
    pub state: ActState,
}

/// Why an act cannot be confirmed or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActRefused {
    /// See [`PeopleRefused`].
    #[error(transparent)]
    People(#[from] PeopleRefused),
    /// Someone confirmed it before.
    #[error("{by} has confirmed this act already")]
    AlreadyConfirmed {
        /// Who.
        by: String,
    },
    /// A later preparation replaced it.
    #[error("a later preparation replaced this act")]
    Replaced,
    /// It was taken back.
    #[error("this act was withdrawn")]
    Withdrawn,
    /// The second person saw something else than what was prepared.
    #[error("what was prepared has digest {prepared}, not {given}")]
    DigestMismatch {
        /// Digest prepared.
        prepared: String,
        /// Digest the confirmation names.
        given: String,
    },
    /// What was prepared is no longer what there is.
    #[error("what was prepared has changed since: its digest was {prepared} and is {now}")]
    ChangedSincePrepared {
        /// Digest prepared.
        prepared: String,
        /// Digest of the state now.
        now: String,
    },
    /// Only its author or a president takes an act back.
    #[error("only {author} or a president may withdraw this act")]
    NotYours {
        /// Who prepared it.
        author: String,
    },
}

impl Act {
    /// An act of one person, waiting for the second.
    #[must_use]
    pub const fn prepare(kind: ActKind, digest: String, by: Member) -> Self {
        Self { kind, digest, prepared_by: by, state: ActState::Prepared }
    }

    /// The second person confirms: `given` is the digest they saw, `now` that of the state at this moment.
    ///
    /// # Errors
    /// The act is not waiting, the two are not two people, or what was prepared is not what there is.
    pub fn confirm(self, by: Member, given: &str, now: &str, at: Timestamp) -> Result<(Self, Two), ActRefused> {
        let two = self.confirmable(&by, given)?;
        if now != self.digest {
            return Err(ActRefused::ChangedSincePrepared { prepared: self.digest, now: now.into() });
        }
        Ok((Self { state: ActState::Confirmed { by, at }, ..self }, two))
    }

    /// What can be said of a confirmation before looking at the state it was prepared from.
    ///
    /// # Errors
    /// As [`Self::confirm`], but for the state.
    pub fn confirmable(&self, by: &Member, given: &str) -> Result<Two, ActRefused> {
        match &self.state {
            ActState::Prepared => {}
            ActState::Confirmed { by, .. } => return Err(ActRefused::AlreadyConfirmed { by: by.subject.clone() }),
            ActState::Replaced => return Err(ActRefused::Replaced),
            ActState::Withdrawn => return Err(ActRefused::Withdrawn),
        }
        let two = Two::of(self.prepared_by.clone(), by.clone())?;
        if given != self.digest {
            let given = given.chars().take(64).collect();
            return Err(ActRefused::DigestMismatch { prepared: self.digest.clone(), given });
        }
        Ok(two)
    }

    /// Takes the act back.
    ///
    /// # Errors
    /// It is not waiting any more, or `by` is neither its author nor a president.
    pub fn withdraw(self, by: &Member) -> Result<Self, ActRefused> {
        match &self.state {
            ActState::Prepared => {}
            ActState::Confirmed { by, .. } => return Err(ActRefused::AlreadyConfirmed { by: by.subject.clone() }),
            ActState::Replaced => return Err(ActRefused::Replaced),
            ActState::Withdrawn => return Ok(self),
        }
        if by.subject != self.prepared_by.subject && !by.president {
            return Err(ActRefused::NotYours { author: self.prepared_by.subject });
        }
        Ok(Self { state: ActState::Withdrawn, ..self })
    }

    /// True if that person's confirmation is what confirmed it: a repeat answers the same.
    #[must_use]
    pub fn confirmed_by(&self, subject: &str) -> bool {
        matches!(&self.state, ActState::Confirmed { by, .. } if by.subject == subject)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::Timestamp;

    use super::{Act, ActKind, ActRefused, ActState, Member, PeopleRefused};

    fn member(subject: &str, president: bool) -> Member {
        Member { subject: subject.into(), president }
    }

    fn prepared() -> Act {
        Act::prepare(ActKind::Admission, "d1".into(), member("anne", true))
    }

    #[test]
    fn another_person_confirms_what_they_saw() {
        let (act, two) = prepared().confirm(member("bob", false), "d1", "d1", Timestamp::UNIX_EPOCH).unwrap();
        assert!(act.confirmed_by("bob") && !act.confirmed_by("anne"));
        assert_eq!(two.prepared().subject, "anne");
        let again = act.confirm(member("carl", true), "d1", "d1", Timestamp::UNIX_EPOCH);
        assert_eq!(again.unwrap_err(), ActRefused::AlreadyConfirmed { by: "bob".into() });
    }

    #[test]
    fn one_person_alone_never_confirms() {
        let alone = prepared().confirm(member("anne", true), "d1", "d1", Timestamp::UNIX_EPOCH);
        assert_eq!(alone.unwrap_err(), ActRefused::People(PeopleRefused::SamePerson { subject: "anne".into() }));
    }

    #[test]
    fn neither_an_unseen_nor_a_changed_state_is_confirmed() {
        let at = Timestamp::UNIX_EPOCH;
        let unseen = prepared().confirm(member("bob", false), "d0", "d1", at).unwrap_err();
        assert_eq!(unseen, ActRefused::DigestMismatch { prepared: "d1".into(), given: "d0".into() });
        let changed = prepared().confirm(member("bob", false), "d1", "d2", at).unwrap_err();
        assert_eq!(changed, ActRefused::ChangedSincePrepared { prepared: "d1".into(), now: "d2".into() });
    }

    #[test]
    fn a_withdrawn_act_stays_withdrawn() {
        let refused = prepared().withdraw(&member("bob", false)).unwrap_err();
        assert_eq!(refused, ActRefused::NotYours { author: "anne".into() });
        let act = prepared().withdraw(&member("bob", true)).unwrap();
        assert_eq!(act.state, ActState::Withdrawn);
        let late = act.confirm(member("bob", true), "d1", "d1", Timestamp::UNIX_EPOCH);
        assert_eq!(late.unwrap_err(), ActRefused::Withdrawn);
    }
}
