//! The receipt of a clôture, and the digest of what was closed (R12).

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::dossier::{Dossier, FeeClaim, Recevabilite};

/// Proof of a clôture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The dossier.
    pub dossier: Uuid,
    /// Its number.
    pub number: u64,
    /// Receipt of the request that closed it (R3).
    pub closed_at: Timestamp,
    /// SHA-256 of what was closed.
    pub digest: [u8; 32],
}

/// SHA-256 over form, order, fee claim, pieces and fiche.
///
/// Each field is written as its name, a space, the length of its value in bytes, a line feed, the value, a line feed:
/// no value can imitate another field. Pieces come by id. Names and lengths are part of the contract: a candidate can
/// recompute the digest, so an old receipt has to stay recomputable.
#[must_use]
pub fn digest(dossier: &Dossier) -> [u8; 32] {
    let mut w = Writer(Sha256::new());
    w.field("format", "admis-dossier-1");
    w.field("dossier", &dossier.id.to_string());
    w.field("number", &dossier.number.to_string());
    let i = &dossier.identity;
    w.field("family_name", &i.family_name);
    w.field("first_names", &i.first_names);
    w.field("birth_date", &i.birth_date.to_string());
    w.field("birth_place", &i.birth_place);
    w.field("email", &i.email);
    w.field("nationality", &i.nationality);
    w.field("phone", &i.phone);
    w.field("postal_address", &i.postal_address);
    w.field("earlier_graduate", truth(dossier.studies.earlier_graduate));
    for year in &dossier.studies.years {
        w.field("year", &year.year);
        w.field("institution", &year.institution);
        w.field("formation", &year.formation);
        w.field("result", &year.result);
    }
    w.field("other_route", truth(dossier.other_route_declared));
    if let Some(stated) = &dossier.title {
        w.field("diploma", &stated.title.diploma);
        w.field("mention", &stated.title.mention);
        w.field("equivalent_to", &stated.title.equivalent_to);
        w.field("filiere", &stated.filiere);
    }
    for school in &dossier.order {
        w.field("school", school);
        if let Some(standing) = dossier.title.as_ref().and_then(|t| t.at(school)) {
            w.field(
                "recevabilite",
                match standing.recevabilite {
                    Recevabilite::Open => "open",
                    Recevabilite::Closed => "closed",
                    Recevabilite::ForJury => "for_jury",
                },
            );
        }
    }
    match dossier.fee {
        None => {}
        Some((FeeClaim::Transfer, _)) => w.field("fee", "transfer"),
        Some((FeeClaim::Exemption { attestation }, _)) => w.field("fee", &format!("exemption {attestation}")),
    }
    let mut pieces: Vec<_> = dossier.pieces.iter().collect();
    pieces.sort_by_key(|p| p.id);
    for piece in pieces {
        w.field("piece", &piece.id.to_string());
        w.field("kind", &piece.kind);
        w.field("sha256", &hex::encode(piece.sha256));
    }
    if let Some(fiche) = &dossier.fiche {
        w.field("fiche", &hex::encode(fiche.digest));
    }
    w.0.finalize().into()
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

struct Writer(Sha256);

impl Writer {
    fn field(&mut self, name: &str, value: &str) {
        self.0.update(name);
        self.0.update(" ");
        self.0.update(value.len().to_string());
        self.0.update("\n");
        self.0.update(value);
        self.0.update("\n");
    }
}
