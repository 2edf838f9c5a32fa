//! What each refusal of the domain is to a caller: one place, so that a reason means one thing.

use platform::refusal::Refusal;
use uuid::Uuid;

use crate::domain::{
    dossier::{AbandonRefused, Annulled, CloseRefused, FeeRefused, NotEditable, OrderRefused, PieceRefused, StateName},
    file::{FileRefused, MediaType},
    referee::{InviteRefused, LinkRefused},
    text::Faults,
    upload::ChunkRefused,
    verification::{CorrectionRefused, RequestRefused, VerdictRefused},
};

/// No dossier of that id, for this caller.
pub(crate) fn unknown_dossier(id: Uuid) -> Refusal {
    Refusal::not_found("DOSSIER_UNKNOWN", id.to_string(), "no dossier of that id is known here")
}

/// No piece of that id in the dossier, for this caller.
pub(crate) fn unknown_piece(id: Uuid) -> Refusal {
    Refusal::not_found("PIECE_UNKNOWN", id.to_string(), "no piece of that id is in this dossier")
}

/// No upload session of that id, for this caller.
pub(crate) fn unknown_upload(id: Uuid) -> Refusal {
    Refusal::not_found("UPLOAD_UNKNOWN", id.to_string(), "no upload session of that id is known here")
}

/// A link that was never sent.
pub(crate) fn unknown_link() -> Refusal {
    Refusal::not_found("LINK_UNKNOWN", "link", "no such link was ever sent")
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        faults.list().iter().fold(Self::invalid("FORM_INVALID"), |r, f| r.field(f.field.clone(), f.why.clone()))
    }
}

impl From<NotEditable> for Refusal {
    fn from(refused: NotEditable) -> Self {
        Self::precondition("DOSSIER_NOT_EDITABLE", "dossier", refused.to_string())
            .with("state", refused.state.to_string())
            .allowed(["OPEN"])
    }
}

impl From<OrderRefused> for Refusal {
    fn from(refused: OrderRefused) -> Self {
        let why = refused.to_string();
        match refused {
            OrderRefused::Final => Self::precondition("ORDER_FINAL", "order", why).with("source", "§3.1"),
            OrderRefused::NotEditable(refused) => refused.into(),
            OrderRefused::TitleMissing => Self::precondition("TITLE_MISSING", "title", why),
            OrderRefused::Malformed(_) => Self::invalid("ORDER_INVALID").field("schools", why),
            OrderRefused::ClosedByTable(s) => Self::precondition("SCHOOL_CLOSED_BY_TABLE", s.school.clone(), why)
                .with("school", s.school)
                .with("table", s.table)
                .with("row", s.row),
        }
    }
}

impl From<Annulled> for Refusal {
    fn from(annulled: Annulled) -> Self {
        Self::precondition("CANDIDATURE_ANNULLED", "dossier", annulled.to_string()).with("at", annulled.at.to_string())
    }
}

impl From<PieceRefused> for Refusal {
    fn from(refused: PieceRefused) -> Self {
        let why = refused.to_string();
        match refused {
            PieceRefused::WrongState { state, needed } => Self::precondition("WRONG_STATE", "dossier", why)
                .with("state", state.to_string())
                .allowed([needed.to_string()]),
            PieceRefused::Annulled(annulled) => annulled.into(),
            PieceRefused::Kind(_) => Self::invalid("PIECE_UNKNOWN").field("piece", why),
            PieceRefused::Media { .. } => Self::invalid("FILE_TYPE_REFUSED").field("content", why),
            PieceRefused::Size { most, .. } => {
                Self::invalid("FILE_TOO_LARGE").field("size", why).with("most", most.to_string())
            }
            PieceRefused::TooMany(_) => Self::precondition("TOO_MANY_PIECES", "pieces", why),
        }
    }
}

impl From<FeeRefused> for Refusal {
    fn from(refused: FeeRefused) -> Self {
        let why = refused.to_string();
        match refused {
            FeeRefused::NotEditable(refused) => refused.into(),
            FeeRefused::OrderMissing => Self::precondition("ORDER_MISSING", "order", why),
            FeeRefused::AttestationMissing(id) => Self::precondition("ATTESTATION_MISSING", id.to_string(), why),
        }
    }
}

impl From<AbandonRefused> for Refusal {
    fn from(refused: AbandonRefused) -> Self {
        let refusal = Self::precondition("WRONG_STATE", "dossier", refused.to_string())
            .with("state", refused.state.to_string())
            .allowed([StateName::Open.to_string()]);
        // After clôture the way out is an answer, which integration takes.
        if refused.state == StateName::Closed { refusal.with("instead", "NON").with("source", "R30") } else { refusal }
    }
}

impl From<CloseRefused> for Refusal {
    fn from(refused: CloseRefused) -> Self {
        let why = refused.to_string();
        match refused {
            CloseRefused::NotACandidature { at } => {
                Self::precondition("NOT_A_CANDIDATURE", "dossier", why).with("closed_at", at.to_string())
            }
            CloseRefused::NotEditable(refused) => refused.into(),
            CloseRefused::Incomplete(missing) => {
                let mut violations = missing.iter().map(|m| {
                    let subject = match m.any_of().as_slice() {
                        [] => m.what().to_owned(),
                        any_of => any_of.join("|"),
                    };
                    (subject, format!("{} ({})", m.label(), m.source()))
                });
                let Some((subject, label)) = violations.next() else {
                    return Self::internal("incomplete without a cause");
                };
                violations.fold(Self::precondition("DOSSIER_INCOMPLETE", subject, label), |r, (subject, label)| {
                    r.and_precondition(subject, label)
                })
            }
        }
    }
}

impl From<FileRefused> for Refusal {
    fn from(refused: FileRefused) -> Self {
        Self::invalid("FILE_TYPE_REFUSED")
            .field("content", refused.to_string())
            .allowed(MediaType::ALL.map(MediaType::mime))
    }
}

impl From<ChunkRefused> for Refusal {
    fn from(refused: ChunkRefused) -> Self {
        let why = refused.to_string();
        match refused {
            ChunkRefused::Offset { wanted, .. } => {
                Self::precondition("OFFSET_MISMATCH", "upload", why).with("offset", wanted.to_string())
            }
            ChunkRefused::PastEnd { declared, .. } => {
                Self::invalid("FILE_TOO_LARGE").field("data", why).with("most", declared.to_string())
            }
            ChunkRefused::ChunkTooLarge { .. } => Self::invalid("CHUNK_TOO_LARGE").field("data", why),
        }
    }
}

impl From<LinkRefused> for Refusal {
    fn from(refused: LinkRefused) -> Self {
        let why = refused.to_string();
        match refused {
            LinkRefused::Used { at } => Self::precondition("LINK_USED", "link", why).with("at", at.to_string()),
            LinkRefused::Revoked { at } => Self::precondition("LINK_REVOKED", "link", why).with("at", at.to_string()),
        }
    }
}

impl From<InviteRefused> for Refusal {
    fn from(refused: InviteRefused) -> Self {
        let why = refused.to_string();
        match refused {
            InviteRefused::Deposited { at } => {
                Self::precondition("FICHE_DEPOSITED", "fiche", why).with("at", at.to_string())
            }
            InviteRefused::TooMany { .. } => Self::exhausted("TOO_MANY_INVITATIONS", "invitations", why),
        }
    }
}

impl From<CorrectionRefused> for Refusal {
    fn from(refused: CorrectionRefused) -> Self {
        let why = refused.to_string();
        match refused {
            CorrectionRefused::Over { until, .. } => {
                Self::precondition("CORRECTION_NOT_OPEN", "correction", why).with("closed_at", until.to_string())
            }
            CorrectionRefused::Answered { with } => {
                Self::precondition("CORRECTION_NOT_OPEN", "correction", why).with("piece_id", with.to_string())
            }
        }
    }
}

impl From<RequestRefused> for Refusal {
    fn from(refused: RequestRefused) -> Self {
        let why = refused.to_string();
        match refused {
            RequestRefused::AlreadyOpen { open, .. } => {
                Self::precondition("CORRECTION_OPEN", "piece", why).with("correction_id", open.to_string())
            }
            RequestRefused::Until { .. } => Self::invalid("UNTIL_INVALID").field("until", why),
        }
    }
}

impl From<VerdictRefused> for Refusal {
    fn from(refused: VerdictRefused) -> Self {
        let why = refused.to_string();
        let list = |ids: Vec<Uuid>| ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ");
        match refused {
            VerdictRefused::CorrectionsOpen(ids) => {
                Self::precondition("CORRECTION_OPEN", "corrections", why).with("corrections", list(ids))
            }
            VerdictRefused::Unreadable(ids) => {
                Self::precondition("PIECES_UNREADABLE", "pieces", why).with("pieces", list(ids))
            }
            VerdictRefused::NoCorrection => Self::precondition("NO_CORRECTION", "corrections", why),
        }
    }
}
