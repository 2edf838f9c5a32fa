//! XML into a small tree, refusing what a statement never needs: document types (and with them entities), processing of
//! any reference but the five of XML itself, depth and size beyond a bank's.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesStart, Event},
};

use super::{Unreadable, latin1, quoted};

const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 600_000;

/// An element: its local name, attributes, text and children.
#[derive(Debug, Default)]
pub struct Node {
    pub name: Box<str>,
    pub attributes: Vec<(Box<str>, Box<str>)>,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| &*c.name == name)
    }

    /// Every child of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| &*c.name == name)
    }

    /// The element at the end of a path of names, each time the first.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// Its text, trimmed.
    pub fn text(&self) -> &str {
        self.text.trim()
    }

    /// Text at the end of a path; `None` when absent or blank.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(Self::text).filter(|t| !t.is_empty())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| &**n == name).map(|(_, v)| &**v)
    }
}

/// Reads a document: its root element.
pub fn read(bytes: &[u8]) -> Result<Node, Unreadable> {
    let text = decode(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    let mut nodes = 0usize;
    loop {
        let begins = position(&reader);
        // Counted only for a refusal: a count per element would be quadratic.
        let line = || line_of(&text, begins);
        let event = reader.read_event().map_err(|error| Unreadable::NotXml {
            line: line_of(&text, usize::try_from(reader.error_position()).unwrap_or(usize::MAX)),
            why: quoted(&error.to_string()),
        })?;
        let hostile = |why| Err(Unreadable::Hostile { line: line(), why });
        let outside = |open: &Vec<Node>| open.is_empty();
        match event {
            Event::Start(start) => {
                nodes += 1;
                if nodes > MAX_NODES {
                    return hostile("more elements than a statement of this size has");
                }
                if open.len() >= MAX_DEPTH {
                    return hostile("elements lie deeper than in any statement");
                }
                if root.is_some() {
                    return Err(Unreadable::NotXml { line: line(), why: "a second root element".into() });
                }
                open.push(node(&start, &line)?);
            }
            Event::Empty(start) => {
                nodes += 1;
                if nodes > MAX_NODES {
                    return hostile("more elements than a statement of this size has");
                }
                let node = node(&start, &line)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None if root.is_none() => root = Some(node),
                    None => return Err(Unreadable::NotXml { line: line(), why: "a second root element".into() }),
                }
            }
            Event::End(_) => {
                // The reader has checked that the names agree.
                if let Some(node) = open.pop() {
                    match open.last_mut() {
                        Some(parent) => parent.children.push(node),
                        None => root = Some(node),
                    }
                }
            }
            Event::Text(part) => {
                let part = part.xml10_content();
                match open.last_mut() {
                    Some(node) => node.text.push_str(&part),
                    None if part.chars().all(|c| c.is_whitespace() || c == '\u{feff}') => {}
                    None => {
                        return Err(Unreadable::NotXml { line: line(), why: "text outside the root element".into() });
                    }
                }
            }
            Event::CData(part) => match open.last_mut() {
                Some(node) => node.text.push_str(&part.xml10_content()),
                None => return Err(Unreadable::NotXml { line: line(), why: "text outside the root element".into() }),
            },
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    Ok(None) => match resolve_xml_entity(&reference.xml10_content()) {
                        Some(text) => text.to_owned(),
                        None => return hostile("an entity that XML itself does not define"),
                    },
                    Err(error) => {
                        return Err(Unreadable::NotXml { line: line(), why: quoted(&error.to_string()) });
                    }
                };
                match open.last_mut() {
                    Some(node) => node.text.push_str(&resolved),
                    None => {
                        return Err(Unreadable::NotXml { line: line(), why: "text outside the root element".into() });
                    }
                }
            }
            Event::DocType(_) => return hostile("a document type is not read"),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => {
                if !outside(&open) {
                    return Err(Unreadable::NotXml { line: line(), why: "the document ends inside an element".into() });
                }
                return root
                    .ok_or_else(|| Unreadable::NotXml { line: line(), why: "there is no element in it".into() });
            }
        }
    }
}

fn node(start: &BytesStart<'_>, line: &dyn Fn() -> usize) -> Result<Node, Unreadable> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let refuse = |why: String| Unreadable::NotXml { line: line(), why: quoted(&why) };
        let attribute = attribute.map_err(|e| refuse(e.to_string()))?;
        if attributes.len() >= 32 {
            return Err(Unreadable::Hostile { line: line(), why: "more attributes than a statement has" });
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| refuse(e.to_string()))?;
        attributes.push((attribute.key.as_ref().into(), value.as_ref().into()));
    }
    Ok(Node { name: start.local_name().as_ref().into(), attributes, ..Node::default() })
}

/// UTF-8, or Latin-1 if the declaration says so.
fn decode(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = latin1(bytes.get(..bytes.len().min(200)).unwrap_or_default());
    let declaration = head.split_once("?>").map(|(d, _)| d.to_ascii_lowercase()).unwrap_or_default();
    if ["iso-8859-1", "iso-8859-15", "windows-1252"].iter().any(|e| declaration.contains(e)) {
        return Ok(latin1(bytes).into());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => Err(Unreadable::NotXml {
            line: 1 + bytes.iter().take(error.valid_up_to()).filter(|b| **b == b'\n').count(),
            why: "neither UTF-8 nor declared as Latin-1".into(),
        }),
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn line_of(text: &str, position: usize) -> usize {
    1 + text.as_bytes().iter().take(position).filter(|b| **b == b'\n').count()
}
