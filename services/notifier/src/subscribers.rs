//! Who reads the stream of published facts, and how far behind they are.

use async_nats::jetstream;
use contracts::{notifier::Subscriber, subjects};
use futures::TryStreamExt as _;
use platform::{refusal::Refusal, streams};

/// Every consumer of that stream, by name.
///
/// # Errors
/// The broker does not answer.
pub async fn list(broker: &jetstream::Context) -> Result<Vec<Subscriber>, Refusal> {
    let away = |e: String| Refusal::retry_later("BROKER_UNREACHABLE", "broker", e);
    let stream = broker.get_stream(subjects::ADMISSIONS).await.map_err(|e| away(e.to_string()))?;
    let last_sequence = stream.cached_info().state.last_sequence;
    let mut found: Vec<Subscriber> = stream
        .consumers()
        // Our own services read back what they told.
        .try_filter(|info| std::future::ready(!info.config.metadata.contains_key(streams::READS_BACK)))
        .map_ok(|info| Subscriber {
            name: info.name,
            subjects: match info.config.filter_subjects.as_slice() {
                [] if info.config.filter_subject.is_empty() => vec![subjects::ADMISSIONS_ALL.to_owned()],
                [] => vec![info.config.filter_subject],
                many => many.to_vec(),
            },
            pending: info.num_pending,
            unacknowledged: info.num_ack_pending as u64,
            acknowledged_sequence: info.ack_floor.stream_sequence,
            last_sequence,
        })
        .try_collect()
        .await
        .map_err(|e| away(e.to_string()))?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}
