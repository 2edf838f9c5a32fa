//! The content of a piece: once clamd has found it clean where one is configured, and only where intake shows it to staff.

use axum::{body::Body, response::Response};
use contracts::intake::GetPieceRequest;
use http::{HeaderMap, HeaderValue, header};
use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, Type},
};

use super::{dossiers::for_systems, verification::OfPiece};
use crate::{
    api::{Call, Trouble, answer, operation::Operations, scope::Scope},
    pages::piece::{self, Closed},
};

pub fn operations() -> Operations {
    let bytes = || {
        RefOr::<Schema>::from(
            ObjectBuilder::new().schema_type(Type::String).content_media_type("application/octet-stream"),
        )
    };
    let gives = piece::SHOWN.map(|kind| (kind, bytes())).to_vec();
    let path = "/dossiers/{dossier_id}/pieces/{piece_id}/content";
    Operations::default().file("getPieceContent", path, Some(Scope::PiecesRead), gives, content)
}

async fn content(call: Call, of: OfPiece, headers: HeaderMap) -> Result<Response, Trouble> {
    let asked = GetPieceRequest { dossier_id: of.dossier_id.to_string(), piece_id: of.piece_id.to_string() };
    let opened = piece::clean(&call.app, call.intake(), &asked, call.now).await.map_err(|closed| match closed {
        Closed::Refused(status) => Trouble::from(*status),
        Closed::Infected => Trouble::of("PIECE_INFECTED"),
        Closed::NotScanned => Trouble::of("PIECE_NOT_SCANNED"),
        Closed::Fault(fault) => Trouble::from(fault),
    })?;
    if !for_systems(&call, &opened.piece.piece) {
        return Err(Trouble::of("PIECE_UNKNOWN").given(of.piece_id.to_string()));
    }
    let tag = answer::tag(&hex::decode(&opened.piece.sha256).map_err(Trouble::internal)?)?;
    if answer::has(&headers, &tag) {
        return Ok(answer::unchanged(tag));
    }
    let (kind, size) = (opened.kind, opened.piece.size);
    let mut response = Response::new(Body::from_stream(opened.stream()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, size.into());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::ETAG, tag);
    Ok(response)
}
