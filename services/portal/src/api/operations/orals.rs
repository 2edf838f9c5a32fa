//! Convocations to the orals, from the admissibility results on (R19, R24, R25).

use std::collections::BTreeMap;

use contracts::scheduling as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::names::{self, Candidate};
use crate::api::{
    Call, Trouble,
    cursor::{Cursor, Limit, Page},
    input::{None_, params},
    operation::Operations,
    scope::Scope,
    types::At,
};

pub fn operations() -> Operations {
    Operations::default().list("listConvocations", "/convocations", Some(Scope::ConvocationsRead), list)
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    #[param(inline, required = false)]
    pub cursor: Option<Cursor>,
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: Limit,
}
params!(Which);

/// Whom the school convenes, where and when.
#[derive(Debug, Serialize, ToSchema)]
struct Convocation {
    dossier_id: String,
    /// Absent where the token's role may not name them.
    candidate: Option<Candidate>,
    /// ISO date at the school; null while they are not placed.
    day: Option<String>,
    interview: Option<Slot>,
    english: Option<Slot>,
    /// At a distance (R25).
    remote: bool,
}

/// One exam.
#[derive(Debug, Serialize, ToSchema)]
struct Slot {
    begins_at: Option<At>,
    panel: String,
    /// Null at a distance.
    room: Option<String>,
}

fn slot(of: Option<wire::Slot>, panel: String) -> Option<Slot> {
    of.map(|s| Slot { begins_at: At::of(s.begins_at), panel, room: Some(s.room).filter(|r| !r.is_empty()) })
}

async fn list(call: Call, _: None_, which: Which) -> Result<Page<Convocation>, Trouble> {
    let asked = wire::ListScheduleRequest { school: call.school() };
    let schedule = call.scheduling().list_schedule(asked).await?.into_inner();
    let at = (which.cursor.as_ref(), which.limit);
    let page = Page::cut(&call, schedule.candidates, at, |c| c.dossier_id.clone())?;
    let mut names: BTreeMap<_, _> = names::of(&call, page.items.iter().map(|c| c.dossier_id.as_str())).await?;
    let items = page.items.into_iter().map(|c| {
        let convocation = c.convocation.unwrap_or_default();
        Convocation {
            candidate: names.remove(&c.dossier_id),
            day: Some(convocation.day).filter(|day| !day.is_empty()),
            interview: slot(convocation.interview, c.interview_panel),
            english: slot(convocation.english, c.english_panel),
            remote: convocation.remote,
            dossier_id: c.dossier_id,
        }
    });
    Ok(Page { items: items.collect(), next: page.next })
}
