//! A PDF as a reader, and a reader's assistive technology, gets it.
#![allow(dead_code, clippy::expect_used, reason = "each target uses its own part; a test may fail")]

use lopdf::{Dictionary, Document, Object};

pub struct Reading {
    document: Document,
    /// Text of each page, without white space: where lines break is no matter of these tests.
    pages: Vec<String>,
}

impl Reading {
    pub fn of(pdf: &[u8]) -> Self {
        let document = Document::load_mem(pdf).expect("a PDF");
        let text = |number: &u32| squeeze(&document.extract_text(&[*number]).expect("text that can be extracted"));
        let pages = document.get_pages().keys().map(text).collect();
        Self { document, pages }
    }

    pub fn pages(&self) -> &[String] {
        &self.pages
    }

    pub fn text(&self) -> String {
        self.pages.concat()
    }

    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(self.text().contains(&squeeze(words)), "{words:?} is not in {}", self.text());
    }

    #[track_caller]
    pub fn says_not(&self, words: &str) {
        assert!(!self.text().contains(&squeeze(words)), "{words:?} is in the document");
    }

    pub fn catalog(&self) -> &Dictionary {
        self.document.catalog().expect("a catalog")
    }

    pub fn language(&self) -> String {
        string(self.catalog().get(b"Lang").expect("a language"))
    }

    pub fn title(&self) -> String {
        let info = self.dictionary(self.document.trailer.get(b"Info").expect("document information"));
        string(info.get(b"Title").expect("a title"))
    }

    /// XMP metadata.
    pub fn xmp(&self) -> String {
        let id = self.catalog().get(b"Metadata").and_then(Object::as_reference).expect("metadata");
        let stream = self.document.get_object(id).and_then(Object::as_stream).expect("a stream");
        let plain = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
        String::from_utf8(plain).expect("XMP in UTF-8")
    }

    pub fn follow<'a>(&'a self, object: &'a Object) -> &'a Object {
        self.document.dereference(object).expect("a reference that leads somewhere").1
    }

    pub fn dictionary<'a>(&'a self, object: &'a Object) -> &'a Dictionary {
        self.follow(object).as_dict().expect("a dictionary")
    }

    /// Every element of the structure tree.
    pub fn elements(&self) -> Vec<&Dictionary> {
        let root = self.catalog().get(b"StructTreeRoot").expect("a structure tree");
        let mut found = vec![];
        let mut left = vec![root];
        while let Some(object) = left.pop() {
            match self.follow(object) {
                Object::Array(items) => left.extend(items),
                Object::Dictionary(element) => {
                    if element.has(b"S") {
                        found.push(element);
                    }
                    left.extend(element.get(b"K"));
                }
                _ => {}
            }
        }
        found
    }

    /// How many elements of a type there are, e.g. `TH`.
    pub fn count(&self, kind: &str) -> usize {
        self.elements().iter().filter(|e| e.get(b"S").and_then(Object::as_name).ok() == Some(kind.as_bytes())).count()
    }

    /// How many stretches of text are marked as of a language.
    pub fn marked_as(&self, language: &str) -> usize {
        let mark = format!("/Lang({language})");
        let content = |page| self.document.get_page_content(page);
        let pages = self.document.get_pages().into_values().map(content);
        pages.map(|content: Vec<u8>| String::from_utf8_lossy(&content).matches(&mark).count()).sum()
    }

    /// Texts that stand for figures.
    pub fn alternatives(&self) -> Vec<String> {
        self.elements().iter().filter_map(|e| e.get(b"Alt").ok()).map(string).collect()
    }

    /// Every font, and whether its program is in the file.
    pub fn fonts(&self) -> Vec<(String, bool)> {
        let descriptors = self.document.objects.values().filter_map(|object| object.as_dict().ok());
        let descriptors =
            descriptors.filter(|d| d.get(b"Type").and_then(Object::as_name).ok() == Some(b"FontDescriptor"));
        descriptors
            .map(|d| {
                let name = d.get(b"FontName").and_then(Object::as_name).expect("a font's name");
                let embedded = d.has(b"FontFile2") || d.has(b"FontFile3");
                (String::from_utf8_lossy(name).into_owned(), embedded)
            })
            .collect()
    }
}

fn string(object: &Object) -> String {
    lopdf::decode_text_string(object).expect("a text string")
}

/// Without white space and without the invisible places where a long word may be broken.
pub fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200B}').collect()
}
