//! What is committed is what the messages and their comments give.

#![allow(clippy::unwrap_used, reason = "a test says what it expected")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract")
}

fn read(dir: &Path, below: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, below, into);
        } else {
            let name = path.strip_prefix(below).unwrap().display().to_string();
            into.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn the_committed_contract_is_what_is_written_today() {
    let mut found = BTreeMap::new();
    read(&committed(), &committed(), &mut found);
    let wanted = events::files().unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (name, text) in &wanted {
        assert_eq!(&found[name], text, "{name}: run `cargo run -p events -- infra/events/contract`");
    }
}

#[test]
fn every_event_says_what_when_and_never() {
    let events = events::events().unwrap();
    assert_eq!(events.len(), contracts::PUBLISHED.len());
    for event in events {
        assert!(event.what.ends_with('.') && event.when.ends_with('.') && event.never.ends_with('.'), "{event:?}");
        assert!(!event.what.contains("When:") && !event.when.contains("Never:"), "{event:?}");
        // What the example shows is described, and what is always there is shown.
        let shown: BTreeSet<&String> = event.example.as_object().unwrap().keys().collect();
        let described: BTreeSet<&String> = event.fields.iter().map(|f| &f.name).collect();
        assert_eq!(shown, described, "{}", event.name);
    }
}
