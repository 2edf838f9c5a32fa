//! What the jury's decisions mean for the orals of one candidature (R18, R24).

use uuid::Uuid;

use super::Convocation;

/// The jury's signed decision, as the orals need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Admissible: to be convened.
    pub admissible: bool,
    /// School of choice 1, which convenes.
    pub school: String,
}

/// Where a candidature stands for the orals.
#[expect(clippy::large_enum_variant, reason = "one is held at a time, never a collection of them")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidature {
    /// The jury rejected it.
    Rejected {
        /// Whose dossier.
        dossier: Uuid,
        /// School of choice 1.
        school: String,
    },
    /// Admissible: convened, or to be convened.
    Admissible {
        /// Whose dossier.
        dossier: Uuid,
        /// School that convenes.
        school: String,
        /// Both exams, once placed.
        convocation: Option<Convocation>,
    },
    /// The jury annulled it (R15); nothing brings it back.
    Annulled {
        /// Whose dossier.
        dossier: Uuid,
        /// School of choice 1, if a decision was ever signed.
        school: Option<String>,
    },
}

/// A state, and the slots that it set free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Where it stands now.
    pub candidature: Candidature,
    /// Slots that are free again.
    pub freed: Option<Freed>,
}

/// Slots of a candidate who is no longer convened there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freed {
    /// What stood.
    pub convocation: Convocation,
    /// School that had convened.
    pub school: String,
    /// Why it no longer does.
    pub why: &'static str,
}

impl Candidature {
    /// The first decision heard about a dossier.
    #[must_use]
    pub fn new(dossier: Uuid, decision: Decision) -> Self {
        let Decision { admissible, school } = decision;
        if admissible {
            Self::Admissible { dossier, school, convocation: None }
        } else {
            Self::Rejected { dossier, school }
        }
    }

    /// Whose dossier.
    #[must_use]
    pub const fn dossier(&self) -> Uuid {
        match self {
            Self::Rejected { dossier, .. } | Self::Admissible { dossier, .. } | Self::Annulled { dossier, .. } => {
                *dossier
            }
        }
    }

    /// A later decision, which corrects the earlier one (R18). Slots stand as long as the same school convenes.
    #[must_use]
    pub fn decide(self, decision: Decision) -> Applied {
        let dossier = self.dossier();
        match self {
            Self::Annulled { .. } => Applied { candidature: self, freed: None },
            Self::Admissible { school, convocation, .. } if decision.admissible && school == decision.school => {
                Applied { candidature: Self::Admissible { dossier, school, convocation }, freed: None }
            }
            Self::Admissible { school, convocation, .. } => Applied {
                candidature: Self::new(dossier, decision),
                freed: convocation.map(|convocation| Freed { convocation, school, why: "the decision was corrected" }),
            },
            Self::Rejected { .. } => Applied { candidature: Self::new(dossier, decision), freed: None },
        }
    }

    /// The jury annulled the candidature (R15).
    #[must_use]
    pub fn annul(self) -> Applied {
        let dossier = self.dossier();
        match self {
            Self::Annulled { .. } => Applied { candidature: self, freed: None },
            Self::Rejected { school, .. } => {
                Applied { candidature: Self::Annulled { dossier, school: Some(school) }, freed: None }
            }
            Self::Admissible { school, convocation, .. } => Applied {
                candidature: Self::Annulled { dossier, school: Some(school.clone()) },
                freed: convocation.map(|convocation| Freed {
                    convocation,
                    school,
                    why: "the candidature was annulled",
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Exam, Sitting, Span};
    use jiff::Timestamp;

    const DOSSIER: Uuid = Uuid::from_u128(7);

    fn decision(admissible: bool, school: &str) -> Decision {
        Decision { admissible, school: school.into() }
    }

    fn convened() -> Candidature {
        let sitting = |exam| Sitting {
            dossier: DOSSIER,
            exam,
            during: Span::starting(Timestamp::UNIX_EPOCH, 25),
            panel: "A".into(),
            room: None,
        };
        let convocation =
            Some(Convocation { interview: sitting(Exam::Interview), english: sitting(Exam::English), remote: false });
        Candidature::Admissible { dossier: DOSSIER, school: "x".into(), convocation }
    }

    #[test]
    fn the_same_decision_again_keeps_the_slots() {
        let again = convened().decide(decision(true, "x"));
        assert_eq!(again, Applied { candidature: convened(), freed: None });
    }

    #[test]
    fn a_correction_frees_the_slots() {
        let rejected = convened().decide(decision(false, "x"));
        assert_eq!(rejected.candidature, Candidature::Rejected { dossier: DOSSIER, school: "x".into() });
        assert_eq!(rejected.freed.map(|f| f.school), Some("x".into()));
        let elsewhere = convened().decide(decision(true, "y"));
        assert_eq!(elsewhere.candidature, Candidature::new(DOSSIER, decision(true, "y")));
        assert!(elsewhere.freed.is_some());
    }

    #[test]
    fn a_correction_admits_who_was_rejected() {
        let admitted = Candidature::new(DOSSIER, decision(false, "x")).decide(decision(true, "x"));
        assert_eq!(admitted.candidature, Candidature::new(DOSSIER, decision(true, "x")));
    }

    #[test]
    fn nullity_frees_the_slots_and_is_final() {
        let Applied { candidature, freed } = convened().annul();
        assert!(freed.is_some());
        let after = candidature.clone().decide(decision(true, "x"));
        assert_eq!(after, Applied { candidature, freed: None });
    }
}
