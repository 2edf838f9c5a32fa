//! What a candidate does in a period, given what the platform offers.

use contracts::integration::{Answer, State};

/// What a candidate does in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Does not come: eliminated at the close unless nothing more is asked of them (R31).
    StayAway,
    /// Comes and looks, and answers nothing.
    Look,
    /// Answers, in this order when allowed; the first that the situation allows.
    Answer(Answer),
    /// Answers one thing, then another: the last stands (R30).
    ChangeOfMind(Answer, Answer),
    /// Resigns after the close, between two periods (R30).
    ResignAfterwards,
}

/// A kind of candidate in the integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temper {
    /// Takes the first proposal for good.
    Decided,
    /// Holds and hopes.
    Hopeful,
    /// Refuses and hopes, once.
    Picky,
    /// Holds, then is away in a later period.
    Forgetful,
    /// Never comes.
    Absent,
    /// Comes, and never answers.
    Silent,
    /// Resigns in the period of this number.
    Resigning(u32),
    /// Resigns between periods 1 and 2.
    ResigningBetween,
    /// Says one thing and then another.
    Wavering,
}

impl Temper {
    /// Deals the tempers out in turn, the common ones more often.
    #[must_use]
    pub fn deal(i: usize) -> Self {
        match i % 29 {
            0 | 5 | 11 | 17 | 23 => Self::Decided,
            2 | 9 | 21 => Self::Picky,
            3 => Self::Forgetful,
            4 => Self::Absent,
            7 => Self::Silent,
            8 => Self::Resigning(1),
            13 => Self::Resigning(2),
            19 => Self::ResigningBetween,
            20 | 26 => Self::Wavering,
            _ => Self::Hopeful,
        }
    }

    /// The move in `period` of `last`, in state `state`, with these answers allowed.
    #[must_use]
    pub fn play(self, period: u32, last: u32, state: State, allowed: &[Answer]) -> Move {
        use Answer::{Attente, Non, NonMais, OuiDefinitif, OuiMais};
        let first =
            |wanted: &[Answer]| wanted.iter().copied().find(|a| allowed.contains(a)).map_or(Move::Look, Move::Answer);
        match self {
            Self::Absent => Move::StayAway,
            Self::Silent => Move::Look,
            Self::Forgetful if period >= 2 => Move::StayAway,
            Self::Resigning(n) if period == n => first(&[Non]),
            Self::ResigningBetween if period == 1 && last > 1 => Move::ResignAfterwards,
            // A new proposal has to be answered; a held seat need not be.
            Self::Hopeful | Self::Forgetful | Self::Resigning(_) | Self::ResigningBetween
                if state == State::Holding =>
            {
                Move::Look
            }
            Self::Decided => first(&[OuiDefinitif, Attente]),
            Self::Picky if period == 1 => first(&[NonMais, OuiDefinitif, Attente]),
            Self::Picky => first(&[OuiDefinitif, Attente]),
            Self::Wavering if allowed.contains(&OuiMais) => Move::ChangeOfMind(OuiMais, OuiDefinitif),
            Self::Wavering if allowed.contains(&OuiDefinitif) && period < last => {
                Move::ChangeOfMind(OuiDefinitif, OuiDefinitif)
            }
            Self::Hopeful | Self::Forgetful | Self::Resigning(_) | Self::ResigningBetween | Self::Wavering => {
                first(&[OuiMais, OuiDefinitif, Attente])
            }
        }
    }
}
