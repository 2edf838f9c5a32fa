//! The session, played as its people would play it: one file per act, in the order of the calendar.

pub mod admissibility;
mod admission;
mod deposits;
mod dossier;
mod mail;
mod marks;
mod money;
mod orals;
mod periods;
mod story;
mod titles;
mod verification;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use contracts::roles;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use notice::Session;

use crate::{
    cast::Candidate,
    failure::Failure,
    progress::Progress,
    world::{Who, World},
};
pub use admissibility::candidatures;
pub use story::{Answered, PeriodStory, Story};

/// How many candidates act at the same time.
const CROWD: usize = 32;
/// One step of the clock's edge.
pub const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// Everything an act needs.
pub struct Stage<'a> {
    /// The running platform.
    pub world: &'a World,
    /// Who takes part.
    pub cast: &'a [Candidate],
    /// What the people know happened: acknowledged, refused, sent. The invariant check holds the platform to it.
    pub story: Mutex<Story>,
    /// Where the campaign stands.
    pub progress: &'a Progress,
    /// Also do what has no one outcome for a seed: answers that race a period's close.
    pub races: bool,
}

impl<'a> Stage<'a> {
    /// Before the first act.
    #[must_use]
    pub fn new(world: &'a World, cast: &'a [Candidate], progress: &'a Progress) -> Self {
        Self { world, cast, story: Mutex::default(), progress, races: false }
    }

    /// What happened so far.
    pub fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session played.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.world.session
    }

    /// The due instant of a transition, as printed.
    ///
    /// # Errors
    /// When the session has no such transition.
    pub fn instant(&self, key: &str) -> Result<Timestamp, Failure> {
        self.session().instant(key).ok_or_else(|| Failure::unexpected("session", key, "an instant", "none"))
    }

    /// Lets each of `crowd` act, several at a time.
    ///
    /// # Errors
    /// The first failure.
    pub async fn each<'c, F>(
        &self,
        crowd: impl IntoIterator<Item = &'c Candidate>,
        act: impl Fn(&'c Candidate) -> F,
    ) -> Result<(), Failure>
    where
        F: Future<Output = Result<(), Failure>>,
    {
        stream::iter(crowd).map(act).buffer_unordered(CROWD).inspect_ok(|()| self.progress.step()).try_collect().await
    }

    /// School of choice 1 of a dossier, as its candidate ordered.
    #[must_use]
    pub fn story_orders_first(&self, id: &str) -> Option<String> {
        self.story().orders.get(id).and_then(|order| order.first().cloned())
    }

    /// Candidates by id.
    #[must_use]
    pub fn by_id(&self) -> BTreeMap<String, &'a Candidate> {
        self.cast.iter().map(|c| (c.id.to_string(), c)).collect()
    }
}

/// A candidate, as a caller.
#[must_use]
pub fn candidate(of: &Candidate) -> Who {
    Who { label: of.label.clone(), subject: of.id.to_string(), role: roles::CANDIDATE.into(), ..Who::default() }
}

/// The jury's secretary, who prepares.
#[must_use]
pub fn secretary() -> Who {
    Who::role(roles::JURY, "jury-secretary")
}

/// The jury's president, who confirms.
#[must_use]
pub fn president() -> Who {
    Who::role(roles::JURY_PRESIDENT, "jury-president")
}

/// Plays the whole session.
///
/// # Errors
/// The first thing that a session that works would not do.
pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    deposits::play(stage).await?;
    verification::play(stage).await?;
    money::play(stage).await?;
    admissibility::play(stage).await?;
    orals::play(stage).await?;
    marks::play(stage).await?;
    admission::play(stage).await?;
    periods::play(stage).await?;
    titles::play(stage).await
}
