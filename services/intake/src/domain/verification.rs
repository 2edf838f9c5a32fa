//! Verification by the school of choice 1: piece by piece, corrections, verdict (R14).

use jiff::Timestamp;
use uuid::Uuid;

/// What a school finds of one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceVerdict {
    /// It does.
    Ok,
    /// It cannot be read; a correction may be asked for.
    Unreadable,
}

/// A piece of a closed dossier that may be deposited again, until an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its id.
    pub id: Uuid,
    /// The piece to correct, which stays.
    pub piece: Uuid,
    /// That piece's kind.
    pub kind: String,
    /// End of the correction, itself out (R2).
    pub until: Timestamp,
    /// Shown to the candidate.
    pub reason: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The piece that answered it.
    pub deposited: Option<Uuid>,
}

/// Why a correction takes no piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionRefused {
    /// Its instant has passed.
    #[error("the correction ended at {until}; received at {at}")]
    Over {
        /// Its end.
        until: Timestamp,
        /// Receipt of the request.
        at: Timestamp,
    },
    /// It was answered already.
    #[error("the correction was answered with piece {with}")]
    Answered {
        /// By which piece.
        with: Uuid,
    },
}

impl Correction {
    /// Still waits for its piece.
    #[must_use]
    pub fn open(&self, at: Timestamp) -> bool {
        self.check(at).is_ok()
    }

    /// Whether a piece received at `at` is taken: `[requested, until)`.
    ///
    /// # Errors
    /// Too late, or answered already.
    pub fn check(&self, at: Timestamp) -> Result<(), CorrectionRefused> {
        match self.deposited {
            Some(with) => Err(CorrectionRefused::Answered { with }),
            None if at >= self.until => Err(CorrectionRefused::Over { until: self.until, at }),
            None => Ok(()),
        }
    }

    /// The piece arrives.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn answered(self, with: Uuid, at: Timestamp) -> Result<Self, CorrectionRefused> {
        self.check(at)?;
        Ok(Self { deposited: Some(with), ..self })
    }
}

/// Why no correction is opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    /// Another is open on the same piece.
    #[error("correction {open} of this piece is open until {until}")]
    AlreadyOpen {
        /// Which.
        open: Uuid,
        /// Until when.
        until: Timestamp,
    },
    /// Its end does not lie ahead.
    #[error("until {until}, received at {at}: a correction ends after it is asked for")]
    Until {
        /// The end asked for.
        until: Timestamp,
        /// Receipt of the request.
        at: Timestamp,
    },
}

/// Opens `piece` alone for a correction (R14).
///
/// # Errors
/// When one is open on that piece, or its end does not lie ahead.
pub fn request(asked: Correction, others: &[Correction], at: Timestamp) -> Result<Correction, RequestRefused> {
    if asked.until <= at {
        return Err(RequestRefused::Until { until: asked.until, at });
    }
    match others.iter().find(|c| c.piece == asked.piece && c.open(at)) {
        Some(open) => Err(RequestRefused::AlreadyOpen { open: open.id, until: open.until }),
        None => Ok(asked),
    }
}

/// The school's verdict on a closed dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is there and can be read.
    Complete,
    /// Something was asked for again.
    CorrectionRequested,
    /// Something due is not there.
    Incomplete,
}

/// Why a verdict contradicts the pieces.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerdictRefused {
    /// Complete, while corrections are open.
    #[error("{} corrections are open", .0.len())]
    CorrectionsOpen(Vec<Uuid>),
    /// Complete, while pieces are marked unreadable and nothing took their place.
    #[error("{} pieces are marked unreadable", .0.len())]
    Unreadable(Vec<Uuid>),
    /// Correction requested, while none is open.
    #[error("no correction is open")]
    NoCorrection,
}

impl Verdict {
    /// Checks the verdict against what is recorded of the pieces: `pieces` are id, verdict, and the piece it corrects.
    ///
    /// # Errors
    /// When it contradicts them.
    pub fn check(
        self,
        pieces: &[(Uuid, Option<PieceVerdict>, Option<Uuid>)],
        corrections: &[Correction],
        at: Timestamp,
    ) -> Result<(), VerdictRefused> {
        let open: Vec<Uuid> = corrections.iter().filter(|c| c.open(at)).map(|c| c.id).collect();
        match self {
            Self::Incomplete => Ok(()),
            Self::CorrectionRequested if open.is_empty() => Err(VerdictRefused::NoCorrection),
            Self::CorrectionRequested => Ok(()),
            Self::Complete if !open.is_empty() => Err(VerdictRefused::CorrectionsOpen(open)),
            Self::Complete => {
                let corrected = |id: Uuid| pieces.iter().any(|(_, _, corrects)| *corrects == Some(id));
                let unreadable: Vec<Uuid> = pieces
                    .iter()
                    .filter(|(id, v, _)| *v == Some(PieceVerdict::Unreadable) && !corrected(*id))
                    .map(|(id, ..)| *id)
                    .collect();
                if unreadable.is_empty() { Ok(()) } else { Err(VerdictRefused::Unreadable(unreadable)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_774_000_000_000 + ms).unwrap()
    }

    fn correction(piece: u128, until: i64) -> Correction {
        Correction {
            id: Uuid::from_u128(900 + piece),
            piece: Uuid::from_u128(piece),
            kind: "k".into(),
            until: at(until),
            reason: "flou".into(),
            requested_at: at(0),
            deposited: None,
        }
    }

    #[test]
    fn a_correction_takes_one_piece_until_its_instant() {
        let c = correction(1, 1000);
        assert!(c.check(at(999)).is_ok());
        assert_eq!(c.check(at(1000)), Err(CorrectionRefused::Over { until: at(1000), at: at(1000) }));
        assert!(c.check(at(1001)).is_err());
        let with = Uuid::from_u128(7);
        let done = c.answered(with, at(999)).unwrap();
        assert_eq!(done.check(at(999)), Err(CorrectionRefused::Answered { with }));
    }

    #[test]
    fn one_correction_at_a_time_per_piece_and_it_ends_ahead() {
        let open = correction(1, 1000);
        assert!(request(correction(2, 1000), std::slice::from_ref(&open), at(0)).is_ok());
        assert!(matches!(
            request(correction(1, 2000), std::slice::from_ref(&open), at(999)),
            Err(RequestRefused::AlreadyOpen { .. })
        ));
        // After it ended unanswered, the school may ask again.
        assert!(request(correction(1, 2000), &[open], at(1000)).is_ok());
        assert!(matches!(request(correction(1, 1000), &[], at(1000)), Err(RequestRefused::Until { .. })));
        assert!(request(correction(1, 1001), &[], at(1000)).is_ok());
    }

    #[test]
    fn a_verdict_does_not_contradict_the_pieces() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let bad = [(a, Some(PieceVerdict::Unreadable), None)];
        assert_eq!(Verdict::Complete.check(&bad, &[], at(0)), Err(VerdictRefused::Unreadable(vec![a])));
        assert_eq!(Verdict::Incomplete.check(&bad, &[], at(0)), Ok(()));
        assert_eq!(Verdict::CorrectionRequested.check(&bad, &[], at(0)), Err(VerdictRefused::NoCorrection));
        let open = correction(1, 1000);
        assert_eq!(Verdict::CorrectionRequested.check(&bad, std::slice::from_ref(&open), at(0)), Ok(()));
        assert_eq!(
            Verdict::Complete.check(&[], std::slice::from_ref(&open), at(0)),
            Err(VerdictRefused::CorrectionsOpen(vec![open.id]))
        );
        // A correction takes the unreadable piece's place.
        let mended = [(a, Some(PieceVerdict::Unreadable), None), (b, Some(PieceVerdict::Ok), Some(a))];
        assert_eq!(Verdict::Complete.check(&mended, &[], at(0)), Ok(()));
        let again = [(a, Some(PieceVerdict::Unreadable), None), (b, Some(PieceVerdict::Unreadable), Some(a))];
        assert_eq!(Verdict::Complete.check(&again, &[], at(0)), Err(VerdictRefused::Unreadable(vec![b])));
        let third = [again[0], again[1], (Uuid::from_u128(3), None, Some(b))];
        assert_eq!(Verdict::Complete.check(&third, &[], at(0)), Ok(()));
    }
}
