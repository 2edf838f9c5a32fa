//! The mails there are, one template each.

macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident = $word:literal;)*) => {
        /// What a mail is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {$(
            $(#[$meta])*
            $kind,
        )*}

        impl Kind {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Its name, as stored, listed and used by its template.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {$(Self::$kind => $word,)*}
            }
        }
    };
}

kinds! {
    /// The dossier is begun: what to do, until when.
    DossierOpened = "dossier_opened";
    /// Deposits close soon, and the dossier is open (R13).
    DepositReminder = "deposit_reminder";
    /// The dossier is a candidature (R12).
    DossierClosed = "dossier_closed";
    /// The window ended on an open dossier: not a candidature (R13).
    DossierNotClosed = "dossier_not_closed";
    /// A school asks for something again (R14).
    CorrectionRequested = "correction_requested";
    /// The fee is settled (R22).
    FeeSettled = "fee_settled";
    /// Less arrived than is owed (R22).
    FeeShort = "fee_short";
    /// The exemption was refused, the fee is due again (R22).
    ExemptionRefused = "exemption_refused";
    /// The admissibility result can be read; not what it is (R19).
    ResultPublished = "result_published";
    /// The orals were set or moved after the results were out (R25).
    ConvocationChanged = "convocation_changed";
    /// The admission results can be read, for someone who is on no table (R27).
    AdmissionResults = "admission_results";
    /// A period has opened, for someone in the running (R35).
    PeriodOpened = "period_opened";
    /// The period closes soon, and they have not been seen in it (R35).
    PeriodLogIn = "period_log_in";
    /// The period closes soon, and a proposal has no answer (R35).
    PeriodAnswer = "period_answer";
    /// A seat is proposed (R29).
    ProposalMade = "proposal_made";
    /// Out, for silence (R31).
    Eliminated = "eliminated";
    /// A NON was recorded, perhaps a mandate's (R30, R36).
    Resigned = "resigned";
    /// Admission is definitive (R34).
    Admitted = "admitted";
    /// Admission sous réserve lapsed (R34).
    Lapsed = "lapsed";
    /// The jury annulled the candidature (R15).
    Annulled = "annulled";
    /// The link for a fiche d'appréciation (R11).
    RefereeInvitation = "referee_invitation";
    /// Proves an address.
    AccountVerify = "account_verify";
    /// Sets another password.
    AccountReset = "account_reset";
    /// Someone asked for an account that exists.
    AccountExists = "account_exists";
    /// Password, address or second factor changed.
    AccountChanged = "account_changed";
}

impl Kind {
    /// The kind of that name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Whether who receives it, and its link, are another service's secret, handed over at each try.
    #[must_use]
    pub const fn taken(self) -> bool {
        matches!(
            self,
            Self::RefereeInvitation
                | Self::AccountVerify
                | Self::AccountReset
                | Self::AccountExists
                | Self::AccountChanged
        )
    }

    /// A mail for those who have not been seen or have not answered in a period.
    #[must_use]
    pub const fn for_the_silent(self) -> bool {
        matches!(self, Self::PeriodOpened | Self::PeriodLogIn | Self::PeriodAnswer)
    }

    /// A mail of a period that says until when something must be done.
    #[must_use]
    pub const fn of_a_period(self) -> bool {
        self.for_the_silent() || matches!(self, Self::ProposalMade)
    }
}
