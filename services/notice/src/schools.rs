//! The schools of a session.

use crate::session::Label;

/// One school of the consortium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct School {
    /// Id, e.g. "albi"; part of event subjects.
    pub id: String,
    /// Printed name.
    pub name: String,
    /// Its admissions office.
    pub office: String,
    /// Address lines.
    pub address: Vec<String>,
    /// Telephone numbers, as printed.
    pub phone: Vec<String>,
    /// Fax, if one is printed.
    pub fax: Option<String>,
    /// Mail of the admissions office.
    pub mail: String,
    /// Its site.
    pub web: String,
    /// Where its fee is paid.
    pub account: Account,
    /// Where this is printed.
    pub source: String,
}

/// A bank account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// IBAN without spaces, checksum verified.
    pub iban: String,
    /// BIC, 8 or 11 characters.
    pub bic: String,
    /// Holder as printed.
    pub holder: String,
    /// Where this is printed.
    pub source: String,
}

impl Account {
    /// The IBAN in groups of four, as people copy it.
    #[must_use]
    pub fn printed_iban(&self) -> String {
        let mut printed = String::with_capacity(self.iban.len() * 5 / 4);
        for (i, c) in self.iban.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                printed.push(' ');
            }
            printed.push(c);
        }
        printed
    }
}

/// A public that a school recruits by itself; its people are pointed there (R7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRecruitment {
    /// Id, e.g. "pharmacists".
    pub id: String,
    /// The school, or every one if none is named.
    pub school: Option<String>,
    /// Whom it concerns.
    pub public: Label,
    /// Where they are pointed.
    pub contact: String,
    /// Where this is printed.
    pub source: String,
}
