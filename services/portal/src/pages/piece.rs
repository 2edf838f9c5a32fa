//! The content of a piece, for people of the house: in a frame of our own pages, never downloaded by itself, and only
//! once clamd has found it clean where one is configured.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use contracts::intake::{GetPieceRequest, Piece, PieceChunk, intake_client::IntakeClient};
use futures::{Stream, StreamExt as _, stream::try_unfold};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use maud::{DOCTYPE, html};
use tonic::{Status, Streaming};
use uuid::Uuid;

use crate::{
    antivirus::{self, Found},
    app::App,
    backends::Asked,
    web::{Fault, Page, Path, Visit, assets},
};

/// The formats that a dossier takes. Anything else is not shown.
pub(crate) const SHOWN: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

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
    match clean(&visit.app, visit.intake(), &asked, visit.now).await {
        Ok(opened) => Ok(whole(opened)),
        Err(Closed::Infected) => Ok(closed(visit, StatusCode::FORBIDDEN, "piece-infected")),
        Err(Closed::NotScanned) => Ok(closed(visit, StatusCode::SERVICE_UNAVAILABLE, "piece-not-scanned")),
        Err(Closed::Refused(status)) => Err((*status).into()),
        Err(Closed::Fault(fault)) => Err(fault),
    }
}

/// Why a piece stays closed.
pub enum Closed {
    /// Intake does not give it to whoever asks.
    Refused(Box<Status>),
    /// Clamd found something in it.
    Infected,
    /// Clamd gave no verdict.
    NotScanned,
    /// Something is wrong on our side.
    Fault(Fault),
}

impl From<Status> for Closed {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

/// A piece that may be read.
pub struct Opened {
    /// What it is.
    pub piece: Piece,
    /// Its media type, one of [`SHOWN`].
    pub kind: &'static str,
    first: Bytes,
    rest: Streaming<PieceChunk>,
}

impl Opened {
    /// Its bytes, in order.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, Status>> + Send {
        try_unfold((Some(self.first), self.rest), |(first, mut stream)| async move {
            let next = match first {
                Some(first) => Some(first),
                None => stream.message().await?.map(|next| Bytes::from(next.data)),
            };
            Ok(next.map(|bytes| (bytes, (None, stream))))
        })
    }
}

/// A piece as `intake` gives it to whoever asks, found clean where clamd is configured.
///
/// # Errors
/// It stays closed.
pub async fn clean(
    app: &App,
    mut intake: IntakeClient<Asked>,
    asked: &GetPieceRequest,
    now: Timestamp,
) -> Result<Opened, Closed> {
    let opened = open(&mut intake, asked).await?;
    let Some(clamd) = &app.settings.clamd else { return Ok(opened) };
    let id = opened.piece.piece_id.clone();
    let digest = hex::decode(&opened.piece.sha256).map_err(|e| Closed::Fault(Fault::internal(e)))?;
    let chunks = Box::pin(opened.stream().map(|chunk| chunk.map_err(Fault::from)));
    match antivirus::look(&app.db, clamd, &digest, chunks, now).await.map_err(Closed::Fault)? {
        Ok(Found::Clean) => {}
        Ok(Found::Infected(signature)) => {
            tracing::warn!(signature, piece = id, "a piece stays closed: it is infected");
            return Err(Closed::Infected);
        }
        Err(error) => {
            tracing::warn!(%error, piece = id, "a piece stays closed: it was not scanned");
            return Err(Closed::NotScanned);
        }
    }
    // From the start again: what was scanned is not kept in memory.
    open(&mut intake, asked).await
}

async fn open(intake: &mut IntakeClient<Asked>, asked: &GetPieceRequest) -> Result<Opened, Closed> {
    let mut rest = intake.get_piece(asked.clone()).await?.into_inner();
    let first = rest.message().await?.ok_or(Closed::Fault(Fault::NotFound))?;
    let fault = |why: &str| Closed::Fault(Fault::internal(why));
    let piece = first.piece.ok_or_else(|| fault("a piece without its description"))?;
    let kind = SHOWN.into_iter().find(|kind| *kind == piece.media_type);
    let kind = kind.ok_or_else(|| fault("a piece of a kind that is not taken"))?;
    Ok(Opened { piece, kind, first: first.data.into(), rest })
}

fn whole(opened: Opened) -> Response {
    let (kind, size) = (opened.kind, opened.piece.size);
    let mut response = Body::from_stream(opened.stream()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, size.into());
    // The candidate's own name of the file may be anything, and theirs.
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    framed(headers, "default-src 'none'; sandbox; frame-ancestors 'self'");
    response
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
