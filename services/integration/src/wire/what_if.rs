//! A what-if, in and out.

use std::collections::BTreeMap;

use contracts::integration as api;
use notice::Session;
use platform::refusal::Refusal;

use crate::{
    domain::{
        ids::{DossierId, FiliereId, SchoolId},
        projection::School,
    },
    queries::what_if::{Asked, WhatIf},
};

/// Dossiers on one table at most: far above any session's candidates.
const LONGEST_TABLE: usize = 20_000;

/// What was asked, its names checked against the session.
///
/// # Errors
/// An unknown filière or school, a school named twice, or an id that is none.
pub fn asked(session: &Session, request: api::WhatIfRequest) -> Result<Asked, Refusal> {
    if !session.filieres.iter().any(|filiere| filiere.id == request.filiere) {
        let known = session.filieres.iter().map(|filiere| filiere.id.as_str());
        return Err(Refusal::invalid("UNKNOWN_FILIERE").field("filiere", "no such filière").allowed(known));
    }
    let mut seats = BTreeMap::new();
    for (line, one) in request.seats.into_iter().enumerate() {
        let place = format!("seats[{line}].school");
        let known = seats.contains_key(&SchoolId(one.school.clone()));
        seats.insert(school(session, &place, one.school, known)?, one.seats);
    }
    let mut tables: Vec<(SchoolId, Vec<DossierId>)> = Vec::new();
    for (line, table) in request.tables.into_iter().enumerate() {
        let place = format!("tables[{line}]");
        let known = tables.iter().any(|(school, _)| school.0 == table.school);
        let school = school(session, &format!("{place}.school"), table.school, known)?;
        if table.dossier_ids.len() > LONGEST_TABLE {
            let why = format!("at most {LONGEST_TABLE}");
            return Err(Refusal::invalid("TABLE_INVALID").field(format!("{place}.dossier_ids"), why));
        }
        let ids = table.dossier_ids.iter().enumerate().map(|(row, id)| {
            let bad = || Refusal::invalid("TABLE_INVALID").field(format!("{place}.dossier_ids[{row}]"), "not a UUID");
            id.parse().map(DossierId).map_err(|_| bad())
        });
        tables.push((school, ids.collect::<Result<_, _>>()?));
    }
    Ok(Asked { filiere: FiliereId(request.filiere), seats, tables })
}

fn school(session: &Session, place: &str, given: String, known: bool) -> Result<SchoolId, Refusal> {
    if known {
        return Err(Refusal::invalid("SCHOOL_TWICE").field(place, "named before"));
    }
    if session.school(&given).is_none() {
        let schools = session.schools.iter().map(|school| school.id.as_str());
        return Err(Refusal::invalid("UNKNOWN_SCHOOL").field(place, "no such school").allowed(schools));
    }
    Ok(SchoolId(given))
}

/// What would be, in the session's order of schools.
#[must_use]
pub fn reply(session: &Session, mut what_if: WhatIf) -> api::WhatIfReply {
    let schools = session.schools.iter().filter_map(|school| {
        let id = SchoolId(school.id.clone());
        let projected = what_if.projection.schools.remove(&id)?;
        Some(projected_school(id, &projected))
    });
    let schools = schools.collect();
    let released = what_if.projection.released.into_iter().map(|release| api::WhatIfRelease {
        dossier_id: release.dossier.to_string(),
        school: release.left.0,
        proposed: release.proposed.0,
    });
    api::WhatIfReply {
        period: what_if.period,
        signature: what_if.signature,
        before_close: what_if.before_close,
        schools,
        released: released.collect(),
    }
}

fn projected_school(school: SchoolId, projected: &School) -> api::WhatIfSchool {
    let proposals = projected.proposals.iter().map(|proposal| api::WhatIfProposal {
        dossier_id: proposal.dossier.to_string(),
        rank: proposal.rank.unwrap_or(0),
        new: proposal.new,
        supernumerary: proposal.supernumerary,
    });
    api::WhatIfSchool {
        school: school.0,
        seats: projected.cell.seats,
        taken: projected.cell.taken,
        empty: projected.cell.seats.saturating_sub(projected.cell.taken),
        last_called: projected.cell.last_called,
        proposals: proposals.collect(),
    }
}
