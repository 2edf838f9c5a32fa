//! Acts that one person alone must not do (R5, R18, R19).

use thiserror::Error;

/// A member of the jury, as their token names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Subject of the token.
    pub subject: String,
    /// President or secretary of the jury.
    pub president: bool,
}

/// Proof that two different members acted, at least one of them a president. There is no other way to make one than
/// [`Two::of`], and what takes a `&Two` cannot be done by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Two {
    prepared: Member,
    confirmed: Member,
}

/// Why two names are not two people's act.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeopleRefused {
    /// The confirmation came from who prepared.
    #[error("{subject} prepared this act; another member has to confirm it")]
    SamePerson {
        /// Who tried both.
        subject: String,
    },
    /// Neither of the two is a president.
    #[error("neither {prepared} nor {confirmed} is president of the jury; one of the two has to be")]
    NoPresident {
        /// Who prepared.
        prepared: String,
        /// Who would confirm.
        confirmed: String,
    },
}

impl Two {
    /// Both people of an act.
    ///
    /// # Errors
    /// They are the same person, or none is a president.
    pub fn of(prepared: Member, confirmed: Member) -> Result<Self, PeopleRefused> {
        if prepared.subject == confirmed.subject {
            return Err(PeopleRefused::SamePerson { subject: prepared.subject });
        }
        if !prepared.president && !confirmed.president {
            return Err(PeopleRefused::NoPresident { prepared: prepared.subject, confirmed: confirmed.subject });
        }
        Ok(Self { prepared, confirmed })
    }

    /// Who prepared.
    #[must_use]
    pub const fn prepared(&self) -> &Member {
        &self.prepared
    }

    /// Who confirmed.
    #[must_use]
    pub const fn confirmed(&self) -> &Member {
        &self.confirmed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Member, PeopleRefused, Two};

    fn member() -> impl Strategy<Value = Member> {
        ("[a-c]", any::<bool>()).prop_map(|(subject, president)| Member { subject, president })
    }

    proptest! {
        #[test]
        fn two_people_are_two_and_one_presides(a in member(), b in member()) {
            match Two::of(a.clone(), b.clone()) {
                Ok(two) => {
                    prop_assert_ne!(&two.prepared().subject, &two.confirmed().subject);
                    prop_assert!(two.prepared().president || two.confirmed().president);
                }
                Err(PeopleRefused::SamePerson { .. }) => prop_assert_eq!(a.subject, b.subject),
                Err(PeopleRefused::NoPresident { .. }) => prop_assert!(!a.president && !b.president),
            }
        }
    }

    #[test]
    fn the_same_person_under_two_roles_is_still_one() {
        let once = Member { subject: "anne".into(), president: false };
        let again = Member { subject: "anne".into(), president: true };
        assert_eq!(Two::of(once, again), Err(PeopleRefused::SamePerson { subject: "anne".into() }));
    }
}
