//! The REST API for other systems, under `/api/v1`.
//!
//! One table of operations ([`operations::table`]) is all there is: the guard, the routes, the OpenAPI document and the
//! list on the page about the API come from it. A request passes [`enter`] (shed, stamp, language) and the guard of its
//! operation (token, rate, scope); its handler gets a [`Call`] and asks the services as the token's school and role, so
//! that each of them decides as it does for people.

mod answer;
mod call;
mod cursor;
pub mod document;
mod enter;
mod idempotency;
mod input;
mod operation;
pub mod operations;
pub mod scope;
pub mod token;
pub mod trouble;
mod types;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use http::StatusCode;
use tokio::sync::Semaphore;

pub use call::Call;
pub use operation::{Operation, Verb};
pub use trouble::Trouble;

use crate::{app::App, web::Front};

/// Below which every operation stands.
pub const PREFIX: &str = "/api/v1";
/// Where the OpenAPI document is.
pub const DOCUMENT: &str = "/api/v1/openapi.json";

/// Every route of the API behind its own front.
pub fn router(app: App, room: Arc<Semaphore>) -> Router {
    let front = Front { app: app.clone(), room };
    let mut router = Router::new();
    for operation in operations::table() {
        let serve =
            move |State(app): State<App>, request: Request| async move { enter::serve(app, operation, request).await };
        let method = match operation.verb {
            Verb::Get => get(serve),
            Verb::Post => post(serve),
        };
        router = router.route(&format!("{PREFIX}{}", operation.path), method);
    }
    router
        .route(DOCUMENT, get(document::get))
        .route("/api/{*rest}", any(nowhere))
        .layer(middleware::from_fn_with_state(front, enter::enter))
        .with_state(app)
}

async fn nowhere() -> Response {
    Trouble::of_status(StatusCode::NOT_FOUND).into_response()
}
