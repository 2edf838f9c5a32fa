//! The executable on a real broker and a real database, killed at random moments: nothing acknowledged is lost, nothing
//! is done twice (R23).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod house;

use std::{collections::BTreeMap, time::Duration};

use async_nats::jetstream;
use contracts::{
    Fact, intake,
    payments::{BalanceRequest, FeeChanged, FeeStatus, ImportStatementRequest, ListUnmatchedRequest},
    subjects,
};
use futures::StreamExt as _;
use house::{House, PATIENCE, camt, now};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

const CANDIDATES: u64 = 24;
const FILES: u64 = 6;

fn dossier(number: u64) -> String {
    Uuid::from_u128(number.into()).to_string()
}

/// Tells a fact of intake twice, as a broker may.
async fn tell<F: Fact>(jetstream: &jetstream::Context, fact: &F, version: u64) {
    let id = Uuid::new_v4().to_string();
    for copy in ["a", "b"] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{id}{copy}").as_str());
        headers.insert("ce-specversion", "1.0");
        headers.insert("ce-id", id.as_str());
        headers.insert("ce-source", F::SERVICE);
        headers.insert("ce-type", format!("{}.{}", F::SERVICE, F::NAME).as_str());
        headers.insert("ce-time", now().to_string().as_str());
        headers.insert("ce-subject", fact.aggregate().as_str());
        headers.insert("ce-aggregateversion", version.to_string().as_str());
        let payload = serde_json::to_vec(fact).unwrap();
        jetstream.publish_with_headers(F::subject(), headers, payload.into()).await.unwrap().await.unwrap();
    }
}

/// Half of the transfers bear the reference, half only a name.
fn transfers(file: u64) -> Vec<(i64, String, String)> {
    (1..=CANDIDATES)
        .filter(|n| n % FILES == file)
        .map(|n| {
            let reference = payments::domain::reference::Reference::of(n).unwrap();
            let text = if n % 2 == 0 { reference.to_string() } else { format!("NOM{n}X Anne admission") };
            (7600, text, format!("BANK{n}"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_and_doubles_nothing() {
    let seed = std::env::var("ADMIS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(76_00);
    println!("seed {seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let nats = engines::Nats::start(&[]).unwrap();
    let names = house::intake((1..=CANDIDATES).map(|n| (format!("NOM{n}X"), dossier(n))).collect()).await;
    let mut house = House::new(&nats.url(), &names);
    house.start().await;
    let jetstream = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    while jetstream.get_stream(subjects::FACTS).await.is_err() {
        // The service makes it once it is up.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for n in 1..=CANDIDATES {
        let (id, at) = (dossier(n), Some(now().into()));
        tell(&jetstream, &intake::DossierOpened { dossier_id: id.clone(), number: n, opened_at: at }, 1).await;
        let claim = intake::FeeClaim::Transfer.into();
        let claimed = intake::FeeClaimed {
            dossier_id: id.clone(),
            claim,
            payee_school: "albi".into(),
            claimed_at: at,
            ..Default::default()
        };
        tell(&jetstream, &claimed, 2).await;
        let closed = intake::DossierClosed {
            dossier_id: id,
            number: n,
            first_school: "albi".into(),
            closed_at: at,
            fee_claim: claim,
            ..Default::default()
        };
        tell(&jetstream, &closed, 3).await;
        if n % 5 == 0 {
            house.kill();
            house.start().await;
        }
    }
    house.settled().await;

    // Each file until it is acknowledged, through kills at random moments; then once more.
    for file in 0..FILES {
        let content = camt(&transfers(file));
        let request = ImportStatementRequest { school: "albi".into(), content, ..Default::default() };
        let until = std::time::Instant::now() + PATIENCE;
        let mut strike = rng.random_bool(0.7).then(|| Duration::from_millis(rng.random_range(0..40)));
        let reply = loop {
            assert!(std::time::Instant::now() < until, "never acknowledged\n{}", house.log());
            if let Some(delay) = strike.take() {
                let call = tokio::spawn({
                    let mut client = house.client();
                    let request = house.clerk(request.clone());
                    async move { client.import_statement(request).await }
                });
                tokio::time::sleep(delay).await;
                house.kill();
                let _answered_or_cut = call.await;
                house.start().await;
                continue;
            }
            match house.client().import_statement(house.clerk(request.clone())).await {
                Ok(reply) => break reply.into_inner(),
                Err(status) => {
                    println!("again after {:?}", status.code());
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        };
        assert_eq!(reply.totals.unwrap().lines, 4);
        let again = house.client().import_statement(house.clerk(request)).await.unwrap().into_inner();
        assert_eq!(again.totals.unwrap().new_lines, 0);
        if rng.random_bool(0.5) {
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..60))).await;
            house.kill();
            house.start().await;
        }
    }
    house.settled().await;

    let balance = house.clerk(BalanceRequest { school: "albi".into(), ..Default::default() });
    let balance = house.client().balance(balance).await.unwrap().into_inner();
    let all = i64::try_from(CANDIDATES).unwrap() * 7600;
    assert!(balance.adds_up);
    assert_eq!(
        (balance.bank_cents, balance.accounts_cents, balance.lines),
        (all, all, u32::try_from(CANDIDATES).unwrap())
    );
    let waiting = house.clerk(ListUnmatchedRequest { school: "albi".into(), ..Default::default() });
    assert_eq!(house.client().list_unmatched(waiting).await.unwrap().into_inner().waiting, 0);

    // What was told: per dossier the versions 1, 2, 3 …, each once, the last of them settled.
    let stream = jetstream.get_stream(subjects::FACTS).await.unwrap();
    let config =
        jetstream::consumer::pull::OrderedConfig { filter_subject: FeeChanged::subject(), ..Default::default() };
    let consumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let mut told: BTreeMap<String, Vec<(u64, FeeStatus)>> = BTreeMap::new();
    let expected = usize::try_from(CANDIDATES * 3).unwrap();
    while told.values().map(Vec::len).sum::<usize>() < expected {
        let message =
            tokio::time::timeout(PATIENCE, messages.next()).await.expect("facts are missing").unwrap().unwrap();
        let version =
            message.headers.as_ref().and_then(|h| h.get("ce-aggregateversion")).unwrap().as_str().parse().unwrap();
        let fact: FeeChanged = serde_json::from_slice(&message.payload).unwrap();
        told.entry(fact.dossier_id.clone()).or_default().push((version, fact.status()));
    }
    let extra = tokio::time::timeout(Duration::from_millis(300), messages.next()).await;
    assert!(extra.is_err(), "told twice: {extra:?}");
    for (dossier, told) in told {
        let expected = [(1, FeeStatus::Declared), (2, FeeStatus::Declared), (3, FeeStatus::Settled)];
        assert_eq!(told, expected, "{dossier}");
    }
}
