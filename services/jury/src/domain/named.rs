//! A dossier as a spreadsheet names it: by its id, or by the number that people write on it.

use std::collections::HashMap;

use thiserror::Error;
use uuid::Uuid;

/// Dossiers by number.
pub type Numbers = HashMap<u64, Uuid>;

/// A dossier, named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(Uuid),
    /// By its number.
    Number(u64),
}

/// Why a row names no dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NamedBadly {
    /// Neither id nor number.
    #[error("a dossier's id or its number is needed")]
    Neither,
    /// Both: which of the two counts?
    #[error("either the id or the number, not both")]
    Both,
    /// The id is no UUID.
    #[error("not a UUID in its lowercase hyphenated form")]
    NoId,
}

impl Named {
    /// What a row's id, empty if it has none, and its number, 0 if it has none, name.
    ///
    /// # Errors
    /// Both or neither, or an id that is none.
    pub fn new(id: &str, number: u64) -> Result<Self, NamedBadly> {
        match (id, number) {
            ("", 0) => Err(NamedBadly::Neither),
            ("", number) => Ok(Self::Number(number)),
            // `Uuid::parse_str` takes other spellings too; ids travel in one.
            (id, 0) => {
                id.parse::<Uuid>().ok().filter(|uuid| uuid.to_string() == id).map(Self::Id).ok_or(NamedBadly::NoId)
            }
            _ => Err(NamedBadly::Both),
        }
    }

    /// The dossier; none if nobody has that number.
    #[must_use]
    pub fn dossier(self, numbers: &Numbers) -> Option<Uuid> {
        match self {
            Self::Id(dossier) => Some(dossier),
            Self::Number(number) => numbers.get(&number).copied(),
        }
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(dossier) => dossier.fmt(to),
            Self::Number(number) => write!(to, "number {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_a_dossier_in_one_way() {
        let id = Uuid::from_u128(0xabc);
        assert_eq!(Named::new(&id.to_string(), 0), Ok(Named::Id(id)));
        assert_eq!(Named::new("", 7), Ok(Named::Number(7)));
        assert_eq!(Named::new("", 0), Err(NamedBadly::Neither));
        assert_eq!(Named::new(&id.to_string(), 7), Err(NamedBadly::Both));
        assert_eq!(Named::new(&id.to_string().to_uppercase(), 0), Err(NamedBadly::NoId));
        assert_eq!(Named::Number(8).dossier(&[(7, id)].into()), None);
        assert_eq!(Named::Number(7).dossier(&[(7, id)].into()), Some(id));
    }
}
