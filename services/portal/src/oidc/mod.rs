//! Staff sign in at their provider: OpenID Connect, authorization code flow with PKCE, state and nonce.
//!
//! Discovery and keys are asked for when they are first needed, kept for an hour, and asked for again when a token is
//! signed with a key that is not among them.

mod claims;
mod exchange;
mod login;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use notice::Session;
use openidconnect::{
    ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, reqwest,
};
use platform::StartError;
use tokio::sync::RwLock;

pub use claims::Lacks;
pub use login::{begin, finish};

use crate::{settings::Oidc, web::Fault};

/// Where the provider sends people back to.
pub const RETURN: &str = "/connexion/personnel/retour";
/// Cookie of the browser that began a sign-in.
pub const COOKIE: &str = "__Host-oidc";
/// How long somebody may take at the provider.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// How long what a provider says about itself is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// A provider that takes longer is away.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why nobody was signed in.
#[derive(Debug)]
pub enum Failed {
    /// The answer belongs to no sign-in of this browser, or to one that is over: used, or begun too long ago.
    Stale,
    /// The provider says no, or the person turned back there.
    Declined,
    /// This network address tried too often.
    TooMany,
    /// The provider does not answer.
    Away,
    /// What the provider answers does not hold: signature, audience, nonce or time.
    Untrusted,
    /// They are who they say they are, and their claims make nothing of them here.
    Lacks(Lacks),
    /// Something of ours does not answer, or is broken.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Failed {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

type Client = exchange::ClientWith<EndpointSet, EndpointNotSet, EndpointMaybeSet>;

/// The provider.
pub struct Provider {
    settings: Oidc,
    issuer: IssuerUrl,
    returns: RedirectUrl,
    signed_out: PostLogoutRedirectUrl,
    http: reqwest::Client,
    known: RwLock<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    at: Timestamp,
}

impl Provider {
    /// As configured; asks nobody.
    ///
    /// # Errors
    /// An address is none, or a school is not of this session.
    pub fn new(settings: &Oidc, public_url: &str, session: &Session) -> Result<Self, StartError> {
        let unknown = settings.unknown_schools(session);
        if !unknown.is_empty() {
            return Err(StartError::new(format!("[service] oidc.schools: {unknown:?} are not of {}", session.id)));
        }
        let fault = |e: openidconnect::url::ParseError| StartError::from_source("[service] oidc", e);
        let http = reqwest::Client::builder()
            // A provider that redirects could lead us to anywhere inside the house.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(settings.issuer.starts_with("https://"))
            .timeout(TIMEOUT)
            .build()
            .map_err(|e| StartError::from_source("[service] oidc", e))?;
        Ok(Self {
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(fault)?,
            returns: RedirectUrl::new(format!("{public_url}{RETURN}")).map_err(fault)?,
            signed_out: PostLogoutRedirectUrl::new(format!("{public_url}/")).map_err(fault)?,
            settings: settings.clone(),
            http,
            known: RwLock::new(None),
        })
    }

    /// What the provider says about itself.
    async fn metadata(&self, now: Timestamp) -> Result<Arc<ProviderMetadataWithLogout>, Failed> {
        if let Some(known) = self.known.read().await.as_ref().filter(|k| now.duration_since(k.at) < KEPT) {
            return Ok(known.metadata.clone());
        }
        self.discover(now).await
    }

    async fn discover(&self, now: Timestamp) -> Result<Arc<ProviderMetadataWithLogout>, Failed> {
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = Arc::new(metadata.map_err(|error| {
            tracing::warn!(%error, "the provider of staff does not answer");
            Failed::Away
        })?);
        *self.known.write().await = Some(Known { metadata: metadata.clone(), at: now });
        Ok(metadata)
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout) -> Client {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.expose().to_owned());
        Client::from_provider_metadata(metadata.clone(), id, Some(secret)).set_redirect_uri(self.returns.clone())
    }

    /// Where somebody signs out of the provider too, if it offers that and answers. Our own id is all we tell it: its
    /// token would put a name into an address.
    pub async fn sign_out_url(&self, now: Timestamp) -> Option<String> {
        let metadata = self.metadata(now).await.ok()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(end)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(self.signed_out.clone());
        Some(request.http_get_url().to_string())
    }
}
