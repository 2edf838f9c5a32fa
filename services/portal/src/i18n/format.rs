//! Instants, dates, money and sizes as people of each language write them.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

use super::{Lang, Tr};

impl Tr {
    /// An instant in the session's zone, to the minute: "vendredi 20 mars 2026 à 23 h 00".
    #[must_use]
    pub fn instant(self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let clock = self.clock(&at);
        self.with("instant", [("date", self.date(at.date()).into()), ("clock", clock.into())])
    }

    /// The same to the millisecond, for receipts: every millisecond counts at an edge (R2).
    #[must_use]
    pub fn exact(self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let clock = at.strftime("%H:%M:%S%.3f").to_string();
        self.with("instant", [("date", self.date(at.date()).into()), ("clock", clock.into())])
    }

    /// The time of day in the session's zone, to the minute.
    #[must_use]
    pub fn time(self, at: Timestamp, zone: &TimeZone) -> String {
        self.clock(&at.to_zoned(zone.clone()))
    }

    /// A date with its weekday: "vendredi 20 mars 2026".
    #[must_use]
    pub fn date(self, date: Date) -> String {
        let weekday = self.get(&format!("weekday-{}", date.weekday().to_monday_one_offset()));
        let month = self.get(&format!("month-{}", date.month()));
        // "1er" in French, and plain numbers otherwise.
        let day = if self.0 == Lang::Fr && date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
        format!("{weekday} {day} {month} {}", date.year())
    }

    /// Cents of a currency: "76,00 €", "€76.00".
    #[must_use]
    pub fn money(self, cents: i64, currency: &str) -> String {
        let sign = if cents < 0 { "−" } else { "" };
        let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
        let symbol = if currency == "EUR" { "€" } else { currency };
        match self.0 {
            Lang::Fr => format!("{sign}{},{rest:02}\u{a0}{symbol}", grouped(whole, "\u{202f}")),
            Lang::En => format!("{sign}{symbol}{}.{rest:02}", grouped(whole, ",")),
        }
    }

    /// A file's size: "2,3 Mo", "2.3 MB".
    #[must_use]
    pub fn size(self, bytes: u64) -> String {
        let (mega, kilo) = if self.0 == Lang::Fr { ("Mo", "ko") } else { ("MB", "kB") };
        if bytes >= 1_000_000 {
            let tenths = bytes / 100_000;
            let point = if self.0 == Lang::Fr { ',' } else { '.' };
            format!("{}{point}{}\u{a0}{mega}", tenths / 10, tenths % 10)
        } else {
            format!("{}\u{a0}{kilo}", bytes.div_ceil(1000))
        }
    }

    fn clock(self, at: &Zoned) -> String {
        match self.0 {
            Lang::Fr => format!("{}\u{a0}h\u{a0}{:02}", at.hour(), at.minute()),
            Lang::En => format!("{:02}:{:02}", at.hour(), at.minute()),
        }
    }
}

fn grouped(number: u64, separator: &str) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    #[test]
    fn instants_are_read_in_the_sessions_zone() {
        let at: Timestamp = "2026-03-20T21:59:59.999Z".parse().unwrap();
        assert_eq!(Tr(Lang::Fr).instant(at, &paris()), "vendredi 20 mars 2026 à 22\u{a0}h\u{a0}59");
        assert_eq!(Tr(Lang::En).instant(at, &paris()), "Friday 20 March 2026 at 22:59");
        assert_eq!(Tr(Lang::Fr).exact(at, &paris()), "vendredi 20 mars 2026 à 22:59:59.999");
        assert_eq!(Tr(Lang::Fr).date(Date::constant(2026, 6, 1)), "lundi 1er juin 2026");
    }

    #[test]
    fn money_and_sizes() {
        assert_eq!(Tr(Lang::Fr).money(7600, "EUR"), "76,00\u{a0}€");
        assert_eq!(Tr(Lang::En).money(-123_456_705, "EUR"), "−€1,234,567.05");
        assert_eq!(Tr(Lang::Fr).size(2_390_000), "2,3\u{a0}Mo");
        assert_eq!(Tr(Lang::En).size(1), "1\u{a0}kB");
    }
}
