//! What a service hangs onto the machinery.

use std::{convert::Infallible, sync::Arc};

use futures::future::BoxFuture;
use http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tonic::{body::Body, server::NamedService, service::Routes};

use crate::{
    calendar::{Effects, Window},
    db::DbError,
    inbox::Listener,
    operations::OwnWork,
};

/// A background task, given the token that tells it to finish.
pub type Task = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>;

/// Builder of what a service serves, hears and does.
#[derive(Default)]
pub struct Wiring {
    pub(super) routes: Routes,
    pub(super) names: Vec<&'static str>,
    pub(super) listeners: Vec<Arc<dyn Listener>>,
    pub(super) windows: Vec<Window>,
    pub(super) effects: Vec<Arc<dyn Effects>>,
    pub(super) tasks: Vec<(&'static str, Task)>,
    pub(super) own_work: Vec<OwnWork>,
}

impl Wiring {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves a gRPC service (a generated server). Authentication stands in front of it.
    #[must_use]
    pub fn serve<S>(mut self, grpc_service: S) -> Self
    where
        S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(grpc_service);
        self.names.push(S::NAME);
        self
    }

    /// Hears events of the stream of facts.
    #[must_use]
    pub fn listen<L: Listener>(mut self, listener: L) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// Guards commands by these windows.
    #[must_use]
    pub fn windows(mut self, windows: Vec<Window>) -> Self {
        self.windows.extend(windows);
        self
    }

    /// Acts when transitions of the calendar are due.
    #[must_use]
    pub fn effects<E: Effects>(mut self, effects: E) -> Self {
        self.effects.push(Arc::new(effects));
        self
    }

    /// Runs `f` beside the rest until its token is cancelled. A panic in it ends the process, to be started afresh.
    #[must_use]
    pub fn task(
        mut self,
        name: &'static str,
        f: impl FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send + 'static,
    ) -> Self {
        self.tasks.push((name, Box::new(f)));
        self
    }

    /// Counts work that could be done now and is not, for whoever asks what is pending.
    #[must_use]
    pub fn own_work(
        mut self,
        count: impl Fn() -> BoxFuture<'static, Result<u64, DbError>> + Send + Sync + 'static,
    ) -> Self {
        self.own_work.push(Arc::new(count));
        self
    }
}
