//! Many at once: the books add up whatever the order.

use contracts::payments::{
    FeeStatus, MatchLineRequest, RecordRefundRequest, UnmatchLineRequest, payments_server::Payments as _,
};
use rand::{RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use crate::world::*;

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_imports_at_once_take_each_line_once() {
    let seed = std::env::var("ADMIS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_260_320);
    println!("seed {seed}");
    let w = world("together").await;
    for n in 1..=10 {
        w.candidature(n, if n % 2 == 0 { "albi" } else { "ales" }).await;
    }
    let lines: Vec<Pay> = (0..40)
        .map(|i| {
            let cents = if i % 7 == 0 { 3800 } else { 7600 };
            pay(cents, &if i % 5 == 0 { "?".to_owned() } else { reference(1 + i % 10) }, &format!("T{i}"))
        })
        .collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // Both schools have a line of each kind; files overlap at random.
    let files: Vec<(&str, Vec<u8>)> = (0..12)
        .map(|i| {
            let (school, iban) = if i % 2 == 0 { ("albi", ALBI) } else { ("ales", ALES) };
            let mut some = lines.clone();
            some.shuffle(&mut rng);
            some.truncate(rng.random_range(20..=40));
            (school, camt(iban, "EUR", &some))
        })
        .chain([("albi", camt(ALBI, "EUR", &lines)), ("ales", camt(ALES, "EUR", &lines))])
        .collect();
    let imports = files.iter().map(|(school, file)| w.import(school, file));
    let replies = futures_join(imports).await;
    let new: i64 = replies.iter().map(|r| r.totals.unwrap().new_cents).sum();
    let sent: i64 = lines.iter().map(|l| l.cents).sum();
    assert_eq!(new, 2 * sent);
    for school in ["albi", "ales"] {
        let balance = w.balance(school).await;
        assert_eq!((balance.bank_cents, balance.lines), (sent, 40));
        assert_eq!(w.ledger(school, 7).await.1, sent);
    }

    // Desk acts at once, on the same lines and accounts: each is done or refused, and the books add up.
    let waiting = w.unmatched("albi").await.lines;
    let acts = (0..60).map(|i| {
        let line = waiting[i % waiting.len()].line_id.clone();
        let n = 1 + u128::try_from(i).unwrap() % 10;
        let w = &w;
        async move {
            match i % 3 {
                0 => {
                    let request = MatchLineRequest { line_id: line, dossier_id: dossier(n).to_string() };
                    drop(w.grpc.match_line(clerk("albi", request)).await);
                }
                1 => {
                    let request = UnmatchLineRequest { line_id: line, reason: "essai".into() };
                    drop(w.grpc.unmatch_line(clerk("albi", request)).await);
                }
                _ => {
                    let request = RecordRefundRequest {
                        dossier_id: dossier(n).to_string(),
                        cents: 7600,
                        reason: "essai".into(),
                        receipt: format!("OD-{i}"),
                    };
                    drop(w.grpc.record_refund(clerk("albi", request)).await);
                }
            }
        }
    });
    futures_join(acts).await;
    let balance = w.balance("albi").await;
    assert_eq!(balance.bank_cents, sent);
    assert_eq!(w.ledger("albi", 11).await.1, sent);
    for n in 1..=10 {
        let fee = w.fee(n).await;
        match fee.status() {
            FeeStatus::Settled => assert_eq!(fee.received_cents, 7600),
            FeeStatus::Over => assert!(fee.received_cents > 7600),
            FeeStatus::Short => assert!(fee.received_cents < 7600),
            other => assert!(fee.received_cents == 0, "{other:?} {fee:?}"),
        }
    }
}

/// Drives futures side by side and keeps their order.
async fn futures_join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|cx| {
        let mut all = true;
        for (future, done) in &mut running {
            if done.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(value) => *done = Some(value),
                    std::task::Poll::Pending => all = false,
                }
            }
        }
        if all { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, done)| done).collect()
}
