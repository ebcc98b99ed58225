//! Everything that is answered over HTTP.

pub mod access;
pub mod api;
pub mod bearer;
pub mod caller;
pub mod form;
pub mod functions;
pub mod headers;
pub mod health;
mod later;
pub mod limits;
pub mod metrics;
pub mod observe;
pub mod origin;
pub mod pages;
pub mod problem;
pub mod refusal;
pub mod session;
pub mod site;
pub mod state;
pub mod stream;

use axum::{Router, middleware, routing::get};
use ops::Ops;
use tokio::sync::watch;

use crate::{config::Config, serve::ServeError};
pub use limits::MAX_BODY_BYTES;
pub use state::Http;

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
        .route("/metrics", get(metrics::metrics))
        .route("/stream", get(stream::changes::changes))
        .route("/stream/logs", get(stream::logs::logs))
        .merge(api::router())
        .merge(pages::router(&http))
        .route_layer(middleware::from_fn_with_state(http.clone(), access::check))
        .route_layer(middleware::from_fn_with_state(http.clone(), origin::check))
        .route_layer(middleware::from_fn_with_state(
            http.clone(),
            bearer::identify,
        ))
        .route_layer(middleware::from_fn_with_state(
            http.clone(),
            session::identify,
        ))
        .route_layer(session::layer(ops, config));
    Ok(guarded
        .fallback(pages::not_found)
        // The last layer added is the first to see a request.
        .layer(middleware::from_fn(limits::body))
        .layer(middleware::from_fn_with_state(http.clone(), limits::guard))
        .layer(middleware::from_fn(problem::shape))
        .layer(middleware::from_fn_with_state(http.clone(), headers::set))
        .layer(middleware::from_fn_with_state(
            http.clone(),
            observe::observe,
        ))
        .layer(middleware::from_fn_with_state(
            http.clone(),
            caller::identify,
        ))
        .with_state(http))
}
