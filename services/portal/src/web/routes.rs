//! Every route with its audience, declared once: the guard enforces what the table says, and a test asks each route as
//! each role.

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    routing::MethodRouter,
};

use super::guard::{Audience, guard};
use crate::app::App;

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Path with its placeholders.
    pub path: &'static str,
    /// Methods, separated by spaces.
    pub methods: &'static str,
    /// Who may.
    pub audience: Audience,
}

/// A router that remembers who may do what.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Rule>,
}

impl Routes {
    /// Adds a route. `methods` names what `handlers` answers, e.g. "GET POST".
    #[must_use]
    pub fn on(
        mut self,
        audience: Audience,
        path: &'static str,
        methods: &'static str,
        handlers: MethodRouter<App>,
    ) -> Self {
        let guarded =
            handlers.layer(middleware::from_fn(move |request: Request, next: Next| guard(audience, request, next)));
        self.router = self.router.route(path, guarded);
        self.table.push(Rule { path, methods, audience });
        self
    }

    /// Adds all of another room's routes.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &[Rule] {
        &self.table
    }

    /// Paths to which forms are sent, and where nothing can be looked at.
    #[must_use]
    pub fn forms_alone(&self) -> Vec<&'static str> {
        self.table.iter().filter(|rule| !rule.methods.split(' ').any(|m| m == "GET")).map(|rule| rule.path).collect()
    }

    /// The router.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}
