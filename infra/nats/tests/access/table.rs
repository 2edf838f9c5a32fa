//! The table itself.

use std::collections::{BTreeMap, BTreeSet};

use broker::access::{self, ADMINISTRATOR};
use contracts::{FACTS, PUBLISHED, subjects};

use crate::{house::House, raw::Raw};

const README: &str = include_str!("../../README.md");
const SUBSCRIBERS: [(&str, &str); 3] = [("albi-crm", "albi"), ("albi-library", "albi"), ("ales-crm", "ales")];

/// One subject, and who is allowed.
struct Row {
    verb: String,
    subject: String,
    allowed: BTreeSet<String>,
}

/// The README's rows, each for every name that its placeholder stands for.
fn rows(house: &House) -> Vec<Row> {
    let services: Vec<&str> = house.hears.services().collect();
    let embargoed: BTreeSet<&str> = FACTS.iter().filter(|f| f.embargoed).map(|f| f.service).collect();
    // A placeholder stands for names, each of which belongs to someone.
    let own = |names: Vec<&str>| -> Vec<(String, String)> {
        names.into_iter().map(|name| (name.to_owned(), name.to_owned())).collect()
    };
    let publishers: BTreeSet<&str> = PUBLISHED.iter().map(|f| f.service).collect();
    let subscribers = SUBSCRIBERS.map(|(name, _)| name);
    let users: Vec<&str> = services.iter().copied().chain([ADMINISTRATOR]).chain(subscribers).collect();
    let stands_for: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::from([
        ("{service}", own(services.clone())),
        ("{embargoed}", own(embargoed.iter().copied().collect())),
        ("{unembargoed}", own(services.iter().copied().filter(|s| !embargoed.contains(s)).collect())),
        ("{publisher}", own(publishers.into_iter().collect())),
        ("{published}", PUBLISHED.iter().map(|f| (f.name.to_owned(), f.service.to_owned())).collect()),
        ("{subscriber}", own(subscribers.into())),
        ("{stream}", own(vec![subjects::FACTS, subjects::ADMISSIONS])),
        ("{user}", own(users)),
    ]);
    let table = README.split("```may\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a table");
    let mut rows = Vec::new();
    for line in table.lines() {
        let mut words = line.split_whitespace();
        let (verb, subject) = (words.next().unwrap(), words.next().unwrap());
        let who: Vec<&str> = words.collect();
        assert!(!who.is_empty(), "{line}: for whom?");
        let holes: Vec<&&str> = stands_for.keys().filter(|hole| subject.contains(**hole)).collect();
        assert!(holes.len() <= 1 && subject.contains('{') != holes.is_empty(), "{line}: what stands in it?");
        let once = vec![(String::new(), String::new())];
        for (name, owner) in holes.first().map_or(&once, |hole| &stands_for[**hole]) {
            let subject = holes.first().map_or(subject.to_owned(), |hole| subject.replace(**hole, name));
            let mut allowed = BTreeSet::new();
            for word in &who {
                match *word {
                    "nobody" => {}
                    "itself" => drop(allowed.insert(owner.clone())),
                    "services" => allowed.extend(services.iter().map(|s| (*s).to_owned())),
                    name => drop(allowed.insert(name.to_owned())),
                }
            }
            rows.push(Row { verb: verb.to_owned(), subject, allowed });
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_may_do_what_the_table_says_and_nothing_else() {
    let house = House::open().await;
    let mut users = house.users();
    for (name, school) in SUBSCRIBERS {
        users.insert(name.to_owned(), house.add(name, school).await.password);
    }
    let rows = rows(&house);
    assert!(rows.len() > 250, "{} rows", rows.len());
    let url = house.nats.url();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (user, password) in &users {
        let mut raw = Raw::connect(&url, Some((user, password))).unwrap();
        for row in &rows {
            let said = raw.try_it(&row.verb, &row.subject).unwrap();
            let refused = said.as_ref().is_some_and(|said| said.contains("Permissions Violation"));
            tried += 1;
            if refused == row.allowed.contains(user) || said.is_some() != refused {
                wrong.push(format!("{user} {} {}: {said:?}", row.verb, row.subject));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} are not as the table says:\n{}", wrong.len(), wrong.join("\n"));
    println!("{tried} as the table says");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_connects_without_credentials_of_their_own() {
    let house = House::open().await;
    let (url, users) = (house.nats.url(), house.users());
    let subscriber = house.add("albi-crm", "albi").await;
    let refused = |user: Option<(&str, &str)>| Raw::connect(&url, user).err().unwrap_or_default();
    for (user, password) in [("jury", &users["intake"]), ("jury", &subscriber.password), ("albi-crm", &users["jury"])] {
        assert!(refused(Some((user, password))).contains("Authorization Violation"), "{user}");
    }
    for user in [None, Some(("jury", "")), Some(("nobody", "x")), Some(("albi-crm", ""))] {
        assert!(refused(user).contains("Authorization Violation"), "{user:?}");
    }
    // What the server keeps of a password is no password.
    let hash = std::fs::read_to_string(house.deployment.dir().join(access::hash_file("jury"))).unwrap();
    let hash = hash.trim().trim_start_matches("password: \"").trim_end_matches('"');
    assert!(hash.starts_with("$2b$"), "{hash}");
    assert!(refused(Some(("jury", hash))).contains("Authorization Violation"));
}

#[test]
fn the_committed_files_are_what_the_table_of_services_gives() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("access");
    let wanted = access::files(&broker::hears::Hears::committed().unwrap(), &access::Schools::new());
    let found: BTreeMap<String, String> = std::fs::read_dir(&here)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap()))
        .collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (name, text) in &wanted {
        assert_eq!(&found[name], text, "{name}: run `cargo run -p broker -- access infra/nats/access`");
    }
}

#[test]
fn doing_it_again_keeps_passwords_and_the_example_server_takes_them() {
    let hears = broker::hears::Hears::committed().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let deployment = broker::Deployment::in_dir(dir.path().join("access"), crate::house::COST);
    deployment.write(&hears, &["albi"]).unwrap();
    let all = || {
        let read = |file: &str| std::fs::read_to_string(deployment.dir().join(file)).unwrap();
        (read(&access::hash_file("jury")), std::fs::read_to_string(deployment.password_file("jury")).unwrap())
    };
    let first = all();
    deployment.write(&hears, &["albi"]).unwrap();
    assert_eq!(all(), first);
    // A password that was changed by hand is the one that counts.
    std::fs::write(deployment.password_file("jury"), "another").unwrap();
    deployment.write(&hears, &["albi"]).unwrap();
    assert_ne!(all().0, first.0);
    std::fs::write(dir.path().join("server.conf"), include_str!("../../server.conf")).unwrap();
    let nats = engines::binaries().unwrap().nats;
    let checked = std::process::Command::new(nats)
        .args(["-t", "--config", "server.conf"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
