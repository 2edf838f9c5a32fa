//! The person in charge of the last cycle of studies, and the link sent to them (R11).

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::text::Faults;

/// Whom the candidate names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referee {
    /// 1–200 characters.
    pub name: String,
    /// Where the link goes.
    pub email: String,
    /// What they are in charge of, 1–200 characters.
    pub capacity: String,
}

impl Referee {
    /// Checks every field; `own` is the candidate's address, to which no link goes.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(name: &str, email: &str, capacity: &str, own: &str) -> Result<Self, Faults> {
        let mut f = Faults::default();
        let referee = Self {
            name: f.line("name", name, 1, 200),
            email: f.email("email", email),
            capacity: f.line("capacity", capacity, 1, 200),
        };
        if referee.email.to_lowercase() == own.to_lowercase() {
            f.add("email", "the candidate's own address: the fiche is confidential (R11)");
        }
        f.or(referee)
    }
}

/// Where an invitation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationState {
    /// Waits to be sent.
    Pending,
    /// The mail left.
    Sent,
    /// The mail came back, and why.
    Bounced(String),
    /// The fiche arrived through it.
    Used {
        /// When.
        at: Timestamp,
    },
    /// A later invitation took its place.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// The fiche has already arrived through it.
    #[error("the fiche was deposited through this link at {at}")]
    Used {
        /// When.
        at: Timestamp,
    },
    /// The candidate replaced the person or had the invitation sent again.
    #[error("a later invitation ended this link at {at}")]
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// Why no new invitation is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteRefused {
    /// The fiche has arrived: nothing is replaced any more.
    #[error("the fiche arrived at {at}")]
    Deposited {
        /// When.
        at: Timestamp,
    },
    /// A mailbox is not to be flooded.
    #[error("{given} invitations already; at most {} are sent", InvitationState::MOST)]
    TooMany {
        /// How many there were.
        given: u32,
    },
}

impl InvitationState {
    /// Most invitations of one dossier.
    pub const MOST: u32 = 20;

    /// Whether the link still opens the deposit.
    ///
    /// # Errors
    /// It was used, or a later invitation ended it.
    pub fn open(&self) -> Result<(), LinkRefused> {
        match self {
            Self::Pending | Self::Sent | Self::Bounced(_) => Ok(()),
            Self::Used { at } => Err(LinkRefused::Used { at: *at }),
            Self::Revoked { at } => Err(LinkRefused::Revoked { at: *at }),
        }
    }

    /// The fiche arrives through the link.
    ///
    /// # Errors
    /// The link is not open.
    pub fn used(self, at: Timestamp) -> Result<Self, LinkRefused> {
        self.open().map(|()| Self::Used { at })
    }

    /// A later invitation ends this one; `given` is how many there were so far.
    ///
    /// # Errors
    /// The fiche arrived, or there were too many.
    pub fn replaced(self, at: Timestamp, given: u32) -> Result<Self, InviteRefused> {
        match self {
            Self::Used { at } => Err(InviteRefused::Deposited { at }),
            _ if given >= Self::MOST => Err(InviteRefused::TooMany { given }),
            Self::Revoked { at } => Ok(Self::Revoked { at }),
            Self::Pending | Self::Sent | Self::Bounced(_) => Ok(Self::Revoked { at }),
        }
    }

    /// The mail left. What has gone further stays as it is.
    #[must_use]
    pub fn sent(self) -> Self {
        if self == Self::Pending { Self::Sent } else { self }
    }

    /// The mail came back. What has gone further stays as it is.
    #[must_use]
    pub fn bounced(self, why: String) -> Self {
        match self {
            Self::Pending | Self::Sent | Self::Bounced(_) => Self::Bounced(why),
            done => done,
        }
    }
}

/// What a link is known by: the SHA-256 of its token. The token itself is in the mail and nowhere else.
#[must_use]
pub fn fingerprint(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// How the person in charge judges the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appreciation {
    /// Very favourable.
    VeryFavourable,
    /// Favourable.
    Favourable,
    /// Reserved.
    Reserved,
    /// Unfavourable.
    Unfavourable,
}

/// A fiche given as answers rather than as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FicheAnswers {
    /// In what capacity, 1–500 characters.
    pub known_as: String,
    /// Rank in the year from 1; 0 when not known.
    pub rank: u32,
    /// Size of the year; 0 when not known.
    pub cohort: u32,
    /// The judgement.
    pub appreciation: Appreciation,
    /// 1–5000 characters, several lines.
    pub comment: String,
}

impl FicheAnswers {
    /// Checks every field.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(
        known_as: &str,
        (rank, cohort): (u32, u32),
        appreciation: Option<Appreciation>,
        comment: &str,
    ) -> Result<Self, Faults> {
        let mut f = Faults::default();
        if rank > cohort && cohort > 0 {
            f.add("answers.rank", format!("{rank} in a year of {cohort}"));
        }
        if cohort > 100_000 || rank > 100_000 {
            f.add("answers.cohort", "up to 100000");
        }
        if appreciation.is_none() {
            f.add("answers.appreciation", "one of VERY_FAVOURABLE, FAVOURABLE, RESERVED, UNFAVOURABLE");
        }
        let answers = Self {
            known_as: f.line("answers.known_as", known_as, 1, 500),
            rank,
            cohort,
            appreciation: appreciation.unwrap_or(Appreciation::Reserved),
            comment: f.lines("answers.comment", comment, 1, 5000),
        };
        f.or(answers)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_770_000_000_000 + ms).unwrap()
    }

    #[test]
    fn a_new_invitation_ends_the_earlier_link_and_a_used_link_says_so() {
        let revoked = InvitationState::Sent.replaced(at(1), 1).unwrap();
        assert_eq!(revoked.open(), Err(LinkRefused::Revoked { at: at(1) }));
        let used = InvitationState::Sent.used(at(2)).unwrap();
        assert_eq!(used.open(), Err(LinkRefused::Used { at: at(2) }));
        assert_eq!(used.clone().used(at(3)), Err(LinkRefused::Used { at: at(2) }));
        assert_eq!(used.replaced(at(3), 1), Err(InviteRefused::Deposited { at: at(2) }));
        // What was replaced keeps the instant at which it ended.
        assert_eq!(revoked.replaced(at(9), 2).unwrap(), InvitationState::Revoked { at: at(1) });
    }

    #[test]
    fn invitations_are_bounded() {
        assert!(InvitationState::Sent.replaced(at(0), InvitationState::MOST - 1).is_ok());
        assert_eq!(InvitationState::Sent.replaced(at(0), 20), Err(InviteRefused::TooMany { given: 20 }));
    }

    #[test]
    fn mail_news_never_reopens_or_ends_a_link() {
        assert_eq!(InvitationState::Pending.sent(), InvitationState::Sent);
        assert_eq!(InvitationState::Sent.bounced("550".into()), InvitationState::Bounced("550".into()));
        assert!(InvitationState::Bounced("550".into()).open().is_ok());
        for done in [InvitationState::Used { at: at(0) }, InvitationState::Revoked { at: at(0) }] {
            assert_eq!(done.clone().sent(), done);
            assert_eq!(done.clone().bounced("late".into()), done);
        }
        // A late confirmation does not hide a bounce.
        assert_eq!(InvitationState::Bounced("550".into()).sent(), InvitationState::Bounced("550".into()));
    }

    #[test]
    fn the_link_does_not_go_to_the_candidate() {
        assert!(Referee::check("Mme Roux", "roux@univ.example", "L3 Chimie", "e@exemple.fr").is_ok());
        let faults = Referee::check("Mme Roux", "E@exemple.fr", "L3 Chimie", "e@exemple.fr").unwrap_err();
        assert_eq!(faults.list()[0].field, "email");
    }

    #[test]
    fn answers_are_bounded() {
        let of = |rank, cohort, appreciation| FicheAnswers::check("directeur", (rank, cohort), appreciation, "Bon.");
        assert!(of(3, 90, Some(Appreciation::Favourable)).is_ok());
        assert!(of(0, 0, Some(Appreciation::Reserved)).is_ok());
        assert!(of(91, 90, Some(Appreciation::Favourable)).is_err());
        assert!(of(1, 90, None).is_err());
    }

    #[test]
    fn a_fingerprint_is_a_sha_256() {
        assert_eq!(hex::encode(fingerprint("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
