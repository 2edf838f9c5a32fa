//! What every command and query works with.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream;
use contracts::{
    intake::intake_client::IntakeClient, integration::integration_client::IntegrationClient,
    portal::accounts_client::AccountsClient,
};
use jiff::SignedDuration;
use notice::Session;
use platform::{
    calendar,
    clock::Clock,
    db::{Db, DbError},
    peers::PeerChannel,
    refusal::Refusal,
};
use uuid::Uuid;

use crate::transport::Transport;

/// Mails claimed at once wait for so many before them at most.
const TURNS: u32 = 4;

/// The service's hands. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The present instant.
    pub clock: Clock,
    /// The session as the notice describes it.
    pub session: Arc<Session>,
    /// How mail leaves.
    pub transport: Arc<Transport>,
    /// What links begin with, without a final slash.
    pub portal_url: Arc<str>,
    /// Times before deposits close (R13).
    pub deposit_reminders: Arc<[SignedDuration]>,
    /// Times before a period's close (R35).
    pub period_reminders: Arc<[SignedDuration]>,
    /// Names, addresses, invitations, what a dossier lacks.
    pub intake: IntakeClient<PeerChannel>,
    /// Who has not been seen, who has not answered.
    pub integration: IntegrationClient<PeerChannel>,
    /// Mail that accounts wait for.
    pub accounts: AccountsClient<PeerChannel>,
    /// The broker, asked who reads the published stream.
    pub broker: jetstream::Context,
}

impl App {
    /// How many mails are claimed at once: few enough that what is asked for all of them is fresh for the last.
    #[must_use]
    pub fn claims(&self) -> usize {
        self.transport.at_once() * TURNS as usize
    }

    /// How long a claim lasts: beyond the longest that all mails claimed with it may take.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.transport.longest() * (TURNS + 1) + Duration::from_secs(1)
    }

    /// Whether the calendar has been heard: before that no mail can say until when.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn knows_the_calendar(&self) -> Result<bool, DbError> {
        Ok(calendar::version(&mut *self.db.read().await?).await?.is_some())
    }

    /// The first page of the portal, which says where a person stands and what to do next.
    #[must_use]
    pub fn home(&self) -> String {
        format!("{}/", self.portal_url)
    }

    /// Where a referee follows the link of that token (R11): the portal serves that path.
    #[must_use]
    pub fn fiche(&self, token: &str) -> String {
        format!("{}/recommandation/{token}", self.portal_url)
    }
}

/// An id from outside.
///
/// # Errors
/// `ID_MALFORMED`.
pub fn id(field: &'static str, text: &str) -> Result<Uuid, Refusal> {
    text.parse().map_err(|_| Refusal::invalid("ID_MALFORMED").field(field, "not a UUID"))
}
