//! Reasons, put together.

use std::fmt;

use crate::machinery::Reason;

impl Reason {
    /// A reason by its code, with its sentence in English.
    #[must_use]
    pub fn new(code: &'static str, sentence: impl fmt::Display) -> Self {
        Self { code: code.to_owned(), values: Default::default(), sentence: sentence.to_string() }
    }

    /// What the sentence names.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.values.insert(key.to_owned(), value.to_string());
        self
    }
}

// Generated code leaves it out for want of knowing that a map of texts has it.
impl Eq for Reason {}
