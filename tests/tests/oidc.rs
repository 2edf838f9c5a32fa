//! Staff sign in at a real provider: the npm package `oidc-provider`, as it answers and as it must not.
//!
//! `npm ci` in `tests/oidc` installs it; node runs it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what it expected")]

mod common;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use campaign::world::{Options, World};
use common::{Agent, Answer};
use engines::{Child, Ports};
use jiff::SignedDuration;
use serde_json::{Value, json};

const BEGIN: &str = "/connexion/personnel/etablissement?suite=%2Fespace";
const CLIENT: &str = "admis";
const SECRET: &str = "a secret of the tests";

/// The platform, and the provider it sends its staff to.
struct Stage {
    world: World,
    issuer: String,
    people: Value,
    _ports: Ports,
    dir: tempfile::TempDir,
}

impl Stage {
    /// A platform whose provider is not there yet.
    async fn start() -> Self {
        let mut ports = Ports::reserve().expect("ports");
        let issuer = format!("http://127.0.0.1:{}", ports.take());
        let session = campaign::session_2026();
        let schools = notice::Session::load(&session).expect("a session").schools;
        let words =
            schools.iter().map(|s| format!("{:?} = {:?}", s.id.to_uppercase(), s.id)).collect::<Vec<_>>().join(", ");
        let portal = format!(
            "\n[service.oidc]\nissuer = {issuer:?}\nclient_id = {CLIENT:?}\nclient_secret = {SECRET:?}\n\
             scopes = [\"profile\", \"affiliation\"]\nroles_claim = \"roles\"\nschool_claim = \"etablissement\"\n\
             roles = {{ admissions = \"staff\", bursar = \"finance\", panel = \"jury\" }}\nschools = {{ {words} }}\n"
        );
        let executable = PathBuf::from(env!("CARGO_BIN_EXE_campaign"));
        let options = Options {
            executable,
            session,
            logs: None,
            portal: Some(portal),
            everywhere: None,
            filter: None,
            replicas: 1,
        };
        let world = World::start(&options).await.unwrap_or_else(|e| panic!("{e}"));
        let (one, two) = (schools[0].id.to_uppercase(), schools[1].id.to_uppercase());
        let people = json!({
            "one": { "name": "Camille Aubert", "roles": "admissions", "etablissement": one },
            "many": { "name": "Noa Girard", "roles": ["admissions", "everyone", "panel"], "etablissement": [one, two] },
            "dean": { "name": "Sacha Morel", "roles": ["dean"], "etablissement": one },
            "lost": { "name": "Lou Renaud", "roles": ["bursar"], "etablissement": "NOWHERE" },
        });
        Self { world, issuer, people, _ports: ports, dir: tempfile::tempdir().expect("a directory") }
    }

    fn portal(&self, path: &str) -> String {
        format!("{}{path}", self.world.portal_url)
    }

    /// Starts the provider, and waits until it answers.
    async fn provider(&self) -> Child {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
        assert!(here.join("node_modules").exists(), "run `npm ci` in tests/oidc");
        let env = [
            ("PEOPLE", self.people.to_string()),
            ("ISSUER", self.issuer.clone()),
            ("CLIENT_ID", CLIENT.into()),
            ("CLIENT_SECRET", SECRET.into()),
            ("RETURN", self.portal("/connexion/personnel/retour")),
            ("SIGNED_OUT", self.portal("/")),
        ];
        let command = ["node".to_owned(), here.join("provider.mjs").display().to_string()];
        let home = self.dir.path().join(format!("provider-{}", rand::random::<u32>()));
        std::fs::create_dir_all(&home).expect("a directory");
        let env = env.map(|(name, value)| (name.to_owned(), value));
        let child = Child::spawn("TERM", &home, &command, &env).expect("node");
        for _ in 0..600 {
            assert!(child.alive(), "the provider ended: {}", child.log_tail());
            if reqwest::get(format!("{}/jwks", self.issuer)).await.is_ok() {
                return child;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the provider does not answer: {}", child.log_tail());
    }

    /// What the next identity tokens say instead, and the key they are signed with from now on.
    async fn tamper(&self, asked: Value) {
        let request = reqwest::Client::new().post(format!("{}/tamper", self.issuer)).body(asked.to_string());
        assert_eq!(request.send().await.expect("the provider").status(), 204);
    }

    /// From the staff page to the provider.
    async fn begin(&self, agent: &mut Agent) -> String {
        let page = agent.get(&self.portal("/connexion/personnel?suite=/espace")).await;
        assert!(page.body.contains(BEGIN), "the staff page offers the provider: {}", page.body);
        agent.get(&self.portal(BEGIN)).await.leads_to().to_owned()
    }

    /// Through the provider's own pages, until it sends the browser back: that address.
    async fn at_provider(&self, agent: &mut Agent, to: &str, person: &str) -> String {
        let mut answer = agent.get(to).await;
        for _ in 0..8 {
            let next = answer.leads_to().to_owned();
            if next.starts_with(&self.world.portal_url) {
                return next;
            }
            answer = agent.get(&next).await;
            if answer.status == 200 {
                let prompt = answer.hidden("prompt");
                answer = agent.post(&next, &[("prompt", &prompt), ("login", person), ("password", "any")]).await;
            }
        }
        panic!("the provider does not come to an end: {}", answer.body);
    }

    /// All of it: the portal's answer to what the provider said.
    async fn sign_in(&self, agent: &mut Agent, person: &str) -> Answer {
        let to = self.begin(agent).await;
        let back = self.at_provider(agent, &to, person).await;
        agent.get(&back).await
    }

    /// The roles a signed-in person may choose among, as the page says them.
    async fn roles(&self, agent: &mut Agent) -> Vec<String> {
        let page = agent.get(&self.portal("/espace")).await;
        assert_eq!(page.status, 200, "signed in: {}", page.body);
        let labels = page.body.split("<label for=\"role-").skip(1);
        labels
            .map(|l| l.split('>').nth(1).unwrap_or_default().split('<').next().unwrap_or_default().to_owned())
            .collect()
    }
}

/// Nobody was signed in, with this status and these words.
#[track_caller]
fn refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(words), "{words:?} is not in {}", answer.body);
}

async fn out(stage: &Stage, agent: &mut Agent) {
    let page = agent.get(&stage.portal("/espace")).await;
    assert!(page.leads_to().contains("/connexion"), "nobody is signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_sign_in_at_their_provider() {
    let stage = Stage::start().await;
    away(&stage).await;
    let provider = stage.provider().await;
    one_role_at_one_school(&stage).await;
    several_roles_at_several_schools(&stage).await;
    claims_that_make_nothing_of_somebody(&stage).await;
    an_answer_is_good_once_in_one_browser_for_a_while(&stage).await;
    turned_back(&stage).await;
    tokens_that_do_not_hold(&stage).await;
    a_new_key(&stage).await;
    signed_out_there_too(&stage).await;
    gone_in_between(&stage, provider).await;
}

async fn away(stage: &Stage) {
    let answer = Agent::new().get(&stage.portal(BEGIN)).await;
    refused(&answer, 503, "ne répond pas");
}

async fn one_role_at_one_school(stage: &Stage) {
    let mut agent = Agent::new();
    let answer = stage.sign_in(&mut agent, "one").await;
    assert_eq!((answer.status, answer.leads_to()), (303, stage.portal("/espace").as_str()));
    let school = &stage.world.session.schools[0].name;
    assert_eq!(stage.roles(&mut agent).await, [format!("Service des admissions – {school}")]);
    let page = agent.get(&stage.portal("/espace")).await;
    assert!(page.body.contains("Camille Aubert"), "addressed by name");
}

async fn several_roles_at_several_schools(stage: &Stage) {
    let mut agent = Agent::new();
    stage.sign_in(&mut agent, "many").await;
    let (one, two) = (&stage.world.session.schools[0].name, &stage.world.session.schools[1].name);
    let all = [
        format!("Service des admissions – {one}"),
        format!("Service des admissions – {two}"),
        "Membre du jury".to_owned(),
    ];
    assert_eq!(stage.roles(&mut agent).await, all);
}

async fn claims_that_make_nothing_of_somebody(stage: &Stage) {
    let mut agent = Agent::new();
    let answer = stage.sign_in(&mut agent, "dean").await;
    refused(&answer, 403, "« roles »");
    assert!(!answer.body.contains("Sacha") && !answer.body.contains("dean"), "nobody is named: {}", answer.body);
    out(stage, &mut agent).await;
    let mut agent = Agent::new();
    let answer = stage.sign_in(&mut agent, "lost").await;
    refused(&answer, 403, "« etablissement »");
    assert!(answer.body.contains("Service financier") && !answer.body.contains("NOWHERE"), "{}", answer.body);
    out(stage, &mut agent).await;
}

async fn an_answer_is_good_once_in_one_browser_for_a_while(stage: &Stage) {
    const STALE: &str = "n’a pas été commencée dans ce navigateur";
    let mut agent = Agent::new();
    let to = stage.begin(&mut agent).await;
    let back = stage.at_provider(&mut agent, &to, "one").await;
    // With another state, and with the right one in another browser.
    let tampered = back.replace("state=", "state=x");
    refused(&agent.get(&tampered).await, 400, STALE);
    refused(&Agent::new().get(&back).await, 400, STALE);
    // Somebody's half-done sign-in does not keep the cookie of a failed answer: begun again, used, and used again.
    let to = stage.begin(&mut agent).await;
    let back = stage.at_provider(&mut agent, &to, "one").await;
    assert_eq!(agent.get(&back).await.status, 303);
    refused(&agent.get(&back).await, 400, STALE);
    // The same code under a state that is good: the provider has given a person for it once.
    let code = back.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned();
    let mut other = Agent::new();
    let to = stage.begin(&mut other).await;
    let fresh = stage.at_provider(&mut other, &to, "one").await;
    let theirs = fresh.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned();
    refused(&other.get(&fresh.replace(&theirs, &code)).await, 502, "n’a pas pu être vérifiée");
    // Ten minutes later.
    let mut slow = Agent::new();
    let to = stage.begin(&mut slow).await;
    let back = stage.at_provider(&mut slow, &to, "one").await;
    stage.world.advance(stage.world.now() + SignedDuration::from_mins(10)).await.expect("the clock");
    refused(&slow.get(&back).await, 400, STALE);
    out(stage, &mut slow).await;
}

async fn turned_back(stage: &Stage) {
    let mut agent = Agent::new();
    let to = stage.begin(&mut agent).await;
    let page = agent.get(&to).await.leads_to().to_owned();
    let mut answer = agent.get(&format!("{page}/abort")).await;
    while !answer.leads_to().starts_with(&stage.world.portal_url) {
        answer = agent.get(answer.leads_to()).await;
    }
    refused(&agent.get(answer.leads_to()).await, 400, "n’a pas accordé la connexion");
}

async fn tokens_that_do_not_hold(stage: &Stage) {
    const UNTRUSTED: &str = "n’a pas pu être vérifiée";
    let now = stage.world.now().as_second();
    for claims in [
        json!({ "aud": "somebody-else" }),
        json!({ "aud": [CLIENT, "somebody-else"] }),
        json!({ "iss": "https://id.example.org" }),
        json!({ "nonce": "of another sign-in" }),
        json!({ "iat": now - 600, "exp": now - 1 }),
        // What it says besides must be of the same person.
        json!({ "sub": "many" }),
    ] {
        stage.tamper(json!({ "claims": claims })).await;
        let mut agent = Agent::new();
        let answer = stage.sign_in(&mut agent, "one").await;
        assert_eq!(answer.status, 502, "{claims}: {}", answer.body);
        refused(&answer, 502, UNTRUSTED);
        out(stage, &mut agent).await;
    }
    // The nonce of the browser's own request, changed on its way to the provider.
    stage.tamper(json!({})).await;
    let mut agent = Agent::new();
    let to = stage.begin(&mut agent).await.replace("nonce=", "nonce=x");
    let back = stage.at_provider(&mut agent, &to, "one").await;
    refused(&agent.get(&back).await, 502, UNTRUSTED);
    // Claims may also stand in the token itself: then nobody is asked for more.
    let words = json!({ "claims": { "name": "N", "roles": ["panel"], "etablissement": [] } });
    stage.tamper(words).await;
    let mut agent = Agent::new();
    stage.sign_in(&mut agent, "one").await;
    assert_eq!(stage.roles(&mut agent).await, ["Membre du jury"]);
    stage.tamper(json!({})).await;
}

/// A key published since we last asked is found without waiting.
async fn a_new_key(stage: &Stage) {
    stage.tamper(json!({ "rotate": "second" })).await;
    let answer = stage.sign_in(&mut Agent::new(), "one").await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

async fn signed_out_there_too(stage: &Stage) {
    let mut agent = Agent::new();
    stage.sign_in(&mut agent, "one").await;
    let page = agent.get(&stage.portal("/espace")).await;
    let token = page.hidden("jeton");
    let answer = agent.post(&stage.portal("/deconnexion"), &[("jeton", &token)]).await;
    let page = agent.get(answer.leads_to()).await;
    let link = page.body.split(&format!("href=\"{}", stage.issuer)).nth(1).and_then(|rest| rest.split('"').next());
    let link = link.expect("a way out of the provider").replace("&amp;", "&");
    assert!(link.contains("client_id=admis") && !link.contains("id_token_hint"), "{link}");
    assert_eq!(agent.get(&format!("{}{link}", stage.issuer)).await.status, 200, "the provider asks whether to");
    out(stage, &mut agent).await;
}

async fn gone_in_between(stage: &Stage, provider: Child) {
    let mut agent = Agent::new();
    let to = stage.begin(&mut agent).await;
    let back = stage.at_provider(&mut agent, &to, "one").await;
    drop(provider);
    refused(&agent.get(&back).await, 503, "ne répond pas");
    out(stage, &mut agent).await;
}
