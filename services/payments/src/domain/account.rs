//! A candidate's fee: append-only history, and the one function that derives where it stands (R22).

use std::collections::BTreeMap;

use super::{
    SchoolId,
    ledger::{Kind, Movement, PlacedAs, Pocket},
    money::Cents,
};

/// How the candidate says the fee will be met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// By a bank transfer.
    Transfer,
    /// Not at all: a scholarship exempts (R20).
    Exemption,
}

/// One thing that happened to a fee; the history is the whole truth about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The candidate declared a transfer or asked for the exemption; the school is the payee until clôture.
    Claimed {
        /// Which.
        claim: Claim,
        /// School of choice 1 at that time.
        school: SchoolId,
    },
    /// Clôture: the payee is this one for good.
    Closed {
        /// School of choice 1.
        school: SchoolId,
        /// The claim that was closed, if one was made.
        claim: Option<Claim>,
    },
    /// The deposit window ended on an open dossier (R13), or its candidate gave it up: nothing is owed.
    NotACandidature,
    /// The payee decided on the exemption.
    ExemptionDecided {
        /// Accepted, or refused.
        accepted: bool,
    },
    /// Money moved.
    Moved(Movement),
}

/// Where a fee stands (R22).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Owed, and nothing was declared, or the declared payment came back.
    Due,
    /// A transfer was declared; it has not been seen.
    Declared,
    /// The payee has the exemption to decide.
    ExemptionRequested,
    /// Paid exactly.
    Settled,
    /// The payee accepted the exemption, and holds nothing.
    Exempt,
    /// The payee refused the exemption: due again.
    ExemptionRefused,
    /// Paid in part.
    Short,
    /// The payee holds more than is owed.
    Over,
    /// Paid, and everything given back.
    Refunded,
    /// Not a candidature (R13).
    NotOwed,
}

impl Status {
    /// Whether the fee is met, or need not be: what is not is listed before the commission (R22).
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Settled | Self::Exempt | Self::Over | Self::NotOwed)
    }
}

/// Where a fee stands, with the sums.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The status shown.
    pub status: Status,
    /// To whom the fee is owed, once known.
    pub payee: Option<SchoolId>,
    /// Clôture has fixed the payee.
    pub closed: bool,
    /// An exemption was asked for, whatever became of it.
    pub exemption_asked: bool,
    /// It is the last thing said, and nobody has decided.
    pub exemption_waiting: bool,
    /// The decision on it, if one was taken.
    pub exemption: Option<bool>,
    /// Owed in all.
    pub due: Cents,
    /// What each school holds of it, net; no zeros.
    pub held: BTreeMap<SchoolId, Cents>,
    /// Refunds each school ordered and that have not been seen leaving; no zeros.
    pub refunds_ordered: BTreeMap<SchoolId, Cents>,
}

impl Standing {
    /// What the payee holds.
    #[must_use]
    pub fn received(&self) -> Cents {
        self.payee.as_deref().map_or(Cents::ZERO, |payee| self.held_by(payee))
    }

    /// What one school holds.
    #[must_use]
    pub fn held_by(&self, school: &str) -> Cents {
        self.held.get(school).copied().unwrap_or_default()
    }

    /// What schools other than the payee hold.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&SchoolId, Cents)> {
        self.held.iter().filter(|(school, _)| Some(*school) != self.payee.as_ref()).map(|(s, c)| (s, *c))
    }

    /// What is still to be paid; never negative.
    #[must_use]
    pub fn outstanding(&self) -> Cents {
        (self.due - self.received()).max(Cents::ZERO)
    }
}

/// What the candidate's side last said or did, as far as the status depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Nothing,
    Declared,
    Requested,
    Refused,
    Refunded,
}

/// Where a fee stands after this history, oldest entry first, when the session's fee is `fee`.
///
/// The only place where a status is decided. Money at a school that is not the payee settles nothing; it is shown (R22).
#[must_use]
pub fn standing(fee: Cents, history: &[Entry]) -> Standing {
    let mut phase = Phase::Nothing;
    let mut candidature = true;
    let mut s = Standing {
        status: Status::Due,
        payee: None,
        closed: false,
        exemption_asked: false,
        exemption_waiting: false,
        exemption: None,
        due: fee,
        held: BTreeMap::new(),
        refunds_ordered: BTreeMap::new(),
    };
    for entry in history {
        match entry {
            // What ended can go on when the window is reopened for everyone (R5): it is claimed or closed after that.
            Entry::Claimed { claim, school } => {
                candidature = true;
                if !s.closed {
                    s.payee = Some(school.clone());
                }
                phase = claimed(*claim, &mut s);
            }
            Entry::Closed { school, claim } => {
                candidature = true;
                s.payee = Some(school.clone());
                s.closed = true;
                if let (Phase::Nothing, Some(claim)) = (phase, claim) {
                    phase = claimed(*claim, &mut s);
                }
            }
            Entry::NotACandidature => candidature = false,
            Entry::ExemptionDecided { accepted } => {
                s.exemption = Some(*accepted);
                phase = if *accepted { Phase::Requested } else { Phase::Refused };
            }
            Entry::Moved(movement) => {
                moved(movement, &mut s);
                let gone = s.received() <= Cents::ZERO;
                match movement.kind {
                    Kind::Placed(PlacedAs::TakenBack) if gone && phase == Phase::Declared => phase = Phase::Nothing,
                    Kind::Refunded | Kind::Placed(PlacedAs::PaidOut)
                        if gone && Some(&movement.school) == s.payee.as_ref() =>
                    {
                        phase = Phase::Refunded;
                    }
                    _ => {}
                }
            }
        }
    }
    let exempt = s.exemption == Some(true);
    if exempt || !candidature {
        s.due = Cents::ZERO;
    }
    s.exemption_waiting = candidature && phase == Phase::Requested && s.exemption.is_none();
    s.status = status(s.received(), s.due, phase, exempt, candidature);
    s
}

fn claimed(claim: Claim, s: &mut Standing) -> Phase {
    match claim {
        Claim::Transfer => Phase::Declared,
        Claim::Exemption => {
            s.exemption_asked = true;
            // Asking again after a refusal puts the question again; an accepted one stands.
            s.exemption = s.exemption.filter(|accepted| *accepted);
            Phase::Requested
        }
    }
}

fn moved(movement: &Movement, s: &mut Standing) {
    let mut add = |to: fn(&mut Standing) -> &mut BTreeMap<SchoolId, Cents>, cents: Cents| {
        let map = to(s);
        let held = map.entry(movement.school.clone()).or_default();
        *held = *held + cents;
        if *held == Cents::ZERO {
            map.remove(&movement.school);
        }
    };
    add(|s| &mut s.held, movement.effect_on(Pocket::Account));
    add(|s| &mut s.refunds_ordered, movement.effect_on(Pocket::Refunds));
}

fn status(received: Cents, due: Cents, phase: Phase, exempt: bool, candidature: bool) -> Status {
    if received > due {
        return Status::Over;
    }
    if received < Cents::ZERO {
        // The bank took back what had been refunded already: that much is owed besides.
        return Status::Short;
    }
    match phase {
        _ if exempt => Status::Exempt,
        Phase::Refunded if received == Cents::ZERO && (due > Cents::ZERO || !candidature) => Status::Refunded,
        _ if !candidature => Status::NotOwed,
        _ if received == due => Status::Settled,
        Phase::Requested => Status::ExemptionRequested,
        _ if received > Cents::ZERO => Status::Short,
        Phase::Refused => Status::ExemptionRefused,
        Phase::Declared => Status::Declared,
        Phase::Nothing | Phase::Refunded => Status::Due,
    }
}

/// Why an act on an account is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// Only the payee that clôture fixed decides.
    #[error("the dossier is not closed: who decides is not fixed yet")]
    NotClosed,
    /// Nobody asked.
    #[error("no exemption was asked for")]
    NothingAsked,
    /// A refusal says why.
    #[error("a refusal needs a reason")]
    NoReason,
    /// More than there is.
    #[error("{school} holds {held} for this candidate, {asked} cannot be refunded")]
    NotHeld {
        /// The school that would refund.
        school: SchoolId,
        /// What it holds.
        held: Cents,
        /// What was asked.
        asked: Cents,
    },
    /// Zero, negative, or too large.
    #[error("{0} is not an amount that can be recorded")]
    Amount(Cents),
    /// Other means are recorded by the school the fee is owed to.
    /// To whom it is owed is not said: another school's clerk would learn a first choice (R14).
    #[error("the fee is not owed to {school}")]
    NotThePayee {
        /// The school that would record it.
        school: SchoolId,
    },
}

/// The payee decides on the exemption (R20). A decision can be corrected; taking the same one again adds nothing.
///
/// # Errors
/// [`AccountRefused`] before clôture, when none was asked for, or for a refusal without a reason.
pub fn decide_exemption(standing: &Standing, accept: bool, reason: &str) -> Result<Option<Entry>, AccountRefused> {
    if !standing.closed {
        return Err(AccountRefused::NotClosed);
    }
    if !standing.exemption_asked {
        return Err(AccountRefused::NothingAsked);
    }
    if !accept && reason.trim().is_empty() {
        return Err(AccountRefused::NoReason);
    }
    Ok((standing.exemption != Some(accept)).then_some(Entry::ExemptionDecided { accepted: accept }))
}

/// The payee took money by another means (R20).
///
/// # Errors
/// [`AccountRefused`] when `school` is not the payee, or for an amount that is not positive.
pub fn other_means(standing: &Standing, school: &str, cents: Cents) -> Result<Movement, AccountRefused> {
    if standing.payee.as_deref() != Some(school) {
        return Err(AccountRefused::NotThePayee { school: school.to_owned() });
    }
    positive(cents)?;
    Ok(Movement { school: school.to_owned(), kind: Kind::OtherMeans, cents })
}

/// A school orders money back to the candidate: at most what it holds for them.
///
/// # Errors
/// [`AccountRefused`] for more than that, or for an amount that is not positive.
pub fn refund(standing: &Standing, school: &str, cents: Cents) -> Result<Movement, AccountRefused> {
    positive(cents)?;
    let held = standing.held_by(school);
    if cents > held {
        return Err(AccountRefused::NotHeld { school: school.to_owned(), held, asked: cents });
    }
    Ok(Movement { school: school.to_owned(), kind: Kind::Refunded, cents })
}

fn positive(cents: Cents) -> Result<(), AccountRefused> {
    if cents > Cents::ZERO && cents.in_range() { Ok(()) } else { Err(AccountRefused::Amount(cents)) }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
