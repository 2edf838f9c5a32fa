//! What the services write: JSON that names its trace, and not one word about a person.

use std::collections::{BTreeMap, BTreeSet};

use campaign::{Plan, cast, world::SERVICES};
use serde_json::Value;

use crate::visitor::Visitor;

/// Somebody whose words are like nobody else's.
const ADDRESS: &str = "wilhelmine.xanthopoulos@example.org";
const PASSWORD: &str = "zwölf Boxkämpfer jagen Viktor";
const TYPED: [&str; 6] =
    ["Xanthopoulos", "Wilhelmine", "Quimperlé-sur-Mer", "0612345678", "Impasse des Glycines", "Ukraïna"];

/// Signs up, signs in with a wrong password and then the right one, and begins a dossier: all of it through forms.
async fn somebody_at_the_portal(base: &str) {
    let mut visitor = Visitor::new(base);
    visitor.get("/compte/creer").await;
    visitor.post("/compte/creer", &[("email", ADDRESS), ("mot-de-passe", PASSWORD)]).await;
    visitor.get("/connexion").await;
    for password in ["falsch geraten, Viktor", PASSWORD] {
        visitor.post("/connexion", &[("email", ADDRESS), ("mot-de-passe", password), ("suite", "")]).await;
    }
    let cast = [("nom", TYPED[0]), ("prenoms", TYPED[1]), ("lieu", TYPED[2]), ("telephone", TYPED[3])];
    // Not signed in: what was typed is held; and an address that nobody serves, with a name in it.
    visitor.post("/candidat/dossier", &[&cast[..], &[("adresse", TYPED[4])]].concat()).await;
    visitor.get(&format!("/nulle-part/{}?q={}", TYPED[0], TYPED[1])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_session_is_logged_without_a_word_about_anybody() {
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), 12, 9);
    let mut on = campaign::options(&plan);
    on.everywhere = Some("[telemetry]\nlogs = \"json\"\n".into());
    on.filter = Some("debug".into());
    let session = notice::Session::load(&plan.session).unwrap();
    let end = session.transitions().iter().map(|t| t.at).max().unwrap();
    let world = campaign::play_until_on(&plan, &on, end).await.unwrap_or_else(|e| panic!("seed 9: {e}"));
    somebody_at_the_portal(&world.portal_url).await;
    world.settle().await.unwrap();

    let cast = cast::draw(&world.session, plan.seed, plan.candidates);
    let mut words: BTreeSet<String> = TYPED.iter().map(ToString::to_string).collect();
    for who in &cast {
        words.extend([who.family.clone(), who.first.clone(), who.birth.to_string(), format!("{}@", who.label)]);
    }
    words.extend(
        ["example.org", "rue des Écoles", "Université de Lille", "Boxkämpfer", "falsch geraten", "Aubert"]
            .map(str::to_owned),
    );
    // The beginning of every signed token, and of the addresses that only a link's owner may know.
    words.extend(["eyJ", "/compte/verifier/", "/recommandation/"].map(str::to_owned));

    let forms: Vec<(&String, Vec<String>)> = words.iter().map(|word| (word, forms(word))).collect();
    let mut told = Vec::new();
    let mut traces: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for service in SERVICES {
        let log = world.log(service).unwrap();
        let (mut lines, mut debug, mut traced) = (0, 0, 0);
        for line in log.lines() {
            lines += 1;
            for (word, _) in forms.iter().filter(|(_, forms)| forms.iter().any(|form| line.contains(form))) {
                told.push(format!("{service}: {word:?} in {}", line.chars().take(400).collect::<String>()));
            }
            let json: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{service}: {e}: {line}"));
            debug += usize::from(json["level"] == "DEBUG");
            if json["span"].is_object() {
                let trace = json["openTelemetry"]["traceId"].as_str().unwrap_or_else(|| panic!("no trace: {line}"));
                assert_eq!(trace.len(), 32, "{line}");
                traces.entry(trace.to_owned()).or_default().insert(service);
                traced += 1;
            }
        }
        // A log that says little proves little.
        assert!(debug > 100 && traced > 20, "{service}: {lines} lines, {debug} of them debug, {traced} in a trace");
    }
    told.truncate(20);
    assert!(told.is_empty(), "{told:#?}");
    let joined = traces.values().filter(|services| services.len() >= 3).count();
    assert!(joined > 10, "{joined} traces are found in the logs of three services or more");
}

/// A word as it is, as JSON escapes it, and as a form sends it.
fn forms(word: &str) -> Vec<String> {
    let escaped = serde_json::to_string(word).unwrap().trim_matches('"').to_owned();
    let encoded: String = form_urlencoded::byte_serialize(word.as_bytes()).collect();
    let mut forms = vec![word.to_owned(), escaped, encoded];
    forms.dedup();
    forms
}

#[test]
fn a_word_is_found_however_it_is_written() {
    let holds = |line: &str, word: &str| forms(word).iter().any(|form| line.contains(form));
    for line in ["x Bœuf y", "x B%C5%93uf y"] {
        assert!(holds(line, "Bœuf"), "{line}");
    }
    assert!(holds(r#"{"m":"D\"Hé"}"#, "D\"Hé") && !holds("Boeuf", "Bœuf"));
}
