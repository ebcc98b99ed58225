//! The REST API under /api/v1: the same use-cases as the pages, entered with a bearer token.

mod agents;
mod asked;
mod audit;
mod backup_targets;
mod backups;
mod body;
mod health;
mod number;
mod openapi;
mod operate;
mod operations;
mod params;
mod patch;
mod path;
mod samples;
pub mod stack;
mod stream;
pub mod told;
mod users;

use axum::{Router, http::StatusCode, routing::any};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Http;
pub use asked::{Answer, Asked};
pub use audit::audit_filter;
pub use body::NoInput;
pub use number::Number;
pub use openapi::document;
pub use params::Params;
pub use path::ServicePath;

/// Where the API stands.
pub const PREFIX: &str = "/api/v1";

/// Lines of a log that are read when the caller does not say, and the most that are.
pub const TAIL: u32 = 200;
/// See [`TAIL`].
pub const MAX_TAIL: i64 = 5_000;

/// The API's routes and its description, one from the other.
pub fn described() -> OpenApiRouter<Http> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(stack::stack))
        .routes(routes!(stack::service))
        .routes(routes!(stack::logs))
        .routes(routes!(stack::events))
        .routes(routes!(operate::start))
        .routes(routes!(operate::stop))
        .routes(routes!(operate::restart))
        .routes(routes!(health::preflight))
        .routes(routes!(health::verification, health::verify))
        .routes(routes!(health::overview))
        .routes(routes!(samples::hosts))
        .routes(routes!(samples::series))
        .routes(routes!(samples::points))
        .routes(routes!(users::users))
        .routes(routes!(audit::audit))
        .routes(routes!(stream::stream))
        .routes(routes!(agents::samples))
        .routes(routes!(backups::sets, backups::create))
        .routes(routes!(backups::set, backups::update))
        .routes(routes!(backups::run))
        .routes(routes!(backups::drill))
        .routes(routes!(backups::history))
        .routes(routes!(backups::backups))
        .routes(routes!(backups::backup))
        .routes(routes!(backups::plan))
        .routes(routes!(backup_targets::targets))
        .routes(routes!(backup_targets::verify))
        .routes(routes!(operations::operation))
        .routes(routes!(operations::cancel))
        .routes(routes!(openapi::openapi))
}

/// Method and pattern of every operation, from the description.
pub fn routes() -> Vec<(String, String)> {
    let paths = described().into_openapi().paths.paths;
    let operations = |(path, item): (String, utoipa::openapi::PathItem)| {
        let get = item.get.map(|_| ("GET".to_owned(), path.clone()));
        let post = item.post.map(|_| ("POST".to_owned(), path.clone()));
        let patch = item.patch.map(|_| ("PATCH".to_owned(), path));
        get.into_iter().chain(post).chain(patch)
    };
    paths.into_iter().flat_map(operations).collect()
}

/// The API's routes; what is none of them is answered as a problem too.
pub fn router() -> Router<Http> {
    let (routes, _) = described().split_for_parts();
    // The site's fallback would answer with a page.
    routes
        .route("/api", any(nothing))
        .route("/api/{*rest}", any(nothing))
}

async fn nothing() -> StatusCode {
    StatusCode::NOT_FOUND
}
