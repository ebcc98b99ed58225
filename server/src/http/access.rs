//! The one table of all entries and what each asks for. An entry that is not in it is closed.

mod table;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ops::{Actor, audit};
use types::{Capability, Error};

use super::{Http, api::told::RESOURCE, problem, refusal, session::Unknown};
pub use table::{ENTRIES, Entry};

/// What an entry asks of who enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing.
    Public,
    /// To be signed in.
    SignedIn,
    /// To have the capability at least somewhere; the use-case looks at what for.
    May(Capability),
}

/// What `path` (a server function's own path, else the route's pattern) asks for; none when it is in no table.
pub fn gate(method: &str, path: &str) -> Option<Gate> {
    ENTRIES
        .iter()
        .find(|entry| {
            entry.path == path
                && (entry.method == method || method == "HEAD" && entry.method == "GET")
        })
        .map(|entry| entry.gate)
}

/// Lets in who may enter. Pages still render for someone who may not, with status 403: they say what lacks.
pub async fn check(
    State(http): State<Http>,
    matched: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let path = if matched.as_str().starts_with("/fn/") {
        request.uri().path()
    } else {
        matched.as_str()
    };
    let actor = request.extensions().get::<Actor>();
    let allowed = match gate(request.method().as_str(), path) {
        Some(Gate::Public) => Ok(()),
        Some(_) if let Some(Unknown(error)) = request.extensions().get::<Unknown>() => {
            Err(error.clone())
        }
        // Server functions that do not exist are answered as such by their router.
        None if matched.as_str().starts_with("/fn/") => Err(Error::not_found("server function")),
        None if let Some(response) = other_method(path) => return response,
        None if problem::is_for_programs(path) => Err(Error::not_found(RESOURCE)),
        None => Err(Error::not_found("page")),
        Some(_) if actor.is_none() => Err(Error::Unauthenticated),
        Some(Gate::SignedIn) => Ok(()),
        Some(Gate::May(capability)) => actor.map_or(Err(Error::Unauthenticated), |actor| {
            actor.may(capability).map(|_| ())
        }),
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(error @ Error::Forbidden { .. }) => {
            if let Some(actor) = actor {
                // What was asked for, not its pattern: it names the service.
                record(&http, actor, request.uri().path()).await;
            }
            let is_page = !["/fn/", "/api/", "/stream", "/audit.csv", "/download/"]
                .iter()
                .any(|prefix| path.starts_with(prefix));
            if is_page {
                let mut response = next.run(request).await;
                *response.status_mut() = problem::status(&error);
                return response;
            }
            refusal::for_request(&request, &error)
        }
        Err(error) => refusal::for_request(&request, &error),
    }
}

/// What a path that is in the table answers to a method that is not.
fn other_method(path: &str) -> Option<Response> {
    let methods: Vec<&str> = ENTRIES
        .iter()
        .filter(|entry| entry.path == path)
        .map(|entry| entry.method)
        .collect();
    let allowed = HeaderValue::from_str(&methods.join(", ")).ok()?;
    (!methods.is_empty())
        .then(|| (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)]).into_response())
}

async fn record(http: &Http, actor: &Actor, path: &str) {
    let recorded = audit::refuse_request(&http.ops, actor, "request.refused", path).await;
    if let Err(fault) = recorded {
        tracing::error!(error = %fault, "A refusal could not be recorded.");
    }
}
