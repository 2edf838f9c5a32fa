//! Amounts and instants as people type them, read strictly: what is not clear is refused, never guessed.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Not an amount: digits, at most two decimals after a comma or a point, and nothing else but the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMoney;

/// Most digits before the decimals: a billion is a slip of the finger.
const MOST_DIGITS: usize = 9;

/// Cents of an amount as it is typed: `76`, `76,00`, `76.5`, `76.00 €`, `76 EUR`. No sign, no grouping: what `1,234` means
/// depends on who types it.
///
/// # Errors
/// Anything else.
pub fn cents(text: &str, currency: &str) -> Result<i64, NotMoney> {
    let text = text.trim();
    let bare = text.strip_suffix('€').filter(|_| currency == "EUR").or_else(|| text.strip_suffix(currency));
    let number = bare.unwrap_or(text).trim_end_matches([' ', '\u{a0}', '\u{202f}']);
    let (whole, decimals) = number.split_once([',', '.']).unwrap_or((number, "00"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || whole.len() > MOST_DIGITS || decimals.len() > 2 {
        return Err(NotMoney);
    }
    let units: i64 = whole.parse().map_err(|_| NotMoney)?;
    let hundredths: i64 = format!("{decimals:0<2}").parse().map_err(|_| NotMoney)?;
    Ok(units * 100 + hundredths)
}

/// The instant of a civil date and time as a browser sends it (`2026-03-20T23:00`), in the session's zone (R2). A time
/// that the change of clocks skips or repeats is refused: which instant is meant is not ours to say.
#[must_use]
pub fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    zone.to_ambiguous_zoned(local).unambiguous().ok().map(|zoned| zoned.timestamp())
}

/// The same the other way round, for the value of such a control.
#[must_use]
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_that_are_clear() {
        for (text, expected) in [
            ("76", 7600),
            ("76,00", 7600),
            ("76.00 €", 7600),
            (" 76,5 ", 7650),
            ("0,05", 5),
            ("76\u{a0}€", 7600),
            ("76 EUR", 7600),
            ("007", 700),
            ("999999999,99", 99_999_999_999),
        ] {
            assert_eq!(cents(text, "EUR"), Ok(expected), "{text:?}");
        }
        assert_eq!(cents("76 CHF", "CHF"), Ok(7600));
    }

    #[test]
    fn amounts_that_are_not() {
        for text in [
            "",
            "€",
            "-76",
            "+76",
            "76,",
            ",50",
            "76,000",
            "1 000",
            "1.000,00",
            "76€€",
            "76 $",
            "76,0€0",
            "7 6",
            "76,1x",
            "１２",
            "1e3",
            "1000000000",
            "76 EUR EUR",
        ] {
            assert_eq!(cents(text, "EUR"), Err(NotMoney), "{text:?}");
        }
        assert_eq!(cents("76 €", "CHF"), Err(NotMoney), "another currency");
    }

    #[test]
    fn instants_are_read_in_the_sessions_zone_and_never_guessed() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let at = instant("2026-03-20T23:00", &paris).unwrap();
        assert_eq!(at.to_string(), "2026-03-20T22:00:00Z");
        assert_eq!(local(at, &paris), "2026-03-20T23:00");
        for text in ["", "2026-03-20", "2026-03-29T02:30", "2026-10-25T02:30", "20/03/2026 23:00"] {
            let skipped = instant(text, &paris);
            // A date alone is midnight, as browsers without such a control may send it.
            assert_eq!(skipped.is_some(), text == "2026-03-20", "{text:?}");
        }
    }
}
