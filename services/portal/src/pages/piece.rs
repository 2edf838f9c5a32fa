//! The content of a piece, for people of the house: in a frame of our own pages, never downloaded by itself, and only
//! once clamd has found it clean where one is configured.

use axum::{
    body::Body,
    extract::Path,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use contracts::intake::{GetPieceRequest, Piece, PieceChunk};
use futures::{StreamExt as _, stream, stream::try_unfold};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{DOCTYPE, html};
use tonic::Streaming;
use uuid::Uuid;

use crate::{
    antivirus::{self, Found},
    web::{Fault, Page, Visit, assets},
};

/// The formats that a dossier takes. Anything else is not shown.
const SHOWN: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

/// Where a piece is shown, in `room`: for the frame of a page. Browsers apart from Chromium ignore what follows the `#`.
#[must_use]
pub fn address(room: &str, dossier: &str, piece: &str) -> String {
    format!("/{room}/dossiers/{dossier}/pieces/{piece}")
}

/// `GET …/dossiers/{dossier}/pieces/{piece}`: who may see it is intake's to say.
pub async fn inline(visit: Visit, Path((dossier, piece)): Path<(Uuid, Uuid)>) -> Page {
    stream_of(&visit, dossier, piece).await
}

/// The piece, or a plain page inside the frame that says why it stays closed.
///
/// # Errors
/// It does not exist for this person, or intake does not answer.
pub async fn stream_of(visit: &Visit, dossier: Uuid, piece: Uuid) -> Page {
    let asked = GetPieceRequest { dossier_id: dossier.to_string(), piece_id: piece.to_string() };
    let (piece, first, stream) = open(visit, &asked).await?;
    let Some(clamd) = &visit.app.settings.clamd else { return whole(&piece, first, stream) };
    let digest = hex::decode(&piece.sha256).map_err(Fault::internal)?;
    let rest = stream.map(|chunk| chunk.map(|chunk| Bytes::from(chunk.data)).map_err(Fault::from));
    let chunks = Box::pin(stream::once(async { Ok(first) }).chain(rest));
    match antivirus::look(&visit.app.db, clamd, &digest, chunks, visit.now).await? {
        Ok(Found::Clean) => {}
        Ok(Found::Infected(signature)) => {
            tracing::warn!(signature, piece = piece.piece_id, "a piece stays closed: it is infected");
            return Ok(closed(visit, StatusCode::FORBIDDEN, "piece-infected"));
        }
        Err(error) => {
            tracing::warn!(%error, piece = piece.piece_id, "a piece stays closed: it was not scanned");
            return Ok(closed(visit, StatusCode::SERVICE_UNAVAILABLE, "piece-not-scanned"));
        }
    }
    // From the start again: what was scanned is not kept in memory.
    let (piece, first, stream) = open(visit, &asked).await?;
    whole(&piece, first, stream)
}

async fn open(visit: &Visit, asked: &GetPieceRequest) -> Result<(Piece, Bytes, Streaming<PieceChunk>), Fault> {
    let mut stream = visit.intake().get_piece(asked.clone()).await?.into_inner();
    let first = stream.message().await?.ok_or(Fault::NotFound)?;
    let piece = first.piece.ok_or_else(|| Fault::internal("a piece without its description"))?;
    Ok((piece, first.data.into(), stream))
}

fn whole(piece: &Piece, first: Bytes, stream: Streaming<PieceChunk>) -> Page {
    let Some(kind) = SHOWN.into_iter().find(|kind| *kind == piece.media_type) else {
        return Err(Fault::internal("a piece of a kind that is not taken"));
    };
    let chunks = try_unfold((Some(first), stream), |(first, mut stream)| async move {
        let next = match first {
            Some(first) => Some(first),
            None => stream.message().await?.map(|next| Bytes::from(next.data)),
        };
        Ok::<_, tonic::Status>(next.map(|bytes| (bytes, (None, stream))))
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, piece.size.into());
    // The candidate's own name of the file may be anything, and theirs.
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    framed(headers, "default-src 'none'; sandbox; frame-ancestors 'self'");
    Ok(response)
}

fn framed(headers: &mut HeaderMap, csp: &'static str) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// What stands in the frame instead.
fn closed(visit: &Visit, status: StatusCode, key: &str) -> Response {
    let t = visit.t;
    let text = t.get(key);
    let page = html! {
        (DOCTYPE)
        html lang=(t.lang().tag()) {
            head { meta charset="utf-8"; title { (t.get("piece-closed")) } link rel="stylesheet" href=(assets::address("css/admis.css")); }
            body { main { h1 { (t.get("piece-closed")) } p { (text) } } }
        }
    };
    let mut response = (status, page).into_response();
    framed(response.headers_mut(), "default-src 'none'; style-src 'self'; frame-ancestors 'self'");
    response
}
