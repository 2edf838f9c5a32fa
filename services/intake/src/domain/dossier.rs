//! The dossier and its three states. Every transition consumes it and gives it back changed, or refuses by name.

mod ending;
mod parts;
mod refused;

pub use parts::{Checked, FeeClaim, Fiche, Piece, Purpose, Recevabilite, Standing, Stated};
pub use refused::{AbandonRefused, Annulled, CloseRefused, FeeRefused, NotEditable, OrderRefused, PieceRefused};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    catalogue::{Catalogue, MOST_FILES_PER_KIND},
    completeness::missing,
    form::{Identity, Studies},
    receipt::{Receipt, digest},
};

/// Where a dossier stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Editable; not yet a candidature.
    Open,
    /// A candidature; from here on pieces are only added (R12).
    Closed(Receipt),
    /// The window ended on it open: not a candidature (R13).
    NotClosed {
        /// End of the window.
        at: Timestamp,
    },
    /// The candidate gave it up open: nothing is left of it.
    Abandoned {
        /// When.
        at: Timestamp,
    },
}

/// Words for a state, for refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateName {
    /// See [`State`].
    Open,
    /// See [`State`].
    Closed,
    /// See [`State`].
    NotClosed,
    /// See [`State`].
    Abandoned,
}

impl std::fmt::Display for StateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::NotClosed => "NOT_CLOSED",
            Self::Abandoned => "ABANDONED",
        })
    }
}

/// One candidate's dossier (R7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Its id, which is the candidate's.
    pub id: Uuid,
    /// Grows by one per dossier.
    pub number: u64,
    /// When it was begun.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who the candidate is.
    pub identity: Identity,
    /// Studies since the baccalauréat.
    pub studies: Studies,
    /// The title and its recevabilité.
    pub title: Option<Stated>,
    /// §1.3 (R15).
    pub other_route_declared: bool,
    /// Schools, best first.
    pub order: Vec<String>,
    /// How the fee will be met, and since when.
    pub fee: Option<(FeeClaim, Timestamp)>,
    /// Every file, the fiche apart.
    pub pieces: Vec<Piece>,
    /// The fiche, once it has arrived.
    pub fiche: Option<Fiche>,
    /// When the jury annulled the candidature (R15).
    pub annulled: Option<Timestamp>,
}

/// Parts of the form to replace.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// See [`Dossier`].
    pub identity: Option<Identity>,
    /// See [`Dossier`].
    pub studies: Option<Studies>,
    /// See [`Dossier`].
    pub title: Option<Stated>,
    /// See [`Dossier`].
    pub other_route_declared: Option<bool>,
}

impl Dossier {
    /// Begins a dossier.
    #[must_use]
    pub fn open(id: Uuid, number: u64, identity: Identity, at: Timestamp) -> Self {
        Self {
            id,
            number,
            opened_at: at,
            state: State::Open,
            identity,
            studies: Studies::default(),
            title: None,
            other_route_declared: false,
            order: Vec::new(),
            fee: None,
            pieces: Vec::new(),
            fiche: None,
            annulled: None,
        }
    }

    /// Words for where it stands.
    #[must_use]
    pub fn state_name(&self) -> StateName {
        match self.state {
            State::Open => StateName::Open,
            State::Closed(_) => StateName::Closed,
            State::NotClosed { .. } => StateName::NotClosed,
            State::Abandoned { .. } => StateName::Abandoned,
        }
    }

    /// Whether the candidate may edit it.
    ///
    /// # Errors
    /// It is not open.
    pub fn editable(&self) -> Result<(), NotEditable> {
        match self.state {
            State::Open => Ok(()),
            _ => Err(NotEditable { state: self.state_name() }),
        }
    }

    /// The school of choice 1.
    #[must_use]
    pub fn first_school(&self) -> Option<&str> {
        self.order.first().map(String::as_str)
    }

    /// Replaces parts of the form. Says whether a change of title cleared an order that it no longer fits (R9).
    ///
    /// # Errors
    /// It is not open.
    pub fn update(mut self, change: Change) -> Result<(Self, bool), NotEditable> {
        self.editable()?;
        if let Some(identity) = change.identity {
            self.identity = identity;
        }
        if let Some(studies) = change.studies {
            self.studies = studies;
        }
        if let Some(declared) = change.other_route_declared {
            self.other_route_declared = declared;
        }
        let mut cleared = false;
        if let Some(stated) = change.title {
            cleared = !self.order.is_empty() && !self.order.iter().all(|s| stated.allowed().any(|a| a == s));
            if cleared {
                self.order.clear();
            }
            self.title = Some(stated);
        }
        Ok((self, cleared))
    }

    /// Sets the order of schools, best first. Says whether the payee of a fee already claimed changed with it (R22).
    ///
    /// # Errors
    /// See [`OrderRefused`].
    pub fn set_order(mut self, order: Vec<String>, catalogue: &Catalogue) -> Result<(Self, bool), OrderRefused> {
        if matches!(self.state, State::Closed(_)) {
            return Err(OrderRefused::Final);
        }
        self.editable()?;
        let stated = self.title.as_ref().ok_or(OrderRefused::TitleMissing)?;
        if order.is_empty() {
            return Err(OrderRefused::Malformed("no school".to_owned()));
        }
        for (i, school) in order.iter().enumerate() {
            if !catalogue.schools.contains(school) {
                let why = format!("number {} of the order is no school of this session", i + 1);
                return Err(OrderRefused::Malformed(why));
            }
            if order.iter().take(i).any(|s| s == school) {
                return Err(OrderRefused::Malformed(format!("{school:?} twice")));
            }
            match stated.at(school) {
                Some(s) if s.recevabilite == Recevabilite::Closed => {
                    return Err(OrderRefused::ClosedByTable(s.clone()));
                }
                Some(_) => {}
                None => return Err(OrderRefused::Malformed(format!("eligibility said nothing of {school:?}"))),
            }
        }
        let payee_changed = self.fee.is_some() && self.order.first() != order.first();
        self.order = order;
        Ok((self, payee_changed))
    }

    /// Whether a file of this kind and size could become a piece: checked before a byte is sent, and again at the end.
    ///
    /// # Errors
    /// See [`PieceRefused`].
    pub fn admit<'c>(
        &self,
        kind: &str,
        size: u64,
        purpose: Purpose,
        catalogue: &'c Catalogue,
    ) -> Result<&'c super::catalogue::Kind, PieceRefused> {
        let needed = if purpose == Purpose::Piece { StateName::Open } else { StateName::Closed };
        if self.state_name() != needed {
            return Err(PieceRefused::WrongState { state: self.state_name(), needed });
        }
        self.in_the_running()?;
        let known = catalogue
            .kind(kind)
            .filter(|k| k.by == notice::Depositor::Candidate && (purpose != Purpose::Late || k.late()))
            .ok_or_else(|| PieceRefused::Kind(kind.to_owned()))?;
        if size == 0 || size > known.max_bytes {
            return Err(PieceRefused::Size { size, most: known.max_bytes });
        }
        if self.pieces.iter().filter(|p| p.kind == kind).count() >= MOST_FILES_PER_KIND {
            return Err(PieceRefused::TooMany(kind.to_owned()));
        }
        Ok(known)
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// See [`PieceRefused`].
    pub fn add_piece(mut self, piece: Piece, catalogue: &Catalogue) -> Result<Self, PieceRefused> {
        let kind = self.admit(&piece.kind, piece.size, piece.purpose, catalogue)?;
        if !kind.formats.contains(&piece.media) {
            return Err(PieceRefused::Media { media: piece.media, kind: piece.kind });
        }
        self.pieces.push(piece);
        Ok(self)
    }

    /// Takes a piece out. Says whether it was there.
    ///
    /// # Errors
    /// It is not open: from clôture on nothing vanishes (R12).
    pub fn remove_piece(mut self, piece: Uuid) -> Result<(Self, bool), NotEditable> {
        self.editable()?;
        let before = self.pieces.len();
        self.pieces.retain(|p| p.id != piece);
        let was_there = self.pieces.len() < before;
        Ok((self, was_there))
    }

    /// Takes the fiche from the person in charge of studies (R11).
    ///
    /// # Errors
    /// It is not open: what is closed stays as it is.
    pub fn deposit_fiche(mut self, fiche: Fiche) -> Result<Self, NotEditable> {
        self.editable()?;
        self.fiche = Some(fiche);
        Ok(self)
    }

    /// Says how the fee will be met. The same claim again changes nothing: the second value is false.
    ///
    /// # Errors
    /// See [`FeeRefused`].
    pub fn claim_fee(
        mut self,
        claim: FeeClaim,
        at: Timestamp,
        catalogue: &Catalogue,
    ) -> Result<(Self, bool), FeeRefused> {
        self.editable()?;
        if self.order.is_empty() {
            return Err(FeeRefused::OrderMissing);
        }
        if let FeeClaim::Exemption { attestation } = claim
            && !self.pieces.iter().any(|p| p.id == attestation && p.kind == catalogue.attestation)
        {
            return Err(FeeRefused::AttestationMissing(attestation));
        }
        if self.fee.is_some_and(|(same, _)| same == claim) {
            return Ok((self, false));
        }
        self.fee = Some((claim, at));
        Ok((self, true))
    }

    /// Clôture (R12). Repeated, it changes nothing: the second value is false, and the receipt is the first one's.
    ///
    /// # Errors
    /// See [`CloseRefused`].
    pub fn close(mut self, at: Timestamp, catalogue: &Catalogue) -> Result<(Self, bool), CloseRefused> {
        match self.state {
            State::Closed(_) => return Ok((self, false)),
            State::NotClosed { at } => return Err(CloseRefused::NotACandidature { at }),
            State::Abandoned { .. } | State::Open => self.editable()?,
        }
        let missing = missing(&self, catalogue);
        if !missing.is_empty() {
            return Err(CloseRefused::Incomplete(missing));
        }
        let digest = digest(&self);
        self.state = State::Closed(Receipt { dossier: self.id, number: self.number, closed_at: at, digest });
        Ok((self, true))
    }
}

#[cfg(test)]
pub(super) mod tests;
