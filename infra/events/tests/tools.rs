//! What others make of the contract: AsyncAPI's own parser, and buf's rules for messages and their changes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expected")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// What AsyncAPI's parser says about a document.
fn accepted(document: &Path) -> Output {
    let javascript = here().join("javascript");
    assert!(javascript.join("node_modules").exists(), "run `npm ci --ignore-scripts` in infra/events/javascript");
    Command::new("node").arg("accept.mjs").arg(document).current_dir(javascript).output().unwrap()
}

#[test]
fn the_document_is_accepted_and_a_broken_one_is_not() {
    let document = here().join("contract/asyncapi.json");
    let output = accepted(&document);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains(&format!("{} messages", contracts::PUBLISHED.len())), "{}", said(&output));

    let whole = fs::read_to_string(&document).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (good, bad) in [
        ("\"action\": \"send\"", "\"action\": \"shout\""),
        ("\"#/components/messages/Admitted\"", "\"#/components/messages/Nobody\""),
    ] {
        assert!(whole.contains(good), "{good}");
        let broken = dir.path().join("broken.json");
        fs::write(&broken, whole.replace(good, bad)).unwrap();
        assert!(!accepted(&broken).status.success(), "accepted with {bad}");
    }
}

/// buf on our messages, with its exceptions.
fn buf(arguments: &[&str]) -> Output {
    let unpacked = engines::wheels(include_str!("buf.txt")).unwrap();
    let found = fs::read_dir(&unpacked).unwrap().flatten().map(|e| e.path().join("scripts/buf")).find(|p| p.exists());
    let program = found.unwrap_or_else(|| panic!("no buf in {}", unpacked.display()));
    may_run(&program);
    Command::new(program).args(arguments).output().unwrap()
}

/// Zip archives keep no run bits.
fn may_run(program: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(program).unwrap().permissions().mode();
    if mode & 0o111 != 0o111 {
        fs::set_permissions(program, fs::Permissions::from_mode(mode | 0o111)).unwrap();
    }
}

fn proto() -> PathBuf {
    here().join("../../proto")
}

#[test]
fn the_messages_keep_to_the_rules() {
    let output = buf(&["lint", &proto().display().to_string()]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn nothing_that_was_released_is_broken_and_a_break_is_seen() {
    let released = here().join("released.binpb");
    let against =
        |proto: &Path| buf(&["breaking", &proto.display().to_string(), "--against", &released.display().to_string()]);
    let output = against(&proto());
    assert!(output.status.success(), "{}", said(&output));

    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("proto");
    let copied = Command::new("cp").arg("-r").arg(proto()).arg(&broken).output().unwrap();
    assert!(copied.status.success(), "{}", said(&copied));
    let events = broken.join("admissions/published/v1/events.proto");
    let text = fs::read_to_string(&events).unwrap();
    assert!(text.contains("string school = 2;"), "{text}");
    fs::write(&events, text.replace("string school = 2;", "string campus = 2;")).unwrap();
    let output = against(&broken);
    assert!(!output.status.success() && said(&output).contains("campus"), "{}", said(&output));
}
