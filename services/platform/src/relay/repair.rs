//! Publishing again what the broker lost (it only carries copies), and finding what it holds without our knowing.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use async_nats::jetstream::{context::GetStreamErrorKind, stream::Stream};
use contracts::{subjects, told_consumer};
use futures::{StreamExt as _, TryStreamExt as _};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Relay;
use crate::{inbox::BoxError, streams, watchdog};

/// Messages read back at once.
const READ: usize = 500;
/// How long the broker may take to send them.
const PATIENCE: Duration = Duration::from_secs(5);

/// A stream as it stands.
struct Standing<'a> {
    stream: &'a Stream,
    name: &'static str,
    /// When it was made; another one is another stream.
    generation: String,
    last_sequence: u64,
}

impl Relay {
    /// Compares each stream's creation time and last sequence with what was published, and with `full` also the
    /// number of messages per subject (a tail lost and since overwritten by others shows nowhere else). What is
    /// missing becomes unpublished again; the ids stay, so that whoever has it already knows it.
    pub(super) async fn repair(&mut self, conn: &mut PgConnection, full: bool) -> Result<(), BoxError> {
        for name in [subjects::FACTS, subjects::ADMISSIONS] {
            let stream = match self.jetstream.get_stream(name).await {
                Ok(stream) => stream,
                Err(error) if matches!(error.kind(), GetStreamErrorKind::JetStream(_)) => {
                    streams::ensure(&self.jetstream, self.replicas).await?;
                    self.jetstream.get_stream(name).await?
                }
                Err(error) => return Err(error.into()),
            };
            let info = stream.cached_info();
            let standing = Standing {
                stream: &stream,
                name,
                generation: info.created.unix_timestamp_nanos().to_string(),
                last_sequence: info.state.last_sequence,
            };
            let lost = sqlx::query!(
                "update platform.outbox set published_at = null, stream_seq = null, generation = null
                 where stream = $1 and published_at is not null and (generation <> $2 or stream_seq > $3)",
                name,
                standing.generation,
                standing.last_sequence.cast_signed(),
            )
            .execute(&mut *conn)
            .await?
            .rows_affected();
            let overwritten = if full || lost > 0 { self.compare(conn, &standing).await? } else { 0 };
            self.generations.insert(name.to_owned(), standing.generation);
            if lost + overwritten > 0 {
                let text = format!("stream {name} lost {} messages; publishing them again", lost + overwritten);
                watchdog::alarm("stream_repaired", &text);
            }
        }
        Ok(())
    }

    /// Compares, subject by subject, how many messages the stream holds with how many are known to be there. Subjects
    /// that hold fewer become unpublished as a whole; which of them are missing is then read.
    async fn compare(&mut self, conn: &mut PgConnection, of: &Standing<'_>) -> Result<u64, BoxError> {
        let told = sqlx::query!(
            r#"select subject, count(*) filter (where published_at is not null) as "known!",
                      count(*) filter (where published_at is null) as "waiting!",
                      coalesce(max(stream_seq), 0) as "last!"
               from platform.outbox where stream = $1 group by subject"#,
            of.name,
        )
        .fetch_all(&mut *conn)
        .await?;
        if told.is_empty() {
            return Ok(0);
        }
        let found: HashMap<String, usize> = of.stream.info_with_subjects(">").await?.try_collect().await?;
        let (mut read, mut missing) = (BTreeMap::new(), Vec::new());
        for subject in told {
            let held = found.get(&subject.subject).map_or(0, |n| i64::try_from(*n).unwrap_or(i64::MAX));
            let last = subject.last.cast_unsigned();
            if held < subject.known {
                missing.push(subject.subject.clone());
                read.insert(subject.subject, 0);
            } else if held > subject.known || subject.waiting > 0 && held > 0 {
                // More than is known; or the next is about to follow the last one, which must be the right one.
                read.insert(subject.subject, last);
            } else {
                self.last.insert(subject.subject, last);
            }
        }
        let lost = sqlx::query!(
            "update platform.outbox set published_at = null, stream_seq = null, generation = null
             where stream = $1 and subject = any($2) and published_at is not null",
            of.name,
            &missing,
        )
        .execute(&mut *conn)
        .await?
        .rows_affected();
        self.read(conn, of, &mut read).await?;
        self.last.extend(read);
        Ok(lost)
    }

    /// Reads these subjects, each from behind the last message known to be there, and marks as published what it finds:
    /// a message whose acknowledgement was never seen, however long ago, is neither sent twice nor overtaken.
    async fn read(
        &self,
        conn: &mut PgConnection,
        of: &Standing<'_>,
        last: &mut BTreeMap<String, u64>,
    ) -> Result<(), BoxError> {
        let Some(from) = last.values().min().map(|last| last + 1).filter(|from| *from <= of.last_sequence) else {
            return Ok(());
        };
        let service = self.db.service();
        let consumer = streams::read_back(of.stream, service, of.name).await?;
        let rewound = of.stream.reset_consumer(&told_consumer(service), Some(from)).await?.info;
        let (mut left, mut sequence) = (rewound.num_pending, rewound.delivered.consumer_sequence);
        while left > 0 {
            let before = sequence;
            let (mut ids, mut sequences, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
            let mut messages = consumer.batch().max_messages(READ).expires(PATIENCE).messages().await?;
            while let Some(message) = messages.next().await {
                let message = message?;
                let info = message.info().map_err(|e| e.to_string())?;
                sequence += 1;
                if info.consumer_sequence != sequence {
                    return Err(format!("stream {}: another relay reads, or a message was lost", of.name).into());
                }
                left = info.pending;
                let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id"));
                let id = id.and_then(|id| Uuid::parse_str(id.as_str()).ok()).unwrap_or_default();
                // What is not asked for is known, and so is what stands before the last one known.
                if let Some(last) = last.get_mut(message.subject.as_str()).filter(|l| **l < info.stream_sequence) {
                    *last = info.stream_sequence;
                    ids.push(id);
                    sequences.push(info.stream_sequence);
                    subjects.push(message.subject.to_string());
                }
                if left == 0 {
                    break;
                }
            }
            if sequence == before {
                return Err(format!("stream {}: {left} messages are not delivered", of.name).into());
            }
            self.found(conn, of, &ids, &sequences, &subjects).await?;
        }
        Ok(())
    }

    /// Marks messages as published that the stream holds. One that the outbox never told is for somebody to look at:
    /// this database is older than the stream.
    async fn found(
        &self,
        conn: &mut PgConnection,
        of: &Standing<'_>,
        ids: &[Uuid],
        sequences: &[u64],
        subjects: &[String],
    ) -> Result<(), BoxError> {
        let places: Vec<i64> = sequences.iter().map(|sequence| sequence.cast_signed()).collect();
        let known = sqlx::query_scalar!(
            "update platform.outbox o set published_at = clock_timestamp(), stream_seq = found.place, generation = $3
             from unnest($1::uuid[], $2::bigint[]) as found (id, place)
             where o.event_id = found.id returning o.event_id",
            ids,
            &places,
            of.generation,
        )
        .fetch_all(&mut *conn)
        .await?;
        for ((id, sequence), subject) in ids.iter().zip(sequences).zip(subjects) {
            if !known.contains(id) {
                let text = format!("stream {} holds {subject} {sequence}, which the outbox never told", of.name);
                watchdog::alarm("stream_ahead", &text);
            }
        }
        Ok(())
    }
}
