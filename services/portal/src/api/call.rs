//! One request of another system as its handler sees it.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{app::App, backends::Bearer, i18n::Tr, store::api_tokens::Token};

/// Who asks, received when. Cheap to clone.
#[derive(Clone)]
pub struct Call(Arc<Inner>);

/// What stands in a [`Call`].
pub struct Inner {
    /// The portal.
    pub app: App,
    /// Texts of the language that was asked for.
    pub t: Tr,
    /// When the request was received (R3), UTC.
    pub now: Timestamp,
    /// The token it bears.
    pub token: Token,
    /// Which operation it asks for.
    pub operation: &'static str,
}

impl std::ops::Deref for Call {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Call {
    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The school of its token.
    #[must_use]
    pub fn school(&self) -> String {
        self.token.school.clone()
    }

    /// The token under which a service is asked.
    #[must_use]
    pub fn bearer(&self) -> Bearer {
        self.app.backends.bearer(Some(&self.token.caller(self.now)), self.now)
    }

    /// An id for what a request makes, the same each time the same key comes.
    #[must_use]
    pub fn made(&self, key: &str) -> Uuid {
        Uuid::new_v5(&self.token.id, key.as_bytes())
    }
}
