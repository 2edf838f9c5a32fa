//! Sending a file on to intake: as one stream, or chunk by chunk for `upload.js`, which can go on after a cut.

use axum::{
    extract::{Query, Request},
    response::{IntoResponse as _, Response},
};
use contracts::intake as api;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use uuid::Uuid;

use super::slot::{self, Back};
use crate::{
    secret,
    web::{Fault, Form, Measured, Page, Path, Visit},
};

/// Largest chunk that `upload.js` sends.
const LARGEST_CHUNK: usize = 1 << 20;

/// Why a file did not get through.
pub enum Broken {
    /// Intake refused it.
    Refused(Status),
    /// It did not arrive whole.
    Cut(Fault),
}

/// What intake is told before a byte is sent.
pub fn begin(visit: &Visit, form: &Form, name: &str, size: u64) -> Result<api::BeginUploadRequest, Fault> {
    Ok(api::BeginUploadRequest {
        dossier_id: visit.dossier()?.to_string(),
        piece: form.get("piece").to_owned(),
        size,
        name: name.to_owned(),
        purpose: slot::purpose(form.get("but")).into(),
        correction_id: form.get("correction").to_owned(),
    })
}

/// Streams a whole file; its SHA-256, hex. `link`: of a fiche.
pub async fn stream(visit: &Visit, upload: &str, link: &str, file: &mut Measured) -> Result<String, Broken> {
    let (chunks, receiver) = mpsc::channel(4);
    let (size, mut intake) = (file.size, visit.intake());
    let feed = async move {
        let (mut sha, mut offset) = (Sha256::new(), 0);
        while let Some(data) = file.next().await? {
            sha.update(&data);
            let length = data.len() as u64;
            let chunk = api::UploadChunk { upload_id: upload.into(), offset, data: data.to_vec(), link: link.into() };
            // Intake has refused it: its answer says why.
            if chunks.send(chunk).await.is_err() {
                break;
            }
            offset += length;
        }
        Ok::<_, Fault>(hex::encode(sha.finalize()))
    };
    let (fed, sent) = tokio::join!(feed, intake.upload_chunks(ReceiverStream::new(receiver)));
    let durable = sent.map_err(Broken::Refused)?.into_inner().offset;
    let sha256 = fed.map_err(Broken::Cut)?;
    if durable == size { Ok(sha256) } else { Err(Broken::Cut(Fault::Unavailable)) }
}

/// `Content-Disposition` of a file under the name its owner knows (RFC 6266, RFC 8187).
pub fn attachment(name: &str) -> HeaderValue {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// What `upload.js` is answered: where the upload stands, or why not, in words.
fn answer(visit: &Visit, reply: Result<api::Upload, Status>) -> Page {
    match reply {
        Ok(upload) => Ok(axum::Json(json!({
            "upload": upload.upload_id, "offset": upload.offset, "size": upload.size,
        }))
        .into_response()),
        Err(status) => refused(visit, status),
    }
}

fn refused(visit: &Visit, status: Status) -> Page {
    match Fault::from(status.clone()) {
        fault @ (Fault::Internal | Fault::Unavailable) => Err(fault),
        _ => {
            let decoded = platform::refusal::Refusal::from_status(&status).ok_or(Fault::Unavailable)?;
            let offset = decoded.metadata.get("offset").and_then(|o| o.parse::<u64>().ok());
            let told = json!({ "message": visit.refusal(&decoded), "offset": offset });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, axum::Json(told)).into_response())
        }
    }
}

/// `POST /candidat/dossier/envoi`
pub async fn start(visit: Visit, form: Form) -> Page {
    let size = form.get("taille").parse().map_err(|_| Fault::BadRequest)?;
    let request = begin(&visit, &form, form.get("nom"), size)?;
    let reply = visit.intake().begin_upload(request).await;
    answer(&visit, reply.map(tonic::Response::into_inner))
}

/// `GET /candidat/dossier/envoi/{id}`: where it stands, to go on from there.
pub async fn stands(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let reply =
        visit.intake().get_upload(api::GetUploadRequest { upload_id: id.to_string(), link: String::new() }).await;
    answer(&visit, reply.map(tonic::Response::into_inner))
}

/// Where a chunk belongs.
#[derive(Debug, Deserialize)]
pub struct At {
    depuis: u64,
}

/// `PUT /candidat/dossier/envoi/{id}?depuis=N`: bytes as they are, with the form's token in a header.
pub async fn chunk(
    visit: Visit,
    Path(id): Path<Uuid>,
    Query(at): Query<At>,
    headers: HeaderMap,
    request: Request,
) -> Page {
    let token = headers.get("x-jeton").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !secret::same(token, &visit.form_token) {
        return Err(Fault::FormToken);
    }
    let data = axum::body::to_bytes(request.into_body(), LARGEST_CHUNK).await.map_err(|_| Fault::TooLarge)?;
    let chunk =
        api::UploadChunk { upload_id: id.to_string(), offset: at.depuis, data: data.to_vec(), link: String::new() };
    let reply = visit.intake().upload_chunks(futures::stream::iter([chunk])).await;
    answer(&visit, reply.map(tonic::Response::into_inner))
}

/// `POST /candidat/dossier/envoi/{id}`: the file becomes a piece, if its digest is the one that was computed where it lies.
pub async fn finish(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Result<Response, Fault> {
    let request = api::CommitUploadRequest { upload_id: id.to_string(), sha256: form.get("sha256").to_owned() };
    match visit.intake().commit_upload(request).await {
        Ok(_) => Ok(visit.done(Back::of(form.get("retour")).path(), "piece-deposited")),
        Err(status) => refused(&visit, status),
    }
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(attachment("relevé S1.pdf"), "attachment; filename*=UTF-8''relev%C3%A9%20S1.pdf");
        assert_eq!(attachment("a\"\r\nX: y"), "attachment; filename*=UTF-8''a%22%0D%0AX%3A%20y");
    }
}
