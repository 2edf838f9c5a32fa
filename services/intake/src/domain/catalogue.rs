//! What the session asks of a dossier: kinds of pieces, and which of them are due (R10). Data, from the session file.

use notice::{Depositor, Due, Format, Session};

use super::file::MediaType;

/// Most files of one kind in one dossier: transcripts come one per semester, nothing comes a hundredfold.
pub const MOST_FILES_PER_KIND: usize = 20;

/// One kind of piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Its id in the session file.
    pub id: String,
    /// In words.
    pub label: String,
    /// Where the regulation asks for it.
    pub source: String,
    /// Who deposits it; what a referee deposits the candidate never sees (R11).
    pub by: Depositor,
    /// When it is due.
    pub due: Due,
    /// Only of candidates in these filières.
    pub filieres: Vec<String>,
    /// Any one kind of a group meets what the group asks.
    pub group: Option<String>,
    /// What it can be.
    pub formats: Vec<MediaType>,
    /// Largest file.
    pub max_bytes: u64,
}

impl Kind {
    /// It may follow the clôture, until the title deadline (R10).
    #[must_use]
    pub fn late(&self) -> bool {
        self.due == Due::Titles
    }
}

/// One thing due at clôture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// Any one of these kinds meets it.
    pub any_of: Vec<&'a Kind>,
}

/// Everything the session asks of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Schools, in the session file's order.
    pub schools: Vec<String>,
    /// Kinds of pieces, in the session file's order.
    pub kinds: Vec<Kind>,
    /// The kind that supports a request for exemption from the fee (R20).
    pub attestation: String,
}

impl Catalogue {
    /// What this session asks.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let format = |f: &Format| match f {
            Format::Pdf => MediaType::Pdf,
            Format::Jpeg => MediaType::Jpeg,
            Format::Png => MediaType::Png,
        };
        let kind = |p: &notice::Piece| Kind {
            id: p.id.clone(),
            label: p.label.fr.clone(),
            source: p.source.clone(),
            by: p.by,
            due: p.due,
            filieres: p.filieres.clone(),
            group: p.group.clone(),
            formats: p.formats.iter().map(format).collect(),
            max_bytes: p.max_bytes,
        };
        Self {
            schools: session.schools.iter().map(|s| s.id.clone()).collect(),
            kinds: session.pieces.iter().map(kind).collect(),
            attestation: session.fee.exemption_piece.clone(),
        }
    }

    /// The kind with this id.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.id == id)
    }

    /// What the person in charge of studies deposits (R11), if the session asks for it.
    #[must_use]
    pub fn fiche(&self) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.by == Depositor::Referee)
    }

    /// Ids of what a candidate may deposit.
    pub fn candidate_kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().filter(|k| k.by == Depositor::Candidate).map(|k| k.id.as_str())
    }

    /// Ids of what may follow the clôture.
    pub fn late_kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().filter(|k| k.late() && k.by == Depositor::Candidate).map(|k| k.id.as_str())
    }

    /// What is due at clôture from a candidate of `filiere`; a group counts once, at its first kind.
    #[must_use]
    pub fn due_at_closing(&self, filiere: &str) -> Vec<Requirement<'_>> {
        let mut due: Vec<Requirement<'_>> = Vec::new();
        for kind in self.kinds.iter().filter(|k| k.due == Due::Closing && k.filieres.iter().any(|f| f == filiere)) {
            let same_group = |r: &&mut Requirement<'_>| {
                kind.group.is_some() && r.any_of.first().is_some_and(|k| k.group == kind.group)
            };
            match due.iter_mut().find(same_group) {
                Some(requirement) => requirement.any_of.push(kind),
                None => due.push(Requirement { any_of: vec![kind] }),
            }
        }
        due
    }

    /// Schools in the session file's order, which says nothing of a candidate's (R14).
    #[must_use]
    pub fn neutral(&self, schools: &[String]) -> Vec<String> {
        self.schools.iter().filter(|s| schools.contains(s)).cloned().collect()
    }
}
