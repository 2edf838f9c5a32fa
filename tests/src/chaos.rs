//! Services and engines that are killed while the session is played (SIGKILL, then started again), from a seed.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::world::{SERVICES, World};

/// Runs `play` and kills something every moment until it ends. Gives what was killed, in order.
pub async fn during<T>(world: &World, seed: u64, play: impl Future<Output = T>) -> (T, Vec<String>) {
    let mut killed = Vec::new();
    let outcome = {
        let chaos = kill_for_ever(world, seed, &mut killed);
        tokio::pin!(play, chaos);
        tokio::select! {
            outcome = &mut play => outcome,
            () = &mut chaos => play.await,
        }
    };
    (outcome, killed)
}

async fn kill_for_ever(world: &World, seed: u64, killed: &mut Vec<String>) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    loop {
        tokio::time::sleep(Duration::from_millis(rng.random_range(150..1500))).await;
        if world.calm() {
            continue;
        }
        // Mostly a service; now and then the broker or the database under everyone, or the broker's whole store.
        // Blocking on purpose: a restart is short, and a half-done one must not be cancelled when the play ends.
        let victim = rng.random_range(0..24_usize);
        let (what, done) = match victim {
            0 | 1 => ("nats-server", world.broker.nats.kill_and_restart().map_err(|e| e.to_string())),
            2 | 3 => ("postgres", world.postgres.kill_and_restart().map_err(|e| e.to_string())),
            4 => ("the broker's store", world.broker.lose_everything().map_err(|e| e.to_string())),
            n => {
                let service = SERVICES.get(n % SERVICES.len()).copied().unwrap_or("intake");
                (service, world.kill_and_restart(service).map_err(|e| e.to_string()))
            }
        };
        if let Err(error) = done {
            eprintln!("chaos: {what} did not come back: {error}");
            return;
        }
        killed.push(what.to_owned());
    }
}
