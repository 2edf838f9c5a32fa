//! A service that is several processes, which come and go.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tonic::Request;

use crate::house::{House, ask, decoded};

/// What callers were answered: by whom, or why not.
type Answers = Arc<Mutex<Vec<String>>>;

/// Waits until callers were answered by exactly these, of the last so many.
async fn until_answered_by(answers: &Answers, names: &[&str]) {
    let wanted: BTreeSet<&str> = names.iter().copied().collect();
    let from = answers.lock().unwrap().len();
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let all = answers.lock().unwrap().clone();
        // A process that has gone may still have answered what was asked before.
        let last = &all[from.max(all.len().saturating_sub(40))..];
        let found: BTreeSet<&str> = last.iter().map(String::as_str).collect();
        if last.len() == 40 && found == wanted {
            return;
        }
        assert!(Instant::now() < until, "answered by {found:?} instead of {wanted:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn one(database: &str, name: &str) -> House {
    // On a busy machine a caller may hear of it later than the demo's few milliseconds; production gives three seconds.
    let mut house = House::prepare(database, "[drain]\nsettle = \"1s\"\nfinish = \"10s\"\n");
    house.edit("\"hello\"", &format!("\"{name}\""));
    house.start().await;
    house
}

pub async fn shared() {
    let (mut a, mut b) = (one("serve_shared_a", "a").await, one("serve_shared_b", "b").await);
    let peers = format!("[peers]\nseveral = [\"http://{}\", \"http://{}\"]\n", a.address(), b.address());
    let front = House::open("serve_shared", &format!("{peers}[service]\nneighbour = \"several\"\n")).await;

    let answers = Answers::default();
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let (answers, channel) = (Arc::clone(&answers), front.channel());
        callers.spawn(async move {
            loop {
                let status = ask(channel.clone(), "Forward", Request::new(())).await;
                let by = platform::refusal::Refusal::from_status(&status).filter(|refusal| refusal.reason == "WHO");
                let by = by.map_or_else(|| format!("{status:?}"), |refusal| refusal.metadata["greeting"].clone());
                answers.lock().unwrap().push(by);
            }
        });
    }
    until_answered_by(&answers, &["a", "b"]).await;
    // Each is stopped and started again at its address, under load.
    for house in [&mut a, &mut b] {
        let address = house.address();
        assert_eq!(house.terminate().await.code(), Some(0), "{}", house.log());
        house.edit("127.0.0.1:0", &address);
        std::fs::remove_file(house.file("address")).unwrap();
        house.start().await;
        until_answered_by(&answers, &["a", "b"]).await;
    }
    callers.shutdown().await;
    let all = answers.lock().unwrap().clone();
    let lost: Vec<&String> = all.iter().filter(|by| !["a", "b"].contains(&by.as_str())).collect();
    assert!(lost.is_empty(), "{} of {}: {:?}", lost.len(), all.len(), lost.first());

    // With nobody left, callers are told so, and soon.
    assert_eq!(a.terminate().await.code(), Some(0), "{}", a.log());
    assert_eq!(b.terminate().await.code(), Some(0), "{}", b.log());
    let status = ask(front.channel(), "Forward", Request::new(())).await;
    assert_eq!(status.code(), tonic::Code::Unavailable, "{status:?}");
}

pub async fn tables() {
    let mut house = House::prepare("serve_tables", "");
    house.edit("[database]", "[database]\nmigrate = false");
    let (config, log, address) = (house.file("config.toml"), house.file("log"), house.file("address"));
    let migrate = async {
        let until = Instant::now() + Duration::from_secs(30);
        while !std::fs::read_to_string(&log).unwrap_or_default().contains("waiting for `migrate`") {
            assert!(Instant::now() < until, "it does not say that it waits");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(!address.exists(), "it serves without its tables");
        for _ in 0..2 {
            let ended = House::does("migrate", &config).output().unwrap();
            assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
        }
    };
    tokio::join!(house.start(), migrate);
    house.ready().await;
    assert_eq!(decoded(&ask(house.channel(), "Who", Request::new(())).await).reason, "WHO");
    assert_eq!(house.terminate().await.code(), Some(0), "{}", house.log());
}
