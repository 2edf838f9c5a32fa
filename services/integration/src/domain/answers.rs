//! What a candidate may answer, and what each answer means (R30).

use thiserror::Error;

use super::{
    candidature::{Candidature, Standing},
    ids::SchoolId,
};

/// An answer of the notice (§3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// This school, and no other.
    OuiDefinitif,
    /// This school for now, in the hope of a better one.
    OuiMais,
    /// Not this school, in the hope of a better one.
    NonMais,
    /// No proposal yet: still a candidate.
    Attente,
    /// Resigns from every school.
    Non,
}

/// Where the calendar stands for answers, at the instant the answer was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Inside a period.
    Open {
        /// No period follows this one.
        last: bool,
    },
    /// After the first opening and outside any period: only NON is heard.
    Between,
    /// The title deadline has passed: the integration is over.
    Over,
}

/// An answer that a situation allows, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The answer.
    pub answer: Answer,
    /// The school that stays held.
    pub holds: Option<SchoolId>,
    /// Schools that stay possible besides it, best first.
    pub keeps: Vec<SchoolId>,
    /// Schools given up, in the candidate's order.
    pub gives_up: Vec<SchoolId>,
    /// It cannot be taken back or can lead to nothing, and must be confirmed.
    pub needs_confirmation: bool,
}

impl Allowed {
    /// A better proposal later releases the school held (R32).
    #[must_use]
    pub fn better_proposal_releases(&self) -> bool {
        self.answer == Answer::OuiMais && !self.keeps.is_empty()
    }
}

/// Why an answer was not taken; each carries what would be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnswerRefused {
    /// The candidate is on no table.
    #[error("on no table: there is nothing to answer")]
    NotRetained,
    /// Resigned, eliminated, annulled or lapsed.
    #[error("no longer in the running")]
    NoLongerInTheRunning,
    /// The situation does not allow it.
    #[error("{given:?} is not an answer to this situation")]
    NotAllowed {
        /// What was answered.
        given: Answer,
        /// What can be.
        allowed: Vec<Answer>,
    },
    /// It has to be confirmed.
    #[error("{given:?} has to be confirmed")]
    Unconfirmed {
        /// What was answered.
        given: Answer,
        /// What can be.
        allowed: Vec<Answer>,
    },
}

impl Candidature {
    /// Every answer that the situation allows, in the notice's order.
    #[must_use]
    pub fn allowed(&self, phase: Phase) -> Vec<Allowed> {
        if !self.standing.in_the_running() {
            return Vec::new();
        }
        let mut answers = Vec::new();
        if let Phase::Open { .. } = phase {
            if self.standing.seat().is_some() {
                answers.push(Answer::OuiDefinitif);
                if self.better().next().is_some() {
                    answers.extend([Answer::OuiMais, Answer::NonMais]);
                }
            } else {
                answers.push(Answer::Attente);
            }
        }
        if phase != Phase::Over {
            answers.push(Answer::Non);
        }
        answers.into_iter().map(|answer| self.meaning(answer, phase)).collect()
    }

    fn meaning(&self, answer: Answer, phase: Phase) -> Allowed {
        let lost = self.given_up_by(answer);
        let holds = match answer {
            Answer::OuiDefinitif | Answer::OuiMais => self.standing.seat().cloned(),
            Answer::NonMais | Answer::Attente | Answer::Non => None,
        };
        let open = || self.open().map(|choice| choice.school.clone());
        Allowed {
            answer,
            keeps: open().filter(|school| !lost.contains(school) && Some(school) != holds.as_ref()).collect(),
            gives_up: open().filter(|school| lost.contains(school)).collect(),
            holds,
            // In the last period NON MAIS can lead to nothing: the confirmation of a NON is asked for.
            needs_confirmation: answer == Answer::Non
                || (answer == Answer::NonMais && phase == Phase::Open { last: true }),
        }
    }

    /// Takes an answer, or says why not. It changes nothing yet: NON is [`Candidature::resign`], the others wait for
    /// [`Candidature::close_period`].
    ///
    /// # Errors
    /// [`AnswerRefused`], with the answers that would be taken.
    pub fn answer(&self, phase: Phase, answer: Answer, confirmed: bool) -> Result<Allowed, AnswerRefused> {
        if self.standing == Standing::NotRetained {
            return Err(AnswerRefused::NotRetained);
        }
        if self.standing.is_out() {
            return Err(AnswerRefused::NoLongerInTheRunning);
        }
        let allowed = self.allowed(phase);
        let answers = allowed.iter().map(|allowed| allowed.answer).collect();
        match allowed.into_iter().find(|allowed| allowed.answer == answer) {
            None => Err(AnswerRefused::NotAllowed { given: answer, allowed: answers }),
            Some(meant) if meant.needs_confirmation && !confirmed => {
                Err(AnswerRefused::Unconfirmed { given: answer, allowed: answers })
            }
            Some(meant) => Ok(meant),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{
        super::{
            candidature::{Choice, Reason},
            ids::DossierId,
        },
        Answer::{Attente, Non, NonMais, OuiDefinitif, OuiMais},
        *,
    };

    const OPEN: Phase = Phase::Open { last: false };

    /// Chose a, b and c; on the tables of b and c only.
    fn candidature(standing: Standing) -> Candidature {
        let choice = |school: &str, rank| Choice { school: school.into(), rank, given_up: false, supernumerary: false };
        let choices = vec![choice("a", None), choice("b", Some(3)), choice("c", Some(1))];
        Candidature { dossier: DossierId(Uuid::nil()), choices, standing }
    }

    fn answers(standing: Standing, phase: Phase) -> Vec<Answer> {
        candidature(standing).allowed(phase).into_iter().map(|allowed| allowed.answer).collect()
    }

    /// R30, row by row.
    #[test]
    fn a_situation_allows_exactly_what_the_table_says() {
        for seat in [Standing::Proposed, Standing::Holding] {
            assert_eq!(answers(seat("c".into()), OPEN), [OuiDefinitif, OuiMais, NonMais, Non]);
            // Nothing better than b is possible: a is ordered first, but its table does not name them.
            assert_eq!(answers(seat("b".into()), OPEN), [OuiDefinitif, Non]);
            assert_eq!(answers(seat("c".into()), Phase::Between), [Non]);
            assert_eq!(answers(seat("c".into()), Phase::Over), []);
        }
        assert_eq!(answers(Standing::Waiting, OPEN), [Attente, Non]);
        assert_eq!(answers(Standing::Waiting, Phase::Between), [Non]);
        for out in
            [Standing::NotRetained, Standing::Resigned, Standing::Eliminated(Reason::NoLogin), Standing::Annulled]
        {
            assert_eq!(answers(out, OPEN), []);
        }
    }

    #[test]
    fn a_school_given_up_is_no_better_school() {
        let mut candidature = candidature(Standing::Holding("c".into()));
        candidature.choices[1].given_up = true;
        let allowed: Vec<_> = candidature.allowed(OPEN).into_iter().map(|allowed| allowed.answer).collect();
        assert_eq!(allowed, [OuiDefinitif, Non]);
    }

    #[test]
    fn a_refusal_carries_what_is_allowed() {
        let waiting = candidature(Standing::Waiting);
        let refused = waiting.answer(OPEN, OuiMais, false);
        assert_eq!(refused, Err(AnswerRefused::NotAllowed { given: OuiMais, allowed: vec![Attente, Non] }));
        let unconfirmed = Err(AnswerRefused::Unconfirmed { given: Non, allowed: vec![Attente, Non] });
        assert_eq!(waiting.answer(OPEN, Non, false), unconfirmed);
        assert!(waiting.answer(OPEN, Non, true).is_ok());
        assert_eq!(candidature(Standing::NotRetained).answer(OPEN, Attente, false), Err(AnswerRefused::NotRetained));
        let resigned = candidature(Standing::Resigned).answer(OPEN, Non, true);
        assert_eq!(resigned, Err(AnswerRefused::NoLongerInTheRunning));
    }

    #[test]
    fn non_mais_is_confirmed_in_the_last_period_only() {
        let proposed = candidature(Standing::Proposed("c".into()));
        assert!(proposed.answer(OPEN, NonMais, false).is_ok());
        let last = Phase::Open { last: true };
        assert!(matches!(proposed.answer(last, NonMais, false), Err(AnswerRefused::Unconfirmed { .. })));
        assert!(proposed.answer(last, NonMais, true).is_ok());
    }

    #[test]
    fn each_answer_says_what_it_gives_up() {
        let proposed = candidature(Standing::Proposed("c".into()));
        let means = |answer| {
            let meant = proposed.answer(OPEN, answer, true).unwrap();
            let names =
                |schools: Vec<SchoolId>| schools.into_iter().map(|school| school.0).collect::<Vec<_>>().join(" ");
            (meant.holds.clone().map(|school| school.0), names(meant.keeps), names(meant.gives_up))
        };
        assert_eq!(means(OuiDefinitif), (Some("c".into()), String::new(), "b".into()));
        assert_eq!(means(OuiMais), (Some("c".into()), "b".into(), String::new()));
        assert_eq!(means(NonMais), (None, "b".into(), "c".into()));
        assert_eq!(means(Non), (None, String::new(), "b c".into()));
    }
}
