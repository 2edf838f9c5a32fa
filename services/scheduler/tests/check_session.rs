//! `scheduler check-session FILE`, as a person or a script runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Exit status and what it printed.
fn check(arguments: &[&Path]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_scheduler")).arg("check-session").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_session_is_0_even_with_warnings() {
    let (code, printed, _) = check(&[&root().join("infra/sessions/2026.toml")]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("Tableau 1: the printed total of column `L3` is 22"), "{printed}");
    assert!(printed.contains("deposits_close             2026-03-20T23:00:00 = 2026-03-20T22:00:00Z"), "{printed}");
    let (code, printed, _) = check(&[&root().join("tests/sessions/invented.toml")]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn anything_else_is_1_and_names_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken.toml");
    let text = std::fs::read_to_string(root().join("infra/sessions/2026.toml")).unwrap();
    let text = text.replace("FR76 1007 1420", "FR77 1007 1420").replace("zone = ", "zona = ");
    std::fs::write(&file, &text).unwrap();
    let (code, printed, _) = check(&[&file]);
    assert_eq!(code, Some(1), "{printed}");
    let line = text.lines().position(|l| l.starts_with("iban = \"FR77")).unwrap() + 1;
    let expected = format!("broken.toml:{line}:8: schools[0].account.iban: the IBAN `FR77 1007 1420");
    assert!(printed.contains(&expected), "{printed}");
    assert!(printed.contains("session.zona: unknown key") && printed.contains("`zone` is missing"), "{printed}");
    assert!(printed.trim_end().ends_with("not a session: 3 errors"), "{printed}");

    let (code, printed, _) = check(&[&dir.path().join("absent.toml")]);
    assert!(code == Some(1) && printed.starts_with("error: "), "{printed}");
}

#[test]
fn a_command_line_that_names_no_file_is_2() {
    let (code, _, complained) = check(&[]);
    assert_eq!((code, complained.as_str()), (Some(2), "usage: scheduler check-session FILE\n"));
}
