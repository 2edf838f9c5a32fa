//! Every page that can be reached from where its person starts, in both languages: no accessibility fault, no error of
//! the HTML checker, light, nothing from elsewhere, and no wider than a phone.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    HOUSE,
    browser::{Browser, Setup},
    world_at,
};

/// Bytes over the network for a first view.
const LIGHT: u64 = 100_000;
/// Pages of one route that are looked at: a second one may have what the first lacks.
const PER_ROUTE: usize = 2;

/// What a crawl found.
#[derive(Default)]
struct Found {
    faults: Vec<String>,
    pages: usize,
    rules: u64,
    routes: BTreeSet<String>,
    sources: Vec<(String, String)>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.pages += other.pages;
        self.rules += other.rules;
        self.routes.extend(other.routes);
        self.sources.extend(other.sources);
    }
}

/// A route's pattern: identifiers and tokens replaced.
fn route(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').map(|part| {
        let id = part.len() > 20 || part.chars().next().is_some_and(|c| c.is_ascii_digit()) || part.contains(':');
        if id { "{}" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Follows every link from `start`, with the signed-in browser.
async fn crawl(browser: &Browser, who: &str, start: &str, phone: bool, found: &mut Found) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut queue = VecDeque::from([start.to_owned()]);
    let mut known = BTreeSet::from([start.to_owned()]);
    while let Some(path) = queue.pop_front() {
        let pattern = route(&path);
        let count = seen.entry(pattern.clone()).or_default();
        if *count >= PER_ROUTE {
            continue;
        }
        *count += 1;
        browser.go(&path).await;
        // Documents that people deposited or that we made are looked at in their own tests.
        if browser.script("return document.contentType").await.as_str() != Some("text/html") {
            continue;
        }
        found.pages += 1;
        let at = format!("{who} {path}");
        let words = browser.words().await;
        if ["Erreur interne", "Internal error", "Service momentanément", "Page introuvable", "[nav-", "Accès refusé"]
            .iter()
            .any(|w| words.contains(w))
        {
            found.faults.push(format!("{at}: {}", words.chars().take(300).collect::<String>()));
            continue;
        }
        if words.contains('[')
            && words.split('[').skip(1).any(|r| {
                r.split(']')
                    .next()
                    .is_some_and(|k| k.contains('-') && k.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
            })
        {
            found.faults.push(format!("{at}: a text is missing: {}", words.chars().take(300).collect::<String>()));
        }
        found.routes.insert(format!("{who} {pattern}"));
        let (violations, rules) = browser.axe().await;
        found.rules += rules;
        found.faults.extend(violations.into_iter().map(|v| format!("{at}: axe {v}")));
        let (weight, others) = browser.weight().await;
        if weight > LIGHT {
            found.faults.push(format!("{at}: {weight} bytes"));
        }
        found.faults.extend(others.into_iter().map(|o| format!("{at}: asks {o}")));
        if phone && browser.overflow().await > 0 {
            found.faults.push(format!("{at}: {} px wider than a phone", browser.overflow().await));
        }
        if !phone {
            found.sources.push((at, browser.sent_html().await));
        }
        let links = browser.script("return [...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin && !a.hasAttribute('download')).map(a => a.pathname + a.search);").await;
        for link in links.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let file = link.rsplit('/').next().is_some_and(|f| f.contains('.'))
                || link.starts_with("/demo")
                || link.contains("langue=");
            if !file && known.insert(link.to_owned()) {
                queue.push_back(link.to_owned());
            }
        }
    }
}

/// Errors of the Nu HTML checker over every page that was sent.
fn check_html(sources: &[(String, String)]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut names = BTreeMap::new();
    for (i, (at, html)) in sources.iter().enumerate() {
        let file = format!("{i}.html");
        std::fs::write(dir.path().join(&file), html).unwrap();
        names.insert(file, at.clone());
    }
    let jar = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/node_modules/vnu-jar/build/dist/vnu.jar");
    assert!(jar.exists(), "vnu-jar: npm ci in tests/browser");
    let output = Command::new("java")
        .args(["-jar"])
        .arg(jar)
        .args(["--errors-only", "--format", "json", "--exit-zero-always"])
        .arg(dir.path())
        .output()
        .expect("java");
    let report: Value = serde_json::from_slice(&output.stderr)
        .unwrap_or_else(|e| panic!("vnu: {e}: {}", String::from_utf8_lossy(&output.stderr)));
    let messages = report["messages"].as_array().expect("messages");
    let named = messages.iter().map(|m| {
        let url = m["url"].as_str().unwrap_or_default();
        let at = url.rsplit('/').next().and_then(|f| names.get(f)).map_or(url, String::as_str);
        format!(
            "{at}: html {} ({})",
            m["message"].as_str().unwrap_or_default(),
            m["extract"].as_str().unwrap_or_default()
        )
    });
    named.collect()
}

fn tell(what: &str, mut found: Found) {
    found.faults.extend(check_html(&found.sources));
    println!(
        "{what}: {} pages of {} routes, {} axe rules, {} sources through the HTML checker",
        found.pages,
        found.routes.len(),
        found.rules,
        found.sources.len()
    );
    let report: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crawl-{what}.txt"));
    std::fs::write(&report, found.routes.iter().cloned().collect::<Vec<_>>().join("\n")).unwrap();
    assert!(found.pages > 3, "only {} pages", found.pages);
    assert!(found.faults.is_empty(), "{} faults\n{}", found.faults.len(), found.faults.join("\n"));
}

/// The people to crawl as: label, kind of door, subject, first page. At a desk in French and on a phone in English at the same
/// time, each with a browser of its own.
async fn crawl_as(base: &str, people: &[(&str, &str, String, &str)], what: &str) {
    let crawl_with = async |phone, english| {
        let mut found = Found::default();
        for (label, kind, who, start) in people {
            let browser = Browser::open(base, Setup { phone, english, scriptless: false }).await;
            if !kind.is_empty() {
                browser.enter(kind, who).await;
            }
            crawl(&browser, label, start, phone, &mut found).await;
            browser.close().await;
        }
        found
    };
    let (mut found, on_phone) = tokio::join!(crawl_with(false, false), crawl_with(true, true));
    found.add(on_phone);
    tell(what, found);
}

fn house() -> Vec<(&'static str, &'static str, String, &'static str)> {
    HOUSE.iter().map(|(role, subject)| (*role, "personnel", (*subject).to_owned(), "/")).collect()
}

/// Deposits are open: public pages, and a candidate whose dossier is not closed.
#[tokio::test(flavor = "multi_thread")]
async fn while_deposits_are_open() {
    let world = world_at("2026-03-10T10:00:00Z", 24).await;
    let cast = campaign::cast::draw(&world.session, crate::SEED, 24);
    let open = cast.iter().find(|c| c.finish != campaign::cast::Finish::Early && c.visit < 4).unwrap();
    let people = [("anyone", "", String::new(), "/"), ("candidate", "candidat", open.id.to_string(), "/")];
    crawl_as(&world.portal_url, &people, "deposits").await;
}

/// Dossiers are verified and judged: the house.
#[tokio::test(flavor = "multi_thread")]
async fn while_dossiers_are_verified() {
    let world = world_at("2026-04-08T18:00:00Z", 24).await;
    crawl_as(&world.portal_url, &house(), "verification").await;
}

/// The first period is open: the house, and candidates with and without a proposal.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_period_is_open() {
    let world = world_at("2026-05-28T12:30:00Z", 60).await;
    let cast = campaign::cast::draw(&world.session, crate::SEED, 60);
    let mut people = house();
    // Of every situation there is: the first few of the cast.
    for who in cast.iter().filter(|c| c.finish == campaign::cast::Finish::Early).take(4) {
        people.push(("candidate", "candidat", who.id.to_string(), "/"));
    }
    crawl_as(&world.portal_url, &people, "period").await;
}
