//! The HTTP server: bound before anything else starts, drained with the rest.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, middleware};
use platform::StartError;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::compression::{
    CompressionLayer,
    predicate::{NotForContentType, Predicate as _, SizeAbove},
};

use super::enter::{Front, enter};
use crate::{api, app::App, pages, settings::Settings};

/// Binds the address, and writes it where the configuration says.
///
/// # Errors
/// It cannot be bound or written.
pub async fn bind(settings: &Settings) -> Result<TcpListener, StartError> {
    let fault = |e| StartError::from_source(format!("http {}", settings.http), e);
    let listener = TcpListener::bind(&settings.http).await.map_err(fault)?;
    if let Some(file) = &settings.http_address_file {
        let address = listener.local_addr().map_err(fault)?;
        std::fs::write(file, address.to_string())
            .map_err(|e| StartError::from_source(format!("http_address_file {}", file.display()), e))?;
    }
    Ok(listener)
}

/// The whole site: every page behind the front, then the API, which has no cookies and a front of its own.
pub fn site(app: App) -> Router {
    let room = Arc::new(Semaphore::new(app.settings.concurrency));
    let front = Front { app: app.clone(), room: room.clone() };
    pages::routes(app.settings.demo.is_some())
        .into_router()
        .fallback(pages::errors::not_found)
        .method_not_allowed_fallback(pages::errors::method_not_allowed)
        .layer(middleware::from_fn_with_state(front, enter))
        .layer(CompressionLayer::new().gzip(true).compress_when(
            SizeAbove::new(1024).and(NotForContentType::IMAGES).and(NotForContentType::const_new("application/pdf")),
        ))
        .with_state(app.clone())
        .merge(api::router(app, room))
}

/// Serves until `stop`, then finishes what is in hand.
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) {
    let site = site(app).into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, site).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "the HTTP server ended");
    }
}
