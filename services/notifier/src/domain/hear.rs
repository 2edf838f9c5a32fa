//! Which mail a fact asks for, measured against what was known before it.

use jiff::Timestamp;

use super::Kind;

/// Where a fee stands, as far as a mail is about it (R22).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fee {
    /// Settled.
    Settled,
    /// Less arrived than is owed.
    Short,
    /// The exemption was refused.
    ExemptionRefused,
    /// Anything else.
    Other,
}

/// The mail for a fee that now stands at `now` with `received` cents, and stood at `before`: one when it comes to stand
/// there, and for a short one whenever more arrived. A change of payee alone is none.
#[must_use]
pub fn fee(before: (Fee, i64), now: (Fee, i64)) -> Option<Kind> {
    match now.0 {
        Fee::Settled if before.0 != Fee::Settled => Some(Kind::FeeSettled),
        Fee::Short if before != now => Some(Kind::FeeShort),
        Fee::ExemptionRefused if before.0 != Fee::ExemptionRefused => Some(Kind::ExemptionRefused),
        _ => None,
    }
}

/// Where a candidate stands in the integration, as far as a mail is about it (R29–R34).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// On no table.
    NotRetained,
    /// A seat is proposed.
    Proposed,
    /// Out, for silence.
    Eliminated,
    /// Said NON.
    Resigned,
    /// Definitive.
    Admitted,
    /// Lapsed.
    Lapsed,
    /// Anything else: an answer of their own, waiting, or told elsewhere.
    Other,
}

/// The mail for a situation that changed from `before` to `now`, each with the period and school concerned. What a
/// candidate did by answering is none; a proposal of another period or school is one each.
#[must_use]
pub fn situation(before: (Situation, u32, &str), now: (Situation, u32, &str)) -> Option<Kind> {
    let kind = match now.0 {
        Situation::NotRetained => Kind::AdmissionResults,
        Situation::Proposed => Kind::ProposalMade,
        Situation::Eliminated => Kind::Eliminated,
        Situation::Resigned => Kind::Resigned,
        Situation::Admitted => Kind::Admitted,
        Situation::Lapsed => Kind::Lapsed,
        Situation::Other => return None,
    };
    let changed = if now.0 == Situation::Proposed { before != now } else { before.0 != now.0 };
    changed.then_some(kind)
}

/// Whether a convocation set at `set_at` may be kept and told of at all: only from the instant of the results on (R19).
/// Without an instant nothing is known, and nothing may.
#[must_use]
pub fn convocation_may_be_told(set_at: Timestamp, results: Option<Timestamp>) -> bool {
    results.is_some_and(|results| set_at >= results)
}

/// Whether a convocation is news: set after its candidate's result was out. What was set before is read with the result.
#[must_use]
pub fn convocation_is_news(set_at: Option<Timestamp>, published_at: Option<Timestamp>) -> bool {
    matches!((set_at, published_at), (Some(set), Some(published)) if set > published)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_told_when_it_comes_to_stand_somewhere() {
        let start = (Fee::Other, 0);
        assert_eq!(fee(start, (Fee::Settled, 7600)), Some(Kind::FeeSettled));
        assert_eq!(fee((Fee::Settled, 7600), (Fee::Settled, 7600)), None, "the payee was fixed at clôture");
        assert_eq!(fee(start, (Fee::Short, 100)), Some(Kind::FeeShort));
        assert_eq!(fee((Fee::Short, 100), (Fee::Short, 100)), None);
        assert_eq!(fee((Fee::Short, 100), (Fee::Short, 200)), Some(Kind::FeeShort));
        assert_eq!(fee(start, (Fee::ExemptionRefused, 0)), Some(Kind::ExemptionRefused));
        assert_eq!(fee((Fee::ExemptionRefused, 0), (Fee::ExemptionRefused, 0)), None);
        assert_eq!(fee((Fee::Settled, 7600), (Fee::Other, 0)), None);
        assert_eq!(fee((Fee::Other, 0), (Fee::Settled, 7600)), Some(Kind::FeeSettled), "after a refund, again");
    }

    #[test]
    fn a_situation_is_told_when_it_changes_and_a_proposal_per_period_and_school() {
        let start = (Situation::Other, 0, "");
        assert_eq!(situation(start, (Situation::Proposed, 1, "a")), Some(Kind::ProposalMade));
        assert_eq!(situation((Situation::Proposed, 1, "a"), (Situation::Proposed, 1, "a")), None, "only answered");
        assert_eq!(situation((Situation::Proposed, 1, "a"), (Situation::Proposed, 2, "b")), Some(Kind::ProposalMade));
        assert_eq!(situation((Situation::Proposed, 1, "a"), (Situation::Other, 1, "a")), None, "held by an answer");
        assert_eq!(situation((Situation::Proposed, 1, "a"), (Situation::Eliminated, 1, "")), Some(Kind::Eliminated));
        assert_eq!(situation((Situation::Admitted, 4, "a"), (Situation::Admitted, 4, "a")), None);
        assert_eq!(situation(start, (Situation::NotRetained, 1, "")), Some(Kind::AdmissionResults));
        assert_eq!(situation((Situation::Lapsed, 4, "a"), (Situation::Other, 4, "a")), None);
    }

    #[test]
    fn a_convocation_is_kept_from_the_instant_on_and_news_only_after_its_own_result() {
        let instant: Timestamp = "2026-04-09T14:00:00Z".parse().unwrap();
        let before = instant - jiff::SignedDuration::from_millis(1);
        let after = instant + jiff::SignedDuration::from_millis(1);
        assert!(!convocation_may_be_told(before, Some(instant)));
        assert!(convocation_may_be_told(instant, Some(instant)));
        assert!(!convocation_may_be_told(after, None), "without a calendar nothing is told");
        assert!(!convocation_is_news(Some(instant), Some(instant)), "set with the results");
        assert!(convocation_is_news(Some(after), Some(instant)));
        assert!(!convocation_is_news(Some(after), None), "the results were confirmed late");
        assert!(!convocation_is_news(None, Some(instant)));
    }
}
