//! Every place in the year, every next step, and every outcome of saying nothing; each with its word in the keys of texts.

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// No dossier; the platform is not open yet.
    BeforeOpening,
    /// No dossier, and one can be begun.
    NoDossier,
    /// No dossier, and deposits are closed.
    TooLate,
    /// A relative looks, and nothing of what they may see is public yet.
    NothingPublic,
    /// A dossier that is being filled in.
    Open,
    /// Deposits closed on an open dossier: not a candidature (R13).
    NotClosed,
    /// Given up by its owner.
    Abandoned,
    /// Annulled by the jury (R15).
    Annulled,
    /// Closed; the school of choice 1 looks at it (R14).
    ToVerify,
    /// Closed and found complete.
    Verified,
    /// A piece is asked for again (R14).
    Correction,
    /// Not admissible.
    NotAdmissible,
    /// Admissible, and not convened yet.
    Admissible,
    /// Convened; the exams are to come.
    Convened,
    /// The exams are over.
    AfterOrals,
    /// On a table; the first proposals are not out yet.
    Ranked,
    /// On no table (R27).
    NotRetained,
    /// Eliminated by a mark or an absence at the orals (R26).
    EliminatedAtOrals,
    /// A proposal without an answer.
    Proposed,
    /// A proposal with an answer that stands until the close.
    Answered,
    /// A seat held by OUI MAIS, in an open period.
    Holding,
    /// The same between periods.
    HoldingBetween,
    /// In the running without a seat, in an open period.
    Waiting,
    /// The same between periods.
    WaitingBetween,
    /// The period is over and its close is not carried out yet.
    Closing,
    /// In the running until the last close, without a seat.
    NoSeat,
    /// A seat for good, sous réserve of titles that are missing or refused (R34).
    Reserve,
    /// The same, and the school has to look at what was deposited.
    ReserveAtSchool,
    /// Definitively admitted.
    Admitted,
    /// Lapsed for want of a title.
    Lapsed,
    /// Resigned by NON.
    Resigned,
    /// Eliminated at a close (R31).
    Eliminated,
}

/// A thing to do, or to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Wait until the platform opens.
    AwaitOpening,
    /// Begin a dossier.
    OpenDossier,
    /// Fill in what is missing.
    Complete,
    /// Nothing is missing: close it.
    Close,
    /// Deposit a piece again.
    Correct,
    /// Settle the fee.
    Pay,
    /// Wait for the admissibility results.
    AwaitAdmissibility,
    /// Wait for the convocation.
    AwaitConvocation,
    /// Come to the exams.
    Come,
    /// Wait for the admission results.
    AwaitAdmission,
    /// Wait for the first proposals.
    AwaitProposals,
    /// Answer, or be eliminated at the close.
    Answer,
    /// An answer stands; it can still be changed.
    MayChange,
    /// Log in during the next period.
    LogIn,
    /// The close is being carried out: look again later.
    LookAgain,
    /// Deposit the titles.
    DepositTitles,
    /// Wait until the school has looked at the titles.
    AwaitSchool,
    /// Send the dossier d'intégration to the school.
    IntegrationDossier,
    /// Nothing.
    Nothing,
}

/// What follows if nothing more is done before the period's close (R31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// A new proposal without an answer: eliminated.
    Eliminates,
    /// The held seat stays held.
    KeepsSeat,
    /// The last period: the held seat becomes an admission sous réserve.
    BecomesAdmission,
    /// Having been seen counts as ATTENTE.
    CountsAsWaiting,
    /// The answer that stands takes effect.
    AnswerStands,
}

macro_rules! words {
    ($kind:ident { $($variant:ident = $word:literal,)* }) => {
        impl $kind {
            /// Every one, for whoever has to say something about each.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its word in the keys of texts.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words!(Place {
    BeforeOpening = "before-opening",
    NoDossier = "no-dossier",
    TooLate = "too-late",
    NothingPublic = "nothing-public",
    Open = "open",
    NotClosed = "not-closed",
    Abandoned = "abandoned",
    Annulled = "annulled",
    ToVerify = "to-verify",
    Verified = "verified",
    Correction = "correction",
    NotAdmissible = "not-admissible",
    Admissible = "admissible",
    Convened = "convened",
    AfterOrals = "after-orals",
    Ranked = "ranked",
    NotRetained = "not-retained",
    EliminatedAtOrals = "eliminated-at-orals",
    Proposed = "proposed",
    Answered = "answered",
    Holding = "holding",
    HoldingBetween = "holding-between",
    Waiting = "waiting",
    WaitingBetween = "waiting-between",
    Closing = "closing",
    NoSeat = "no-seat",
    Reserve = "reserve",
    ReserveAtSchool = "reserve-at-school",
    Admitted = "admitted",
    Lapsed = "lapsed",
    Resigned = "resigned",
    Eliminated = "eliminated",
});

words!(What {
    AwaitOpening = "await-opening",
    OpenDossier = "open-dossier",
    Complete = "complete",
    Close = "close",
    Correct = "correct",
    Pay = "pay",
    AwaitAdmissibility = "await-admissibility",
    AwaitConvocation = "await-convocation",
    Come = "come",
    AwaitAdmission = "await-admission",
    AwaitProposals = "await-proposals",
    Answer = "answer",
    MayChange = "may-change",
    LogIn = "log-in",
    LookAgain = "look-again",
    DepositTitles = "deposit-titles",
    AwaitSchool = "await-school",
    IntegrationDossier = "integration-dossier",
    Nothing = "nothing",
});

words!(Silence {
    Eliminates = "eliminates",
    KeepsSeat = "keeps-seat",
    BecomesAdmission = "becomes-admission",
    CountsAsWaiting = "counts-as-waiting",
    AnswerStands = "answer-stands",
});
