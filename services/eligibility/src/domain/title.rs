//! From a title to its filière and to what the tables say of it, school by school.

use notice::{DiplomaKind, Session, UnlistedMention};
use thiserror::Error;

/// What a candidate says they hold or prepare (R8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Title {
    /// Id of the diploma in the session file.
    pub diploma: String,
    /// Row of its table, or free words when no row lists the title.
    pub mention: String,
    /// Row claimed as equivalent; empty when the title is listed.
    pub equivalent_to: String,
}

/// Recevabilité of a title at one school (R16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recevabilite {
    /// The tables open it.
    Open,
    /// The tables close it.
    Closed,
    /// No table decides: the jury does (R17).
    ForJury,
}

/// What the tables say at one school, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolRecevabilite {
    /// Id of the school.
    pub school: String,
    /// What they say.
    pub recevabilite: Recevabilite,
    /// What to cite, e.g. "Tableau 5".
    pub table: String,
    /// The row that decides.
    pub row: String,
}

/// What the tables say of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Id of the filière that the title leads to.
    pub filiere: String,
    /// Every school, in the session file's order.
    pub schools: Vec<SchoolRecevabilite>,
}

/// Why a title cannot be assessed. Each carries what was given and what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TitleRefused {
    /// No such diploma in the session file.
    #[error("no diploma {given:?} in this session")]
    UnknownDiploma {
        /// As given.
        given: String,
        /// Ids of the session's diplomas.
        allowed: Vec<String>,
    },
    /// Without a mention: it is stated whatever is claimed, from the list or in the candidate's own words.
    #[error("a title names its mention or speciality (R8)")]
    MentionRequired {
        /// Rows of the diploma's table, if it is listed.
        allowed: Vec<String>,
    },
    /// The diploma opens by its list alone, and the mention is not on it (the BUT 3 of 2026, R9).
    #[error("{given:?} is not among the specialities of {table}, and the others are refused everywhere (R9)")]
    MentionRefused {
        /// As given.
        given: String,
        /// The table that lists them.
        table: String,
        /// Rows of that table.
        allowed: Vec<String>,
    },
    /// No row lists the title, and no row is claimed (R8).
    #[error("no row of {table} lists this title: name the row it claims equivalence with (R8)")]
    EquivalenceRequired {
        /// The table whose rows can be claimed.
        table: String,
        /// Those rows.
        allowed: Vec<String>,
    },
    /// The row claimed does not exist.
    #[error("{table} has no row {given:?}")]
    UnknownEquivalence {
        /// As given.
        given: String,
        /// The table whose rows can be claimed.
        table: String,
        /// Those rows.
        allowed: Vec<String>,
    },
    /// The mention is listed: there is nothing to claim.
    #[error("{table} lists {mention:?} already: no equivalence is claimed")]
    EquivalenceNotNeeded {
        /// The listed mention.
        mention: String,
        /// The table that lists it.
        table: String,
    },
    /// The session file measures the diploma against nothing; a validated file never does.
    #[error("the session file has no table for {diploma:?}")]
    NoTable {
        /// Id of the diploma.
        diploma: String,
    },
}

/// The rows that decide on a diploma, or that it can claim equivalence with, each with what the tables say of it.
/// Empty for a diploma that the session does not know.
#[must_use]
pub fn rows(session: &Session, diploma: &str) -> Vec<(String, Vec<SchoolRecevabilite>)> {
    let Some(stated) = session.diploma(diploma) else { return Vec::new() };
    let Some(measure) = session.measured_against(stated) else { return Vec::new() };
    let claimed = !matches!(stated.kind, DiplomaKind::Listed { .. });
    let labels = session.mentions(diploma).map_or(&[][..], |t| &t.rows);
    labels.iter().map(|row| (row.label.clone(), by_school(session, &measure.id, &row.label, claimed))).collect()
}

/// What the tables say of `title` at every school (R9, R16). A title that no row lists is for the jury wherever the
/// row it claims is open, and closed where that row is closed: an equivalent of a closed title is closed too.
///
/// # Errors
/// [`TitleRefused`], naming what would be accepted.
pub fn assess(session: &Session, title: &Title) -> Result<Assessment, TitleRefused> {
    let (mention, claim) = (title.mention.trim(), title.equivalent_to.trim());
    let stated = session.diploma(&title.diploma).ok_or_else(|| TitleRefused::UnknownDiploma {
        given: title.diploma.clone(),
        allowed: session.diplomas.iter().map(|d| d.id.clone()).collect(),
    })?;
    let no_table = || TitleRefused::NoTable { diploma: stated.id.clone() };
    let measure = session.measured_against(stated).ok_or_else(no_table)?;
    let mentions = session.mentions(&stated.id).ok_or_else(no_table)?;
    let allowed = || mentions.rows.iter().map(|r| r.label.clone()).collect::<Vec<_>>();
    let table = || mentions.source.clone();

    let listed = matches!(stated.kind, DiplomaKind::Listed { .. });
    if mention.is_empty() {
        return Err(TitleRefused::MentionRequired { allowed: if listed { allowed() } else { Vec::new() } });
    }
    if let DiplomaKind::Listed { unlisted, .. } = &stated.kind {
        if mentions.row(mention).is_some() {
            if !claim.is_empty() && claim != mention {
                return Err(TitleRefused::EquivalenceNotNeeded { mention: mention.to_owned(), table: table() });
            }
            let schools = by_school(session, &stated.id, mention, false);
            return Ok(Assessment { filiere: stated.filiere.clone(), schools });
        }
        if *unlisted == UnlistedMention::Refused {
            return Err(TitleRefused::MentionRefused { given: mention.to_owned(), table: table(), allowed: allowed() });
        }
    }
    if claim.is_empty() {
        return Err(TitleRefused::EquivalenceRequired { table: table(), allowed: allowed() });
    }
    if mentions.row(claim).is_none() {
        return Err(TitleRefused::UnknownEquivalence { given: claim.to_owned(), table: table(), allowed: allowed() });
    }
    Ok(Assessment { filiere: measure.filiere.clone(), schools: by_school(session, &measure.id, claim, true) })
}

fn by_school(session: &Session, diploma: &str, row: &str, claimed: bool) -> Vec<SchoolRecevabilite> {
    let schools = session.schools.iter();
    let said = schools.filter_map(|s| Some((s.id.clone(), session.opening(diploma, row, &s.id)?)));
    said.map(|(school, opening)| SchoolRecevabilite {
        school,
        recevabilite: match (opening.open, claimed) {
            (true, false) => Recevabilite::Open,
            (true, true) => Recevabilite::ForJury,
            (false, _) => Recevabilite::Closed,
        },
        table: opening.table,
        row: opening.row,
    })
    .collect()
}
