//! One candidature before the jury (R15 to R18, R26).

mod application;
mod refused;

use std::collections::BTreeMap;

use uuid::Uuid;

pub use application::{Application, Determination, Reading, Standing};
pub use refused::Refused;

use super::{
    decision::{Decision, Verdict},
    marks::{OralResult, OralRules},
    people::Two,
};

/// A closed dossier before the jury.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidature {
    /// The dossier, and its candidate (R7).
    pub dossier: Uuid,
    /// Its filière.
    pub filiere: String,
    /// School of choice 1: convenes.
    pub first_school: String,
    /// Every school applied to, in the session's order.
    pub schools: Vec<Application>,
    /// Admissible or not.
    pub decision: Decision,
    /// The jury annulled it (R15).
    pub annulled: bool,
    /// What came of the orals, by exam.
    pub results: BTreeMap<String, OralResult>,
}

/// What a correction of a signed decision sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The right verdict, with the reason of the correction.
    pub verdict: Verdict,
    /// Determinations set with it, by school.
    pub determinations: Vec<(String, Determination)>,
}

/// Whether a command changed anything: a repeat does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It did.
    Changed,
    /// It says what was so.
    Same,
}

impl Candidature {
    /// The application to that school.
    ///
    /// # Errors
    /// There is none.
    pub fn application(&self, school: &str) -> Result<&Application, Refused> {
        self.schools.iter().find(|a| a.school == school).ok_or_else(|| Refused::NotApplied {
            dossier: self.dossier,
            school: school.into(),
            applied: self.schools.iter().map(|a| a.school.clone()).collect(),
        })
    }

    /// Schools where it is recevable, in the session's order.
    #[must_use]
    pub fn recevable_schools(&self) -> Vec<String> {
        self.in_standing(Standing::Recevable)
    }

    /// Schools nobody has settled.
    #[must_use]
    pub fn undetermined(&self) -> Vec<String> {
        self.in_standing(Standing::Undetermined)
    }

    fn in_standing(&self, standing: Standing) -> Vec<String> {
        self.schools.iter().filter(|a| a.standing() == standing).map(|a| a.school.clone()).collect()
    }

    /// Signed as admissible and not annulled: sits the orals.
    #[must_use]
    pub fn admissible(&self) -> bool {
        !self.annulled && self.decision.signed().is_some_and(|v| v.admissible)
    }

    /// Exams without a result.
    #[must_use]
    pub fn missing_results<'a>(&self, rules: &'a OralRules) -> Vec<&'a str> {
        rules.exams.iter().filter(|e| !self.results.contains_key(*e)).map(String::as_str).collect()
    }

    /// The exam whose result eliminates, if one does (R26).
    #[must_use]
    pub fn eliminated_by(&self, rules: &OralRules) -> Option<&str> {
        self.results.iter().find(|(_, r)| r.eliminates(rules)).map(|(exam, _)| exam.as_str())
    }

    /// The jury finds it recevable or not at one school (R16, R17).
    ///
    /// # Errors
    /// Not applied there, closed there by the tables, signed, or annulled.
    pub fn determine(mut self, school: &str, found: Determination) -> Result<(Self, Change), Refused> {
        self.open_to_the_commission()?;
        let change = self.set_determination(school, found)?;
        Ok((self, change))
    }

    /// A draft decision; the last one stands.
    ///
    /// # Errors
    /// Signed, annulled, or admissible with no school left.
    pub fn draft(mut self, verdict: Verdict) -> Result<(Self, Change), Refused> {
        self.open_to_the_commission()?;
        self.can_be(&verdict)?;
        let drafted = Decision::Draft(verdict);
        let change = if self.decision == drafted { Change::Same } else { Change::Changed };
        self.decision = drafted;
        Ok((self, change))
    }

    /// What keeps it from being signed; nothing for an annulled or a signed one, which the sign-off leaves alone.
    #[must_use]
    pub fn unready(&self) -> Vec<Refused> {
        let mut faults = Vec::new();
        if self.annulled || self.decision.signed().is_some() {
            return faults;
        }
        let schools = self.undetermined();
        if !schools.is_empty() {
            faults.push(Refused::Undetermined { dossier: self.dossier, schools });
        }
        match &self.decision {
            Decision::Draft(verdict) => faults.extend(self.can_be(verdict).err()),
            Decision::Undecided => faults.push(Refused::Undecided { dossier: self.dossier }),
            Decision::Signed(_) => {}
        }
        faults
    }

    /// Two people sign the draft (R18).
    ///
    /// # Errors
    /// The first of [`Self::unready`], or it is signed or annulled.
    pub fn sign(mut self, _by: &Two) -> Result<Self, Refused> {
        self.open_to_the_commission()?;
        if let Some(fault) = self.unready().into_iter().next() {
            return Err(fault);
        }
        if let Decision::Draft(verdict) = self.decision {
            self.decision = Decision::Signed(verdict);
        }
        Ok(self)
    }

    /// Two people correct a clerical mistake in a signed decision (R18).
    ///
    /// # Errors
    /// Not signed, annulled, nothing would change, or admissible with no school left.
    pub fn correct(self, _by: &Two, correction: Correction) -> Result<Self, Refused> {
        self.corrected(correction)
    }

    /// What the candidature would be after a correction: lets the first person see it, and changes nothing.
    ///
    /// # Errors
    /// Those of [`Self::correct`].
    pub fn corrected(mut self, correction: Correction) -> Result<Self, Refused> {
        self.not_annulled()?;
        let Some(before) = self.decision.signed().cloned() else {
            return Err(Refused::NotSigned { dossier: self.dossier });
        };
        let mut changed = before.admissible != correction.verdict.admissible;
        for (school, found) in correction.determinations {
            let was = self.application(&school)?.standing();
            self.set_determination(&school, found)?;
            changed |= self.application(&school)?.standing() != was;
        }
        if !changed {
            return Err(Refused::NothingToCorrect { dossier: self.dossier });
        }
        self.can_be(&correction.verdict)?;
        self.decision = Decision::Signed(correction.verdict);
        Ok(self)
    }

    /// Two people annul the candidature (R15).
    ///
    /// # Errors
    /// It is annulled already.
    pub fn annul(mut self, _by: &Two) -> Result<Self, Refused> {
        self.not_annulled()?;
        self.annulled = true;
        Ok(self)
    }

    /// Records what came of one exam; `replacing` says that there is a reason to replace an earlier result.
    ///
    /// # Errors
    /// Not admissible, no such exam, or a different result is there and there is no reason to replace it.
    pub fn record(
        mut self,
        exam: &str,
        result: OralResult,
        rules: &OralRules,
        replacing: bool,
    ) -> Result<(Self, Change), Refused> {
        self.not_annulled()?;
        if !rules.exams.iter().any(|e| e == exam) {
            return Err(Refused::UnknownExam { exam: exam.chars().take(64).collect(), exams: rules.exams.clone() });
        }
        if !self.admissible() {
            return Err(Refused::NotAdmissible { dossier: self.dossier });
        }
        match self.results.get(exam) {
            Some(before) if *before == result => return Ok((self, Change::Same)),
            Some(_) if !replacing => return Err(Refused::ResultExists { dossier: self.dossier, exam: exam.into() }),
            _ => {}
        }
        self.results.insert(exam.into(), result);
        Ok((self, Change::Changed))
    }

    fn not_annulled(&self) -> Result<(), Refused> {
        if self.annulled { Err(Refused::Annulled { dossier: self.dossier }) } else { Ok(()) }
    }

    fn open_to_the_commission(&self) -> Result<(), Refused> {
        self.not_annulled()?;
        if self.decision.signed().is_some() { Err(Refused::Signed { dossier: self.dossier }) } else { Ok(()) }
    }

    /// A verdict that holds: to be admissible takes a school that is, or may still be found, recevable.
    fn can_be(&self, verdict: &Verdict) -> Result<(), Refused> {
        let nowhere = self.schools.iter().all(|a| a.standing() == Standing::NotRecevable);
        if verdict.admissible && nowhere {
            Err(Refused::NotRecevableAnywhere { dossier: self.dossier })
        } else {
            Ok(())
        }
    }

    fn set_determination(&mut self, school: &str, found: Determination) -> Result<Change, Refused> {
        let application = self.application(school)?;
        if found.recevable && application.reading == Some(Reading::Closed) {
            return Err(Refused::ClosedByTables { dossier: self.dossier, school: school.into() });
        }
        if application.determination.as_ref() == Some(&found) {
            return Ok(Change::Same);
        }
        for application in self.schools.iter_mut().filter(|a| a.school == school) {
            application.determination = Some(found.clone());
        }
        Ok(Change::Changed)
    }
}

#[cfg(test)]
mod tests;
