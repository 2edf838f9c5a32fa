//! The walls of the house (ARCHITECTURE.md), read from the sources and from `cargo metadata`.
//!
//! Each test says what it found and where; each was seen to fail on a planted breach (see the tests of [`breaches`]).

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what it expected")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::visit::Visit;

const SERVICES: [&str; 9] =
    ["intake", "eligibility", "jury", "scheduling", "payments", "integration", "scheduler", "portal", "notifier"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files below `dir` with this ending, sorted.
fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !["target", ".git", "node_modules"].iter().any(|skip| path.ends_with(skip)) {
                found.extend(files(&path, ending));
            }
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Collects every path a file names outside its own tests: `a::b::c` as text.
#[derive(Default)]
struct Paths(Vec<String>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !for_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::"));
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        flatten(&item.tree, String::new(), &mut self.0);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // What stands inside a macro is not parsed: look at its words.
        let words = call.tokens.to_string().replace(' ', "");
        self.0.extend(FORBIDDEN.iter().filter(|f| words.contains(&format!("{f}::"))).map(|f| (*f).to_owned()));
        syn::visit::visit_macro(self, call);
    }
}

fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| {
        let mut test = false;
        if a.path().is_ident("cfg") {
            let _ = a.parse_nested_meta(|meta| {
                test |= meta.path.is_ident("test");
                Ok(())
            });
        }
        test
    })
}

fn flatten(tree: &syn::UseTree, before: String, into: &mut Vec<String>) {
    let join = |name: String| if before.is_empty() { name } else { format!("{before}::{name}") };
    match tree {
        syn::UseTree::Path(path) => flatten(&path.tree, join(path.ident.to_string()), into),
        syn::UseTree::Name(name) => into.push(join(name.ident.to_string())),
        syn::UseTree::Rename(rename) => into.push(join(rename.ident.to_string())),
        syn::UseTree::Glob(_) => into.push(before),
        syn::UseTree::Group(group) => group.items.iter().for_each(|item| flatten(item, before.clone(), into)),
    }
}

/// What a domain may not name: I/O, the wire, the ambient clock, chance.
const FORBIDDEN: [&str; 22] = [
    "tokio",
    "sqlx",
    "tonic",
    "prost",
    "serde",
    "serde_json",
    "contracts",
    "platform",
    "async_nats",
    "object_store",
    "futures",
    "tracing",
    "opentelemetry",
    "rand",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::thread",
];
const AMBIENT: [&str; 4] = ["SystemTime::now", "Timestamp::now", "Zoned::now", "Uuid::now_v7"];

fn names(path: &str, forbidden: &str) -> bool {
    path == forbidden || path.starts_with(&format!("{forbidden}::"))
}

/// Paths of a source that a domain may not name.
fn impure(source: &str) -> Vec<String> {
    let Ok(file) = syn::parse_file(source) else { return vec!["it does not parse".into()] };
    let mut paths = Paths::default();
    paths.visit_file(&file);
    paths
        .0
        .into_iter()
        .filter(|p| FORBIDDEN.iter().any(|f| names(p, f)) || AMBIENT.iter().any(|a| p.ends_with(a)))
        .collect()
}

/// Modules that are tests are declared so by their parent (`#[cfg(test)] mod histories;`): their files are left out.
fn test_modules(dir: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for file in files(dir, ".rs") {
        let Ok(parsed) = syn::parse_file(&fs::read_to_string(&file).unwrap_or_default()) else { continue };
        for item in parsed.items {
            if let syn::Item::Mod(module) = item
                && for_tests(&module.attrs)
                && module.content.is_none()
            {
                let name = module.ident.to_string();
                let home = match file.file_stem().and_then(|s| s.to_str()) {
                    Some("mod" | "lib" | "main") => file.parent().map(Path::to_owned),
                    _ => Some(file.with_extension("")),
                };
                if let Some(home) = home {
                    found.insert(home.join(format!("{name}.rs")));
                    found.extend(files(&home.join(&name), ".rs"));
                }
            }
        }
    }
    found
}

#[test]
fn a_domain_names_no_io_no_wire_and_no_ambient_clock() {
    let mut breaches = Vec::new();
    let mut looked = 0;
    for service in SERVICES {
        let domain = root().join("services").join(service).join("src/domain");
        let tests = test_modules(&domain);
        for file in files(&domain, ".rs").into_iter().filter(|f| !tests.contains(f)) {
            looked += 1;
            let found = impure(&fs::read_to_string(&file).expect("a source file"));
            breaches.extend(found.into_iter().map(|p| format!("{} names {p}", shown(&file))));
        }
    }
    assert!(looked > 20, "only {looked} domain files found");
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn the_ambient_clock_is_read_in_one_place() {
    let mut breaches = Vec::new();
    for file in files(&root().join("services"), ".rs").into_iter().chain(files(&root().join("tests/src"), ".rs")) {
        if shown(&file).ends_with("services/platform/src/clock.rs") {
            continue;
        }
        let source = fs::read_to_string(&file).expect("a source file");
        for (number, line) in source.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if AMBIENT.iter().any(|a| code.contains(a)) {
                breaches.push(format!("{}:{}: {}", shown(&file), number + 1, line.trim()));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// Package name to the workspace's own packages it depends on (not for its tests).
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("its JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |of: &serde_json::Value| of["name"].as_str().unwrap_or_default().to_owned();
    let own: BTreeSet<String> = packages.iter().map(name).collect();
    let normal = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().into_iter().flatten().filter(|d| d["kind"].is_null());
        all.map(name).filter(|d| own.contains(d)).collect()
    };
    packages.iter().map(|p| (name(p), normal(p))).collect()
}

#[test]
fn no_service_depends_on_another() {
    let dependencies = dependencies();
    for service in SERVICES {
        let mut allowed: BTreeSet<String> = ["contracts", "platform", "notice"].map(String::from).into();
        if service == "portal" {
            // What takes minutes to build is a crate of its own, which the portal alone links.
            allowed.insert("documents".into());
        }
        let found = dependencies.get(service).unwrap_or_else(|| panic!("no package {service}"));
        assert!(found.is_subset(&allowed), "{service} depends on {found:?}");
    }
    assert_eq!(dependencies["platform"], ["contracts".to_owned()].into(), "platform stands on the contracts alone");
    assert!(
        dependencies["contracts"].is_empty() && dependencies["notice"].is_empty(),
        "contracts and notice stand on nothing"
    );
}

/// Words of the procedure, any form of them.
const ADMISSIONS: [&str; 18] = [
    "dossier",
    "candidat",
    "filière",
    "filiere",
    "jury",
    "clôture",
    "recevab",
    "admissib",
    "fiche",
    "bourse",
    "convocation",
    "albi",
    "alès",
    "nord-europe",
    "epreuve",
    "épreuve",
    "intake",
    "eligibility",
];

#[test]
fn platform_names_no_word_of_the_procedure() {
    let mut breaches = Vec::new();
    for file in files(&root().join("services/platform/src"), ".rs") {
        let source = fs::read_to_string(&file).expect("a source file").to_lowercase();
        for (number, line) in source.lines().enumerate() {
            breaches.extend(
                ADMISSIONS
                    .iter()
                    .filter(|w| line.contains(**w))
                    .map(|w| format!("{}:{}: {w}", shown(&file), number + 1)),
            );
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn nothing_in_the_code_knows_a_school() {
    let schools = ["albi", "alès", "\"ales\"", "nord-europe", "douai"];
    let mut breaches = Vec::new();
    for service in SERVICES {
        let source = root().join("services").join(service).join("src");
        let tests = test_modules(&source);
        for file in files(&source, ".rs").into_iter().filter(|f| !tests.contains(f)) {
            let text = fs::read_to_string(&file).expect("a source file");
            // Examples in comments and tests at the bottom of a file may name one.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default().to_lowercase();
                breaches.extend(
                    schools
                        .iter()
                        .filter(|s| code.contains(**s))
                        .map(|s| format!("{}:{}: {s}", shown(&file), number + 1)),
                );
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// The list of calls between services in ARCHITECTURE.md: lines "caller -> callee" in the block after its heading.
fn written_calls(document: &str) -> BTreeSet<(String, String)> {
    let block = document.split("```calls").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    let pair = |line: &str| {
        let (from, rest) = line.split_once("->")?;
        Some((from.trim().to_owned(), rest.split_whitespace().next()?.to_owned()))
    };
    block.lines().filter_map(pair).collect()
}

#[test]
fn every_call_between_services_is_in_the_written_list() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let written = written_calls(&document);
    let mut made = BTreeSet::new();
    for service in SERVICES {
        for file in files(&root().join("services").join(service).join("src"), ".rs") {
            let source = fs::read_to_string(&file).expect("a source file");
            let named = source.split(".peer(\"").skip(1).chain(source.split(".plain_peer(\"").skip(1));
            for peer in named.filter_map(|rest| rest.split('"').next()) {
                made.insert((service.to_owned(), peer.to_owned()));
            }
        }
    }
    assert!(!made.is_empty(), "no call found: has the way peers are named changed?");
    assert_eq!(made, written, "left: calls made in the code; right: calls written in ARCHITECTURE.md");
}

#[test]
fn sql_lives_only_in_stores() {
    let mut breaches = Vec::new();
    for service in SERVICES {
        let source = root().join("services").join(service).join("src");
        for file in files(&source, ".rs") {
            let inside = file.strip_prefix(&source).unwrap_or(&file);
            if inside.starts_with("store") || inside == Path::new("store.rs") {
                continue;
            }
            if fs::read_to_string(&file).expect("a source file").contains("sqlx::query") {
                breaches.push(shown(&file));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// Words in backticks that look like a path of this repository.
fn named_files(document: &str) -> Vec<String> {
    let ours = ["services/", "proto/", "infra/", "tests/", ".ci/", ".cargo/"];
    let code = document.split('`').skip(1).step_by(2);
    let links = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    code.chain(links)
        .map(|word| word.split(['#', ' ']).next().unwrap_or_default().trim_end_matches('/').to_owned())
        .filter(|word| ours.iter().any(|o| word.starts_with(o)) && !word.contains(['<', '*', '{', '…']))
        .collect()
}

#[test]
fn no_document_names_a_file_that_is_gone() {
    let mut gone = Vec::new();
    let mut looked = 0;
    for file in files(&root(), ".md") {
        let document = fs::read_to_string(&file).expect("a document");
        for named in named_files(&document) {
            looked += 1;
            let beside = file.parent().is_some_and(|dir| dir.join(&named).exists());
            if !beside && !root().join(&named).exists() {
                gone.push(format!("{} names {named}", shown(&file)));
            }
        }
    }
    assert!(looked > 5, "only {looked} names found");
    assert!(gone.is_empty(), "{gone:#?}");
}

/// The checks above, seen to fail.
mod breaches {
    use super::*;

    #[test]
    fn an_impure_domain_is_seen() {
        assert_eq!(impure("use std::fs; fn f() { fs::read(\"x\").ok(); }"), ["std::fs"]);
        assert_eq!(impure("fn f() { let at = jiff::Timestamp::now(); }"), ["jiff::Timestamp::now"]);
        assert_eq!(impure("use {std::io::{self, Read}, tokio::sync::Mutex};").len(), 3);
        assert_eq!(impure("fn f() { println!(\"{}\", std::env::var(\"X\").is_ok()); }"), ["std::env"]);
    }

    #[test]
    fn a_pure_domain_passes_and_its_tests_may_do_as_they_like() {
        assert!(impure("use jiff::Timestamp; #[cfg(test)] mod tests { use std::fs; }").is_empty());
    }

    #[test]
    fn a_call_that_is_not_written_is_seen() {
        let written = written_calls("x\n```calls\nintake -> eligibility  why\n```\n");
        assert_eq!(written, [("intake".to_owned(), "eligibility".to_owned())].into());
    }

    #[test]
    fn a_path_in_a_document_is_seen() {
        assert_eq!(
            named_files("see `services/none/README.md` and [that](infra/none.md#part)"),
            ["services/none/README.md", "infra/none.md"]
        );
    }
}
