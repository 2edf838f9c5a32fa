//! The only place that reads the ambient clock; everywhere else, now is an argument.
//!
//! A clock is the system's, or a simulated one that stands still until it is advanced over gRPC
//! (`platform.v1.SimulatedClock`), never backwards. A production configuration refuses the simulated one.

use std::{future::Future, path::Path, sync::Arc, time::Duration};

use contracts::machinery::{AdvanceReply, AdvanceRequest, simulated_clock_server::SimulatedClock};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::{auth::Caller, refusal::Refusal, service::StartError};

/// Beyond this distance from the database's clock a stamp can no longer be trusted, and we alarm.
pub const SKEW_ALARM: SignedDuration = SignedDuration::from_millis(50);

/// Longest single sleep on the system clock: bounds the harm of a step of that clock while we sleep.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// A source of instants; clones share it.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Simulated(Arc<watch::Sender<Timestamp>>),
}

/// A simulated clock was asked to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock stands at {now} and cannot go back to {asked}")]
pub struct Backwards {
    /// Where it stands.
    pub now: Timestamp,
    /// Where it was asked to go.
    pub asked: Timestamp,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until advanced.
    #[must_use]
    pub fn simulated(start: Timestamp) -> Self {
        Self(Source::Simulated(Arc::new(watch::Sender::new(start))))
    }

    /// A simulated clock that starts at the RFC 3339 instant written in `file`.
    ///
    /// # Errors
    /// The file cannot be read, or holds no instant.
    pub fn simulated_from(file: &Path) -> Result<Self, StartError> {
        let text = std::fs::read_to_string(file)
            .map_err(|e| StartError::from_source(format!("clock.start_file {}", file.display()), e))?;
        let start = text
            .trim()
            .parse::<Timestamp>()
            .map_err(|e| StartError::from_source(format!("clock.start_file {}", file.display()), e))?;
        Ok(Self::simulated(start))
    }

    /// Is this the simulated one?
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        matches!(self.0, Source::Simulated(_))
    }

    /// The present instant, UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Simulated(instant) => *instant.borrow(),
        }
    }

    /// Returns once `at` has come; at once if it has passed. A simulated clock wakes its sleepers when it is advanced.
    pub fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        let clock = self.clone();
        async move {
            match &clock.0 {
                Source::System => loop {
                    let left = at.duration_since(clock.now());
                    let Ok(left) = Duration::try_from(left) else { return };
                    if left.is_zero() {
                        return;
                    }
                    tokio::time::sleep(left.min(LONGEST_NAP)).await;
                },
                Source::Simulated(instant) => {
                    let mut seen = instant.subscribe();
                    // The sender lives in `clock`, so the channel cannot close under us.
                    let _reached = seen.wait_for(|now| *now >= at).await;
                }
            }
        }
    }

    /// Moves a simulated clock forward to `to` and wakes its sleepers; to where it stands already changes nothing.
    ///
    /// # Errors
    /// [`Backwards`]; the system clock refuses any move the same way.
    pub fn advance(&self, to: Timestamp) -> Result<Timestamp, Backwards> {
        let Source::Simulated(instant) = &self.0 else {
            return Err(Backwards { now: self.now(), asked: to });
        };
        let mut refused = None;
        instant.send_if_modified(|now| match to.cmp(now) {
            std::cmp::Ordering::Less => {
                refused = Some(Backwards { now: *now, asked: to });
                false
            }
            std::cmp::Ordering::Equal => false,
            std::cmp::Ordering::Greater => {
                *now = to;
                true
            }
        });
        refused.map_or(Ok(to), Err)
    }
}

/// How far this clock is from another that read `theirs` somewhere between our `before` and `after`; positive when
/// ours is ahead. The middle of the round trip is taken, so the answer is good to half of it.
#[must_use]
pub fn skew(before: Timestamp, theirs: Timestamp, after: Timestamp) -> SignedDuration {
    let middle = before.saturating_add(after.duration_since(before) / 2).unwrap_or(before);
    middle.duration_since(theirs)
}

/// The gRPC face of a simulated clock. Role `operator`.
pub(crate) struct SimulatedClockService {
    pub(crate) clock: Clock,
}

#[tonic::async_trait]
impl SimulatedClock for SimulatedClockService {
    async fn advance(&self, request: Request<AdvanceRequest>) -> Result<Response<AdvanceReply>, Status> {
        Caller::of(&request)?.require(&[contracts::roles::OPERATOR])?;
        let asked = request.into_inner().to;
        let to = asked.ok_or_else(|| Refusal::invalid("BAD_INSTANT").field("to", "is required")).and_then(|to| {
            Timestamp::try_from(to).map_err(|e| Refusal::invalid("BAD_INSTANT").field("to", e.to_string()))
        })?;
        let now = self.clock.advance(to).map_err(|e| {
            Refusal::precondition("CLOCK_BACKWARDS", "clock", e.to_string()).with("now", e.now.to_string())
        })?;
        // Let the woken sleepers run before answering.
        tokio::task::yield_now().await;
        tracing::info!(%now, "simulated clock advanced");
        Ok(Response::new(AdvanceReply { now: Some(now.into()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test]
    async fn sleepers_wake_in_the_order_of_their_instants_and_not_before() {
        let clock = Clock::simulated(at(100));
        let (woke, mut order) = tokio::sync::mpsc::unbounded_channel();
        for second in [130, 110, 120] {
            let (clock, woke) = (clock.clone(), woke.clone());
            tokio::spawn(async move {
                clock.sleep_until(at(second)).await;
                woke.send((second, clock.now())).unwrap();
            });
        }
        tokio::task::yield_now().await;
        assert!(order.try_recv().is_err(), "nothing wakes while the clock stands still");
        for second in [110, 120, 130] {
            clock.advance(at(second)).unwrap();
            assert_eq!(order.recv().await, Some((second, at(second))));
            assert!(order.try_recv().is_err(), "only the sleeper of {second} wakes");
        }
    }

    #[tokio::test]
    async fn an_instant_that_has_passed_does_not_sleep() {
        Clock::simulated(at(100)).sleep_until(at(100)).await;
        Clock::simulated(at(100)).sleep_until(at(99)).await;
        Clock::system().sleep_until(at(0)).await;
    }

    #[test]
    fn it_never_goes_back_and_staying_is_no_move() {
        let clock = Clock::simulated(at(100));
        assert_eq!(clock.advance(at(99)), Err(Backwards { now: at(100), asked: at(99) }));
        assert_eq!(clock.advance(at(100)), Ok(at(100)));
        assert_eq!(clock.now(), at(100));
        assert!(Clock::system().advance(at(i64::from(i32::MAX) * 2)).is_err(), "the system clock is not ours to move");
    }

    #[tokio::test]
    async fn the_system_clock_sleeps_until_the_instant() {
        let clock = Clock::system();
        let due = clock.now() + SignedDuration::from_millis(30);
        clock.sleep_until(due).await;
        assert!(clock.now() >= due);
    }

    #[test]
    fn skew_is_measured_from_the_middle_of_the_round_trip() {
        let ms = |n| at(0) + SignedDuration::from_millis(n);
        assert_eq!(skew(ms(0), ms(5), ms(10)), SignedDuration::ZERO);
        assert_eq!(skew(ms(100), ms(5), ms(110)), SignedDuration::from_millis(100));
        assert_eq!(skew(ms(0), ms(205), ms(10)), SignedDuration::from_millis(-200));
    }
}
