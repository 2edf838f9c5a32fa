//! The broker's accounts, users and permissions, as files that nats-server reads.
//!
//! Our services are users of one account, which holds the streams. Subscribers are users of their school's account, which
//! holds nothing and imports three kinds of subject: within one account a user's permissions bind what it publishes, but
//! not the subject to which it has the broker send a message, so that whoever may pull could write anywhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use contracts::{FACTS, subjects, told_by, told_consumer};
use platform::streams::inbox;

use crate::hears::Hears;

/// Who makes streams and consumers.
pub const ADMINISTRATOR: &str = "administrator";
/// Who lists subscribers and their lag for operators.
const LISTS: &str = "notifier";

/// What one user may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct May {
    /// Subjects it may publish.
    pub publish: Vec<String>,
    /// Subjects it may subscribe to.
    pub subscribe: Vec<String>,
}

/// What the user of a service may do: tell its own facts and read them back, and hear through its own consumer.
#[must_use]
pub fn service(name: &str) -> May {
    let mut publish = Vec::new();
    for stream in [subjects::FACTS, subjects::ADMISSIONS] {
        let mut own = told_by(name, stream);
        if !FACTS.iter().any(|fact| fact.embargoed && fact.service == name) {
            own.retain(|subject| !subject.starts_with("facts.v1.embargo."));
        }
        publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
        if !own.is_empty() {
            publish.extend(reads(stream, &told_consumer(name)));
        }
        publish.extend(own);
    }
    publish.extend(reads(subjects::FACTS, name));
    publish.push(acknowledges(subjects::FACTS, name));
    if name == LISTS {
        publish.push(format!("$JS.API.CONSUMER.LIST.{}", subjects::ADMISSIONS));
    }
    publish.sort();
    May { publish, subscribe: vec![format!("{}.>", inbox(name))] }
}

/// What the administrator may do: everything that concerns streams and consumers, and tell nothing.
#[must_use]
pub fn administrator() -> May {
    May { publish: vec!["$JS.API.>".into()], subscribe: vec![format!("{}.>", inbox(ADMINISTRATOR))] }
}

/// What a subscriber may do: ask its consumer for what is next, begin again from any sequence, acknowledge.
#[must_use]
pub fn subscriber(name: &str) -> May {
    let [_, next, reset] = reads(subjects::ADMISSIONS, name);
    let publish = vec![acknowledges(subjects::ADMISSIONS, name), next, reset];
    May { publish, subscribe: vec![format!("{}.>", inbox(name))] }
}

/// Asking about a consumer, asking it for what is next, having it begin again elsewhere.
fn reads(stream: &str, consumer: &str) -> [String; 3] {
    ["INFO", "MSG.NEXT", "RESET"].map(|what| format!("$JS.API.CONSUMER.{what}.{stream}.{consumer}"))
}

fn acknowledges(stream: &str, consumer: &str) -> String {
    format!("$JS.ACK.{stream}.{consumer}.>")
}

/// The file with the hash of a user's password: the deployment's own.
#[must_use]
pub fn hash_file(user: &str) -> String {
    format!("{user}.hash.conf")
}

/// Schools, each with who subscribes to its facts.
pub type Schools = BTreeMap<String, BTreeSet<String>>;

/// Every file but the hashes and the subscribers' own, by name: accounts, and one per user of ours.
#[must_use]
pub fn files(hears: &Hears, schools: &Schools) -> BTreeMap<String, String> {
    let users: Vec<&str> = hears.services().chain([ADMINISTRATOR]).collect();
    let mut files: BTreeMap<String, String> = users
        .iter()
        .map(|user| {
            let may = if *user == ADMINISTRATOR { administrator() } else { service(user) };
            let hash = format!("include \"{}\"", hash_file(user));
            (format!("{user}.conf"), format!("{GENERATED}\n{}", user_of(user, &hash, &may)))
        })
        .collect();
    files.insert("access.conf".into(), accounts(&users, schools));
    files
}

const GENERATED: &str = "# Written by `broker`, from hears.toml and src/access.rs.";

/// What a school's account shares with ours: pulling, resetting, acknowledging, of whichever consumer a user may.
fn shared() -> [(String, &'static str); 3] {
    let stream = subjects::ADMISSIONS;
    [
        (format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.*"), ", response_type: stream"),
        (format!("$JS.API.CONSUMER.RESET.{stream}.*"), ""),
        (format!("$JS.ACK.{stream}.*.>"), ", response_type: stream"),
    ]
}

fn accounts(users: &[&str], schools: &Schools) -> String {
    let subscribers = schools.values().flatten().map(|name| subscriber_key(name));
    let named: Vec<String> = users.iter().map(|user| (*user).to_owned()).collect();
    let included: String =
        named.iter().cloned().chain(subscribers).map(|key| format!("include \"{key}.conf\"\n")).collect();
    let list = |keys: Vec<String>| keys.iter().map(|key| format!("${key}")).collect::<Vec<_>>().join(", ");
    let exports = shared().map(|(subject, kind)| format!("      {{ service: \"{subject}\"{kind} }}\n")).concat();
    let imports =
        shared().map(|(s, _)| format!("      {{ service: {{ account: ADMIS, subject: \"{s}\" }} }}\n")).concat();
    let mut text = format!(
        "{GENERATED}\n\
         # The hashes of passwords stand in files of each deployment.\n\
         {included}\n\
         accounts: {{\n  ADMIS: {{\n    jetstream: enabled\n    users: [{}]\n    exports: [\n{exports}    ]\n  }}\n  \
         # Nobody of ours: what it shows is on the monitoring port too.\n  SYS: {{}}\n",
        list(named),
    );
    for (school, names) in schools {
        let users = list(names.iter().map(|name| subscriber_key(name)).collect());
        let _ = writeln!(text, "  \"school-{school}\": {{\n    users: [{users}]\n    imports: [\n{imports}    ]\n  }}");
    }
    text.push_str("}\nsystem_account: SYS\n");
    text
}

/// The name of a subscriber's file, and of its user in it.
#[must_use]
pub fn subscriber_key(name: &str) -> String {
    format!("subscriber-{name}")
}

/// The file of a subscriber.
#[must_use]
pub fn subscriber_file(name: &str, hash: &str) -> String {
    let hash = format!("password: \"{hash}\"");
    let user = body(name, &hash, &subscriber(name), 2);
    format!("# Written by `broker add`.\n{}: {{\n{user}}}\n", subscriber_key(name))
}

fn user_of(user: &str, password: &str, may: &May) -> String {
    format!("{user}: {{\n{}}}\n", body(user, password, may, 2))
}

fn body(user: &str, password: &str, may: &May, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut text = format!("{pad}user: \"{user}\"\n{pad}{password}\n{pad}permissions: {{\n");
    for (verb, subjects) in [("publish", &may.publish), ("subscribe", &may.subscribe)] {
        let _ = writeln!(text, "{pad}  {verb}: [");
        for subject in subjects {
            let _ = writeln!(text, "{pad}    \"{subject}\"");
        }
        let _ = writeln!(text, "{pad}  ]");
    }
    let _ = writeln!(text, "{pad}}}");
    text
}
