//! Whether the console itself is well, for whoever restarts it.

use axum::{extract::State, http::StatusCode, response::IntoResponse};
use ops::Ops;

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database is reachable and migrated.
pub async fn ready(State(ops): State<Ops>) -> impl IntoResponse {
    match store::is_migrated(&ops.db).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database's schema is older than this program: run ytops migrate\n",
        ),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        ),
    }
}
