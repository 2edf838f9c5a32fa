//! Bytes of an upload session: taken in order, looked at as they come, acknowledged once they are durable.

use bytes::Bytes;
use contracts::{intake::UploadChunk, roles};
use futures::{Stream, StreamExt as _};
use platform::{auth::Caller, refusal::Refusal};
use tonic::Status;
use uuid::Uuid;

use crate::{
    app::{App, id, own},
    domain::{
        file::MediaType,
        upload::{ChunkRefused, Progress},
    },
    refusals::unknown_upload,
    store::uploads::{self, For, Session},
};

/// Bytes held before they are written and acknowledged.
const PART: usize = 4 << 20;

/// The session, if this caller may send to it or read it: the candidate, or who holds the link (R11).
///
/// # Errors
/// Unknown, not the caller's, or a link that is unknown, used or revoked.
pub async fn authorised(app: &App, caller: &Caller, upload: &str, link: &str) -> Result<Session, Refusal> {
    let upload = id("upload_id", upload)?;
    // Who cannot be anyone's candidate or referee learns nothing of what exists.
    if link.is_empty() {
        caller.require(&[roles::CANDIDATE])?;
    }
    let found = {
        let mut conn = app.db.read().await?;
        uploads::find(&mut conn, upload).await?
    };
    let session = found.ok_or_else(|| unknown_upload(upload))?;
    match session.purpose {
        For::Fiche(invitation) => {
            let behind = super::mail::behind(app, link).await?;
            if behind.id != invitation {
                return Err(unknown_upload(upload));
            }
            behind.state.open()?;
        }
        For::Candidate(_) | For::Correction(_) => own(caller, session.dossier)?,
    }
    Ok(session)
}

/// Takes bytes until the stream ends, and says where the session stands. When a stream breaks off, what came before is
/// kept and acknowledged to whoever asks next.
///
/// # Errors
/// See [`authorised`]; bytes that are not the next ones, go past the declared size, or begin as no accepted kind of file.
pub async fn receive_chunks(
    app: &App,
    caller: &Caller,
    mut stream: impl Stream<Item = Result<UploadChunk, Status>> + Unpin,
) -> Result<Session, Refusal> {
    let Some(Ok(first)) = stream.next().await else {
        return Err(Refusal::invalid("UPLOAD_MISSING").field("upload_id", "the first message names the session"));
    };
    let session = authorised(app, caller, &first.upload_id, &first.link).await?;
    if session.committed {
        return Err(Refusal::precondition("UPLOAD_COMMITTED", "upload", "this upload became a piece already"));
    }
    let mut held = Held {
        app,
        id: session.id,
        durable: session.progress,
        reached: session.progress,
        bytes: Vec::new(),
        head: Vec::new(),
    };
    let mut next = Some(Ok(first));
    while let Some(message) = next {
        // A broken stream: keep what came.
        let Ok(chunk) = message else { break };
        if let Err(refusal) = held.take(&chunk).await {
            held.flush().await?;
            return Err(refusal);
        }
        next = stream.next().await;
    }
    held.flush().await?;
    Ok(Session { progress: held.durable, ..session })
}

struct Held<'a> {
    app: &'a App,
    id: Uuid,
    durable: Progress,
    reached: Progress,
    bytes: Vec<Bytes>,
    head: Vec<u8>,
}

impl Held<'_> {
    async fn take(&mut self, chunk: &UploadChunk) -> Result<(), Refusal> {
        if chunk.data.is_empty() {
            return Ok(());
        }
        let reached = self.reached.take(chunk.offset, chunk.data.len())?;
        let wanted = MediaType::ENOUGH.saturating_sub(usize::try_from(self.reached.offset).unwrap_or(usize::MAX));
        if wanted > 0 && self.head.len() as u64 == self.reached.offset {
            self.head.extend_from_slice(&chunk.data[..wanted.min(chunk.data.len())]);
            if self.head.len() == MediaType::ENOUGH || reached.complete() {
                MediaType::of_head(&self.head)?;
            }
        }
        self.reached = reached;
        self.bytes.push(Bytes::copy_from_slice(&chunk.data));
        let held = self.reached.offset - self.durable.offset;
        if held >= PART as u64 { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Refusal> {
        let size = self.reached.offset - self.durable.offset;
        if size == 0 {
            return Ok(());
        }
        let from = self.durable.offset;
        let key = self.app.files.keep_part(self.id, from, std::mem::take(&mut self.bytes)).await?;
        let mut tx = self.app.db.begin("acknowledge_part").await?;
        if uploads::advance(&mut tx, self.id, from, size, &key).await? {
            tx.commit().await?;
            self.durable = self.reached;
            return Ok(());
        }
        // Someone else sent to the same session meanwhile; these bytes are nobody's.
        let now = uploads::find(tx.conn(), self.id).await?;
        tx.rollback().await?;
        self.app.files.forget(&[key]).await;
        let wanted = now.map_or(from, |s| s.progress.offset);
        self.reached = self.durable;
        Err(ChunkRefused::Offset { given: from, wanted }.into())
    }
}
