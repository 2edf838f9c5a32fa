//! Publishing: singly when few, as an atomic batch when many; singly with the same ids when a batch is refused or its
//! outcome is unknown.
//!
//! Every message names the one of its subject that it follows. A subject has one writer, so a broker that came back with
//! less, or a stream that was made anew, refuses it: what was lost is then repaired before anything overtakes it.

use std::collections::{BTreeMap, HashSet};

use async_nats::{
    header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
    jetstream::{
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};
use opentelemetry::KeyValue;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{BATCH_FROM, Relay, Row};
use crate::inbox::BoxError;

impl Relay {
    /// Publishes rows in their order, stream by stream, and marks what the broker acknowledged.
    pub(super) async fn carry(&mut self, conn: &mut PgConnection, rows: Vec<Row>) -> Result<(), BoxError> {
        let mut by_stream: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            by_stream.entry(row.stream.clone()).or_default().push(row);
        }
        for (stream, rows) in by_stream {
            if rows.len() >= BATCH_FROM {
                match self.batch(&rows).await {
                    Ok(acks) => {
                        self.follow(&rows, &acks);
                        self.mark(conn, &stream, &acks).await?;
                        continue;
                    }
                    // Refused for an id the stream holds already, or unknown: one by one the same ids tell.
                    Err(error) => tracing::info!(%error, rows = rows.len(), "batch not taken; publishing singly"),
                }
            }
            let mut acks = Vec::with_capacity(rows.len());
            let mut failed = None;
            // One after the other: if one fails, none behind it may have overtaken it.
            for row in &rows {
                match self.single(row).await {
                    Ok(sequence) => {
                        acks.push((row.seq, sequence));
                        self.follow(std::slice::from_ref(row), &acks[acks.len() - 1..]);
                    }
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            self.mark(conn, &stream, &acks).await?;
            if let Some(error) = failed {
                return Err(error.into());
            }
        }
        Ok(())
    }

    async fn single(&self, row: &Row) -> Result<u64, PublishError> {
        let mut headers = row.headers.clone();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, self.last_of(&row.subject).to_string());
        let publish = self.jetstream.publish_with_headers(row.subject.clone(), headers, row.payload.clone()).await?;
        let ack = publish.await?;
        if ack.duplicate {
            tracing::debug!(id = %row.event_id, "the stream held it already");
        }
        Ok(ack.sequence)
    }

    /// One atomic batch: all or none, one acknowledgement, consecutive sequences.
    async fn batch(&self, rows: &[Row]) -> Result<Vec<(i64, u64)>, PublishError> {
        let id = Uuid::new_v4().to_string();
        let client = self.jetstream.client();
        let count = rows.len();
        let (mut last_ack, mut begun) = (None, HashSet::new());
        for (index, row) in rows.iter().enumerate() {
            let mut headers = row.headers.clone();
            headers.insert(async_nats::header::NATS_BATCH_ID, id.as_str());
            headers.insert(async_nats::header::NATS_BATCH_SEQUENCE, (index + 1).to_string());
            // Only the first of a subject: the others follow one that has no sequence yet.
            if begun.insert(&row.subject) {
                headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, self.last_of(&row.subject).to_string());
            }
            if index + 1 < count {
                client
                    .publish_with_headers(row.subject.clone(), headers, row.payload.clone())
                    .await
                    .map_err(|e| PublishError::with_source(PublishErrorKind::Other, e))?;
            } else {
                headers.insert(async_nats::header::NATS_BATCH_COMMIT, async_nats::header::NATS_BATCH_COMMIT_FINAL);
                let message = PublishMessage::build().headers(headers).payload(row.payload.clone());
                last_ack = Some(self.jetstream.send_publish(row.subject.clone(), message).await?.await?);
            }
        }
        let ack = last_ack.ok_or_else(|| PublishError::new(PublishErrorKind::Other))?;
        if ack.batch_size != Some(count as u64) || ack.sequence < count as u64 {
            return Err(PublishError::with_source(PublishErrorKind::Other, format!("unexpected {ack:?}")));
        }
        let first = ack.sequence + 1 - count as u64;
        Ok(rows.iter().zip(first..).map(|(row, sequence)| (row.seq, sequence)).collect())
    }

    /// The stream's sequence of the last message of a subject; 0 if there is none.
    fn last_of(&self, subject: &str) -> u64 {
        self.last.get(subject).copied().unwrap_or(0)
    }

    /// What the next messages of these subjects follow. An id that the stream held already answers with its first place.
    fn follow(&mut self, rows: &[Row], acks: &[(i64, u64)]) {
        for (row, (_, sequence)) in rows.iter().zip(acks) {
            let last = self.last.entry(row.subject.clone()).or_default();
            *last = (*last).max(*sequence);
        }
    }

    async fn mark(&mut self, conn: &mut PgConnection, stream: &str, acks: &[(i64, u64)]) -> Result<(), BoxError> {
        if acks.is_empty() {
            return Ok(());
        }
        let (rows, sequences): (Vec<i64>, Vec<i64>) =
            acks.iter().map(|(row, sequence)| (*row, sequence.cast_signed())).unzip();
        sqlx::query!(
            "update platform.outbox o
             set published_at = clock_timestamp(), stream_seq = acked.stream_seq, generation = $3
             from unnest($1::bigint[], $2::bigint[]) as acked (seq, stream_seq)
             where o.seq = acked.seq",
            &rows,
            &sequences,
            self.generations.get(stream).map(String::as_str).unwrap_or_default(),
        )
        .execute(conn)
        .await?;
        self.carried += rows.len() as u64;
        self.published.add(rows.len() as u64, &[KeyValue::new("stream", stream.to_owned())]);
        Ok(())
    }
}
