//! `integration allocate`, as the jury runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Standard output, standard error and exit status of the what-if tool.
fn allocate(input: &[u8]) -> (String, String, i32) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_integration"))
        .arg("allocate")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

fn answered(input: &str) -> String {
    let (output, errors, code) = allocate(input.as_bytes());
    assert_eq!((errors.as_str(), code), ("", 0), "{input}");
    output
}

fn refused(input: &str) -> Vec<String> {
    let (output, errors, code) = allocate(input.as_bytes());
    assert_eq!((output.as_str(), code), ("", 2), "{input}");
    assert_eq!(errors.matches('\n').count(), 1);
    serde_json::from_str(&errors).unwrap()
}

#[test]
fn the_issue_s_own_example() {
    let input = r#"{"capacities":{"albi":5},"preferences":{"c1":["albi"]},"rankings":{"albi":["c1"]}}"#;
    assert_eq!(answered(input), "{\"proposals\":{\"c1\":\"albi\"},\"last_called\":{\"albi\":1}}\n");
}

#[test]
fn keys_are_sorted_and_the_order_of_the_input_does_not_show() {
    let one = r#"{"capacities":{"b":1,"a":1},"preferences":{"z":["a","b"],"y":["a","b"],"x":["b"]},
        "rankings":{"a":["y","z"],"b":["x","y","z"]}}"#;
    let other = r#"{"rankings":{"b":["x","y","z"],"a":["y","z"]},
        "preferences":{"x":["b"],"y":["a","b"],"z":["a","b"]},"capacities":{"a":1,"b":1}}"#;
    let expected = "{\"proposals\":{\"x\":\"b\",\"y\":\"a\"},\"last_called\":{\"a\":1,\"b\":1}}\n";
    assert_eq!(answered(one), expected);
    assert_eq!(answered(other), expected);
}

#[test]
fn no_seats_no_rank_and_nobody_at_all_are_legal() {
    let input = r#"{"capacities":{"a":0,"b":2},"preferences":{"c1":["a"],"c2":[],"c3":["b"]},"rankings":{"a":["c1"]}}"#;
    assert_eq!(answered(input), "{\"proposals\":{},\"last_called\":{\"a\":0,\"b\":0}}\n");
    let nobody = r#"{"capacities":{},"preferences":{},"rankings":{}}"#;
    assert_eq!(answered(nobody), "{\"proposals\":{},\"last_called\":{}}\n");
    let plenty = r#"{"capacities":{"a":18446744073709551615},"preferences":{"c":["a"]},"rankings":{"a":["c"]}}"#;
    assert_eq!(answered(plenty), "{\"proposals\":{\"c\":\"a\"},\"last_called\":{\"a\":1}}\n");
}

#[test]
fn last_called_is_the_position_on_the_table() {
    let input = r#"{"capacities":{"a":1,"b":1},"preferences":{"p":["b","a"],"q":["a"]},
        "rankings":{"a":["p","q"],"b":["p"]}}"#;
    assert_eq!(answered(input), "{\"proposals\":{\"p\":\"b\",\"q\":\"a\"},\"last_called\":{\"a\":2,\"b\":1}}\n");
}

#[test]
fn every_fault_is_named_at_once() {
    let faults = refused(
        r#"{"capacities":{"a":-1,"b":1.5,"c":"2","d":1,"d":2},
            "preferences":{"p":["a","nowhere","a"],"q":["d"],"q":["a"],"r":"a","s":[7]},
            "rankings":{"d":["p","q","ghost","q"],"elsewhere":["p"]},
            "extra":null}"#,
    );
    for expected in [
        r#"unknown key "extra"; known are capacities, preferences, rankings"#,
        r#"capacities has the key "d" twice"#,
        r#"preferences has the key "q" twice"#,
        r#"capacities: school "a" has -1 for a number of seats"#,
        r#"capacities: school "b" has 1.5 for a number of seats"#,
        r#"capacities: school "c" has "2" for a number of seats"#,
        r#"preferences: "p" names "a" twice"#,
        r#"preferences: "r" has "a", not an array"#,
        r#"preferences: "s" names 7, not a string"#,
        r#"rankings: "d" names "q" twice"#,
        r#"preferences: "p" names the school "nowhere", which has no capacity"#,
        r#"rankings: "d" ranks "p", who did not ask for it"#,
        r#"rankings: "d" ranks "ghost", who has no preferences"#,
        r#"rankings: the school "elsewhere" has no capacity"#,
    ] {
        assert!(faults.iter().any(|fault| fault == expected), "{expected} is not among {faults:#?}");
    }
    assert_eq!(faults.len(), 14, "{faults:#?}");
}

#[test]
fn what_is_not_such_a_document_is_refused() {
    assert!(refused("")[0].starts_with("not JSON: "));
    assert!(refused(r#"{"capacities":{}"#)[0].starts_with("not JSON: "));
    assert!(refused("{}{}")[0].starts_with("not JSON: "));
    assert!(refused(&"[".repeat(100_000))[0].starts_with("not JSON: "));
    assert_eq!(refused("[]"), ["the document is an array, not an object"]);
    assert_eq!(refused("{}"), ["capacities is missing", "preferences is missing", "rankings is missing"]);
    let twice = r#"{"capacities":{},"capacities":{},"preferences":{},"rankings":{}}"#;
    assert_eq!(refused(twice), [r#"the document has the key "capacities" twice"#]);
    let (_, errors, code) = allocate(b"\xff");
    assert!(errors.contains("not JSON") && code == 2, "{errors}");
}

#[test]
fn a_key_given_twice_is_named_wherever_it_is_and_so_is_what_it_hides() {
    let faults = refused(
        r#"{"capacities":{"a":1},"preferences":{"p":["a"],"p":["nowhere"],"q":{"x":1,"x":2}},
            "rankings":{"a":["p"]},"rankings":{"a":["ghost"],"\u0061":["p",{"y":[{"z":1,"z":2}]}]}}"#,
    );
    let expected = [
        r#"the document has the key "rankings" twice"#,
        r#"preferences has the key "p" twice"#,
        r#"preferences.q has the key "x" twice"#,
        r#"rankings has the key "a" twice"#,
        r#"rankings.a.y has the key "z" twice"#,
        r#"preferences: "q" has an object, not an array"#,
        r#"rankings: "a" names an object, not a string"#,
        r#"preferences: "p" names the school "nowhere", which has no capacity"#,
        r#"rankings: "a" ranks "ghost", who has no preferences"#,
    ];
    assert_eq!(faults, expected);
}

#[test]
fn what_follows_the_command_is_refused_and_not_ignored() {
    let output = Command::new(env!("CARGO_BIN_EXE_integration")).args(["allocate", "FILE"]).output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.status.code()), (&b""[..], Some(2)));
    let faults: Vec<String> = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(faults, [r#"allocate takes its question from standard input, and no argument "FILE""#]);
}
