//! What whoever adopts this reads first: licence, public code, and what else is linked in.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::{read, root};

#[test]
fn the_licence_is_the_one_that_every_crate_names() {
    let text = read("LICENSE");
    assert!(text.starts_with("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n"));
    for part in ["15.Applicable Law", "‘Compatible Licences’ according to Article 5 EUPL are"] {
        assert!(text.contains(part), "the text is cut short: {part}");
    }
    assert!(read("Cargo.toml").contains("license = \"EUPL-1.2\""));
    let public: Value = serde_saphyr::from_str(&read("publiccode.yml")).unwrap();
    assert_eq!(public["legal"]["license"], "EUPL-1.2");
}

/// The standard's own demands of a `publiccode.yml`, version 0.4, as far as they concern what stands in ours.
fn wrong(file: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    let one_of = |at: &Value, all: &[&str]| at.as_str().is_some_and(|text| all.contains(&text));
    demand(one_of(&file["publiccodeYmlVersion"], &["0.4", "0.4.0"]), "publiccodeYmlVersion");
    demand(file["name"].as_str().is_some_and(|name| !name.is_empty()), "name");
    demand(file["url"].as_str().is_some_and(|url| url.starts_with("https://")), "url");
    demand(file["platforms"].as_array().is_some_and(|all| !all.is_empty()), "platforms");
    let status = ["concept", "development", "beta", "stable", "obsolete"];
    demand(one_of(&file["developmentStatus"], &status), "developmentStatus");
    let kinds = [
        "standalone/mobile",
        "standalone/iot",
        "standalone/desktop",
        "standalone/web",
        "standalone/backend",
        "standalone/other",
        "addon",
        "library",
        "configurationFiles",
    ];
    demand(one_of(&file["softwareType"], &kinds), "softwareType");
    demand(one_of(&file["maintenance"]["type"], &["internal", "contract", "community", "none"]), "maintenance.type");
    let named = |contacts: &Value| contacts.as_array().is_some_and(|all| all.iter().all(|c| c["name"].is_string()));
    demand(named(&file["maintenance"]["contacts"]), "maintenance.contacts");
    demand(file["localisation"]["localisationReady"].is_boolean(), "localisation.localisationReady");
    let languages: Vec<&str> =
        file["localisation"]["availableLanguages"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    demand(!languages.is_empty(), "localisation.availableLanguages");
    for language in languages {
        let description = &file["description"][language];
        let length = |field: &str| description[field].as_str().map_or(0, |text| text.chars().count());
        demand((1..=150).contains(&length("shortDescription")), &format!("description.{language}.shortDescription"));
        demand((150..=10_000).contains(&length("longDescription")), &format!("description.{language}.longDescription"));
        let features = description["features"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let features: Vec<&str> = features.collect();
        demand(!features.is_empty(), &format!("description.{language}.features"));
        demand(
            features.iter().all(|f| f.chars().count() <= 100),
            &format!("description.{language}.features are short"),
        );
    }
    wrong
}

#[test]
fn publiccode_yml_says_what_the_standard_asks_for() {
    let file: Value = serde_saphyr::from_str(&read("publiccode.yml")).unwrap();
    assert_eq!(wrong(&file), Vec::<String>::new());
    assert_eq!(file["softwareVersion"], env!("CARGO_PKG_VERSION"));
    let mut planted = file.clone();
    planted["softwareType"] = "website".into();
    planted["description"]["fr"]["shortDescription"] = "x".repeat(151).into();
    assert_eq!(wrong(&planted), ["softwareType", "description.fr.shortDescription"]);
}

/// Licences under which what we link in may be passed on together with EUPL-1.2 code.
const ALLOWED: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The parts of an expression between a word that stands in no parentheses.
fn split(text: &str, word: &str) -> Vec<String> {
    let mut open = 0;
    let mut parts = vec![String::new()];
    for token in text.split_whitespace() {
        open += token.matches('(').count();
        match parts.last_mut() {
            Some(part) if open > 0 || token != word => *part = format!("{part} {token}").trim().to_owned(),
            _ => parts.push(String::new()),
        }
        open -= token.matches(')').count();
    }
    parts
}

/// Whether an SPDX expression can be met by allowed licences alone: each part of an AND, one part of an OR.
fn allowed(expression: &str) -> bool {
    let text = expression.replace('/', " OR ");
    let any = split(&text, "OR");
    if any.len() > 1 {
        return any.iter().any(|part| allowed(part));
    }
    let all = split(&text, "AND");
    if all.len() > 1 {
        return all.iter().all(|part| allowed(part));
    }
    match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => allowed(inner),
        None => ALLOWED.contains(&text.trim()),
    }
}

#[test]
fn whatever_is_linked_in_may_be_passed_on_with_ours() {
    for (expression, verdict) in [
        ("MIT OR Apache-2.0", true),
        ("MIT/GPL-3.0-only", true),
        ("GPL-3.0-only", false),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR LGPL-3.0-only", true),
    ] {
        assert_eq!(allowed(expression), verdict, "{expression}");
    }
    let told =
        Command::new(env!("CARGO")).args(["metadata", "--format-version=1", "--offline"]).current_dir(root()).output();
    let told = told.unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let metadata: Value = serde_json::from_slice(&told.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 200);
    let refused: BTreeSet<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(allowed))
        .map(|package| format!("{} {}", package["name"], package["license"]))
        .collect();
    assert_eq!(refused, BTreeSet::new(), "neither allowed nor decided upon");
}
