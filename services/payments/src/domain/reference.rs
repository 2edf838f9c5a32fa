//! The platform's own payment reference (R21): `ADM-000123-K`.
//!
//! Six decimal digits are the dossier's number; the check character makes the seven symbols a word of the single-parity
//! Reed–Solomon code over GF(32), written in Crockford's base 32. Any single wrong symbol and any exchange of two
//! symbols, adjacent or not, is detected. (ISO 7064 MOD 37,36 was considered: it misses some exchanges, and its
//! alphabet has both O and 0, I and 1.) The alphabet has no I, L, O or U, so what people confuse is read as what was meant.

use std::fmt;

use super::text::canonical;

/// Opens every reference. Neither it nor what follows it occurs in the notice's own phrase "admission sur titre".
const PREFIX: &str = "ADM";
/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DIGITS: usize = 6;
/// Largest dossier number a reference can carry.
pub const MAX_NUMBER: u64 = 999_999;

/// The reference of one dossier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Reference(u32);

/// A dossier number that no reference can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("dossier number {given} is not between 1 and {MAX_NUMBER}")]
pub struct OutOfRange {
    /// The number given.
    pub given: u64,
}

impl Reference {
    /// The reference of the dossier with this number.
    ///
    /// # Errors
    /// [`OutOfRange`] unless `1 <= number <= MAX_NUMBER`.
    pub fn of(number: u64) -> Result<Self, OutOfRange> {
        match u32::try_from(number) {
            Ok(n) if n >= 1 && number <= MAX_NUMBER => Ok(Self(n)),
            _ => Err(OutOfRange { given: number }),
        }
    }

    /// The dossier's number.
    #[must_use]
    pub fn number(self) -> u64 {
        u64::from(self.0)
    }

    /// Every distinct valid reference in free text, in the order of appearance.
    ///
    /// Case, spaces and punctuation do not count (banks break text at will), nor does O for 0, I or L for 1.
    #[must_use]
    pub fn find_all(text: &str) -> Vec<Self> {
        let text = canonical(text);
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        for (at, _) in text.match_indices(PREFIX) {
            let start = at + PREFIX.len();
            let Some(word) = bytes.get(start..=start + DIGITS) else { continue };
            if let Some(reference) = Self::read(word)
                && !found.contains(&reference)
            {
                found.push(reference);
            }
        }
        found
    }

    /// Every distinct reference that free text holds but for one character, or for two neighbours exchanged, be it in the
    /// prefix or after it, in the order of appearance. The check character leaves few of them; [`Self::find_all`] finds none
    /// of these.
    #[must_use]
    pub fn find_mistyped(text: &str) -> Vec<Self> {
        let exact = Self::find_all(text);
        let text = canonical(text);
        let whole = |window: &[u8]| window.strip_prefix(PREFIX.as_bytes()).and_then(Self::read);
        let mut found = Vec::new();
        for window in text.as_bytes().windows(PREFIX.len() + DIGITS + 1) {
            // One slip leaves a letter of the prefix in its place, and what reads as it stands is none.
            let near = window.iter().zip(PREFIX.bytes()).any(|(written, meant)| *written == meant);
            if !near || whole(window).is_some() {
                continue;
            }
            for reference in variants(window).iter().filter_map(|variant| whole(variant)) {
                if !found.contains(&reference) && !exact.contains(&reference) {
                    found.push(reference);
                }
            }
        }
        found
    }

    fn read(word: &[u8]) -> Option<Self> {
        let (digits, check) = word.split_at(DIGITS);
        let mut number = 0u32;
        for &symbol in digits {
            let value = value_of(symbol)?;
            if value > 9 {
                return None;
            }
            number = number * 10 + u32::from(value);
        }
        let reference = Self::of(u64::from(number)).ok()?;
        (value_of(*check.first()?)? == reference.check()).then_some(reference)
    }

    /// Value of the check symbol: `Σ αⁱ·dᵢ = check` over GF(32), i from 1, so every symbol has its own weight.
    fn check(self) -> u8 {
        let mut rest = self.0;
        let mut sum = 0u8;
        for i in 1..=DIGITS {
            let digit = u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            sum ^= times_alpha(digit, i);
        }
        sum
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = ALPHABET.get(usize::from(self.check())).copied().map_or('0', char::from);
        write!(f, "{PREFIX}-{:06}-{check}", self.0)
    }
}

/// The word with one symbol replaced, or two neighbours exchanged. The alphabet has the prefix's letters.
fn variants(word: &[u8]) -> Vec<Vec<u8>> {
    let replaced =
        (0..word.len()).flat_map(|at| ALPHABET.iter().map(move |symbol| (at, *symbol))).filter_map(|(at, symbol)| {
            let mut other = word.to_vec();
            *other.get_mut(at)? = symbol;
            Some(other)
        });
    let exchanged = (1..word.len()).map(|at| {
        let mut other = word.to_vec();
        other.swap(at - 1, at);
        other
    });
    replaced.chain(exchanged).collect()
}

fn value_of(symbol: u8) -> Option<u8> {
    let symbol = match symbol {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|&c| c == symbol).and_then(|p| u8::try_from(p).ok())
}

/// `value · α^power` in GF(32) with the primitive polynomial x⁵ + x² + 1.
fn times_alpha(value: u8, power: usize) -> u8 {
    (0..power).fold(value, |v, _| if v & 0x10 == 0 { v << 1 } else { ((v << 1) & 0x1f) ^ 0b0_0101 })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    /// The seven symbols that the code protects.
    fn word(number: u64) -> Vec<u8> {
        Reference::of(number).unwrap().to_string().bytes().filter(|b| *b != b'-').skip(PREFIX.len()).collect()
    }
    fn found(word: &[u8]) -> Vec<Reference> {
        Reference::find_all(&format!("{PREFIX}{}", String::from_utf8(word.to_vec()).unwrap()))
    }

    #[test]
    fn every_single_error_and_every_exchange_is_detected() {
        // Exhaustive over the errors for a spread of numbers, every digit in every place among them.
        for number in (1..=MAX_NUMBER).step_by(997) {
            let good = word(number);
            for at in 0..good.len() {
                for &wrong in ALPHABET.iter().filter(|c| **c != good[at]) {
                    let mut bad = good.clone();
                    bad[at] = wrong;
                    assert_eq!(found(&bad), [], "{number} at {at}");
                }
                for other in at + 1..good.len() {
                    let mut bad = good.clone();
                    bad.swap(at, other);
                    if bad != good {
                        assert_eq!(found(&bad), [], "{number}: {at} exchanged with {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_number_is_known_and_out_of_range_is_refused() {
        assert_eq!(Reference::of(1).unwrap().to_string(), "ADM-000001-2");
        assert_eq!(Reference::of(0), Err(OutOfRange { given: 0 }));
        assert_eq!(Reference::of(MAX_NUMBER + 1), Err(OutOfRange { given: MAX_NUMBER + 1 }));
        assert_eq!(Reference::of(u64::MAX), Err(OutOfRange { given: u64::MAX }));
    }

    #[test]
    fn the_notices_phrase_holds_no_reference() {
        assert_eq!(Reference::find_all("Martin_Chloé_admission sur titre 2026"), []);
        assert_eq!(Reference::find_all("ADM OOO OOO O"), [], "number 0 is nobody's");
    }

    #[test]
    fn one_slip_is_seen_through_and_two_are_not() {
        for number in (1..=MAX_NUMBER).step_by(9973) {
            let reference = Reference::of(number).unwrap();
            let good: Vec<u8> = reference.to_string().bytes().filter(|b| *b != b'-').collect();
            let text = |word: &[u8]| format!("VIR DE {} MERCI", String::from_utf8(word.to_vec()).unwrap());
            assert_eq!(Reference::find_mistyped(&text(&good)), [], "nothing is mistyped in {reference}");
            for at in 0..good.len() {
                let mut bad = good.clone();
                // Q and 7 are neither O, I nor L, which are read as what was meant.
                bad[at] = if good[at] == b'7' { b'Q' } else { b'7' };
                let found = Reference::find_mistyped(&text(&bad));
                assert!(found.contains(&reference), "{reference} in {}", text(&bad));
                assert!(found.len() <= 16, "{} for one slip", found.len());
                if at + 1 < good.len() && good[at] != good[at + 1] {
                    let mut bad = good.clone();
                    bad.swap(at, at + 1);
                    assert!(Reference::find_mistyped(&text(&bad)).contains(&reference), "{}", text(&bad));
                }
            }
            let mut twice = good.clone();
            (twice[0], twice[1]) = (b'7', b'7');
            assert!(!Reference::find_mistyped(&text(&twice)).contains(&reference));
        }
        assert_eq!(Reference::find_mistyped("Martin_Chloé_admission sur titre 2026"), []);
    }

    #[test]
    fn several_references_are_all_found_once() {
        let (a, b) = (Reference::of(12).unwrap(), Reference::of(345_678).unwrap());
        assert_eq!(Reference::find_all(&format!("{a} et {b}, donc {a}")), [a, b]);
    }

    proptest! {
        #[test]
        fn any_printed_reference_is_found_in_any_text(
            number in 1..=MAX_NUMBER, before in "[a-z ,é_]{0,20}", after in "[A-Z ]{0,20}", lower: bool, space in 0usize..4,
        ) {
            let reference = Reference::of(number).unwrap();
            let mut printed = reference.to_string().replace('-', ["-", " ", "", "\n"][space]).replace('0', "O").replace('1', "l");
            if lower { printed = printed.to_lowercase(); }
            let text = format!("{before}{printed}{after}");
            prop_assert!(Reference::find_all(&text).contains(&reference), "{}", text);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Reference::find_all(&text);
            let _ = Reference::find_mistyped(&text);
        }
    }
}
