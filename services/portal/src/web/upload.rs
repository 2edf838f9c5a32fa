//! A form with a file: fields first, then the file, which is never held in memory as a whole.

use axum::extract::{Multipart, multipart::Field};
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::{FILE_AGAIN, Fault, Form, Typed, Visit, form::TOKEN, guard::stale};
use crate::secret;

/// Longest field that is no file.
const LONGEST_FIELD: usize = 64 << 10;

/// Largest file read whole into memory: a statement, a list.
pub const LARGEST_LIST: usize = 8 << 20;

/// Reads the whole of a multipart form with one file of at most `largest` bytes. The token must stand before the file.
///
/// # Errors
/// Not a form of ours, or larger than that.
pub async fn read(visit: &Visit, mut multipart: Multipart, largest: usize) -> Result<(Form, String, Vec<u8>), Fault> {
    let mut pairs = Vec::new();
    let (mut name, mut content) = (String::new(), Vec::new());
    while let Some(field) = multipart.next_field().await.map_err(|_| Fault::BadRequest)? {
        if field.file_name().is_some() {
            check(visit, &Form::of(pairs.clone())).await?;
            field.file_name().unwrap_or_default().clone_into(&mut name);
            content = limited(field, largest).await?;
        } else {
            let field_name = field.name().unwrap_or_default().to_owned();
            let value = limited(field, LONGEST_FIELD).await?;
            pairs.push((field_name, String::from_utf8_lossy(&value).into_owned()));
        }
    }
    let form = Form::of(pairs);
    check(visit, &form).await?;
    let _first = visit.typed.set(Typed { form: form.clone(), parts: true, file: !content.is_empty() });
    Ok((form, name, content))
}

/// A form with a file that is being read.
pub struct Incoming {
    /// Fields before the file; their token was checked.
    pub form: Form,
    /// Name of the file as the browser gives it; empty when none was chosen.
    pub name: String,
    /// Its bytes, in order. They end early, with a fault, when the connection breaks.
    pub chunks: mpsc::Receiver<Result<Bytes, Fault>>,
}

/// The fields before the file, their token checked, and then the file itself, to be read chunk by chunk: it is never in
/// memory as a whole.
///
/// # Errors
/// Not a form of ours, or no file in it.
pub async fn begin(visit: &Visit, multipart: Multipart) -> Result<Incoming, Fault> {
    let (heads, head) = oneshot::channel();
    // A few chunks ahead of whoever reads them; a reader that goes away ends the task with its next chunk.
    let (bytes, chunks) = mpsc::channel(4);
    tokio::spawn(read_file(visit.clone(), multipart, heads, bytes));
    let (form, name) = head.await.map_err(|_| Fault::BadRequest)??;
    Ok(Incoming { form, name, chunks })
}

type Head = Result<(Form, String), Fault>;

async fn read_file(
    visit: Visit,
    mut multipart: Multipart,
    head: oneshot::Sender<Head>,
    chunks: mpsc::Sender<Result<Bytes, Fault>>,
) {
    let mut pairs = Vec::new();
    let fault = loop {
        let mut field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) | Err(_) => break Fault::BadRequest,
        };
        if let Some(name) = field.file_name().map(str::to_owned) {
            let form = Form::of(pairs);
            let checked = check(&visit, &form).await.map(|()| (form, name));
            let stop = checked.is_err();
            if head.send(checked).is_err() || stop {
                return;
            }
            while let Some(chunk) = field.chunk().await.map_err(|_| Fault::BadRequest).transpose() {
                if chunks.send(chunk).await.is_err() {
                    return;
                }
            }
            return;
        }
        let name = field.name().unwrap_or_default().to_owned();
        match limited(field, LONGEST_FIELD).await {
            Ok(value) => pairs.push((name, String::from_utf8_lossy(&value).into_owned())),
            Err(fault) => break fault,
        }
    };
    // Nobody waits any more only if the request is gone.
    let _gone = head.send(Err(fault));
}

async fn limited(mut field: Field<'_>, largest: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| Fault::BadRequest)? {
        if bytes.len() + chunk.len() > largest {
            return Err(Fault::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The token of a form in parts. One that is stale is held, but for its file.
async fn check(visit: &Visit, form: &Form) -> Result<(), Fault> {
    if secret::same(form.raw(TOKEN), &visit.form_token) {
        return Ok(());
    }
    let known = visit.grant().is_some();
    Err(if known { stale(visit, &form.clone().with(FILE_AGAIN, "oui")).await } else { Fault::FormToken })
}
