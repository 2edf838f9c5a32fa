//! Who bears a name: intake knows, and is asked outside any transaction (R23). No name is kept here.

use std::collections::HashMap;

use contracts::intake::{
    Contact, ContactOfRequest, FindByNameRequest, SearchNamesRequest, intake_client::IntakeClient,
};
use platform::{inbox::BoxError, peers::PeerChannel};
use uuid::Uuid;

/// Longest text that may be searched, in characters.
pub const MAX_SEARCHED: usize = 200;

/// A candidate's name, on its way through to whoever asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Family name.
    pub family: String,
    /// First names.
    pub first: String,
}

/// Someone who knows the candidates' names.
#[tonic::async_trait]
pub trait Names: Send + Sync + 'static {
    /// Dossiers whose candidate's name stands in `text`, which has at most [`MAX_SEARCHED`] characters.
    async fn bearing(&self, text: &str) -> Result<Vec<Uuid>, BoxError>;

    /// The other way round: dossiers in whose candidate's name every word of `text` occurs; 2 to [`MAX_SEARCHED`]
    /// characters.
    async fn with_words(&self, text: &str) -> Result<Vec<Uuid>, BoxError>;

    /// Names of these dossiers; unknown ones are left out.
    async fn of(&self, dossiers: &[Uuid]) -> Result<HashMap<Uuid, Name>, BoxError>;
}

fn ids(contacts: &[Contact]) -> Result<Vec<Uuid>, BoxError> {
    Ok(contacts.iter().map(|c| c.dossier_id.parse()).collect::<Result<_, _>>()?)
}

#[tonic::async_trait]
impl Names for IntakeClient<PeerChannel> {
    async fn bearing(&self, text: &str) -> Result<Vec<Uuid>, BoxError> {
        let reply = self.clone().find_by_name(FindByNameRequest { text: text.to_owned() }).await?;
        ids(&reply.into_inner().contacts)
    }

    async fn with_words(&self, text: &str) -> Result<Vec<Uuid>, BoxError> {
        let reply = self.clone().search_names(SearchNamesRequest { text: text.to_owned() }).await?;
        ids(&reply.into_inner().contacts)
    }

    async fn of(&self, dossiers: &[Uuid]) -> Result<HashMap<Uuid, Name>, BoxError> {
        let dossier_ids = dossiers.iter().map(Uuid::to_string).collect();
        let reply = self.clone().contact_of(ContactOfRequest { dossier_ids }).await?;
        let named = |c: Contact| Ok((c.dossier_id.parse()?, Name { family: c.family_name, first: c.first_names }));
        reply.into_inner().contacts.into_iter().map(named).collect()
    }
}
