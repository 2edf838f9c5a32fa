//! Keeps what changed of candidatures and tells it: the row, the history, the private fact and what other systems hear,
//! in one transaction.

use jiff::Timestamp;
use platform::{
    db::{DbError, Tx},
    outbox,
};

use crate::{
    domain::{answers::Answer, candidature::Standing, ids::SchoolId},
    store::{self, Kept, answers::Actor, history::Entry, write_standing},
    wire::{self, Published},
};

/// One candidature's step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it stood.
    pub before: Standing,
    /// Where it stands, the version not yet counted up.
    pub kept: Kept,
    /// What happened, for the history.
    pub what: &'static str,
    /// The answer concerned.
    pub answer: Option<Answer>,
    /// What it gives up, where the candidate gave it just now.
    pub gives_up: Vec<SchoolId>,
}

impl Step {
    /// A step named by where it leads.
    #[must_use]
    pub fn to(kept: Kept, before: Standing, answer: Option<Answer>) -> Self {
        let what = match (&before, &kept.candidature.standing) {
            (Standing::Lapsed(_), Standing::Accepted(_)) => "restored",
            (_, Standing::NotRetained) => "not_retained",
            (_, Standing::Waiting) => "waiting",
            (_, Standing::Proposed(_)) => "proposed",
            (_, Standing::Holding(_)) => "held",
            (_, Standing::Accepted(_)) => "accepted",
            (_, Standing::Admitted(_)) => "admitted",
            (_, Standing::Lapsed(_)) => "lapsed",
            (_, Standing::Resigned) => "resigned",
            (_, Standing::Eliminated(_)) => "eliminated",
            (_, Standing::Annulled) => "annulled",
        };
        Self { before, kept, what, answer, gives_up: Vec::new() }
    }
}

/// Keeps and tells steps of candidatures whose rows are locked; returns them with their new versions.
///
/// # Errors
/// The database does not answer.
pub async fn tell(tx: &mut Tx, mut steps: Vec<Step>, at: Timestamp, actor: &Actor) -> Result<Vec<Kept>, DbError> {
    steps.iter_mut().for_each(|step| step.kept.version += 1);
    let all: Vec<&Kept> = steps.iter().map(|step| &step.kept).collect();
    store::save(tx, &all).await?;
    let entries: Vec<Entry> = steps.iter().map(|step| entry(step, at, actor)).collect();
    store::history::remember(tx, &entries).await?;
    for step in &steps {
        let version = step.kept.version;
        outbox::append(tx, &wire::situation_changed(&step.kept, step.answer, at), version, at).await?;
        for fact in wire::published(&step.before, &step.kept, step.kept.period, at) {
            match fact {
                Published::Proposed(fact) => outbox::publish(tx, &fact, version, at).await?,
                Published::Held(fact) => outbox::publish(tx, &fact, version, at).await?,
                Published::Released(fact) => outbox::publish(tx, &fact, version, at).await?,
                Published::Admitted(fact) => outbox::publish(tx, &fact, version, at).await?,
                Published::Lapsed(fact) => outbox::publish(tx, &fact, version, at).await?,
            }
        }
    }
    Ok(steps.into_iter().map(|step| step.kept).collect())
}

fn entry(step: &Step, at: Timestamp, actor: &Actor) -> Entry {
    let kept = &step.kept;
    let (word, _, reason) = write_standing(&kept.candidature.standing);
    let school = wire::school(&kept.candidature.standing).or_else(|| step.before.seat().map(|school| school.0.clone()));
    Entry {
        dossier: kept.candidature.dossier.0,
        version: kept.version,
        at,
        what: step.what.to_owned(),
        actor: actor.clone(),
        period: kept.period,
        standing: (word.to_owned(), school, reason.map(str::to_owned)),
        answer: step.answer,
        gives_up: wire::names(&step.gives_up),
    }
}
