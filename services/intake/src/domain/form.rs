//! The form of candidature: who the candidate is, what they studied, what title they present (R8).

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::text::Faults;

/// Who the candidate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Family name, 1–100 characters.
    pub family_name: String,
    /// First names, 1–100 characters.
    pub first_names: String,
    /// Date of birth, before the day of the request.
    pub birth_date: Date,
    /// Up to 100 characters.
    pub birth_place: String,
    /// Where the platform writes to.
    pub email: String,
    /// ISO 3166-1 alpha-2.
    pub nationality: String,
    /// Up to 30 characters.
    pub phone: String,
    /// Up to 300 characters, several lines.
    pub postal_address: String,
}

/// What arrives, before it is known to be sound.
#[derive(Debug, Clone, Default)]
pub struct RawIdentity<'a> {
    /// See [`Identity`].
    pub family_name: &'a str,
    /// See [`Identity`].
    pub first_names: &'a str,
    /// `YYYY-MM-DD`.
    pub birth_date: &'a str,
    /// See [`Identity`].
    pub birth_place: &'a str,
    /// See [`Identity`].
    pub email: &'a str,
    /// See [`Identity`].
    pub nationality: &'a str,
    /// See [`Identity`].
    pub phone: &'a str,
    /// See [`Identity`].
    pub postal_address: &'a str,
}

impl Identity {
    /// What is left of one that was erased: nothing. Shown to nobody.
    #[must_use]
    pub fn nobody() -> Self {
        let nothing = String::new;
        Self {
            family_name: nothing(),
            first_names: nothing(),
            birth_date: Date::ZERO,
            birth_place: nothing(),
            email: nothing(),
            nationality: nothing(),
            phone: nothing(),
            postal_address: nothing(),
        }
    }

    /// Checks every field; `at` is the receipt of the request.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(raw: &RawIdentity<'_>, at: Timestamp) -> Result<Self, Faults> {
        let mut f = Faults::default();
        let today = at.to_zoned(TimeZone::UTC).date();
        let birth_date = civil_date(raw.birth_date).unwrap_or_else(|| {
            f.add("identity.birth_date", "not a date; YYYY-MM-DD is accepted");
            Date::constant(1900, 1, 1)
        });
        if birth_date >= today || birth_date.year() < 1900 {
            f.add("identity.birth_date", format!("{birth_date} lies outside 1900-01-01 to yesterday"));
        }
        let nationality = f.line("identity.nationality", raw.nationality, 2, 2);
        if !nationality.chars().all(|c| c.is_ascii_uppercase()) {
            f.add("identity.nationality", "not an ISO 3166-1 alpha-2 code, e.g. FR");
        }
        let identity = Self {
            family_name: f.line("identity.family_name", raw.family_name, 1, 100),
            first_names: f.line("identity.first_names", raw.first_names, 1, 100),
            birth_date,
            birth_place: f.line("identity.birth_place", raw.birth_place, 0, 100),
            email: f.email("identity.email", raw.email),
            nationality,
            phone: f.line("identity.phone", raw.phone, 0, 30),
            postal_address: f.lines("identity.postal_address", raw.postal_address, 0, 300),
        };
        // A name of punctuation alone could be neither searched nor matched.
        for (field, name) in
            [("identity.family_name", &identity.family_name), ("identity.first_names", &identity.first_names)]
        {
            if !name.is_empty() && super::names::fold(name).is_empty() {
                f.add(field, "has no letter");
            }
        }
        f.or(identity)
    }
}

/// `YYYY-MM-DD` and nothing more.
fn civil_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// One school year since the baccalauréat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyYear {
    /// Two consecutive years, e.g. `2024-2025`.
    pub year: String,
    /// 1–200 characters.
    pub institution: String,
    /// 1–200 characters.
    pub formation: String,
    /// Up to 200 characters.
    pub result: String,
}

/// The studies since the baccalauréat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Studies {
    /// Up to 20 years.
    pub years: Vec<StudyYear>,
    /// The required diploma was obtained before this school year (R10: another certificat de scolarité).
    pub earlier_graduate: bool,
}

impl Studies {
    /// Most years a dossier lists.
    pub const MOST_YEARS: usize = 20;

    /// Checks every field.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(self) -> Result<Self, Faults> {
        let mut f = Faults::default();
        if self.years.len() > Self::MOST_YEARS {
            f.add("studies.years", format!("{} years; up to {} are accepted", self.years.len(), Self::MOST_YEARS));
            return Err(f);
        }
        let mut years = Vec::with_capacity(self.years.len());
        for (i, y) in self.years.into_iter().enumerate() {
            let at = |field: &str| format!("studies.years[{i}].{field}");
            if !school_year(&y.year) {
                f.add(at("year"), "not a school year, e.g. 2024-2025");
            }
            years.push(StudyYear {
                institution: f.line(&at("institution"), &y.institution, 1, 200),
                formation: f.line(&at("formation"), &y.formation, 1, 200),
                result: f.line(&at("result"), &y.result, 0, 200),
                year: y.year,
            });
        }
        f.or(Self { years, earlier_graduate: self.earlier_graduate })
    }
}

fn school_year(text: &str) -> bool {
    let year =
        |s: &str| (s.len() == 4 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u16>().ok()).flatten();
    text.split_once('-').and_then(|(a, b)| Some((year(a)?, year(b)?))).is_some_and(|(a, b)| b == a + 1)
}

/// The title a candidate presents (R8). What its words mean is eligibility's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Key of the diploma.
    pub diploma: String,
    /// Row of its table, or empty.
    pub mention: String,
    /// Row claimed as equivalent, or empty.
    pub equivalent_to: String,
}

impl Title {
    /// Checks the bounds of every field.
    ///
    /// # Errors
    /// All faults at once.
    pub fn check(diploma: &str, mention: &str, equivalent_to: &str) -> Result<Self, Faults> {
        let mut f = Faults::default();
        let title = Self {
            diploma: f.line("title.diploma", diploma, 1, 100),
            mention: f.line("title.mention", mention, 0, 200),
            equivalent_to: f.line("title.equivalent_to", equivalent_to, 0, 300),
        };
        f.or(title)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sound() -> RawIdentity<'static> {
        RawIdentity {
            family_name: "Lefèvre",
            first_names: "Éloïse, Marie",
            birth_date: "2004-02-29",
            email: "e@exemple.fr",
            nationality: "FR",
            ..RawIdentity::default()
        }
    }

    fn at() -> Timestamp {
        "2026-02-01T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_sound_identity_is_taken_and_every_fault_is_named_at_once() {
        assert_eq!(Identity::check(&sound(), at()).unwrap().family_name, "Lefèvre");
        let broken = RawIdentity {
            family_name: "",
            birth_date: "29/02/2004",
            email: "e",
            nationality: "fr",
            phone: "\u{7}",
            ..sound()
        };
        let faults = Identity::check(&broken, at()).unwrap_err();
        let fields: Vec<_> = faults.list().iter().map(|f| f.field.as_str()).collect();
        for field in
            ["identity.birth_date", "identity.nationality", "identity.family_name", "identity.email", "identity.phone"]
        {
            assert!(fields.contains(&field), "{field} in {fields:?}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_or_lie_ahead_are_refused() {
        for date in
            ["2003-02-29", "2004-13-01", "2026-02-01", "2027-01-01", "1899-12-31", "2004-2-9", "2004-02-29T00:00"]
        {
            assert!(Identity::check(&RawIdentity { birth_date: date, ..sound() }, at()).is_err(), "{date}");
        }
        assert!(Identity::check(&RawIdentity { birth_date: "2026-01-31", ..sound() }, at()).is_ok());
    }

    #[test]
    fn a_name_needs_a_letter() {
        assert!(Identity::check(&RawIdentity { family_name: "--", ..sound() }, at()).is_err());
    }

    #[test]
    fn school_years_follow_each_other() {
        assert!(school_year("2024-2025"));
        for bad in ["2024", "2024-2024", "2024-26", "24-25", "2025-2024", "+024-2025", ""] {
            assert!(!school_year(bad), "{bad}");
        }
    }

    #[test]
    fn studies_are_bounded() {
        let year = StudyYear {
            year: "2024-2025".into(),
            institution: "U".into(),
            formation: "L2".into(),
            result: String::new(),
        };
        let of = |n| Studies { years: vec![year.clone(); n], earlier_graduate: false };
        assert!(of(20).check().is_ok());
        assert!(of(21).check().is_err());
        let broken = StudyYear { institution: String::new(), ..year };
        assert_eq!(
            Studies { years: vec![broken], earlier_graduate: true }.check().unwrap_err().list()[0].field,
            "studies.years[0].institution"
        );
    }
}
