//! Publishing again what the broker lost (it only carries copies), and finding what it holds without our knowing.

use std::collections::HashMap;

use async_nats::jetstream::{self, context::GetStreamErrorKind, stream::LastRawMessageErrorKind};
use contracts::subjects;
use futures::TryStreamExt as _;
use sqlx::PgConnection;
use uuid::Uuid;

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
            let overwritten = if full { recount(conn, &stream, name).await? } else { 0 };
            if full || lost > 0 {
                self.find(conn, &stream, name, &generation).await?;
            }
            self.generations.insert(name.to_owned(), generation);
            if lost + overwritten > 0 {
                let text = format!("stream {name} lost {} messages; publishing them again", lost + overwritten);
                watchdog::alarm("stream_repaired", &text);
            }
        }
        Ok(())
    }

    /// Follows each subject in the stream from the last message known to be there, and marks as published what it
    /// finds: a message whose acknowledgement was never seen, however long ago, is neither sent twice nor overtaken.
    async fn find(
        &mut self,
        conn: &mut PgConnection,
        stream: &jetstream::stream::Stream,
        name: &str,
        generation: &str,
    ) -> Result<(), BoxError> {
        let subjects = sqlx::query!(
            r#"select subject, coalesce(max(stream_seq), 0) as "last!" from platform.outbox
               where stream = $1 group by subject"#,
            name,
        )
        .fetch_all(&mut *conn)
        .await?;
        for subject in subjects {
            let mut last = subject.last.cast_unsigned();
            loop {
                let message = match stream
                    .raw_message_builder()
                    .sequence(last + 1)
                    .next_by_subject(subject.subject.clone())
                    .send()
                    .await
                {
                    Ok(message) => message,
                    Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => break,
                    Err(error) => return Err(error.into()),
                };
                last = message.sequence;
                let id = message.headers.get("Nats-Msg-Id").and_then(|id| Uuid::parse_str(id.as_str()).ok());
                let known = sqlx::query!(
                    "update platform.outbox set published_at = clock_timestamp(), stream_seq = $2, generation = $3
                     where event_id = $1",
                    id.unwrap_or_default(),
                    last.cast_signed(),
                    generation,
                )
                .execute(&mut *conn)
                .await?
                .rows_affected();
                if known == 0 {
                    // This database is older than the stream: somebody must look at what others were told.
                    let text = format!("stream {name} holds {} {last}, which the outbox never told", subject.subject);
                    watchdog::alarm("stream_ahead", &text);
                }
            }
            self.last.insert(subject.subject, last);
        }
        Ok(())
    }
}

/// Subjects of which the stream holds fewer messages than were published on them become unpublished as a whole: which
/// ones are missing, [`Relay::find`] sees.
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
