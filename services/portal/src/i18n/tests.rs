//! The two languages hold the same keys with the same placeholders, and the sources name no key that does not exist.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_bundle::FluentResource;

use super::{AREAS, Lang, Tr};

/// Key to the placeholders of its text.
fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let parsed = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| errors).unwrap();
    assert!(parsed.entries().count() > 0);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some((key, _)) = line.split_once(" =")
            && !line.starts_with([' ', '#', '-', '.', '['])
        {
            key.clone_into(&mut current);
            assert!(!found.contains_key(&current), "{current} stands twice");
            found.insert(current.clone(), BTreeSet::new());
        }
        for part in line.split('$').skip(1) {
            let name: String =
                part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
            found.entry(current.clone()).or_default().insert(name);
        }
    }
    found
}

#[test]
fn no_key_and_no_placeholder_is_missing_in_either_language() {
    let mut seen = BTreeSet::new();
    for (area, fr, en) in AREAS {
        let (fr, en) = (keys(fr), keys(en));
        assert_eq!(fr, en, "area {area}: left French, right English");
        for key in fr.keys() {
            assert!(seen.insert(key.clone()), "{key} stands in two areas");
        }
    }
}

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() {
            sources(&entry.path(), into);
        } else {
            into.push(entry.path());
        }
    }
}

#[test]
fn the_sources_name_no_key_that_does_not_exist() {
    let known: BTreeSet<String> = AREAS.iter().flat_map(|(_, fr, _)| keys(fr).into_keys()).collect();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut missing = Vec::new();
    let mut looked = 0;
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs") && !f.ends_with("tests.rs")) {
        let source = fs::read_to_string(file).unwrap();
        for call in ["t.get(", "t.with(", "tr.get(", "tr.with(", "self.get(", "self.with("] {
            for rest in source.split(call).skip(1) {
                // A key put together from parts is held by the test of its own page.
                let Some(key) = rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next()) else { continue };
                looked += 1;
                if !known.contains(key) {
                    missing.push(format!("{}: {key}", file.display()));
                }
            }
        }
    }
    assert!(looked > 20, "only {looked} keys found: has the way texts are asked for changed?");
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Keys asked for in a row: `["a-key", "another"].map(|key| …)`, or such an array by its name.
fn in_a_row(source: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    for (at, _) in source.match_indices(".map(|key|") {
        let before = source[..at].trim_end();
        let array = if before.ends_with(']') {
            before.rfind('[').map(|open| &before[open..])
        } else {
            let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
            let bound = format!("let {name} = [");
            before.rfind(&bound).filter(|_| !name.is_empty()).and_then(|open| before[open..].split(']').next())
        };
        keys.extend(array.unwrap_or_default().split('"').skip(1).step_by(2));
    }
    keys
}

#[test]
fn keys_asked_for_in_a_row_exist_too() {
    assert_eq!(
        in_a_row(r#"["a", "b-c"] .map(|key| x); let heads = ["d", "e"]; f(heads.map(|key| y)); z.map(|key| z)"#),
        ["a", "b-c", "d", "e"]
    );
    let known: BTreeSet<String> = AREAS.iter().flat_map(|(_, fr, _)| keys(fr).into_keys()).collect();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut looked = 0;
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs") && !f.ends_with("tests.rs")) {
        let source = fs::read_to_string(file).unwrap();
        for key in in_a_row(&source) {
            looked += 1;
            assert!(known.contains(key), "{}: {key}", file.display());
        }
    }
    assert!(looked > 50, "only {looked} keys found: has the way lists are headed changed?");
}

#[test]
fn the_language_a_browser_asks_for() {
    for (header, lang) in [
        ("", Lang::Fr),
        ("de-DE,de;q=0.9", Lang::Fr),
        ("en-GB,en;q=0.9,fr;q=0.8", Lang::En),
        ("fr;q=0.3, en;q=0.4", Lang::En),
        ("en;q=0", Lang::Fr),
        ("fr,en", Lang::Fr),
    ] {
        assert_eq!(Lang::accepted(header), lang, "{header}");
    }
}

#[test]
fn a_text_that_is_missing_shows_its_key() {
    assert_eq!(Tr(Lang::Fr).get("no-such-text"), "[no-such-text]");
}
