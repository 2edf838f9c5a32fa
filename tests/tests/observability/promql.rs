//! The names of metrics in an expression of PromQL, which `promtool` has found well formed.

use std::collections::BTreeSet;

const OPERATORS: [&str; 11] =
    ["and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "inf", "nan"];
/// They may have their grouping before what they work on.
const AGGREGATIONS: [&str; 7] = ["avg", "count", "group", "max", "min", "quantile", "sum"];
const GROUPINGS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Metrics that an expression asks for.
pub fn metrics(expression: &str) -> BTreeSet<String> {
    let plain = without(without(without(expression.to_owned(), '"', '"'), '{', '}'), '[', ']');
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut found = BTreeSet::new();
    let mut rest = plain.as_str();
    while let Some(start) = rest.find(is_word) {
        let word_on = &rest[start..];
        let end = word_on.find(|c| !is_word(c)).unwrap_or(word_on.len());
        let (word, behind) = word_on.split_at(end);
        let called = behind.trim_start().starts_with('(');
        rest = behind;
        if called && GROUPINGS.contains(&word) {
            rest = behind.split_once(')').map_or("", |(_labels, rest)| rest);
        } else if !called
            && !word.starts_with(|c: char| c.is_ascii_digit())
            && ![&OPERATORS[..], &AGGREGATIONS].concat().contains(&word)
        {
            found.insert(word.to_owned());
        }
    }
    found
}

/// The text without what stands between two marks.
fn without(text: String, open: char, close: char) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        if inside {
            inside = c != close;
        } else if c == open {
            inside = true;
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out
}

#[test]
fn metrics_are_found_and_nothing_else() {
    let expression = r#"sum by (job, le) (rate(a_seconds_bucket{route=~"/x{y}"}[5m])) > 0.05 and on (job) (b offset 1h) or (c_total unless c_total offset 10m) > bool 1e3"#;
    assert_eq!(metrics(expression), ["a_seconds_bucket", "b", "c_total"].map(str::to_owned).into());
}
