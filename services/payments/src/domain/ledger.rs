//! The books of the schools: double entries between pockets, so that no sequence of payments makes money appear or
//! vanish. Every movement takes from one pocket what it puts into another; only [`Pocket::Bank`] and [`Pocket::Counter`]
//! stand for the world outside.

use std::collections::BTreeMap;

use super::{SchoolId, money::Cents};

/// Where money of a school stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pocket {
    /// Outside: the imported statements.
    Bank,
    /// Outside: means other than a transfer (R20).
    Counter,
    /// Lines that wait for a person.
    Queue,
    /// Lines a person marked as unknown.
    Unknown,
    /// A candidate's account.
    Account,
    /// Ordered back to whoever paid, not yet seen leaving.
    Refunds,
}

/// How a line of a statement counts on a candidate's side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PlacedAs {
    /// A payment.
    Received,
    /// The bank took a payment back: a return or a reversal.
    TakenBack,
    /// A refund could not be delivered.
    RefundCameBack,
    /// Money left for the candidate and no order for it was on record.
    PaidOut,
    /// An ordered refund has left.
    RefundSent,
}

/// What happened to money. Cents are signed where the kind is about a line: a debit of the bank is negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A line of a statement is on the books; whatever follows, it passes through the queue.
    Imported,
    /// The line is a candidate's.
    Placed(PlacedAs),
    /// It was not: back to the queue.
    Unplaced(PlacedAs),
    /// A person marked the line as unknown.
    MarkedUnknown,
    /// … and thought better of it.
    Reconsidered,
    /// A person orders the line's money back to its sender; or, for a debit, found that it is such a return leaving.
    SentBack,
    /// Paid to the school by another means.
    OtherMeans,
    /// A refund to the candidate was ordered.
    Refunded,
}

impl Kind {
    /// From which pocket to which.
    #[must_use]
    pub const fn pockets(self) -> (Pocket, Pocket) {
        match self {
            Self::Imported => (Pocket::Bank, Pocket::Queue),
            Self::Placed(PlacedAs::RefundSent) => (Pocket::Queue, Pocket::Refunds),
            Self::Placed(_) => (Pocket::Queue, Pocket::Account),
            Self::Unplaced(PlacedAs::RefundSent) => (Pocket::Refunds, Pocket::Queue),
            Self::Unplaced(_) => (Pocket::Account, Pocket::Queue),
            Self::MarkedUnknown => (Pocket::Queue, Pocket::Unknown),
            Self::Reconsidered => (Pocket::Unknown, Pocket::Queue),
            Self::SentBack => (Pocket::Queue, Pocket::Refunds),
            Self::OtherMeans => (Pocket::Counter, Pocket::Account),
            Self::Refunded => (Pocket::Account, Pocket::Refunds),
        }
    }

    /// Whether the movement is part of a candidate's history.
    #[must_use]
    pub const fn concerns_candidate(self) -> bool {
        matches!(self, Self::Placed(_) | Self::Unplaced(_) | Self::OtherMeans | Self::Refunded)
    }
}

/// One double entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Movement {
    /// The school whose money it is.
    pub school: SchoolId,
    /// What happened.
    pub kind: Kind,
    /// How much, signed.
    pub cents: Cents,
}

impl Movement {
    /// What the movement adds to one pocket of its school.
    #[must_use]
    pub fn effect_on(&self, pocket: Pocket) -> Cents {
        let (from, to) = self.kind.pockets();
        let mut effect = Cents::ZERO;
        if from == pocket {
            effect = effect - self.cents;
        }
        if to == pocket {
            effect = effect + self.cents;
        }
        effect
    }

    /// What the movement adds to what the school holds: everything but the two outside pockets.
    #[must_use]
    pub fn effect_on_holdings(&self) -> Cents {
        -(self.effect_on(Pocket::Bank) + self.effect_on(Pocket::Counter))
    }
}

/// What each pocket of each school holds.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Books(BTreeMap<(SchoolId, Pocket), Cents>);

impl Books {
    /// Enters a movement.
    pub fn enter(&mut self, movement: &Movement) {
        let (from, to) = movement.kind.pockets();
        for (pocket, cents) in [(from, -movement.cents), (to, movement.cents)] {
            let held = self.0.entry((movement.school.clone(), pocket)).or_default();
            *held = *held + cents;
        }
    }

    /// What a pocket holds. The outside pockets are negative by what came in.
    #[must_use]
    pub fn held(&self, school: &str, pocket: Pocket) -> Cents {
        self.0.get(&(school.to_owned(), pocket)).copied().unwrap_or_default()
    }
}

impl<'a> FromIterator<&'a Movement> for Books {
    fn from_iter<I: IntoIterator<Item = &'a Movement>>(movements: I) -> Self {
        let mut books = Self::default();
        for movement in movements {
            books.enter(movement);
        }
        books
    }
}
