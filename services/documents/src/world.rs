//! The world a template is typeset in: our templates, our fonts, one document's data. No file, no clock, no network.

use std::collections::HashMap;
use std::path::PathBuf;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

/// Every template, by its path.
pub(crate) const TEMPLATES: [(&str, &str); 7] = [
    ("style.typ", include_str!("../templates/style.typ")),
    ("lang/fr.typ", include_str!("../templates/lang/fr.typ")),
    ("lang/en.typ", include_str!("../templates/lang/en.typ")),
    ("receipt.typ", include_str!("../templates/receipt.typ")),
    ("convocation.typ", include_str!("../templates/convocation.typ")),
    ("minutes.typ", include_str!("../templates/minutes.typ")),
    ("answer.typ", include_str!("../templates/answer.typ")),
];

/// Chosen by `build.rs`.
const FONTS: [&[u8]; 4] = include!(concat!(env!("OUT_DIR"), "/fonts.rs"));

/// What all documents share.
pub(crate) struct Press {
    library: LazyHash<Library>,
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) fonts: Vec<Font>,
    sources: HashMap<FileId, Source>,
}

impl Press {
    pub(crate) fn new() -> Self {
        let fonts: Vec<Font> = FONTS.into_iter().flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect();
        let sources = TEMPLATES.into_iter().filter_map(|(path, text)| {
            let id = id(path)?;
            Some((id, Source::new(id, text.to_owned())))
        });
        Self {
            // Header cells of rows are marked as such; typst 0.15 still counts that among its extras.
            library: LazyHash::new(
                Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build(),
            ),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            sources: sources.collect(),
            fonts,
        }
    }

    /// The world of one document; none if no template has that path.
    pub(crate) fn sheet(&self, template: &str, files: Vec<(&'static str, Vec<u8>)>) -> Option<Sheet<'_>> {
        let main = id(template).filter(|main| self.sources.contains_key(main))?;
        let files = files.into_iter().filter_map(|(path, bytes)| Some((id(path)?, Bytes::new(bytes)))).collect();
        Some(Sheet { press: self, main, files })
    }
}

fn id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

/// One template and the files it reads.
pub(crate) struct Sheet<'a> {
    press: &'a Press,
    main: FileId,
    files: HashMap<FileId, Bytes>,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.press.sources.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(PathBuf::from(id.vpath().get_without_slash()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evaluates `text` as a template beside the others.
    fn evaluate(text: &str) -> Result<(), Vec<String>> {
        let mut press = Press::new();
        let check = id("check.typ").unwrap();
        press.sources.insert(check, Source::new(check, text.to_owned()));
        let sheet = press.sheet("check.typ", vec![]).unwrap();
        let document = typst::compile(&sheet).output;
        let pdf = document.and_then(|document| typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default()));
        pdf.map(|_| ()).map_err(|errors| errors.iter().map(|error| error.message.to_string()).collect())
    }

    const SAME_KEYS: &str = r#"
        #import "lang/fr.typ" as fr
        #import "lang/en.typ" as en
        #let shape(value) = if type(value) == module { shape(dictionary(value)) } else if type(value) == dictionary {
          value.keys().sorted().map(key => (key, shape(value.at(key))))
        } else if type(value) == array { value.len() } else { type(value) == function }
        #assert.eq(shape(fr), shape(OTHER))
    "#;

    #[test]
    fn both_languages_have_the_same_words() {
        evaluate(&SAME_KEYS.replace("OTHER", "en")).unwrap();
        // And the check can fail.
        let differs = evaluate(&SAME_KEYS.replace("OTHER", r#"dictionary(en) + (extra: "word")"#)).unwrap_err();
        assert!(differs[0].contains("extra"), "{differs:?}");
    }

    #[test]
    fn every_word_is_used() {
        let (words, templates): (Vec<_>, Vec<_>) = TEMPLATES.iter().partition(|(path, _)| path.starts_with("lang/"));
        let keys = words.iter().flat_map(|(_, text)| text.lines()).filter_map(|line| {
            let line = line.trim_start();
            let key = line.strip_prefix("#let ").unwrap_or(line).split([':', '(', ' ']).next()?;
            (line.starts_with("#let ") || line[key.len()..].starts_with(':')).then_some(key)
        });
        // Answers, outcomes and the two kinds of minutes are looked up by what the data say.
        let by_name =
            "oui_definitif oui_mais non_mais attente non admissible rejected annulled admissibility admission";
        let by_name: Vec<_> = by_name.split(' ').collect();
        for key in keys.filter(|key| !by_name.contains(key)) {
            let used = templates.iter().any(|(_, text)| text.contains(&format!(".{key}")))
                || words
                    .iter()
                    .any(|(_, text)| text.contains(&format!("{key}(")) || text.contains(&format!("{key}.at(")));
            assert!(used, "{key} is in a dictionary and in no template");
        }
    }

    #[test]
    fn the_fonts_are_the_four_the_templates_name() {
        let press = Press::new();
        let families: Vec<_> = press.fonts.iter().map(|font| font.info().family.clone()).collect();
        assert_eq!(families, ["Libertinus Serif", "Libertinus Serif", "Libertinus Serif", "DejaVu Sans Mono"]);
        assert!(FONTS.iter().map(|font| font.len()).sum::<usize>() < 1_400_000);
    }
}
