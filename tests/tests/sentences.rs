//! Whatever a service refuses or gives as a reason, the portal says in both languages: codes are read from the sources of
//! the services, sentences from the portal's texts.

#![allow(clippy::expect_used, reason = "a test says what it expected")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::visit::Visit;

/// Refusals that no page shows, and why. What is worth another try shows the page of what does not answer.
const NOT_ON_A_PAGE: [(&str, &str); 8] = [
    ("TOKEN_REQUIRED", "the guard of a route asks for a log-in first"),
    ("SERVICE_NOT_ALLOWED", "between services"),
    ("SUBJECT_NOT_ALLOWED", "between services"),
    ("PURPOSE_INVALID", "between services"),
    ("INVITATION_UNKNOWN", "between services"),
    ("TOO_MANY_IDS", "the portal asks for as many as are allowed"),
    ("NO_MAILBOX", "the demo's mailbox is not offered where there is none"),
    ("RECEVABILITE_UNKNOWN", "between services"),
];

fn services() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../services")
}

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

/// Sources of every service, without what is for tests.
fn all_sources() -> Vec<(PathBuf, syn::File)> {
    let mut paths = Vec::new();
    for service in fs::read_dir(services()).expect("services").flatten() {
        sources(&service.path().join("src"), &mut paths);
    }
    paths.sort();
    let parse = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file");
        (path, syn::parse_file(&text).expect("Rust"))
    };
    paths.into_iter().map(parse).collect()
}

fn is_code(text: &str) -> bool {
    text.len() > 3 && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Literals of a file outside its tests: those that name a refusal, those that name a reason, and all.
#[derive(Default)]
struct Literals {
    refusals: BTreeSet<String>,
    passing: BTreeSet<String>,
    reasons: BTreeSet<String>,
    keys: BTreeSet<String>,
    all: BTreeSet<String>,
}

fn literal(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Literals {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        const REFUSALS: [&str; 8] = [
            "invalid",
            "precondition",
            "failed",
            "not_found",
            "already_exists",
            "denied",
            "unauthenticated",
            "exhausted",
        ];
        if let (syn::Expr::Path(path), Some(code)) = (&*call.func, call.args.first().and_then(literal)) {
            let names: Vec<String> = path.path.segments.iter().map(|part| part.ident.to_string()).collect();
            match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["Refusal" | "Self", made] if REFUSALS.contains(&made) && is_code(&code) => {
                    self.refusals.insert(code);
                }
                ["Refusal" | "Self", "retry_later"] => {
                    self.passing.insert(code);
                }
                ["Reason", "new"] => {
                    self.reasons.insert(code);
                }
                _ => {}
            }
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "with" {
            self.keys.extend(call.args.first().and_then(literal));
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    // A comment on an item is an attribute.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.all.insert(text.value());
    }
}

fn read(file: &syn::File) -> Literals {
    let mut found = Literals::default();
    found.visit_file(file);
    found
}

/// Every key of one language, with its text.
fn texts(language: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(services().join("portal/i18n").join(language)).expect("texts").flatten() {
        let mut key = String::new();
        for line in fs::read_to_string(entry.path()).expect("texts").lines() {
            if let Some((name, text)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
                name.clone_into(&mut key);
                texts.insert(key.clone(), text.to_owned());
            } else if let Some(text) = texts.get_mut(&key) {
                text.push_str(line);
            }
        }
    }
    texts
}

#[test]
fn every_reason_that_a_service_gives_has_a_sentence_in_both_languages() {
    let (mut codes, mut keys) = (BTreeMap::new(), BTreeSet::new());
    for (path, file) in all_sources() {
        let found = read(&file);
        // A file of reasons holds nothing else that is written like a code.
        let whole = path.ends_with("reasons.rs") && !path.starts_with(services().join("portal"));
        let here: BTreeSet<String> =
            if whole { found.all.into_iter().filter(|text| is_code(text)).collect() } else { found.reasons };
        if !here.is_empty() {
            keys.extend(found.keys);
        }
        codes.extend(here.into_iter().map(|code| (code, path.clone())));
    }
    assert!(codes.len() > 80, "only {} codes: has the way reasons are made changed?", codes.len());
    for language in ["fr", "en"] {
        let texts = texts(language);
        let silent: Vec<_> = codes.iter().filter(|(code, _)| !texts.contains_key(&format!("reason-{code}"))).collect();
        assert!(silent.is_empty(), "no sentence in {language} for {silent:#?}");
        for (key, text) in texts.iter().filter(|(key, _)| key.starts_with("reason-") && *key != "reason-unknown") {
            assert!(codes.contains_key(&key["reason-".len()..]), "nobody gives {key}");
            for named in
                text.split('$').skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
            {
                assert!(keys.contains(named), "{key} names {named}, which no reason carries");
            }
        }
    }
}

#[test]
fn every_refusal_has_a_sentence_in_both_languages_or_is_on_no_page() {
    let mut codes = BTreeMap::new();
    for (path, file) in all_sources() {
        let found = read(&file);
        let service = path.strip_prefix(services()).ok().and_then(|rest| rest.iter().next());
        let service = service.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let helped = path.ends_with("refusals.rs");
        let here = found.all.into_iter().filter(|text| helped && is_code(text) && text.contains('_'));
        let (reasons, passing) = (found.reasons, found.passing);
        codes.extend(
            here.filter(|code| !reasons.contains(code) && !passing.contains(code))
                .chain(found.refusals)
                .map(|code| (code, service.clone())),
        );
    }
    assert!(codes.len() > 180, "only {} codes: has the way refusals are made changed?", codes.len());
    for (code, why) in NOT_ON_A_PAGE {
        assert!(codes.contains_key(code), "{code} ({why}) is refused by nobody any more");
    }
    for language in ["fr", "en"] {
        let texts = texts(language);
        let said = |(code, service): &(&String, &String)| {
            texts.contains_key(&format!("refusal-{code}")) || texts.contains_key(&format!("refusal-{service}-{code}"))
        };
        let silent: Vec<_> = codes
            .iter()
            .filter(|one| !said(one) && !NOT_ON_A_PAGE.iter().any(|(code, _)| *code == one.0.as_str()))
            .collect();
        assert!(silent.is_empty(), "no sentence in {language} for {silent:#?}");
    }
}

/// Faults of a bank's file name elements by the format's own names; whatever of it is English is a term.
#[test]
fn every_english_word_in_faults_of_a_banks_file_is_a_term_of_both_languages() {
    let mut terms = BTreeSet::new();
    for file in ["mod.rs", "camt053.rs", "cfonb120.rs"] {
        let path = services().join("payments/src/domain/statement").join(file);
        let text = fs::read_to_string(path).expect("a reader of statements");
        let found = read(&syn::parse_file(&text).expect("Rust"));
        // Prose of errors holds braces; a line is a place, which the page names itself.
        let is_term = |text: &String| {
            let words = text.contains(' ') && text.contains(char::is_alphabetic);
            words && !text.contains(['{', '`']) && !text.starts_with("line ")
        };
        terms.extend(found.all.into_iter().filter(is_term));
    }
    assert!(terms.len() > 20, "{terms:?}");
    for language in ["fr", "en"] {
        let texts = texts(language);
        for term in &terms {
            let key = portal::web::term_key(term);
            assert!(texts.contains_key(&key), "no {key} in {language} for {term:?}");
        }
    }
}

/// What services say in English is for logs: only operators, who read logs, are shown some of it.
#[test]
fn no_page_but_the_operators_shows_a_services_own_english() {
    let mut paths = Vec::new();
    sources(&services().join("portal/src/pages"), &mut paths);
    assert!(paths.len() > 50, "{paths:?}");
    // Said in both languages at once, before anyone's language is known.
    let may =
        |path: &&PathBuf| !path.ends_with("errors.rs") && !path.components().any(|part| part.as_os_str() == "operator");
    for path in paths.iter().filter(may) {
        let text = fs::read_to_string(path).expect("a page");
        for english in ["lang=\"en\"", ".sentence", ".preconditions"] {
            assert!(!text.contains(english), "{}: {english}", path.display());
        }
    }
}
