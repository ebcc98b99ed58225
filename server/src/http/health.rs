//! Whether the console itself is well, for whoever restarts it; and what is answered until it is.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use store::StoreError;
use types::Error;

use super::{Http, refusal};

/// A database that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database is reachable and migrated, and the console has started on it.
pub async fn ready(State(http): State<Http>) -> Response {
    let asked = tokio::time::timeout(PATIENCE, store::is_migrated(&http.ops.db)).await;
    let migrated = asked.unwrap_or_else(|_elapsed| Err(StoreError::timed_out()));
    let has_started = *http.ready.borrow();
    match lacking(&migrated, has_started) {
        None => "ready\n".into_response(),
        Some(reason) => {
            if let Err(error) = migrated {
                tracing::debug!(error = %error, "Not ready.");
            }
            (StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
        }
    }
}

/// Why the console is not ready. The database's own words are for the log: anyone may ask here.
fn lacking(migrated: &Result<bool, StoreError>, has_started: bool) -> Option<&'static str> {
    match migrated {
        Ok(true) if has_started => None,
        Ok(_) if !has_started => Some("the database's schema is being brought up to date\n"),
        Ok(_) => Some("the database's schema is older than this program: run ytops migrate\n"),
        Err(error) if error.is_unavailable() => Some("the database does not answer\n"),
        Err(_) => Some(
            "the database answers with an error: run ytops migrate where the console runs, it names the error\n",
        ),
    }
}

/// Stands before everything but signs of life until the schema is up to date: a page says what is waited for and tries
/// again by itself.
pub async fn until_ready(State(http): State<Http>, request: Request, next: Next) -> Response {
    let is_sign_of_life = matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics");
    if is_sign_of_life || *http.ready.borrow() {
        return next.run(request).await;
    }
    let error = Error::Unavailable {
        what: "The database".to_owned(),
        hint: "The console starts by itself when it does.".to_owned(),
    };
    refusal::for_request(&request, &error)
}
