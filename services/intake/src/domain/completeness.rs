//! What still stands between a dossier and its clôture: everything at once (R12).

use super::{
    catalogue::Catalogue,
    dossier::{Dossier, FeeClaim, Recevabilite},
};

/// One thing missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// No year of studies is listed.
    Studies,
    /// No title is stated.
    Title,
    /// No school is chosen.
    Order,
    /// A school of the order is closed to the title.
    ClosedSchool {
        /// The school.
        school: String,
        /// The table that closes it.
        table: String,
    },
    /// A piece is due, one of these.
    Piece {
        /// Kinds, any one of which would do.
        any_of: Vec<String>,
        /// In words.
        label: String,
        /// Where the regulation asks for it.
        source: String,
    },
    /// Neither a transfer nor the exemption was declared (R22).
    Fee,
    /// The exemption is asked for and its attestation is gone (R22).
    Attestation {
        /// The kind of the attestation.
        kind: String,
    },
}

impl Missing {
    /// A word for it.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::Studies => "studies",
            Self::Title => "title",
            Self::Order | Self::ClosedSchool { .. } => "order",
            Self::Piece { .. } => "piece",
            Self::Fee => "fee",
            Self::Attestation { .. } => "attestation",
        }
    }

    /// For the candidate, in French.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Studies => "Vos études depuis le baccalauréat".to_owned(),
            Self::Title => "Le titre que vous présentez".to_owned(),
            Self::Order => "L'ordre préférentiel des écoles".to_owned(),
            Self::ClosedSchool { school, table } => format!("L'école {school} est fermée à votre titre ({table})"),
            Self::Piece { label, .. } => label.clone(),
            Self::Fee => "Les frais d'inscription : virement déclaré ou demande d'exonération".to_owned(),
            Self::Attestation { .. } => "L'attestation à l'appui de la demande d'exonération".to_owned(),
        }
    }

    /// Where it is asked.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Studies | Self::Fee | Self::Attestation { .. } => "§3.2",
            Self::Title => "§1",
            Self::Order => "§3.1",
            Self::ClosedSchool { table, .. } => table,
            Self::Piece { source, .. } => source,
        }
    }

    /// Kinds that would do.
    #[must_use]
    pub fn any_of(&self) -> Vec<String> {
        match self {
            Self::Piece { any_of, .. } => any_of.clone(),
            Self::Attestation { kind } => vec![kind.clone()],
            _ => Vec::new(),
        }
    }
}

/// Everything missing, in the order of the form. Pieces can be told only once a title is stated: they follow from its
/// filière; before that the title itself is what is missing.
#[must_use]
pub fn missing(dossier: &Dossier, catalogue: &Catalogue) -> Vec<Missing> {
    let mut missing = Vec::new();
    if dossier.studies.years.is_empty() {
        missing.push(Missing::Studies);
    }
    match &dossier.title {
        None => missing.push(Missing::Title),
        Some(stated) => {
            let closed = |s: &&super::dossier::Standing| {
                s.recevabilite == Recevabilite::Closed && dossier.order.contains(&s.school)
            };
            missing.extend(
                stated
                    .standings
                    .iter()
                    .filter(closed)
                    .map(|s| Missing::ClosedSchool { school: s.school.clone(), table: s.table.clone() }),
            );
        }
    }
    if dossier.order.is_empty() {
        missing.push(Missing::Order);
    }
    if let Some(stated) = &dossier.title {
        for requirement in catalogue.due_at_closing(&stated.filiere) {
            let met = requirement.any_of.iter().any(|kind| match kind.by {
                notice::Depositor::Candidate => dossier.pieces.iter().any(|p| p.kind == kind.id),
                notice::Depositor::Referee => dossier.fiche.is_some(),
            });
            if let Some(first) = requirement.any_of.first().filter(|_| !met) {
                let labels: Vec<&str> = requirement.any_of.iter().map(|k| k.label.as_str()).collect();
                missing.push(Missing::Piece {
                    any_of: requirement.any_of.iter().map(|k| k.id.clone()).collect(),
                    label: labels.join(" ou "),
                    source: first.source.clone(),
                });
            }
        }
    }
    match dossier.fee {
        None => missing.push(Missing::Fee),
        Some((FeeClaim::Exemption { attestation }, _)) if !dossier.pieces.iter().any(|p| p.id == attestation) => {
            missing.push(Missing::Attestation { kind: catalogue.attestation.clone() });
        }
        Some(_) => {}
    }
    missing
}
