//! Every request counted and, where it matters, told to the log.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use ops::Caller;
use tracing::Instrument;

use super::Http;

/// Left in an answer by the layer that knows who asked.
#[derive(Clone, Debug)]
pub struct ActorName(pub String);

/// Measures, counts and logs. Queries never reach the log: they may hold a set-up link's token.
pub async fn observe(State(http): State<Http>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let known = route(&request);
    let caller = request
        .extensions()
        .get::<Caller>()
        .cloned()
        .unwrap_or_default();
    // An error's level, so that a filter which lets only errors through keeps the span too.
    let span = tracing::error_span!("request", trace_id = caller.trace_id);
    let mut response = next.run(request).instrument(span).await;
    let took = begun.elapsed();
    let actor = response.extensions_mut().remove::<ActorName>();
    let status = response.status();
    let route = known.as_deref().unwrap_or(if status.is_success() {
        "site"
    } else {
        "unmatched"
    });
    http.metrics.answered(route, &method, status, took);
    let actor = actor.as_ref().map_or("", |name| name.0.as_str());
    log(&Answered {
        method: &method,
        route,
        status,
        took,
        caller: &caller,
        actor,
    });
    response
}

/// The route's pattern. None for files of the site and addresses that are none: their number has no bound.
fn route(request: &Request) -> Option<String> {
    let pattern = request.extensions().get::<MatchedPath>()?;
    Some(pattern.as_str().to_owned())
}

struct Answered<'a> {
    method: &'a Method,
    route: &'a str,
    status: StatusCode,
    took: Duration,
    caller: &'a Caller,
    actor: &'a str,
}

fn log(answered: &Answered<'_>) {
    let Answered {
        method,
        route,
        status,
        took,
        caller,
        actor,
    } = answered;
    let trace_id = caller.trace_id.as_str();
    let address = caller.address.as_str();
    let duration_ms = took.as_secs_f64() * 1_000.0;
    let status = status.as_u16();
    let reads = matches!(**method, Method::GET | Method::HEAD | Method::OPTIONS);
    if reads && status < 400 {
        tracing::debug!(
            trace_id, %method, route, status, duration_ms, address, actor, "Answered a request."
        );
    } else {
        tracing::info!(
            trace_id, %method, route, status, duration_ms, address, actor, "Answered a request."
        );
    }
}
