//! Publishing again what the broker lost: it only carries copies.

use std::collections::HashMap;

use async_nats::jetstream::{self, context::GetStreamErrorKind};
use contracts::subjects;
use futures::TryStreamExt as _;
use sqlx::PgConnection;

use super::Relay;
use crate::{inbox::BoxError, streams, watchdog};

impl Relay {
    /// Compares each stream's creation time and last sequence with what was published, and with `full` also the
    /// number of messages per subject (a tail lost and since overwritten by others shows nowhere else). What is
    /// missing becomes unpublished again; the ids stay, so that whoever has it already knows it.
    pub(super) async fn repair(&mut self, conn: &mut PgConnection, full: bool) -> Result<(), BoxError> {
        for name in [subjects::FACTS, subjects::ADMISSIONS] {
            let stream = match self.jetstream.get_stream(name).await {
                Ok(stream) => stream,
                Err(error) if matches!(error.kind(), GetStreamErrorKind::JetStream(_)) => {
                    streams::ensure(&self.jetstream).await?;
                    self.jetstream.get_stream(name).await?
                }
                Err(error) => return Err(error.into()),
            };
            let info = stream.cached_info();
            let generation = info.created.unix_timestamp_nanos().to_string();
            let last = info.state.last_sequence;
            let lost = sqlx::query!(
                "update platform.outbox set published_at = null, stream_seq = null, generation = null
                 where stream = $1 and published_at is not null and (generation <> $2 or stream_seq > $3)",
                name,
                generation,
                last.cast_signed(),
            )
            .execute(&mut *conn)
            .await?
            .rows_affected();
            self.generations.insert(name.to_owned(), generation);
            let overwritten = if full { recount(conn, &stream, name).await? } else { 0 };
            if lost + overwritten > 0 {
                let text = format!("stream {name} lost {} messages; publishing them again", lost + overwritten);
                watchdog::alarm("stream_repaired", &text);
            }
        }
        Ok(())
    }
}

/// Subjects of which the stream holds fewer messages than were published on them become unpublished as a whole: which
/// ones are missing is not known, and a duplicate harms nobody.
async fn recount(conn: &mut PgConnection, stream: &jetstream::stream::Stream, name: &str) -> Result<u64, BoxError> {
    let published = sqlx::query!(
        r#"select subject, count(*) as "count!" from platform.outbox
           where stream = $1 and published_at is not null group by subject"#,
        name,
    )
    .fetch_all(&mut *conn)
    .await?;
    if published.is_empty() {
        return Ok(0);
    }
    let found: HashMap<String, usize> = stream.info_with_subjects(">").await?.try_collect().await?;
    let missing: Vec<String> = published
        .into_iter()
        .filter(|p| found.get(&p.subject).copied().unwrap_or(0) < usize::try_from(p.count).unwrap_or(0))
        .map(|p| p.subject)
        .collect();
    if missing.is_empty() {
        return Ok(0);
    }
    let lost = sqlx::query!(
        "update platform.outbox set published_at = null, stream_seq = null, generation = null
         where stream = $1 and subject = any($2) and published_at is not null",
        name,
        &missing,
    )
    .execute(conn)
    .await?;
    Ok(lost.rows_affected())
}
