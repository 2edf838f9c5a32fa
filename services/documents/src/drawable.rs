//! What people typed, made fit for the page without losing any of it silently.
//!
//! The shipped fonts draw Latin (Vietnamese included), Greek, Cyrillic, Hebrew and basic Arabic. A character that none
//! of them draws, a control and anything that turns the direction of writing is written as its code point instead,
//! `[U+1F600]`, and the document says that it holds such places. A PDF/UA file may not hold a missing glyph at all:
//! without this, one emoji in a name would refuse its owner every document.
//!
//! A long word gets invisible places to break at, so that it is not drawn over its neighbour. What machines compare or
//! follow ([`EXACT`]) gets none: it must come out of the PDF as it went in.

use serde_json::Value;
use typst::text::{Coverage, FontBook};
use unicode_segmentation::UnicodeSegmentation;

/// Fields that are copied out of a document: digests, signatures, addresses, instants in UTC.
const EXACT: [&str; 9] = ["digest", "key_id", "link", "mail", "sha256", "signature", "signed", "utc", "verify_at"];

/// Letters of a word before it may be broken.
const UNBROKEN: usize = 22;

/// What the fonts can draw.
pub(crate) struct Drawable(Vec<Coverage>);

impl Drawable {
    pub(crate) fn new(book: &FontBook, fonts: usize) -> Self {
        Self((0..fonts).filter_map(|index| book.info(index)).map(|info| info.coverage.clone()).collect())
    }

    /// Makes every text in `value` drawable; says whether a character had to be written as its code point.
    pub(crate) fn make(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.rewrite(text, UNBROKEN),
            Value::Array(items) => items.iter_mut().fold(false, |escaped, item| self.make(item) | escaped),
            Value::Object(fields) => fields.iter_mut().fold(false, |escaped, (key, field)| {
                escaped
                    | match field {
                        Value::String(text) if EXACT.contains(&key.as_str()) => self.rewrite(text, usize::MAX),
                        field => self.make(field),
                    }
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn rewrite(&self, text: &mut String, unbroken: usize) -> bool {
        let (drawable, escaped) = self.text(text, unbroken);
        *text = drawable;
        escaped
    }

    fn text(&self, text: &str, unbroken: usize) -> (String, bool) {
        let mut drawable = String::with_capacity(text.len());
        let mut escaped = false;
        let mut run = 0;
        // By cluster: a letter and its marks must come from one font.
        for cluster in text.graphemes(true) {
            if cluster.chars().all(char::is_whitespace) {
                drawable.push(' ');
                run = 0;
                continue;
            }
            if run == unbroken {
                drawable.push('\u{200B}');
                run = 0;
            }
            run += 1;
            if self.draws(cluster) {
                drawable.push_str(cluster);
            } else {
                escaped = true;
                drawable.extend(cluster.chars().map(|c| format!("[U+{:04X}]", u32::from(c))));
            }
        }
        (drawable, escaped)
    }

    fn draws(&self, cluster: &str) -> bool {
        !cluster.chars().any(misleads)
            && self.0.iter().any(|font| cluster.chars().all(|c| joins(c) || font.contains(u32::from(c))))
    }
}

/// Controls, and what turns the direction of writing (UAX #9): drawn as asked, a name would read as another.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Invisible joiners that shape their neighbours and need no glyph.
fn joins(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Press;

    fn text(text: &str) -> (String, bool) {
        let press = Press::new();
        Drawable::new(&press.book, press.fonts.len()).text(text, UNBROKEN)
    }

    #[test]
    fn what_the_fonts_draw_stays() {
        for name in [
            "Nguyễn Thị Hằng",
            "Nguye\u{302}\u{303}n",
            "Łukasz Żółć",
            "Ţepeș",
            "Ελένη",
            "Чайковский",
            "שרה",
            "محمد بن علي",
            "O’Neil-Ça",
        ] {
            assert_eq!(text(name), (name.to_owned(), false), "{name}");
        }
    }

    #[test]
    fn what_they_do_not_draw_is_written_as_code_points() {
        assert_eq!(text("王 Li"), ("[U+738B] Li".to_owned(), true));
        assert_eq!(text("Zoé 😀"), ("Zoé [U+1F600]".to_owned(), true));
        assert_eq!(text("\u{1F469}\u{200D}\u{1F680}").0, "[U+1F469][U+200D][U+1F680]");
    }

    #[test]
    fn what_misleads_is_written_as_code_points() {
        assert_eq!(text("a\u{202E}b"), ("a[U+202E]b".to_owned(), true));
        assert_eq!(text("a\u{0}b"), ("a[U+0000]b".to_owned(), true));
    }

    #[test]
    fn a_long_word_may_break_and_a_digest_may_not() {
        let (word, digest) = ("é".repeat(23), "0".repeat(64));
        let press = Press::new();
        let mut data = serde_json::json!({ "names": [word], "digest": digest });
        assert!(!Drawable::new(&press.book, press.fonts.len()).make(&mut data));
        assert_eq!(data["names"][0], format!("{}\u{200B}é", "é".repeat(22)));
        assert_eq!(data["digest"], digest);
    }

    #[test]
    fn white_space_is_one_space_each() {
        assert_eq!(text("a\tb\r\nc\u{2028}d"), ("a b c d".to_owned(), false));
    }
}
