//! Domain to contracts and back.

mod facts;

pub(crate) use facts::{dossier_closed, fee_claimed, late_piece};

use contracts::intake as pb;
use jiff::Timestamp;
use platform::refusal::Refusal;

use crate::{
    domain::{
        completeness::Missing,
        dossier::{Dossier, FeeClaim, Piece, Purpose, Recevabilite, Standing, State, StateName, Stated},
        form::{Identity, RawIdentity, Studies, StudyYear, Title},
        receipt::Receipt,
        referee::{Appreciation, FicheAnswers, InvitationState},
        text::Faults,
        verification::{Correction, PieceVerdict, Verdict},
    },
    store::{notes::Note, referees::Invitation},
};

/// An instant on the wire.
pub(crate) fn instant(at: Timestamp) -> Option<contracts::Timestamp> {
    Some(at.into())
}

// ---- What comes in ------------------------------------------------------------------------------------------------------

/// The form's identity, checked; `at` is the receipt of the request.
pub(crate) fn identity(pb: Option<&pb::Identity>, at: Timestamp) -> Result<Identity, Refusal> {
    let Some(i) = pb else { return Err(Refusal::invalid("FORM_INVALID").field("identity", "missing")) };
    let raw = RawIdentity {
        family_name: &i.family_name,
        first_names: &i.first_names,
        birth_date: &i.birth_date,
        birth_place: &i.birth_place,
        email: &i.email,
        nationality: &i.nationality,
        phone: &i.phone,
        postal_address: &i.postal_address,
    };
    Ok(Identity::check(&raw, at)?)
}

/// The form's studies, checked.
pub(crate) fn studies(pb: pb::Studies) -> Result<Studies, Faults> {
    let year = |y: pb::StudyYear| StudyYear {
        year: y.year,
        institution: y.institution,
        formation: y.formation,
        result: y.result,
    };
    Studies { years: pb.years.into_iter().map(year).collect(), earlier_graduate: pb.earlier_graduate }.check()
}

/// The title, checked for its bounds.
pub(crate) fn title(pb: &pb::Title) -> Result<Title, Faults> {
    Title::check(&pb.diploma, &pb.mention, &pb.equivalent_to)
}

/// What eligibility said of one school; what it may say tomorrow is not known today.
pub(crate) fn standing(pb: contracts::eligibility::SchoolRecevabilite) -> Option<Standing> {
    use contracts::eligibility::Recevabilite as Theirs;
    let recevabilite = match pb.recevabilite() {
        Theirs::Open => Recevabilite::Open,
        Theirs::Closed => Recevabilite::Closed,
        Theirs::ForJury => Recevabilite::ForJury,
        Theirs::Unspecified => return None,
    };
    Some(Standing { school: pb.school, recevabilite, table: pb.table, row: pb.row })
}

/// A school's verdict on a piece.
pub(crate) fn piece_verdict(pb: pb::PieceVerdict) -> Result<PieceVerdict, Refusal> {
    match pb {
        pb::PieceVerdict::Ok => Ok(PieceVerdict::Ok),
        pb::PieceVerdict::Unreadable => Ok(PieceVerdict::Unreadable),
        pb::PieceVerdict::Unspecified => {
            Err(Refusal::invalid("VERDICT_MISSING").field("verdict", "missing").allowed(["OK", "UNREADABLE"]))
        }
    }
}

/// A school's verdict on a dossier.
pub(crate) fn verdict(pb: pb::Verdict) -> Result<Verdict, Refusal> {
    match pb {
        pb::Verdict::Complete => Ok(Verdict::Complete),
        pb::Verdict::CorrectionRequested => Ok(Verdict::CorrectionRequested),
        pb::Verdict::Incomplete => Ok(Verdict::Incomplete),
        pb::Verdict::Unspecified => Err(Refusal::invalid("VERDICT_MISSING").field("verdict", "missing").allowed([
            "COMPLETE",
            "CORRECTION_REQUESTED",
            "INCOMPLETE",
        ])),
    }
}

/// A verdict that a list is asked for: unspecified stands for none yet.
pub(crate) fn verdict_wanted(pb: pb::Verdict) -> Option<Verdict> {
    verdict(pb).ok()
}

/// A fiche given as answers, checked.
pub(crate) fn answers(pb: &pb::FicheAnswers) -> Result<FicheAnswers, Faults> {
    let appreciation = match pb.appreciation() {
        pb::Appreciation::Unspecified => None,
        pb::Appreciation::VeryFavourable => Some(Appreciation::VeryFavourable),
        pb::Appreciation::Favourable => Some(Appreciation::Favourable),
        pb::Appreciation::Reserved => Some(Appreciation::Reserved),
        pb::Appreciation::Unfavourable => Some(Appreciation::Unfavourable),
    };
    FicheAnswers::check(&pb.known_as, (pb.rank, pb.cohort), appreciation, &pb.comment)
}

// ---- What goes out ------------------------------------------------------------------------------------------------------

/// See [`Identity`].
pub(crate) fn identity_out(i: &Identity) -> pb::Identity {
    pb::Identity {
        family_name: i.family_name.clone(),
        first_names: i.first_names.clone(),
        birth_date: i.birth_date.to_string(),
        birth_place: i.birth_place.clone(),
        email: i.email.clone(),
        nationality: i.nationality.clone(),
        phone: i.phone.clone(),
        postal_address: i.postal_address.clone(),
    }
}

/// See [`Studies`].
pub(crate) fn studies_out(s: &Studies) -> pb::Studies {
    let year = |y: &StudyYear| pb::StudyYear {
        year: y.year.clone(),
        institution: y.institution.clone(),
        formation: y.formation.clone(),
        result: y.result.clone(),
    };
    pb::Studies { years: s.years.iter().map(year).collect(), earlier_graduate: s.earlier_graduate }
}

/// See [`Title`].
pub(crate) fn title_out(t: &Title) -> pb::Title {
    pb::Title { diploma: t.diploma.clone(), mention: t.mention.clone(), equivalent_to: t.equivalent_to.clone() }
}

/// See [`Standing`].
pub(crate) fn standing_out(s: &Standing) -> pb::SchoolRecevabilite {
    let recevabilite = match s.recevabilite {
        Recevabilite::Open => pb::Recevabilite::Open,
        Recevabilite::Closed => pb::Recevabilite::Closed,
        Recevabilite::ForJury => pb::Recevabilite::ForJury,
    };
    pb::SchoolRecevabilite {
        school: s.school.clone(),
        recevabilite: recevabilite.into(),
        table: s.table.clone(),
        row: s.row.clone(),
    }
}

/// The order, best first, with the table and row of each school.
pub(crate) fn order_out(order: &[String], stated: Option<&Stated>) -> Vec<pb::SchoolRecevabilite> {
    order.iter().filter_map(|school| stated.and_then(|t| t.at(school)).map(standing_out)).collect()
}

/// See [`Piece`].
pub(crate) fn piece_out(p: &Piece) -> pb::Piece {
    let purpose = match p.purpose {
        Purpose::Piece => pb::Purpose::Piece,
        Purpose::Late => pb::Purpose::Late,
        Purpose::Correction => pb::Purpose::Correction,
    };
    let verdict = match p.verdict {
        None => pb::PieceVerdict::Unspecified,
        Some(PieceVerdict::Ok) => pb::PieceVerdict::Ok,
        Some(PieceVerdict::Unreadable) => pb::PieceVerdict::Unreadable,
    };
    pb::Piece {
        piece_id: p.id.to_string(),
        piece: p.kind.clone(),
        name: p.name.clone(),
        size: p.size,
        sha256: hex::encode(p.sha256),
        media_type: p.media.mime().to_owned(),
        deposited_at: instant(p.deposited_at),
        purpose: purpose.into(),
        verdict: verdict.into(),
        corrects: p.corrects.map(|id| id.to_string()).unwrap_or_default(),
        checked_at: p.checked.as_ref().and_then(|c| instant(c.at)),
        checked_by: p.checked.as_ref().map(|c| c.by.clone()).unwrap_or_default(),
    }
}

/// A piece as its candidate sees it: what the school finds of it is the school's until it asks for a correction.
pub(crate) fn own_piece_out(p: &Piece) -> pb::Piece {
    pb::Piece { verdict: 0, checked_at: None, checked_by: String::new(), ..piece_out(p) }
}

/// See [`Note`].
pub(crate) fn note_out(n: Note) -> pb::Note {
    pb::Note { note_id: n.id.to_string(), author: n.author, at: instant(n.at), text: n.text }
}

/// See [`FeeClaim`].
pub(crate) fn claim_out(claim: Option<FeeClaim>) -> pb::FeeClaim {
    match claim {
        None => pb::FeeClaim::Unspecified,
        Some(FeeClaim::Transfer) => pb::FeeClaim::Transfer,
        Some(FeeClaim::Exemption { .. }) => pb::FeeClaim::Exemption,
    }
}

/// The attestation of an exemption asked for.
pub(crate) fn attestation_of(claim: Option<FeeClaim>) -> String {
    match claim {
        Some(FeeClaim::Exemption { attestation }) => attestation.to_string(),
        Some(FeeClaim::Transfer) | None => String::new(),
    }
}

/// What the candidate has declared of the fee.
pub(crate) fn fee_out(d: &Dossier, already_applied: bool) -> Option<pb::ClaimFeeReply> {
    d.fee.map(|(claim, at)| pb::ClaimFeeReply {
        claim: claim_out(Some(claim)).into(),
        payee_school: d.first_school().unwrap_or_default().to_owned(),
        claimed_at: instant(at),
        already_applied,
        attestation_piece_id: attestation_of(Some(claim)),
    })
}

/// See [`Receipt`].
pub(crate) fn receipt_out(r: &Receipt) -> pb::Receipt {
    pb::Receipt {
        dossier_id: r.dossier.to_string(),
        number: r.number,
        closed_at: instant(r.closed_at),
        digest: hex::encode(r.digest),
    }
}

/// The receipt of a closed dossier.
pub(crate) fn receipt_of(state: &State) -> Option<pb::Receipt> {
    match state {
        State::Closed(receipt) => Some(receipt_out(receipt)),
        _ => None,
    }
}

/// See [`StateName`].
pub(crate) fn state_out(state: StateName) -> pb::DossierState {
    match state {
        StateName::Open => pb::DossierState::Open,
        StateName::Closed => pb::DossierState::Closed,
        StateName::NotClosed => pb::DossierState::NotClosed,
        StateName::Abandoned => pb::DossierState::Abandoned,
    }
}

/// See [`Verdict`].
pub(crate) fn verdict_out(verdict: Option<Verdict>) -> pb::Verdict {
    match verdict {
        None => pb::Verdict::Unspecified,
        Some(Verdict::Complete) => pb::Verdict::Complete,
        Some(Verdict::CorrectionRequested) => pb::Verdict::CorrectionRequested,
        Some(Verdict::Incomplete) => pb::Verdict::Incomplete,
    }
}

/// See [`Correction`].
pub(crate) fn correction_out(c: &Correction) -> pb::Correction {
    pb::Correction {
        correction_id: c.id.to_string(),
        piece_id: c.piece.to_string(),
        piece: c.kind.clone(),
        until: instant(c.until),
        reason: c.reason.clone(),
        requested_at: instant(c.requested_at),
        deposited_piece_id: c.deposited.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// What the candidate sees of the person they named.
pub(crate) fn referee_out(i: &Invitation) -> pb::Referee {
    let (state, bounce, deposited_at) = match &i.state {
        // The last invitation is never revoked: another would be the last.
        InvitationState::Pending | InvitationState::Revoked { .. } => (pb::InvitationState::Pending, "", None),
        InvitationState::Sent => (pb::InvitationState::Sent, "", None),
        InvitationState::Bounced(why) => (pb::InvitationState::Bounced, why.as_str(), None),
        InvitationState::Used { at } => (pb::InvitationState::Deposited, "", instant(*at)),
    };
    pb::Referee {
        name: i.referee.name.clone(),
        email: i.referee.email.clone(),
        capacity: i.referee.capacity.clone(),
        state: state.into(),
        invited_at: instant(i.invited_at),
        invitations: i.number,
        bounce: bounce.to_owned(),
        deposited_at,
    }
}

/// See [`FicheAnswers`].
pub(crate) fn answers_out(a: &FicheAnswers) -> pb::FicheAnswers {
    let appreciation = match a.appreciation {
        Appreciation::VeryFavourable => pb::Appreciation::VeryFavourable,
        Appreciation::Favourable => pb::Appreciation::Favourable,
        Appreciation::Reserved => pb::Appreciation::Reserved,
        Appreciation::Unfavourable => pb::Appreciation::Unfavourable,
    };
    pb::FicheAnswers {
        known_as: a.known_as.clone(),
        rank: a.rank,
        cohort: a.cohort,
        appreciation: appreciation.into(),
        comment: a.comment.clone(),
    }
}

/// See [`Missing`].
pub(crate) fn missing_out(m: &Missing) -> pb::MissingThing {
    pb::MissingThing { what: m.what().to_owned(), any_of: m.any_of(), source: m.source().to_owned(), label: m.label() }
}
