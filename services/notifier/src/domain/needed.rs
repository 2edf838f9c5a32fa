//! Whether a mail is still needed when its turn comes, and whether it may leave yet.

use jiff::Timestamp;

use super::Kind;

/// What is known of its addressee at the moment of sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// The dossier is open, as far as was heard.
    pub open: bool,
    /// Its candidate gave it up, and it was erased.
    pub abandoned: bool,
    /// The jury annulled the candidature.
    pub annulled: bool,
    /// When what the mail is about closes: the deposits, or its period.
    pub closes: Option<Timestamp>,
    /// When the admissibility results are public.
    pub results: Option<Timestamp>,
    /// In the running and not seen in the period.
    pub not_logged_in: bool,
    /// Has a proposal without an answer.
    pub not_answered: bool,
}

/// What to do with a mail whose turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It leaves.
    Send,
    /// Not before that instant (R19).
    NotBefore(Timestamp),
    /// Its reason is gone.
    Moot,
}

/// Judges a mail at `now`.
#[must_use]
pub fn judge(kind: Kind, known: Known, now: Timestamp) -> Verdict {
    if known.abandoned {
        return Verdict::Moot;
    }
    let in_time = known.closes.is_none_or(|closes| now < closes);
    let needed = match kind {
        Kind::DossierOpened => in_time,
        Kind::DepositReminder => in_time && known.open && !known.annulled,
        Kind::PeriodOpened | Kind::PeriodLogIn => in_time && known.not_logged_in,
        Kind::PeriodAnswer => in_time && known.not_answered,
        Kind::ProposalMade => in_time && !known.annulled,
        Kind::ResultPublished | Kind::ConvocationChanged => match known.results {
            Some(results) if now < results => return Verdict::NotBefore(results),
            _ => true,
        },
        _ => true,
    };
    if needed { Verdict::Send } else { Verdict::Moot }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_is_moot_once_done_or_too_late() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + jiff::SignedDuration::from_millis(1);
        let open = Known { open: true, closes: Some(later), ..Known::default() };
        assert_eq!(judge(Kind::DepositReminder, open, now), Verdict::Send);
        assert_eq!(judge(Kind::DepositReminder, open, later), Verdict::Moot, "the close itself is out");
        assert_eq!(judge(Kind::DepositReminder, Known { open: false, ..open }, now), Verdict::Moot);
        assert_eq!(judge(Kind::DepositReminder, Known { annulled: true, ..open }, now), Verdict::Moot);
        let absent = Known { not_logged_in: true, not_answered: true, closes: Some(later), ..Known::default() };
        for kind in [Kind::PeriodOpened, Kind::PeriodLogIn, Kind::PeriodAnswer] {
            assert_eq!(judge(kind, absent, now), Verdict::Send, "{kind:?}");
            assert_eq!(judge(kind, absent, later), Verdict::Moot, "{kind:?}");
            let done = Known { not_logged_in: false, not_answered: false, ..absent };
            assert_eq!(judge(kind, done, now), Verdict::Moot, "{kind:?}");
        }
        let seen = Known { not_logged_in: false, ..absent };
        assert_eq!(judge(Kind::PeriodAnswer, seen, now), Verdict::Send, "seen, and a proposal is unanswered");
    }

    #[test]
    fn a_result_waits_for_its_instant() {
        let now = Timestamp::UNIX_EPOCH;
        let instant = now + jiff::SignedDuration::from_millis(1);
        let known = Known { results: Some(instant), ..Known::default() };
        assert_eq!(judge(Kind::ResultPublished, known, now), Verdict::NotBefore(instant));
        assert_eq!(judge(Kind::ResultPublished, known, instant), Verdict::Send);
    }
}
