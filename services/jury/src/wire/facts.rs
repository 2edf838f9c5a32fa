//! What the jury tells.

use contracts::{jury, published};
use jiff::Timestamp;

use crate::domain::{Candidature, Table, admission::Signature, digest};

/// A signed decision; embargoed.
#[must_use]
pub fn admissibility_decided(candidature: &Candidature) -> jury::AdmissibilityDecided {
    let determinations = candidature.schools.iter().filter_map(|a| {
        a.determination.as_ref().map(|d| jury::Determination {
            school: a.school.clone(),
            recevable: d.recevable,
            reason: d.reason.clone(),
        })
    });
    jury::AdmissibilityDecided {
        dossier_id: candidature.dossier.to_string(),
        admissible: candidature.admissible(),
        filiere: candidature.filiere.clone(),
        first_school: candidature.first_school.clone(),
        recevable_schools: candidature.recevable_schools(),
        determinations: determinations.collect(),
    }
}

/// A result at its instant.
#[must_use]
pub fn admissibility_published(candidature: &Candidature, at: Timestamp) -> jury::AdmissibilityPublished {
    jury::AdmissibilityPublished {
        dossier_id: candidature.dossier.to_string(),
        admissible: candidature.admissible(),
        first_school: candidature.first_school.clone(),
        published_at: Some(at.into()),
    }
}

/// The same for other systems: to every school applied to, whether it may admit this candidate.
pub fn published_admissibility(
    candidature: &Candidature,
    at: Timestamp,
) -> impl Iterator<Item = published::AdmissibilityPublished> {
    let recevable = candidature.recevable_schools();
    candidature.schools.iter().map(move |application| published::AdmissibilityPublished {
        dossier_id: candidature.dossier.to_string(),
        school: application.school.clone(),
        admissible: candidature.admissible() && recevable.contains(&application.school),
        at: Some(at.into()),
    })
}

/// A signed table; embargoed.
#[must_use]
pub fn table_signed(table: &Table, signature: u64) -> jury::TableSigned {
    jury::TableSigned {
        school: table.cell().school.clone(),
        filiere: table.cell().filiere.clone(),
        signature,
        dossier_ids: table.ranking().iter().map(ToString::to_string).collect(),
    }
}

/// All tables of a signature exist; embargoed.
#[must_use]
pub fn admission_signed(tables: &[Table], signature: &Signature, at: Timestamp) -> jury::AdmissionSigned {
    debug_assert_eq!(signature.digest, digest::of_tables(tables));
    let cells =
        tables.iter().map(|t| jury::Cell { school: t.cell().school.clone(), filiere: t.cell().filiere.clone() });
    jury::AdmissionSigned {
        signature: signature.number,
        cells: cells.collect(),
        signed_at: Some(at.into()),
        digest: signature.digest.clone(),
    }
}
