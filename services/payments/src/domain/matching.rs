//! Whose is this line (R21, R23): by the platform's reference anywhere in it, else by name and amount if that is
//! unambiguous; the rest waits for a person.

use super::{
    account::Standing,
    line::{BankLine, Why},
    money::Cents,
    reference::Reference,
};

/// What the references in a line say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByReference<D> {
    /// Exactly one dossier is meant.
    One(D),
    /// To the queue, for this reason.
    Queue(Why),
}

/// Every reference in what the payer could write: the remittance text and the end-to-end reference.
#[must_use]
pub fn references(line: &BankLine) -> Vec<Reference> {
    let mut found = Reference::find_all(&line.remittance);
    for reference in Reference::find_all(&line.end_to_end) {
        if !found.contains(&reference) {
            found.push(reference);
        }
    }
    found
}

/// Decides by the references found; `dossier_of` knows which dossier bears one.
///
/// A reference that nobody bears beside one that somebody does is taken for noise, as is the same reference twice.
pub fn by_reference<D: PartialEq>(found: &[Reference], dossier_of: impl Fn(Reference) -> Option<D>) -> ByReference<D> {
    let mut dossiers = found.iter().filter_map(|r| dossier_of(*r));
    match (dossiers.next(), dossiers.next()) {
        (Some(dossier), None) => ByReference::One(dossier),
        (Some(_), Some(_)) => ByReference::Queue(Why::Ambiguous),
        (None, _) if found.is_empty() => ByReference::Queue(Why::NoReference),
        (None, _) => ByReference::Queue(Why::UnknownReference),
    }
}

/// The texts in which to look for a name, in this order: what the payer wrote, then who paid. At most `max` characters
/// each, blank ones left out. A parent pays for a child, so the remittance text goes first.
#[must_use]
pub fn name_texts(line_remittance: &str, line_counterparty: &str, max: usize) -> Vec<String> {
    [line_remittance, line_counterparty]
        .into_iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(max).collect::<String>())
        .filter(|text| text.chars().any(char::is_alphabetic))
        .collect()
}

/// Decides for the candidate whose name is in the line, if exactly one candidate bears it and owes
/// exactly this amount.
///
/// Homonyms are ambiguous even when only one of them owes it: the other may have paid twice. Someone who owes nothing any
/// more, or another amount, is not taken by name: a second transfer, a short one and one too much are for a person to see.
///
/// # Errors
/// Why the line waits for a person.
pub fn by_name<D>(cents: Cents, found: &[D], standing_of: impl Fn(&D) -> Option<Standing>) -> Result<&D, Why> {
    match found {
        [] => Err(Why::NoReference),
        [one] => {
            let owes =
                standing_of(one).is_some_and(|s| s.payee.is_some() && cents > Cents::ZERO && s.outstanding() == cents);
            if owes { Ok(one) } else { Err(Why::NoReference) }
        }
        _ => Err(Why::Ambiguous),
    }
}

/// An earlier line as far as an undoing one may point to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Earlier<'a, D> {
    /// Whose it is.
    pub dossier: D,
    /// Its signed amount.
    pub cents: Cents,
    /// Its end-to-end reference.
    pub end_to_end: &'a str,
    /// The bank's reference of it.
    pub bank_reference: &'a str,
}

/// Finds whose payment a reversal or return undoes: the one dossier with an earlier line of the opposite amount and the
/// same end-to-end or bank reference.
pub fn undone<'a, D: Copy + PartialEq + 'a>(
    line: &BankLine,
    earlier: impl IntoIterator<Item = Earlier<'a, D>>,
) -> Option<D> {
    let same = |a: &str, b: &str| !a.is_empty() && a == b;
    let mut dossiers = earlier
        .into_iter()
        .filter(|e| {
            e.cents == -line.cents
                && (same(e.end_to_end, &line.end_to_end) || same(e.bank_reference, &line.bank_reference))
        })
        .map(|e| e.dossier);
    let first = dossiers.next()?;
    dossiers.all(|d| d == first).then_some(first)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::account::{Claim, Entry, standing};

    const FEE: Cents = Cents::new(7600);

    fn owing(school: &str) -> Standing {
        standing(FEE, &[Entry::Claimed { claim: Claim::Transfer, school: school.into() }])
    }
    fn not_a_candidature() -> Standing {
        standing(FEE, &[Entry::Claimed { claim: Claim::Transfer, school: "a".into() }, Entry::NotACandidature])
    }

    #[test]
    fn references_decide_when_exactly_one_dossier_is_meant() {
        let (a, b) = (Reference::of(1).unwrap(), Reference::of(2).unwrap());
        let known = |r: Reference| (r.number() < 3).then_some(r.number());
        let nobody = Reference::of(999).unwrap();
        assert_eq!(by_reference(&[a], known), ByReference::One(1));
        assert_eq!(by_reference(&[a, nobody], known), ByReference::One(1));
        assert_eq!(by_reference(&[a, b], known), ByReference::Queue(Why::Ambiguous));
        assert_eq!(by_reference(&[nobody], known), ByReference::Queue(Why::UnknownReference));
        assert_eq!(by_reference(&[], known), ByReference::Queue(Why::NoReference));
    }

    #[test]
    fn a_name_decides_only_for_the_one_who_bears_it_and_owes_the_amount() {
        let standing_of = |d: &u8| match d {
            1 => Some(owing("a")),
            2 => Some(not_a_candidature()),
            _ => None,
        };
        assert_eq!(by_name(FEE, &[1], standing_of), Ok(&1));
        assert_eq!(by_name(FEE, &[1, 2], standing_of), Err(Why::Ambiguous), "even if the homonym owes nothing");
        assert_eq!(by_name(Cents::new(7599), &[1], standing_of), Err(Why::NoReference));
        assert_eq!(by_name(-FEE, &[1], standing_of), Err(Why::NoReference));
        assert_eq!(by_name(Cents::ZERO, &[2], standing_of), Err(Why::NoReference));
        assert_eq!(by_name(FEE, &[3], standing_of), Err(Why::NoReference), "no account is known");
        assert_eq!(by_name(FEE, &[], standing_of), Err(Why::NoReference));
    }

    #[test]
    fn texts_to_search_keep_the_remittance_first() {
        assert_eq!(
            name_texts("Dupont_Anne\n admission", "M. PAUL DUPONT", 200),
            ["Dupont_Anne admission", "M. PAUL DUPONT"]
        );
        assert_eq!(name_texts("1234", "éé", 1), ["é"]);
    }
}
