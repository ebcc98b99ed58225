//! Everything that is answered over HTTP.

pub mod access;
pub mod api;
pub mod audit_csv;
pub mod bearer;
pub mod caller;
pub mod compress;
pub mod download;
pub mod form;
pub mod functions;
pub mod headers;
pub mod health;
pub mod limits;
pub mod metrics;
pub mod observe;
pub mod origin;
pub mod pages;
pub mod problem;
pub mod refusal;
pub mod sent_back;
pub mod session;
pub mod site;
pub mod state;
pub mod stream;
pub mod typed;

use self::site::Sites;
use axum::{
    Router, middleware,
    routing::{MethodRouter, get},
};
use ops::Ops;
use tokio::sync::watch;

use crate::{config::Config, serve::ServeError};
pub use limits::MAX_BODY_BYTES;
pub use state::Http;

/// All routes with the layers around them. Until `ready` turns true nothing is answered but signs of life.
///
/// # Errors
/// The built site is missing.
pub fn router(
    ops: &Ops,
    config: &Config,
    stop: watch::Receiver<bool>,
    ready: watch::Receiver<bool>,
) -> Result<Router, ServeError> {
    let site = site::names()?;
    let http = Http::new(ops.clone(), config.clone(), site, stop, ready);
    Ok(router_of(http))
}

/// What is neither a page nor a server function nor of the API; all of it is read by GET.
fn own_routes() -> [(&'static str, MethodRouter<Http>); 7] {
    [
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/metrics", get(metrics::metrics)),
        ("/stream", get(stream::changes::changes)),
        ("/stream/logs", get(stream::logs::logs)),
        ("/audit.csv", get(audit_csv::export)),
        ("/download/backups/{id}", get(download::backup)),
    ]
}

/// Method and pattern of every route but the server functions, which are known by their own paths.
pub fn routes() -> Vec<(String, String)> {
    let own = own_routes().map(|(path, _)| ("GET".to_owned(), path.to_owned()));
    let mut all = own.to_vec();
    all.extend(pages::routes());
    all.extend(api::routes());
    all
}

/// The router with a site that was built elsewhere, over a database that is ready.
pub fn router_with_site(
    ops: &Ops,
    config: &Config,
    site: Sites,
    stop: watch::Receiver<bool>,
) -> Router {
    let (_up, ready) = watch::channel(true);
    let http = Http::new(ops.clone(), config.clone(), site, stop, ready);
    router_of(http)
}

fn router_of(http: Http) -> Router {
    let own = own_routes()
        .into_iter()
        .fold(Router::new(), |router, (path, route)| {
            router.route(path, route)
        });
    let guarded = own
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
        .route_layer(session::layer(&http.ops, &http.config));
    guarded
        .fallback(pages::not_found)
        // The last layer added is the first to see a request.
        .layer(middleware::from_fn(compress::charts))
        .layer(middleware::from_fn(limits::body))
        .layer(middleware::from_fn_with_state(http.clone(), limits::guard))
        .layer(middleware::from_fn_with_state(
            http.clone(),
            health::until_ready,
        ))
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
        .with_state(http)
}
