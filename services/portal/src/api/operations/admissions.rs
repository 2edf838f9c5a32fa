//! From the table to the definitive admission (R27 to R34), each from its publication on (R19): the services refuse before.

use contracts::integration as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    dossiers::OfDossier,
    names::{self, Candidate},
    orals::Which,
};
use crate::api::{
    Call, Trouble,
    cursor::Page,
    input::{self, None_, params},
    operation::Operations,
    scope::Scope,
    types::{At, Id, Text, words},
};

pub fn operations() -> Operations {
    let (read, write) = (Some(Scope::AdmissionsRead), Some(Scope::AdmissionsWrite));
    Operations::default()
        .list("listTable", "/tables/{filiere}", read, table)
        .list("listProposals", "/periods/{period}/proposals", read, proposals)
        .list("listAdmissions", "/admissions", read, admissions)
        .get("getAdmission", "/admissions/{dossier_id}", read, admission)
        .post("reviewTitle", "/admissions/{dossier_id}/titles/{piece}/review", write, review)
        .act(
            ("receiveIntegrationDossier", "/admissions/{dossier_id}/integration-dossier", write),
            (Vec::new(), Vec::new()),
            input::LARGEST_JSON,
            |_| Ok(()),
            receive,
        )
}

words! {
    /// Where a candidate stands (R29 to R34).
    State of wire::State {
        NotRetained, Waiting, Proposed, Holding, Accepted, Resigned, Eliminated, Annulled, Admitted, Lapsed,
    }
    /// The notice's five answers (R30).
    Answer of wire::Answer { OuiDefinitif, OuiMais, NonMais, Attente, Non, }
    /// Where a title piece stands (R34).
    TitleState of wire::TitlePieceState { Missing, Deposited, Accepted, Refused, }
}

/// Of which filière.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfFiliere {
    /// Id in the session.
    #[param(min_length = 1, max_length = 50)]
    filiere: String,
}
params!(OfFiliere);

/// A rank of the school's table.
#[derive(Debug, Serialize, ToSchema)]
struct Ranked {
    rank: u32,
    dossier_id: String,
    candidate: Option<Candidate>,
    state: Option<State>,
    /// The proposal or seat is at this school.
    here: bool,
    /// This school is still open to them.
    open: bool,
}

async fn table(call: Call, of: OfFiliere, which: Which) -> Result<Page<Ranked>, Trouble> {
    super::known_filiere(&call, &of.filiere, false)?;
    let asked = wire::ListTableRequest { school: call.school(), filiere: of.filiere };
    let rows = call.integration().list_table(asked).await?.into_inner().rows;
    let page = Page::cut(&call, rows, (which.cursor.as_ref(), which.limit), |row| row.rank)?;
    let mut names = names::of(&call, page.items.iter().map(|row| row.dossier_id.as_str())).await?;
    let items = page.items.into_iter().map(|row| Ranked {
        rank: row.rank,
        candidate: names.remove(&row.dossier_id),
        state: State::of(row.state()),
        here: row.here,
        open: row.open,
        dossier_id: row.dossier_id,
    });
    Ok(Page { items: items.collect(), next: page.next })
}

/// Of which period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfPeriod {
    /// Its number, from 1.
    #[param(minimum = 1, maximum = 99)]
    period: u32,
}
params!(OfPeriod);

/// A proposal of a period, or a seat that was held already.
#[derive(Debug, Serialize, ToSchema)]
struct Proposal {
    dossier_id: String,
    candidate: Option<Candidate>,
    filiere: String,
    /// 0 for a supernumerary seat of someone who is not on the table (R33).
    rank: u32,
    /// False: the seat was held already.
    new: bool,
    supernumerary: bool,
    /// The answer that stands; null while there is none.
    answer: Option<Answer>,
    answered_at: Option<At>,
}

async fn proposals(call: Call, of: OfPeriod, which: Which) -> Result<Page<Proposal>, Trouble> {
    let asked = wire::PeriodResultsRequest { period: of.period };
    let results = call.integration().period_results(asked).await?.into_inner();
    let school = call.school();
    let here: Vec<_> = results.proposals.into_iter().filter(|p| p.school == school).collect();
    let page = Page::cut(&call, here, (which.cursor.as_ref(), which.limit), |p| p.dossier_id.clone())?;
    let mut names = names::of(&call, page.items.iter().map(|p| p.dossier_id.as_str())).await?;
    let items = page.items.into_iter().map(|p| {
        let answer = results.answers.iter().find(|a| a.dossier_id == p.dossier_id);
        Proposal {
            candidate: names.remove(&p.dossier_id),
            answer: answer.and_then(|a| Answer::of(a.answer())),
            answered_at: At::of(answer.and_then(|a| a.at)),
            dossier_id: p.dossier_id,
            filiere: p.filiere,
            rank: p.rank,
            new: p.new,
            supernumerary: p.supernumerary,
        }
    });
    Ok(Page { items: items.collect(), next: page.next })
}

/// Somebody who integrates the school: sous réserve (`accepted`), definitively (`admitted`), or no longer (`lapsed`).
#[derive(Debug, Serialize, ToSchema)]
struct Admission {
    dossier_id: String,
    candidate: Option<Candidate>,
    filiere: String,
    rank: u32,
    state: Option<State>,
    titles: Vec<TitlePiece>,
    integration_dossier_received: bool,
    /// Pieces for want of which it lapsed.
    missing: Vec<String>,
}

/// A title piece.
#[derive(Debug, Serialize, ToSchema)]
struct TitlePiece {
    /// Id in the session.
    piece: String,
    state: Option<TitleState>,
    deposited_at: Option<At>,
    /// Why it was refused.
    reason: String,
    /// Its deposit; null when it is missing or was in the dossier at clôture.
    piece_id: Option<String>,
}

impl From<wire::TitlePiece> for TitlePiece {
    fn from(t: wire::TitlePiece) -> Self {
        Self {
            state: TitleState::of(t.state()),
            deposited_at: At::of(t.deposited_at),
            piece_id: Some(t.piece_id).filter(|id| !id.is_empty()),
            piece: t.piece,
            reason: t.reason,
        }
    }
}

impl Admission {
    fn of(e: wire::FinalEntry, candidate: Option<Candidate>) -> Self {
        Self {
            candidate,
            state: State::of(e.state()),
            titles: e.titles.into_iter().map(TitlePiece::from).collect(),
            dossier_id: e.dossier_id,
            filiere: e.filiere,
            rank: e.rank,
            integration_dossier_received: e.integration_dossier_received,
            missing: e.missing,
        }
    }
}

async fn entries(call: &Call) -> Result<Vec<wire::FinalEntry>, Trouble> {
    let asked = wire::FinalListRequest { school: call.school() };
    Ok(call.integration().final_list(asked).await?.into_inner().entries)
}

async fn admissions(call: Call, _: None_, which: Which) -> Result<Page<Admission>, Trouble> {
    let page = Page::cut(&call, entries(&call).await?, (which.cursor.as_ref(), which.limit), |e| e.dossier_id.clone())?;
    let mut names = names::of(&call, page.items.iter().map(|e| e.dossier_id.as_str())).await?;
    let items = page.items.into_iter().map(|e| {
        let name = names.remove(&e.dossier_id);
        Admission::of(e, name)
    });
    Ok(Page { items: items.collect(), next: page.next })
}

async fn admission(call: Call, of: OfDossier, _: None_) -> Result<Admission, Trouble> {
    let id = of.dossier_id.to_string();
    let entry = entries(&call).await?.into_iter().find(|e| e.dossier_id == id);
    let entry = entry.ok_or_else(|| Trouble::of("ENTRY_UNKNOWN").given(&id))?;
    let name = names::of(&call, std::iter::once(id.as_str())).await?.remove(&id);
    Ok(Admission::of(entry, name))
}

/// Of which title piece.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfTitle {
    /// Id of the dossier.
    #[param(inline)]
    dossier_id: Id,
    /// Id of the piece in the session.
    #[param(min_length = 1, max_length = 100)]
    piece: String,
}
params!(OfTitle);

/// What was found of a title piece.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "finding", rename_all = "snake_case", deny_unknown_fields)]
enum Review {
    /// What was deposited after the clôture.
    Accepted {},
    /// The same, with why not.
    Refused { reason: Text<500> },
    /// The piece was in the dossier at clôture already.
    InClosedDossier {},
}

/// Where the titles stand then.
#[derive(Debug, Serialize, ToSchema)]
struct Reviewed {
    state: Option<State>,
    titles: Vec<TitlePiece>,
}

async fn review(call: Call, of: OfTitle, body: Review, _: String) -> Result<Reviewed, Trouble> {
    let (accepted, reason, in_closed_dossier) = match body {
        Review::Accepted {} => (true, String::new(), false),
        Review::Refused { reason } => (false, reason.0, false),
        Review::InClosedDossier {} => (true, String::new(), true),
    };
    let dossier_id = of.dossier_id.to_string();
    let asked = wire::ReviewTitleRequest { dossier_id, piece: of.piece, accepted, reason, in_closed_dossier };
    let done = call.integration().review_title(asked).await?.into_inner();
    Ok(Reviewed { state: State::of(done.state()), titles: done.titles.into_iter().map(TitlePiece::from).collect() })
}

/// When the dossier d'intégration was first received.
#[derive(Debug, Serialize, ToSchema)]
struct Received {
    received_at: Option<At>,
    already_received: bool,
}

async fn receive(call: Call, of: OfDossier, _: None_, (): (), _: String) -> Result<Received, Trouble> {
    let asked = wire::ReceiveIntegrationDossierRequest { dossier_id: of.dossier_id.to_string() };
    let done = call.integration().receive_integration_dossier(asked).await?.into_inner();
    Ok(Received { received_at: At::of(done.received_at), already_received: done.already_received })
}
