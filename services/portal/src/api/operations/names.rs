//! Who a list that bears ids alone is about, as intake tells the token's role.

use std::collections::BTreeMap;

use contracts::intake::{Name, NamesOfRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Call, Trouble};

/// A candidate of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Candidate {
    /// Number of the dossier.
    pub number: u64,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
}

impl From<&Name> for Candidate {
    fn from(name: &Name) -> Self {
        Self { number: name.number, family_name: name.family_name.clone(), first_names: name.first_names.clone() }
    }
}

/// The names of one page, by dossier. Who may not be named here is left out.
///
/// # Errors
/// Intake does not answer.
pub async fn of<'a>(call: &Call, ids: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, Candidate>, Trouble> {
    let dossier_ids = ids.map(str::to_owned).collect();
    let names = call.intake().names_of(NamesOfRequest { dossier_ids }).await?.into_inner().names;
    Ok(names.iter().map(|name| (name.dossier_id.clone(), Candidate::from(name))).collect())
}
