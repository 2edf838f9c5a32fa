//! The committed 2026 file against the notice, cell by cell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use notice::{DiplomaKind, Due, Session, UnlistedMention, Verdict, keys};

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sessions/2026.toml");
    std::fs::read_to_string(path).unwrap()
}

fn session() -> Session {
    match Session::parse(&text()) {
        Ok((session, _)) => session,
        Err(problems) => panic!("{problems:#?}"),
    }
}

#[test]
fn it_is_valid() {
    let verdict = Verdict::of("2026.toml", &text());
    println!("{verdict}");
    assert!(verdict.is_valid(), "{verdict}");
}
