//! Reads the TOML tree and remembers where everything stands, so that each fault is told with its line and column.

use std::{cell::RefCell, collections::BTreeSet, fmt, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::problem::{Problem, Warning};

/// Collects what is wrong; line and column come from byte offsets.
pub(super) struct Report<'t> {
    text: &'t str,
    problems: RefCell<Vec<(usize, Problem)>>,
    warnings: RefCell<Vec<(usize, Warning)>>,
}

impl<'t> Report<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::default(), warnings: RefCell::default() }
    }

    fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    pub(super) fn problem(&self, offset: usize, path: &str, message: impl Into<String>) {
        let (line, column) = self.place(offset);
        let problem = Problem { line, column, path: path.to_owned(), message: message.into() };
        self.problems.borrow_mut().push((offset, problem));
    }

    pub(super) fn warning(&self, offset: usize, message: impl Into<String>) {
        let (line, column) = self.place(offset);
        self.warnings.borrow_mut().push((offset, Warning { line, column, message: message.into() }));
    }

    pub(super) fn into_parts(self) -> (Vec<Problem>, Vec<Warning>) {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(offset, _)| *offset);
        let mut warnings = self.warnings.into_inner();
        warnings.sort_by_key(|(offset, _)| *offset);
        (problems.into_iter().map(|p| p.1).collect(), warnings.into_iter().map(|w| w.1).collect())
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) offset: usize,
    pub(super) path: String,
}

impl<T> At<T> {
    pub(super) fn problem(&self, report: &Report<'_>, message: impl Into<String>) {
        report.problem(self.offset, &self.path, message);
    }
    fn with<U>(&self, value: U) -> At<U> {
        At { value, offset: self.offset, path: self.path.clone() }
    }
    /// Turns the value into another, or reports why it cannot be.
    pub(super) fn check<U, E: fmt::Display>(
        self,
        report: &Report<'_>,
        f: impl FnOnce(&T) -> Result<U, E>,
    ) -> Option<At<U>> {
        match f(&self.value) {
            Ok(value) => Some(self.with(value)),
            Err(why) => {
                self.problem(report, why.to_string());
                None
            }
        }
    }
}

/// One table of the document. What nobody asked it for is an unknown key, reported when it is dropped.
pub(super) struct Node<'d> {
    table: &'d DeTable<'d>,
    report: &'d Report<'d>,
    /// Byte offset of the table.
    pub(super) offset: usize,
    /// Path of the table in the document.
    pub(super) path: String,
    asked: RefCell<BTreeSet<&'static str>>,
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl<'d> Node<'d> {
    pub(super) fn new(table: &'d DeTable<'d>, span: Range<usize>, path: String, report: &'d Report<'d>) -> Self {
        Self { table, report, offset: span.start, path, asked: RefCell::default() }
    }

    pub(super) fn problem(&self, message: impl Into<String>) {
        self.report.problem(self.offset, &self.path, message);
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn peek(&self, key: &'static str) -> Option<At<&'d Spanned<DeValue<'d>>>> {
        self.asked.borrow_mut().insert(key);
        let value = self.table.get(key)?;
        Some(At { value, offset: value.span().start, path: self.path_of(key) })
    }

    fn require(&self, key: &'static str) -> Option<At<&'d Spanned<DeValue<'d>>>> {
        let found = self.peek(key);
        if found.is_none() {
            self.problem(format!("`{key}` is missing"));
        }
        found
    }

    fn wrong<T>(&self, at: &At<&Spanned<DeValue<'_>>>, wanted: &str) -> Option<T> {
        at.problem(self.report, format!("expected {wanted}, found {}", kind(at.value.get_ref())));
        None
    }

    pub(super) fn has(&self, key: &'static str) -> bool {
        self.peek(key).is_some()
    }

    fn as_text(&self, at: At<&'d Spanned<DeValue<'d>>>) -> Option<At<String>> {
        let Some(text) = at.value.get_ref().as_str() else { return self.wrong(&at, "a text") };
        if text.trim().is_empty() {
            at.problem(self.report, "must not be empty");
            return None;
        }
        Some(at.with(text.to_owned()))
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<At<String>> {
        self.as_text(self.require(key)?)
    }

    /// The same, which may be absent; `Some(None)` if it is, `None` if it is wrong.
    pub(super) fn optional_text(&self, key: &'static str) -> Option<Option<At<String>>> {
        match self.peek(key) {
            None => Some(None),
            Some(at) => self.as_text(at).map(Some),
        }
    }

    /// Where something is printed: every section says so.
    pub(super) fn source(&self) -> Option<String> {
        self.text("source").map(|s| s.value)
    }

    fn as_integer(&self, at: At<&'d Spanned<DeValue<'d>>>, range: Range<i64>) -> Option<At<i64>> {
        let Some(integer) = at.value.get_ref().as_integer() else { return self.wrong(&at, "an integer") };
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(n) if range.contains(&n) => Some(at.with(n)),
            _ => {
                let last = range.end - 1;
                at.problem(self.report, format!("{integer} is outside {} to {last}", range.start));
                None
            }
        }
    }

    /// An integer of the half-open `range`.
    pub(super) fn integer(&self, key: &'static str, range: Range<i64>) -> Option<At<i64>> {
        self.as_integer(self.require(key)?, range)
    }

    /// The same as a count.
    pub(super) fn count(&self, key: &'static str, range: Range<i64>) -> Option<u32> {
        self.integer(key, range).and_then(|n| u32::try_from(n.value).ok())
    }

    /// The elements of a list, each a value.
    fn elements(&self, at: &At<&'d Spanned<DeValue<'d>>>) -> Option<Vec<At<&'d Spanned<DeValue<'d>>>>> {
        let Some(array) = at.value.get_ref().as_array() else { return self.wrong(at, "a list") };
        let element = |(i, value): (usize, &'d Spanned<DeValue<'d>>)| At {
            value,
            offset: value.span().start,
            path: format!("{}[{i}]", at.path),
        };
        Some(array.iter().enumerate().map(element).collect())
    }

    /// A list of texts with at least one element.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let at = self.require(key)?;
        let elements = self.elements(&at)?;
        if elements.is_empty() {
            at.problem(self.report, "must not be empty");
            return None;
        }
        all(elements.into_iter().map(|e| self.as_text(e)))
    }

    /// A date with or without a time, no offset; see [`super::time`].
    pub(super) fn datetime(&self, key: &'static str) -> Option<At<toml::value::Datetime>> {
        self.as_datetime(self.require(key)?)
    }

    fn as_datetime(&self, at: At<&'d Spanned<DeValue<'d>>>) -> Option<At<toml::value::Datetime>> {
        let Some(datetime) = at.value.get_ref().as_datetime() else {
            return self.wrong(&at, "a date such as 2026-03-20 or a local time such as 2026-03-20T23:00:00");
        };
        Some(at.with(*datetime))
    }

    /// A list of dates with at least one element.
    pub(super) fn datetimes(&self, key: &'static str) -> Option<Vec<At<toml::value::Datetime>>> {
        let at = self.require(key)?;
        let elements = self.elements(&at)?;
        if elements.is_empty() {
            at.problem(self.report, "must not be empty");
            return None;
        }
        all(elements.into_iter().map(|e| self.as_datetime(e)))
    }

    fn as_node(&self, at: &At<&'d Spanned<DeValue<'d>>>) -> Option<Node<'d>> {
        let Some(table) = at.value.get_ref().as_table() else { return self.wrong(at, "a table") };
        Some(Node::new(table, at.value.span(), at.path.clone(), self.report))
    }

    /// A table inside this one.
    pub(super) fn node(&self, key: &'static str) -> Option<Node<'d>> {
        self.as_node(&self.require(key)?)
    }

    /// A list of tables; an absent one is empty.
    pub(super) fn nodes(&self, key: &'static str) -> Vec<Node<'d>> {
        let Some(at) = self.peek(key) else { return Vec::new() };
        let elements = self.elements(&at).unwrap_or_default();
        elements.iter().filter_map(|e| self.as_node(e)).collect()
    }

    /// A list of tables with at least one element.
    pub(super) fn some_nodes(&self, key: &'static str) -> Vec<Node<'d>> {
        let Some(at) = self.require(key) else { return Vec::new() };
        let nodes = self.nodes(key);
        if nodes.is_empty() && at.value.get_ref().as_array().is_some_and(|a| a.is_empty()) {
            at.problem(self.report, "must not be empty");
        }
        nodes
    }

    /// The rows of a printed table: a label and then `width` cells, each read by `cell`.
    pub(super) fn rows<T>(
        &self,
        key: &'static str,
        width: usize,
        cell: impl Fn(&Self, At<&'d Spanned<DeValue<'d>>>) -> Option<T>,
    ) -> Option<Vec<(At<String>, Vec<T>)>> {
        let at = self.require(key)?;
        let rows = self.elements(&at)?;
        if rows.is_empty() {
            at.problem(self.report, "must not be empty");
            return None;
        }
        all(rows.into_iter().map(|row| {
            let mut cells = self.elements(&row)?.into_iter();
            if cells.len() != width + 1 {
                row.problem(self.report, format!("expected a label and {width} cells, found {} values", cells.len()));
                return None;
            }
            let label = self.as_text(cells.next()?);
            let cells = all(cells.map(|c| cell(self, c)));
            Some((label?, cells?))
        }))
    }

    /// A cell that says "oui" or "non".
    pub(super) fn yes_or_no(&self, at: At<&'d Spanned<DeValue<'d>>>) -> Option<bool> {
        match at.value.get_ref().as_str() {
            Some("oui") => Some(true),
            Some("non") => Some(false),
            Some(other) => {
                at.problem(self.report, format!("expected \"oui\" or \"non\", found {other:?}"));
                None
            }
            None => self.wrong(&at, "\"oui\" or \"non\""),
        }
    }

    /// A cell that is a number of seats.
    pub(super) fn seats(&self, at: At<&'d Spanned<DeValue<'d>>>) -> Option<At<u32>> {
        let n = self.as_integer(at, 0..100_000)?;
        u32::try_from(n.value).ok().map(|value| n.with(value))
    }

    /// A list of integers.
    pub(super) fn integers(&self, key: &'static str) -> Option<Vec<At<u32>>> {
        let at = self.require(key)?;
        all(self.elements(&at)?.into_iter().map(|e| self.seats(e)))
    }

    /// One of the words of `choices`.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        self.text(key)?.check(self.report, |word| pick(word, choices)).map(|c| c.value)
    }

    /// Some of the words of `choices`.
    pub(super) fn choices<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<Vec<T>> {
        all(self.texts(key)?.into_iter().map(|t| t.check(self.report, |word| pick(word, choices)).map(|c| c.value)))
    }
}

fn pick<T: Copy>(word: &str, choices: &[(&str, T)]) -> Result<T, String> {
    choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice).ok_or_else(|| {
        let allowed: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("`{word}` is none of {}", allowed.join(", "))
    })
}

/// All of them, or none; every one is evaluated, so that each reports its own problems.
pub(super) fn all<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = items.collect();
    items.into_iter().collect()
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !asked.contains(name) {
                let known: Vec<_> = asked.iter().map(|k| format!("`{k}`")).collect();
                let message = format!("unknown key; known here: {}", known.join(", "));
                self.report.problem(key.span().start, &self.path_of(name), message);
            }
        }
    }
}
