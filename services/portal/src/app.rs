//! What every page and every command works with.

use std::sync::Arc;

use documents::Documents;
use notice::Session;
use platform::{clock::Clock, db::Db};

use crate::{
    accounts::passwords::Passwords, backends::Backends, oidc::Provider, seals::Seals, secret::Keys, settings::Settings,
};

/// The portal's hands. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What stands in an [`App`].
pub struct Inner {
    /// Our own database.
    pub db: Db,
    /// The present instant.
    pub clock: Clock,
    /// The session as the notice describes it.
    pub session: Session,
    /// The services behind the pages.
    pub backends: Backends,
    /// Hashes and verifies passwords, a few at a time.
    pub passwords: Passwords,
    /// Protects form tokens and second factors.
    pub keys: Keys,
    /// Typesets receipts; CPU work, done in `spawn_blocking`.
    pub documents: Documents,
    /// Seals receipts and checks seals.
    pub seals: Seals,
    /// Where staff sign in, if it is configured.
    pub(crate) oidc: Option<Provider>,
    /// As configured.
    pub settings: Settings,
}

impl App {
    /// Everything together.
    #[must_use]
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
