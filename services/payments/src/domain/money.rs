//! Money in integer cents (R20): never a floating-point number.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, Neg, Sub},
};

/// An amount in hundredths of the session's currency. Negative: money that went out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Cents(i64);

/// Largest amount of one line, either way: 999,999,999.99, the most a SEPA credit transfer carries.
/// It keeps every sum of lines far inside 64 bits.
pub const MAX_AMOUNT: i64 = 99_999_999_999;

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many cents.
    #[must_use]
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether a single line or order may carry it.
    #[must_use]
    pub const fn in_range(self) -> bool {
        self.0 >= -MAX_AMOUNT && self.0 <= MAX_AMOUNT
    }

    /// Reads a non-negative decimal amount such as `76`, `76.5` or `76.00`, exactly.
    ///
    /// Further decimals must be zeros: `76.000` is 76.00, `76.001` is no amount of cents.
    ///
    /// # Errors
    /// [`NotAnAmount`] for anything else, or beyond [`MAX_AMOUNT`].
    pub fn parse_decimal(text: &str) -> Result<Self, NotAnAmount> {
        let refuse = || NotAnAmount(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let dangling = text.contains('.') && fraction.is_empty();
        if whole.is_empty()
            || whole.len() > 18
            || fraction.len() > 18
            || dangling
            || !digits(whole)
            || !digits(fraction)
        {
            return Err(refuse());
        }
        let (cents, rest) = fraction.split_at(fraction.len().min(2));
        if rest.bytes().any(|b| b != b'0') {
            return Err(refuse());
        }
        let whole: i64 = whole.parse().map_err(|_| refuse())?;
        let cents: i64 = format!("{cents:0<2}").parse().map_err(|_| refuse())?;
        let amount = whole.checked_mul(100).and_then(|w| w.checked_add(cents)).map(Self).ok_or_else(refuse)?;
        if amount.in_range() { Ok(amount) } else { Err(refuse()) }
    }
}

/// Not a non-negative decimal amount of whole cents below one thousand million.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount in whole cents between 0 and 999999999.99")]
pub struct NotAnAmount(pub String);

// Saturating: a sum that leaves 64 bits would need ninety million lines of the largest amount.
impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Cents {
    /// `-76.00`: a dot and two decimals, whatever the locale.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", abs / 100, abs % 100)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, cents) in
            [("76", 7600), ("76.0", 7600), ("76.00", 7600), ("0.01", 1), ("76.5", 7650), ("76.50000", 7650)]
        {
            assert_eq!(Cents::parse_decimal(text), Ok(Cents::new(cents)), "{text}");
        }
        for text in ["", ".", "76.", ".5", "-1", "+1", "1e2", "76,00", "76.001", "1 000", "1000000000.00", "٧٦"] {
            assert!(Cents::parse_decimal(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(cents in 0..=MAX_AMOUNT) {
            prop_assert_eq!(Cents::parse_decimal(&Cents::new(cents).to_string()), Ok(Cents::new(cents)));
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = Cents::parse_decimal(&text);
        }
    }
}
