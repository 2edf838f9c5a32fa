//! The content of a piece, for those who may see it.

use contracts::{intake as pb, roles};
use futures::{Stream, StreamExt as _};
use platform::{auth::Caller, refusal::Refusal};
use tonic::Status;
use uuid::Uuid;

use crate::{
    app::{App, own},
    domain::{
        catalogue::{Catalogue, Kind},
        dossier::{Dossier, StateName},
    },
    refusals::unknown_piece,
    store::{dossiers, pieces, pieces::Found},
    wire,
};

/// The messages of one piece.
pub type Content = std::pin::Pin<Box<dyn Stream<Item = Result<pb::PieceChunk, Status>> + Send>>;

/// Streams a piece: what it is first, then its bytes.
///
/// # Errors
/// No such piece, for this caller.
pub async fn get_piece(app: &App, caller: &Caller, dossier: Uuid, piece: Uuid) -> Result<Content, Refusal> {
    caller.require(&[roles::CANDIDATE, roles::STAFF, roles::FINANCE, roles::JURY, roles::JURY_PRESIDENT])?;
    if caller.role == roles::CANDIDATE {
        own(caller, dossier)?;
    }
    let found = {
        let mut conn = app.db.read().await?;
        let stored = dossiers::read(&mut conn, dossier).await?;
        let found = pieces::find(&mut conn, dossier, piece).await?;
        stored
            .zip(found)
            .filter(|(stored, found)| may_see(&app.catalogue, caller, &stored.dossier, found))
            .map(|(_, found)| found)
    };
    let found = found.ok_or_else(|| unknown_piece(piece))?;
    let shown = if caller.role == roles::CANDIDATE { wire::own_piece_out } else { wire::piece_out };
    let piece = shown(&found.piece);
    let first = pb::PieceChunk { piece: Some(piece), data: Vec::new() };
    let bytes = app.files.read(&found.object, found.piece.size).map(|part| match part {
        Ok(data) => Ok(pb::PieceChunk { piece: None, data: data.to_vec() }),
        Err(error) => Err(Refusal::from(error).into()),
    });
    Ok(Box::pin(futures::stream::iter([Ok(first)]).chain(bytes)))
}

/// The candidate: their own, never the fiche (R11). Staff: dossiers their school verifies, and the title and transcript of
/// any dossier that applied to them, deposited at clôture, later or as a correction (a held seat may be elsewhere than
/// choice 1, and the school that holds it accepts them, R34). Finance: the attestation of an
/// exemption that it decides on (R20). The jury: closed dossiers.
fn may_see(catalogue: &Catalogue, caller: &Caller, dossier: &Dossier, found: &Found) -> bool {
    let closed = dossier.state_name() == StateName::Closed;
    match caller.role.as_str() {
        roles::CANDIDATE => !found.fiche,
        roles::STAFF => {
            let school = caller.unit.as_deref();
            let late = catalogue.kind(&found.piece.kind).is_some_and(Kind::late);
            let applied = dossier.order.iter().any(|s| Some(s.as_str()) == school);
            closed && (dossier.first_school() == school || (applied && !found.fiche && late))
        }
        roles::FINANCE => {
            let attests = found.piece.kind == catalogue.attestation;
            closed && attests && dossier.first_school() == caller.unit.as_deref()
        }
        roles::JURY | roles::JURY_PRESIDENT => closed,
        _ => false,
    }
}
