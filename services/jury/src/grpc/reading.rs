//! What the jury reads.

use contracts::jury;
use platform::refusal::Refusal;
use uuid::Uuid;

use super::{JuryGrpc, refusal};
use crate::{
    commands,
    domain::Member,
    queries::minutes,
    store::{
        acts, admission,
        listing::{self, Filter},
        numbers, routes, sealed, seats,
    },
    wire,
};

/// Ids after that of a page's token; everything for an empty one.
fn after(token: &str) -> Result<Uuid, Refusal> {
    if token.is_empty() { Ok(Uuid::nil()) } else { wire::dossier("page_token", token) }
}

fn full<T>(page: &[T], limit: i64) -> Option<&T> {
    page.last().filter(|_| i64::try_from(page.len()).is_ok_and(|len| len >= limit))
}

pub(super) async fn list_candidatures(
    house: &JuryGrpc,
    member: Member,
    asked: jury::ListCandidaturesRequest,
) -> Result<jury::ListCandidaturesReply, Refusal> {
    let (limit, after) = (wire::page(asked.page_size)?, after(&asked.page_token)?);
    let decision = match asked.decision() {
        jury::DecisionState::Unspecified => "",
        jury::DecisionState::Undecided => "undecided",
        jury::DecisionState::Draft => "draft",
        jury::DecisionState::Signed => "signed",
    };
    for (field, given) in
        [("filiere", &asked.filiere), ("school", &asked.school), ("first_school", &asked.first_school)]
    {
        wire::word(field, given)?;
    }
    let filter = Filter {
        filiere: asked.filiere,
        school: asked.school,
        first_school: asked.first_school,
        decision: decision.into(),
        fee_unsettled: asked.fee_unsettled_only,
        other_route: asked.other_route_only,
        undetermined: asked.undetermined_only,
        admissible: asked.admissible_only,
        caller: member.subject,
        mine: asked.mine_only,
        without_my_opinion: asked.without_my_opinion,
    };
    let mut conn = house.db.read().await?;
    let page = listing::page(&mut conn, &filter, after, limit).await?;
    Ok(jury::ListCandidaturesReply {
        next_page_token: full(&page, limit).map(|l| l.candidature.dossier.to_string()).unwrap_or_default(),
        candidatures: page.iter().map(|l| wire::candidature(l, &house.regulation.orals)).collect(),
    })
}

pub(super) async fn get_candidature(house: &JuryGrpc, dossier: &str) -> Result<jury::Candidature, Refusal> {
    let dossier = wire::dossier("dossier_id", dossier)?;
    let mut conn = house.db.read().await?;
    let listed = listing::of(&mut conn, &[dossier]).await?.pop();
    let listed = listed.ok_or_else(|| refusal(commands::Refused::NoCandidature { dossier }))?;
    Ok(wire::candidature(&listed, &house.regulation.orals))
}

pub(super) async fn list_other_route_matches(
    house: &JuryGrpc,
    school: Option<&str>,
    asked: jury::ListOtherRouteMatchesRequest,
) -> Result<jury::ListOtherRouteMatchesReply, Refusal> {
    let limit = wire::page(asked.page_size)?;
    let (dossier, route) = asked.page_token.split_once('/').unwrap_or((asked.page_token.as_str(), ""));
    let after = (after(dossier)?, wire::word("page_token", route)?);
    let mut conn = house.db.read().await?;
    let page = routes::matches(&mut conn, school, after, limit).await?;
    let next_page_token = full(&page, limit).map(|m| format!("{}/{}", m.dossier, m.route)).unwrap_or_default();
    let matches = page.into_iter().map(|m| jury::OtherRouteMatch {
        dossier_id: m.dossier.to_string(),
        route: m.route,
        line: m.line,
        imported_at: Some(m.imported_at.into()),
        declared: m.declared,
    });
    Ok(jury::ListOtherRouteMatchesReply { matches: matches.collect(), next_page_token })
}

pub(super) async fn get_table(house: &JuryGrpc, asked: jury::GetTableRequest) -> Result<jury::Table, Refusal> {
    let cell = house.regulation.cell(&asked.school, &asked.filiere)?;
    let mut conn = house.db.read().await?;
    let stand = admission::read(&mut conn).await?;
    Ok(match stand.signature() {
        Some(signature) => {
            let tables = admission::signed(&mut conn, signature.number).await?;
            wire::table(cell.clone(), tables.get(&cell), signature.number)
        }
        None => {
            let tables = admission::drafts(&mut conn).await?;
            wire::table(cell.clone(), tables.get(&cell), 0)
        }
    })
}

pub(super) async fn list_seats(house: &JuryGrpc) -> Result<jury::ListSeatsReply, Refusal> {
    let mut conn = house.db.read().await?;
    let cells = seats::all(&mut conn).await?.into_iter().map(wire::cell_seats);
    Ok(jury::ListSeatsReply { cells: cells.collect() })
}

pub(super) async fn list_acts(house: &JuryGrpc, asked: jury::ListActsRequest) -> Result<jury::ListActsReply, Refusal> {
    let (limit, kind) = (wire::page(asked.page_size)?, wire::kind_of(asked.kind)?);
    let before = match asked.page_token.as_str() {
        "" => i64::MAX,
        token => token.parse().map_err(|_| Refusal::invalid("INVALID_PAGE").field("page_token", "not one of ours"))?,
    };
    let mut conn = house.db.read().await?;
    let page = acts::page(&mut conn, kind, asked.prepared_only, before, limit).await?;
    Ok(jury::ListActsReply {
        next_page_token: full(&page, limit).map(|act| act.seq.to_string()).unwrap_or_default(),
        acts: page.iter().map(wire::act).collect(),
    })
}

pub(super) async fn get_act(house: &JuryGrpc, id: &str) -> Result<jury::ActDetail, Refusal> {
    let id = wire::dossier("act_id", id)?;
    let mut conn = house.db.read().await?;
    let (stored, covered) = acts::find(&mut conn, id).await?.ok_or_else(|| refusal(commands::Refused::NoAct))?;
    let labels = wire::Labels::new(numbers::labels(&mut conn).await?);
    Ok(wire::detail(&stored, covered, &labels, &house.regulation.orals))
}

pub(super) async fn get_minutes(house: &JuryGrpc, asked: &jury::GetMinutesRequest) -> Result<jury::Minutes, Refusal> {
    let stage = stage(asked.stage())?;
    let mut conn = house.db.read().await?;
    let rules = &house.regulation.orals;
    let labels = wire::Labels::new(numbers::labels(&mut conn).await?);
    Ok(match stage {
        Stage::Admissibility => wire::admissibility_minutes(minutes::admissibility(&mut conn).await?, &labels, rules),
        Stage::Admission => {
            wire::admission_minutes(minutes::admission(&mut conn, &house.regulation).await?, &labels, rules)
        }
    })
}

/// What is signed at once.
enum Stage {
    Admissibility,
    Admission,
}

fn stage(asked: jury::Stage) -> Result<Stage, Refusal> {
    match asked {
        jury::Stage::Admissibility => Ok(Stage::Admissibility),
        jury::Stage::Admission => Ok(Stage::Admission),
        jury::Stage::Unspecified => {
            let known = ["STAGE_ADMISSIBILITY", "STAGE_ADMISSION"];
            Err(Refusal::invalid("UNKNOWN_STAGE").field("stage", "required").allowed(known))
        }
    }
}

pub(super) async fn get_progress(house: &JuryGrpc) -> Result<jury::Progress, Refusal> {
    let mut conn = house.db.read().await?;
    let counts = listing::counts(&mut conn).await?;
    let admissibility = admission::admissibility(&mut conn).await?;
    let admission = admission::read(&mut conn).await?;
    let signature = admission.signature();
    Ok(jury::Progress {
        candidatures: counts.all,
        undecided: counts.undecided,
        drafted: counts.drafted,
        signed: counts.signed,
        annulled: counts.annulled,
        admissibility_confirmed: admissibility.released_at.is_some(),
        admissibility_published: counts.published > 0,
        admission_signature: signature.map_or(0, |s| s.number),
        admission_digest: signature.map(|s| s.digest.clone()).unwrap_or_default(),
        admission_confirmed: signature.is_some_and(|s| s.released_at.is_some()),
    })
}

pub(super) async fn list_missing(
    house: &JuryGrpc,
    asked: &jury::ListMissingRequest,
) -> Result<jury::ListMissingReply, Refusal> {
    let stage = stage(asked.stage())?;
    let mut conn = house.db.read().await?;
    let missing = match stage {
        Stage::Admissibility => wire::missing(commands::missing_for_admissibility(&mut conn).await?, Vec::new()),
        Stage::Admission => {
            wire::missing(Vec::new(), commands::missing_for_admission(&mut conn, &house.regulation).await?)
        }
    };
    Ok(jury::ListMissingReply { missing })
}

pub(super) async fn open_seal(house: &JuryGrpc, seal: &str) -> Result<jury::SealedRecord, Refusal> {
    let unknown = || Refusal::not_found("NO_SEAL", "seal", "nothing is sealed so");
    let seal = wire::word("seal", seal).map_err(|_| unknown())?;
    let mut conn = house.db.read().await?;
    let (content_json, salt) = sealed::open(&mut conn, seal).await?.ok_or_else(unknown)?;
    Ok(jury::SealedRecord { content_json, salt: salt.to_string() })
}
