//! Everything that is answered over HTTP.

pub mod access;
pub mod caller;
pub mod headers;
pub mod health;
pub mod origin;
pub mod pages;
pub mod refusal;
pub mod session;
pub mod site;
pub mod state;
pub mod stream;

use axum::{Router, middleware, routing::get};
use ops::Ops;
use tokio::sync::watch;
use tower_http::limit::RequestBodyLimitLayer;

use crate::{config::Config, serve::ServeError};
pub use state::Http;

/// The largest body that is read; forms and API calls are far below.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// All routes with the layers around them.
///
/// # Errors
/// The built site is missing.
pub fn router(
    ops: &Ops,
    config: &Config,
    stop: watch::Receiver<bool>,
) -> Result<Router, ServeError> {
    let http = Http::new(ops.clone(), config.clone(), site::names()?, stop);
    let guarded = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/stream", get(stream::changes))
        .merge(pages::router(&http))
        .route_layer(middleware::from_fn_with_state(http.clone(), access::check))
        .route_layer(middleware::from_fn_with_state(http.clone(), origin::check))
        .route_layer(middleware::from_fn_with_state(
            http.clone(),
            session::identify,
        ))
        .route_layer(session::layer(ops, config));
    Ok(guarded
        .fallback(pages::not_found)
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(http.clone(), headers::set))
        .layer(middleware::from_fn_with_state(
            http.clone(),
            caller::identify,
        ))
        .with_state(http))
}
