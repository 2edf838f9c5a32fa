//! What somebody may be on this platform: a role, and for roles of one school, that school.

/// One role a signed-in person may wear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Role as every service knows it.
    pub role: String,
    /// School the role is limited to, if it is.
    pub school: Option<String>,
}

impl Grant {
    /// A role without a school.
    #[must_use]
    pub fn of(role: &str) -> Self {
        Self { role: role.to_owned(), school: None }
    }

    /// A role at a school.
    #[must_use]
    pub fn at(role: &str, school: &str) -> Self {
        Self { role: role.to_owned(), school: Some(school.to_owned()) }
    }
}
