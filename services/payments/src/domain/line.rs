//! A line of a bank statement on a school's books, and what may become of it (R23).

use jiff::civil::Date;

use super::{
    SchoolId,
    account::{Standing, Status},
    ledger::{Kind, Movement, PlacedAs},
    money::Cents,
    text::canonical,
};

/// A line as a statement tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BankLine {
    /// Where in the file: `Stmt[1]/Ntry[3]/TxDtls[2]`, `line 12`.
    pub location: String,
    /// Date of booking.
    pub booked_on: Date,
    /// Positive: came in. Negative: went out. Never zero.
    pub cents: Cents,
    /// The bank undoes an earlier movement: a reversal, or the return of a transfer.
    pub reversal: bool,
    /// Who paid (credits) or was paid (debits), as the bank prints it.
    pub counterparty: String,
    /// What the payer wrote.
    pub remittance: String,
    /// The bank's own reference of the line, or what comes nearest.
    pub bank_reference: String,
    /// The payer's end-to-end reference; empty when none was provided.
    pub end_to_end: String,
}

/// What makes two lines the same, within one account (R23): import is idempotent because of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineKey {
    /// The bank's reference.
    pub bank_reference: String,
    /// Date of booking.
    pub booked_on: Date,
    /// Signed amount.
    pub cents: Cents,
    /// 0 for the first line of a file with the same three, 1 for the second, …
    pub ordinal: u32,
}

/// Keys of the lines of a file, in their order.
#[must_use]
pub fn keys(lines: &[BankLine]) -> Vec<LineKey> {
    let mut seen = std::collections::HashMap::new();
    lines
        .iter()
        .map(|line| {
            let ordinal = seen.entry((line.bank_reference.as_str(), line.booked_on, line.cents)).or_insert(0u32);
            let key = LineKey {
                bank_reference: line.bank_reference.clone(),
                booked_on: line.booked_on,
                cents: line.cents,
                ordinal: *ordinal,
            };
            *ordinal += 1;
            key
        })
        .collect()
}

/// Two lines of the same account that different formats tell are the same payment: same day, same amount, and the same
/// reference of the payer or the same text, as far as the shorter format carries it.
///
/// Within one format [`LineKey`] decides; a bank's own reference seldom is the same in both formats.
#[must_use]
pub fn same_in_other_format(one: &BankLine, other: &BankLine) -> bool {
    if (one.booked_on, one.cents, one.reversal) != (other.booked_on, other.cents, other.reversal) {
        return false;
    }
    if !one.end_to_end.is_empty() && !other.end_to_end.is_empty() {
        return one.end_to_end == other.end_to_end;
    }
    let (one, other) = (canonical(&one.remittance), canonical(&other.remittance));
    !one.is_empty() && !other.is_empty() && (one.contains(&other) || other.contains(&one))
}

/// Why a line waits for a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Why {
    /// Nothing in it names a dossier.
    NoReference,
    /// A well-formed reference that no dossier bears.
    UnknownReference,
    /// More than one candidate could be meant.
    Ambiguous,
}

/// What became of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State<D> {
    /// Waits for a person.
    Queued(Why),
    /// Is a candidate's, dossier `D`.
    Placed {
        /// Whose.
        dossier: D,
        /// As what.
        placed_as: PlacedAs,
    },
    /// A person marked it as unknown.
    Unknown,
    /// A person sent it back.
    SentBack,
}

/// A line on a school's books. `D` identifies a dossier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line<D> {
    /// Whose account it is on.
    pub school: SchoolId,
    /// Signed.
    pub cents: Cents,
    /// See [`BankLine::reversal`].
    pub reversal: bool,
    /// What became of it.
    pub state: State<D>,
}

/// Why an act on a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineRefused {
    /// The act does not fit what became of the line.
    #[error("the line is {is}; this is possible only when it is {allowed}")]
    State {
        /// What it is.
        is: &'static str,
        /// What it would have to be.
        allowed: &'static str,
    },
    /// A debit can only be the leaving of something that was ordered back.
    #[error("{pending} of returned lines wait to leave, a debit of {debit} is not among them")]
    NothingToSend {
        /// Ordered back for no candidate, not seen leaving.
        pending: Cents,
        /// The debit, positive.
        debit: Cents,
    },
}

/// What putting a line on an account did, for whoever imported it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// The fee is settled by it.
    Settles,
    /// The fee is still short.
    Short,
    /// More than is owed.
    Over,
    /// The fee was settled already.
    Double,
    /// The candidate owes another school (R22).
    OtherSchool,
    /// An earlier payment was taken back.
    Returned,
    /// An ordered refund left.
    RefundSent,
    /// A refund came back.
    RefundCameBack,
    /// Money left without an order.
    PaidOut,
}

impl<D: Copy + PartialEq> Line<D> {
    /// A line as imported: in the queue, with the movement that puts it on the books.
    #[must_use]
    pub fn import(school: SchoolId, line: &BankLine) -> (Self, Movement) {
        let movement = Movement { school: school.clone(), kind: Kind::Imported, cents: line.cents };
        let state = State::Queued(Why::NoReference);
        (Self { school, cents: line.cents, reversal: line.reversal, state }, movement)
    }

    /// Still in the queue, for this reason.
    #[must_use]
    pub fn queued_because(self, why: Why) -> Self {
        let state = match self.state {
            State::Queued(_) => State::Queued(why),
            other => other,
        };
        Self { state, ..self }
    }

    /// The line is this candidate's, who stands at `standing`.
    ///
    /// # Errors
    /// [`LineRefused::State`] unless it waits or was marked as unknown.
    pub fn place(self, dossier: D, standing: &Standing) -> Result<(Self, Vec<Movement>), LineRefused> {
        let mut movements = Vec::new();
        match self.state {
            State::Queued(_) => {}
            State::Unknown => movements.push(self.movement(Kind::Reconsidered)),
            State::Placed { .. } | State::SentBack => return Err(self.refused("waiting or unknown")),
        }
        let ordered = standing.refunds_ordered.get(&self.school).copied().unwrap_or_default();
        let placed_as = match (self.cents > Cents::ZERO, self.reversal) {
            (true, false) => PlacedAs::Received,
            (true, true) => PlacedAs::RefundCameBack,
            (false, true) => PlacedAs::TakenBack,
            (false, false) if -self.cents <= ordered => PlacedAs::RefundSent,
            (false, false) => PlacedAs::PaidOut,
        };
        movements.push(self.movement(Kind::Placed(placed_as)));
        Ok((Self { state: State::Placed { dossier, placed_as }, ..self }, movements))
    }

    /// It was not theirs: back to the queue.
    ///
    /// # Errors
    /// [`LineRefused::State`] unless it is on an account.
    pub fn unplace(self) -> Result<(Self, Movement), LineRefused> {
        let State::Placed { placed_as, .. } = self.state else {
            return Err(self.refused("on an account"));
        };
        let movement = self.movement(Kind::Unplaced(placed_as));
        Ok((Self { state: State::Queued(Why::NoReference), ..self }, movement))
    }

    /// Not a fee of this session.
    ///
    /// # Errors
    /// [`LineRefused::State`] unless it waits.
    pub fn mark_unknown(self) -> Result<(Self, Movement), LineRefused> {
        let State::Queued(_) = self.state else {
            return Err(self.refused("waiting"));
        };
        let movement = self.movement(Kind::MarkedUnknown);
        Ok((Self { state: State::Unknown, ..self }, movement))
    }

    /// Its money goes back to its sender; a debit is such money leaving, when `pending` covers it: what was sent back
    /// this way by the school and has not been seen leaving.
    ///
    /// # Errors
    /// [`LineRefused`] unless it waits or is unknown, or for a debit that nothing pending covers.
    pub fn send_back(self, pending: Cents) -> Result<(Self, Vec<Movement>), LineRefused> {
        let mut movements = Vec::new();
        match self.state {
            State::Queued(_) => {}
            State::Unknown => movements.push(self.movement(Kind::Reconsidered)),
            State::Placed { .. } | State::SentBack => return Err(self.refused("waiting or unknown")),
        }
        if self.cents < Cents::ZERO && -self.cents > pending {
            return Err(LineRefused::NothingToSend { pending, debit: -self.cents });
        }
        movements.push(self.movement(Kind::SentBack));
        Ok((Self { state: State::SentBack, ..self }, movements))
    }

    fn movement(&self, kind: Kind) -> Movement {
        Movement { school: self.school.clone(), kind, cents: self.cents }
    }

    fn refused(&self, allowed: &'static str) -> LineRefused {
        let is = match self.state {
            State::Queued(_) => "waiting",
            State::Placed { .. } => "on an account",
            State::Unknown => "unknown",
            State::SentBack => "sent back",
        };
        LineRefused::State { is, allowed }
    }
}

/// What a placed line did to the fee, from where the fee stood before and after.
#[must_use]
pub fn outcome(school: &str, placed_as: PlacedAs, before: &Standing, after: &Standing) -> Outcome {
    match placed_as {
        PlacedAs::TakenBack => Outcome::Returned,
        PlacedAs::RefundCameBack => Outcome::RefundCameBack,
        PlacedAs::PaidOut => Outcome::PaidOut,
        PlacedAs::RefundSent => Outcome::RefundSent,
        PlacedAs::Received if after.payee.as_deref().is_some_and(|payee| payee != school) => Outcome::OtherSchool,
        PlacedAs::Received => match (before.status, after.status) {
            // What is at least a whole fee again, on top of a settled one, is the same transfer made twice.
            (Status::Settled | Status::Over, _) => Outcome::Double,
            (_, Status::Over) => Outcome::Over,
            (_, Status::Settled) => Outcome::Settles,
            _ => Outcome::Short,
        },
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
