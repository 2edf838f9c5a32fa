//! A copy of everything the platform holds of a candidate: what each service answers them as JSON, their pieces, and the
//! documents that were made for them. Written as it is sent, so that no dossier is ever in memory as a whole.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use contracts::{
    intake::{Dossier, GetDossierRequest, GetPieceRequest, Piece},
    integration::{ExplainRequest, GetSituationRequest, HistoryRequest, ListMandatesRequest},
    jury::{GetAdmissibilityRequest, GetResultRequest},
    payments::GetFeeRequest,
};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response as Reply, Status};
use zip::{
    CompressionMethod, ZipWriter,
    result::ZipError,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::{
    pages::{
        candidature::{asked, convocation, files, mandates, receipt},
        dossier,
    },
    store::accounts::by_id,
    web::{Fault, Page, Visit},
};

/// A file of the copy that is small enough to be made before anything is sent.
type File = (String, Vec<u8>);

/// `GET /compte/mes-donnees.zip`
pub async fn copy(visit: Visit) -> Page {
    // Whoever cannot be answered whole is told so by a page, not by a broken file.
    let (mut small, pieces) = held(&visit).await?;
    small.extend(made(&visit).await?);
    let (sink, chunks) = mpsc::channel(4);
    tokio::spawn(async move {
        if let Err(error) = send(&visit, small, pieces, &sink).await {
            tracing::warn!(%error, "a copy of somebody's data was cut short");
            // Nobody is left to be told if this does not arrive.
            let _gone = sink.send(Err(error)).await;
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(chunks)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"mes-donnees.zip\""));
    Ok(response)
}

/// What each service answers this person, as JSON, and the list of their pieces.
async fn held(visit: &Visit) -> Result<(Vec<File>, Vec<Piece>), Fault> {
    let dossier_id = visit.dossier()?.to_string();
    let id = || dossier_id.clone();
    let (mut intake, mut payments) = (visit.intake(), visit.payments());
    let (mut for_admissibility, mut for_result) = (visit.jury(), visit.jury());
    let (mut for_situation, mut for_why) = (visit.integration(), visit.integration());
    let (mut for_history, mut for_mandates) = (visit.integration(), visit.integration());
    let (dossier, fee, admissibility, result, convened, situation, why, history, mandates) = tokio::join!(
        intake.get_dossier(GetDossierRequest { dossier_id: id() }),
        payments.get_fee(GetFeeRequest { dossier_id: id(), school: String::new() }),
        for_admissibility.get_admissibility(GetAdmissibilityRequest { dossier_id: id() }),
        for_result.get_result(GetResultRequest { dossier_id: id() }),
        convocation::find(visit),
        for_situation.get_situation(GetSituationRequest { dossier_id: id() }),
        for_why.explain(ExplainRequest { dossier_id: id() }),
        for_history.history(HistoryRequest { dossier_id: id() }),
        for_mandates.list_mandates(ListMandatesRequest { dossier_id: id() }),
    );
    let account = by_id(&mut *visit.app.db.read().await?, visit.dossier()?).await?.ok_or(Fault::Forbidden)?;
    let account = json!({
        "id": account.id,
        "email": account.email,
        "email_verified": account.verified,
        "language": account.lang.tag(),
        "second_factor": account.totp_secret.is_some(),
    });
    let dossier: Option<Dossier> = asked::present(dossier)?;
    let pieces = dossier.as_ref().map(|dossier| dossier.pieces.clone()).unwrap_or_default();
    let files = [
        Some(json_file("compte.json", &account)?),
        dossier.map(|dossier| json_file("dossier.json", &dossier)).transpose()?,
        answered("frais.json", fee)?,
        answered("admissibilite.json", admissibility)?,
        answered("resultats.json", result)?,
        convened?.map(|convened| json_file("convocation.json", &convened)).transpose()?,
        answered("situation.json", situation)?,
        answered("explication.json", why)?,
        answered("historique.json", history)?,
        answered("mandats.json", mandates)?,
    ];
    Ok((files.into_iter().flatten().collect(), pieces))
}

fn answered<T: Serialize>(name: &str, answer: Result<Reply<T>, Status>) -> Result<Option<File>, Fault> {
    asked::present(answer)?.map(|answer| json_file(name, &answer)).transpose()
}

fn json_file(name: &str, value: &impl Serialize) -> Result<File, Fault> {
    Ok((name.to_owned(), serde_json::to_vec_pretty(value).map_err(Fault::internal)?))
}

/// Documents that were made for them: the receipt of the clôture, the convocation, receipts of answers.
async fn made(visit: &Visit) -> Result<Vec<File>, Fault> {
    let mut made = Vec::new();
    if let Some((number, pdf)) = dossier::receipt_pdf(visit).await? {
        made.push((format!("documents/recepisse-{number}.pdf"), pdf));
    }
    if let Some(convened) = convocation::find(visit).await? {
        made.push(("documents/convocation.pdf".to_owned(), files::convocation(visit, &convened).await?));
    }
    let answers = receipt::all(visit).await?;
    let labels = if answers.is_empty() { Default::default() } else { mandates::labels(visit).await? };
    for given in answers {
        let pdf = files::answer(visit, &given, &labels).await?;
        made.push((format!("documents/reponse-{}.pdf", given.entry.version), pdf));
    }
    Ok(made)
}

/// Name of a piece in the copy: what it is, never what its owner called the file.
fn piece_name(index: usize, piece: &Piece) -> String {
    let ending = match piece.media_type.as_str() {
        "application/pdf" => "pdf",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        _ => "bin",
    };
    let piece: String = piece.piece.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
    format!("pieces/{:02}-{piece}.{ending}", index + 1)
}

async fn send(visit: &Visit, small: Vec<File>, pieces: Vec<Piece>, sink: &Sink) -> io::Result<()> {
    let mut packer = Packer::new(sink.clone());
    for (name, content) in small {
        packer.begin(&name)?;
        packer.write(&content).await?;
    }
    let mut intake = visit.intake();
    let dossier_id = visit.dossier().map_err(|_| io::Error::other("no dossier"))?.to_string();
    for (index, piece) in pieces.iter().enumerate() {
        packer.begin(&piece_name(index, piece))?;
        let asked = GetPieceRequest { dossier_id: dossier_id.clone(), piece_id: piece.piece_id.clone() };
        let mut content = intake.get_piece(asked).await.map_err(io::Error::other)?.into_inner();
        while let Some(chunk) = content.message().await.map_err(io::Error::other)? {
            packer.write(&chunk.data).await?;
        }
    }
    packer.finish().await
}

type Sink = mpsc::Sender<io::Result<Bytes>>;

/// Packs files one after the other and sends on what is packed.
struct Packer {
    zip: ZipWriter<StreamWriter<Packed>>,
    packed: Packed,
    sink: Sink,
}

impl Packer {
    fn new(sink: Sink) -> Self {
        let packed = Packed::default();
        Self { zip: ZipWriter::new_stream(packed.clone()), packed, sink }
    }

    fn begin(&mut self, name: &str) -> Result<(), ZipError> {
        self.zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
    }

    async fn write(&mut self, content: &[u8]) -> io::Result<()> {
        for part in content.chunks(64 << 10) {
            self.zip.write_all(part)?;
            forward(&self.packed, &self.sink).await?;
        }
        Ok(())
    }

    async fn finish(self) -> io::Result<()> {
        self.zip.finish()?;
        forward(&self.packed, &self.sink).await
    }
}

/// Waits until whoever downloads has taken what came before.
async fn forward(packed: &Packed, sink: &Sink) -> io::Result<()> {
    let bytes = packed.take();
    if bytes.is_empty() {
        return Ok(());
    }
    sink.send(Ok(bytes.into())).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
}

/// What was packed and not yet sent.
#[derive(Clone, Default)]
struct Packed(Arc<Mutex<Vec<u8>>>);

impl Packed {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use zip::ZipArchive;

    use super::*;

    #[tokio::test]
    async fn what_is_sent_in_parts_is_one_archive_that_reads_back() {
        let (sink, mut chunks) = mpsc::channel(1);
        let large: Vec<u8> = (0..1_000_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let expected = large.clone();
        let packing = tokio::spawn(async move {
            let mut packer = Packer::new(sink);
            packer.begin("compte.json").unwrap();
            packer.write(b"{}").await.unwrap();
            packer.begin("pieces/01-cv.pdf").unwrap();
            packer.write(&large).await.unwrap();
            packer.finish().await.unwrap();
        });
        let (mut whole, mut largest) = (Vec::new(), 0);
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk.unwrap();
            largest = largest.max(chunk.len());
            whole.extend_from_slice(&chunk);
        }
        packing.await.unwrap();
        assert!(largest < 256 << 10, "{largest} bytes were held at once");
        let mut archive = ZipArchive::new(Cursor::new(whole)).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["compte.json", "pieces/01-cv.pdf"]);
        let mut read = Vec::new();
        archive.by_name("pieces/01-cv.pdf").unwrap().read_to_end(&mut read).unwrap();
        assert!(read == expected);
    }

    #[tokio::test]
    async fn somebody_who_goes_away_ends_the_packing() {
        let (sink, chunks) = mpsc::channel(1);
        drop(chunks);
        let mut packer = Packer::new(sink);
        packer.begin("compte.json").unwrap();
        assert_eq!(packer.finish().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_piece_is_named_by_what_it_is() {
        let piece = |piece: &str, media: &str| Piece {
            piece: piece.into(),
            name: "../../etc/passwd".into(),
            media_type: media.into(),
            ..Piece::default()
        };
        assert_eq!(piece_name(0, &piece("cv", "application/pdf")), "pieces/01-cv.pdf");
        assert_eq!(piece_name(11, &piece("../x", "image/png")), "pieces/12-x.png");
    }
}
