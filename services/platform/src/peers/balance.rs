//! One peer, however many processes it is at the moment.
//!
//! Its name is looked up again and again, as a headless Service of Kubernetes changes its addresses. Each address is asked
//! for its health by a stream that stays open (`grpc.health.v1`), so that a process that drains is left alone the moment it
//! says so, long before its name forgets it. A request goes to the less busy of two that serve.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use tokio::{net::lookup_host, sync::watch, task::JoinHandle};
use tonic::{
    Code, Status,
    body::Body,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tower::{Service, ServiceExt as _};

use crate::{inbox::BoxError, tls};

/// How often a name is looked up.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The first and the longest wait between two tries to reach one address.
const AGAIN: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// How long a request waits for somebody who serves, such as the next one while the only one is replaced.
const PATIENCE: Duration = Duration::from_secs(2);

/// A process that serves.
#[derive(Clone)]
struct Member {
    at: SocketAddr,
    channel: Channel,
    /// Requests that it has not begun to answer.
    waiting: Arc<AtomicUsize>,
}

/// Everybody who serves now.
type Serving = watch::Sender<Vec<Member>>;

/// The channel to a peer. Cheap to clone; it follows the peer for as long as there is a clone.
#[derive(Clone)]
pub struct Balanced {
    name: Arc<str>,
    serving: watch::Receiver<Vec<Member>>,
    _follows: Arc<Task>,
}

impl Balanced {
    /// Follows the processes behind `places`, each `host:port`; `open` makes a channel to one of them. Called inside the
    /// runtime.
    pub(super) fn new<O>(name: &str, places: Vec<String>, open: O) -> Self
    where
        O: Fn(SocketAddr) -> Channel + Send + Sync + 'static,
    {
        let (serve, serving) = watch::channel(Vec::new());
        let follows = Task(tokio::spawn(follow(name.to_owned(), places, open, Arc::new(serve))));
        Self { name: name.into(), serving, _follows: Arc::new(follows) }
    }

    /// Follows processes that are reached in the clear, for a caller that is no service.
    #[must_use]
    pub fn to(name: &str, places: Vec<String>) -> Self {
        Self::new(name, places, |at| {
            Endpoint::from(Uri::from_static("http://peer")).connect_with_connector_lazy(tls::Connector::new(at, None))
        })
    }

    async fn member(&mut self) -> Result<Member, Status> {
        let found = tokio::time::timeout(PATIENCE, self.serving.wait_for(|all| !all.is_empty())).await;
        match found {
            Ok(Ok(all)) => Ok(less_busy(&all, rand::random(), rand::random()).clone()),
            _ => Err(Status::unavailable(format!("no process of {} is ready", self.name))),
        }
    }
}

/// Of two different ones taken by chance, the one with less to do: nearly as good as looking at all of them, and no herd
/// runs to a single one.
fn less_busy(all: &[Member], a: u16, b: u16) -> &Member {
    let first = usize::from(a) % all.len();
    // Counted from behind the first, so that it is another wherever there is another.
    let second = (first + 1 + usize::from(b) % (all.len() - 1).max(1)) % all.len();
    let load = |member: &Member| member.waiting.load(Ordering::Relaxed);
    let (first, second) = (&all[first], &all[second]);
    if load(second) < load(first) { second } else { first }
}

impl Service<Request<Body>> for Balanced {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut to = self.clone();
        Box::pin(async move {
            let member = to.member().await?;
            let _counted = Waiting::at(&member);
            Ok(member.channel.oneshot(request).await?)
        })
    }
}

/// One request more, until it is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn at(member: &Member) -> Self {
        member.waiting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&member.waiting))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A task that ends with whoever needs it.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Keeps one watcher for each address that the names have now.
async fn follow<O>(name: String, places: Vec<String>, open: O, serve: Arc<Serving>)
where
    O: Fn(SocketAddr) -> Channel,
{
    let mut watched: BTreeMap<SocketAddr, Task> = BTreeMap::new();
    loop {
        match addresses(&places).await {
            Ok(found) => {
                let gone: Vec<SocketAddr> = watched.keys().filter(|at| !found.contains(at)).copied().collect();
                for at in gone {
                    if let Some(mut watcher) = watched.remove(&at) {
                        watcher.0.abort();
                        // Until it has ended it might say once more that this one serves.
                        let _aborted = (&mut watcher.0).await;
                    }
                    leave(&serve, at);
                }
                for at in found {
                    watched.entry(at).or_insert_with(|| {
                        let member = Member { at, channel: open(at), waiting: Arc::default() };
                        Task(tokio::spawn(attend(member, Arc::clone(&serve))))
                    });
                }
            }
            // Whoever was there a second ago is a better guess than nobody.
            Err(error) => tracing::warn!(peer = name, %error, "its name cannot be looked up"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn addresses(places: &[String]) -> std::io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    for place in places {
        found.extend(lookup_host(place).await?);
    }
    Ok(found)
}

/// Follows the health of one process, which is among those who serve while it says so; or, if it does not know of health,
/// while it answers that it does not.
async fn attend(member: Member, serve: Arc<Serving>) {
    let mut wait = AGAIN.0;
    loop {
        let asked = HealthClient::new(member.channel.clone()).watch(HealthCheckRequest::default()).await;
        match asked.map(tonic::Response::into_inner) {
            Ok(mut told) => {
                while let Ok(Some(reply)) = told.message().await {
                    match reply.status() {
                        ServingStatus::Serving => join(&serve, &member),
                        _ => leave(&serve, member.at),
                    }
                    wait = AGAIN.0;
                }
                leave(&serve, member.at);
            }
            Err(status) if status.code() == Code::Unimplemented => {
                join(&serve, &member);
                wait = AGAIN.1;
            }
            Err(_) => leave(&serve, member.at),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(AGAIN.1);
    }
}

fn join(serve: &Serving, member: &Member) {
    serve.send_if_modified(|all| {
        let new = all.iter().all(|one| one.at != member.at);
        if new {
            all.push(member.clone());
        }
        new
    });
}

fn leave(serve: &Serving, at: SocketAddr) {
    serve.send_if_modified(|all| {
        let before = all.len();
        all.retain(|one| one.at != at);
        all.len() != before
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_less_busy_of_two_is_asked_and_a_single_one_always() {
        let channel = tonic::transport::Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
        let member = |port: u16, waiting: usize| Member {
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            channel: channel.clone(),
            waiting: Arc::new(AtomicUsize::new(waiting)),
        };
        let all = [member(0, 5), member(1, 0), member(2, 5)];
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (u16::MAX, u16::MAX)] {
            let asked = less_busy(&all, a, b).at.port();
            let other = ((a % 3) + 1 + (b % 2)) % 3;
            assert!(other != a % 3, "two different ones");
            assert_eq!(asked == 1, a % 3 == 1 || other == 1, "of {} and {other}", a % 3);
        }
        assert_eq!(less_busy(&all[..1], 7, 9).at.port(), 0);
    }
}
