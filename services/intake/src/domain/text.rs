//! Text from outside: bounded, and free of characters that steer a terminal or a reader's eye.

/// One thing wrong with one field of what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Path of the field, as the wire names it.
    pub field: String,
    /// What is wrong and what would do.
    pub why: String,
}

/// Everything wrong at once: a form is refused once, not field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes one more.
    pub fn add(&mut self, field: impl Into<String>, why: impl Into<String>) {
        self.0.push(Fault { field: field.into(), why: why.into() });
    }

    /// `value` if nothing is wrong.
    ///
    /// # Errors
    /// Every fault noted so far.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The faults, in the order of the form.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// One line of text, trimmed; its length in characters lies in `min..=max`.
    pub fn line(&mut self, field: &str, value: &str, min: usize, max: usize) -> String {
        self.text(field, value, min, max, false)
    }

    /// Text that may have several lines (`\r\n` becomes `\n`), trimmed; its length in characters lies in `min..=max`.
    pub fn lines(&mut self, field: &str, value: &str, min: usize, max: usize) -> String {
        self.text(field, &value.replace("\r\n", "\n"), min, max, true)
    }

    fn text(&mut self, field: &str, value: &str, min: usize, max: usize, breaks: bool) -> String {
        let value = value.trim();
        let length = value.chars().count();
        if length < min || length > max {
            self.add(field, format!("{length} characters; {min} to {max} are accepted"));
        }
        if let Some(c) = value.chars().find(|c| steers(*c) && !(breaks && *c == '\n')) {
            self.add(field, format!("control character U+{:04X}", u32::from(c)));
        }
        value.to_owned()
    }

    /// An e-mail address: one `@`, something on both sides, no white space, at most 254 characters (RFC 5321).
    pub fn email(&mut self, field: &str, value: &str) -> String {
        let value = self.line(field, value, 3, 254);
        let well_formed = value.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && local.len() <= 64
                && !host.contains('@')
                && host.split('.').count() >= 2
                && host.split('.').all(|label| !label.is_empty())
        });
        if !well_formed || value.chars().any(|c| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"')) {
            self.add(field, "not an e-mail address");
        }
        value
    }
}

/// Control characters, and the format characters that reorder or hide text.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::Faults;

    fn faults(check: impl FnOnce(&mut Faults)) -> usize {
        let mut faults = Faults::default();
        check(&mut faults);
        faults.list().len()
    }

    #[test]
    fn length_is_counted_in_characters_after_trimming() {
        let mut f = Faults::default();
        assert_eq!(f.line("n", "  Éloïse ", 6, 6), "Éloïse");
        assert_eq!(f.list(), []);
        assert_eq!(faults(|f| drop(f.line("n", "Éloïses", 0, 6))), 1);
        assert_eq!(faults(|f| drop(f.line("n", "   ", 1, 6))), 1);
    }

    #[test]
    fn control_and_reordering_characters_are_refused() {
        for text in ["a\u{0}b", "a\nb", "a\u{1b}[2Jb", "a\u{202e}b", "a\u{200b}b", "a\u{2028}b"] {
            assert_eq!(faults(|f| drop(f.line("n", text, 0, 100))), 1, "{text:?}");
        }
        assert_eq!(faults(|f| drop(f.lines("n", "a\r\nb\nc", 0, 100))), 0);
        assert_eq!(faults(|f| drop(f.lines("n", "a\u{7}b", 0, 100))), 1);
    }

    #[test]
    fn addresses() {
        for good in ["a@b.fr", "prenom.nom+ast@univ-lille.example", "é@exämple.fr"] {
            assert_eq!(faults(|f| drop(f.email("e", good))), 0, "{good}");
        }
        for bad in ["", "a", "a@b", "@b.fr", "a@", "a@@b.fr", "a b@c.fr", "a@b..fr", "a@b.fr,c@d.fr", "A <a@b.fr>"] {
            assert!(faults(|f| drop(f.email("e", bad))) > 0, "{bad}");
        }
    }
}
