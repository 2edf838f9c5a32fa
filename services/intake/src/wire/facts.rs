//! What intake tells.

use contracts::{intake as pb, published};
use jiff::Timestamp;
use uuid::Uuid;

use super::{attestation_of, claim_out, instant, title_out};
use crate::domain::{
    catalogue::Catalogue,
    dossier::{Dossier, Piece, State},
};

/// Fact `fee_claimed`; `None` while nothing is claimed or nobody is owed.
pub(crate) fn fee_claimed(d: &Dossier) -> Option<(pb::FeeClaimed, Timestamp)> {
    let (claim, at) = d.fee?;
    let payee_school = d.first_school()?.to_owned();
    let fact = pb::FeeClaimed {
        dossier_id: d.id.to_string(),
        claim: claim_out(Some(claim)).into(),
        payee_school,
        claimed_at: instant(at),
        attestation_piece_id: attestation_of(Some(claim)),
    };
    Some((fact, at))
}

/// Facts of a clôture: ours, and what the school of choice 1 hears.
pub(crate) fn dossier_closed(
    d: &Dossier,
    catalogue: &Catalogue,
) -> Option<(pb::DossierClosed, published::DossierReceived, Timestamp)> {
    let (State::Closed(receipt), Some(stated), Some(first)) = (&d.state, &d.title, d.first_school()) else {
        return None;
    };
    let closed = pb::DossierClosed {
        dossier_id: d.id.to_string(),
        number: d.number,
        filiere: stated.filiere.clone(),
        title: Some(title_out(&stated.title)),
        schools: catalogue.neutral(&d.order),
        first_school: first.to_owned(),
        closed_at: instant(receipt.closed_at),
        digest: hex::encode(receipt.digest),
        fee_claim: claim_out(d.fee.map(|(claim, _)| claim)).into(),
        other_route_declared: d.other_route_declared,
    };
    let received = published::DossierReceived {
        dossier_id: d.id.to_string(),
        school: first.to_owned(),
        filiere: stated.filiere.clone(),
        closed_at: instant(receipt.closed_at),
    };
    Some((closed, received, receipt.closed_at))
}

/// Fact `late_piece_deposited`.
pub(crate) fn late_piece(dossier: Uuid, p: &Piece) -> pb::LatePieceDeposited {
    pb::LatePieceDeposited {
        dossier_id: dossier.to_string(),
        piece: p.kind.clone(),
        piece_id: p.id.to_string(),
        deposited_at: instant(p.deposited_at),
    }
}
