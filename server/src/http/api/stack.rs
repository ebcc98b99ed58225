//! The stack and its services.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use ops::deployment;
use serde::Serialize;
use types::{
    Error,
    deployment::{EngineEvent, LogLine, ServiceDetail, Stack},
};
use utoipa::ToSchema;

use super::{
    Answer, Asked, MAX_TAIL, Params, ServicePath, TAIL,
    openapi::{ProblemDocument, Refused},
};
use crate::http::{Http, problem::Problem, stream::Kind};

/// The most events of one answer.
const MAX_EVENTS: i64 = 500;
const EVENTS: u32 = 100;

/// The whole stack
///
/// Every compose project with its services as the engine last told. While the engine does not answer every state is
/// `unknown`, and `engine.as_of` says when the facts were last true.
#[utoipa::path(
    get,
    path = "/api/v1/stack",
    tag = "stack",
    responses(
        (status = 200, description = "Every project", body = Stack),
        Refused,
    )
)]
pub async fn stack(asked: Asked, params: Params) -> Result<Response, Problem> {
    params.done()?;
    let stack = asked.told(deployment::stack_json(&asked.ops, &asked.actor).await)?;
    Ok(json(stack))
}

/// An answer of JSON that was made before.
pub fn json(made: Arc<[u8]>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, Bytes::from_owner(made)).into_response()
}

/// One service
///
/// With its mounts, the names of its environment variables, and its last events.
#[utoipa::path(
    get,
    path = "/api/v1/stack/{project}/{service}",
    tag = "stack",
    params(
        ("project" = String, Path, description = "The compose project", max_length = 200),
        ("service" = String, Path, description = "The service", max_length = 200),
    ),
    responses(
        (status = 200, description = "The service", body = ServiceDetail),
        (status = 404, description = "No such service", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn service(asked: Asked, path: ServicePath, params: Params) -> Answer<ServiceDetail> {
    params.done()?;
    let detail = deployment::service(&asked.ops, &asked.actor, &path.project, &path.service).await;
    asked.answer(detail)
}

/// The last lines of a service's log.
#[derive(Serialize, ToSchema)]
pub struct Logs {
    /// The lines, the oldest first.
    lines: Vec<LogLine>,
    /// False where the engine took too long to tell them: the newest lines are missing.
    complete: bool,
}

/// The last lines of a service's log
#[utoipa::path(
    get,
    path = "/api/v1/stack/{project}/{service}/logs",
    tag = "stack",
    params(
        ("project" = String, Path, description = "The compose project", max_length = 200),
        ("service" = String, Path, description = "The service", max_length = 200),
        ("tail" = Option<u32>, Query, description = "How many lines; 200 when not given", minimum = 1, maximum = 5000),
    ),
    responses(
        (status = 200, description = "The lines", body = Logs),
        (status = 404, description = "No such service", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Too many logs are read by this token", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn logs(
    State(http): State<Http>,
    asked: Asked,
    path: ServicePath,
    mut params: Params,
) -> Answer<Logs> {
    let tail = params.integer("tail", 1, MAX_TAIL)?;
    params.done()?;
    let tail = tail
        .and_then(|tail| u32::try_from(tail).ok())
        .unwrap_or(TAIL);
    let Asked { ops, actor, .. } = &asked;
    let _place = http.places.take(Kind::Logs, actor)?;
    let read = deployment::logs(ops, actor, &path.project, &path.service, tail).await;
    asked.answer(read.map(|read| Logs {
        lines: read.lines,
        complete: read.is_complete,
    }))
}

/// A page of the timeline.
#[derive(Serialize, ToSchema)]
pub struct Events {
    /// The events, the newest first.
    events: Vec<EngineEvent>,
}

/// What happened to containers
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "stack",
    params(
        ("project" = Option<String>, Query, description = "Only of this compose project", max_length = 200),
        ("service" = Option<String>, Query, description = "Only of this service; needs `project`", max_length = 200),
        ("before" = Option<i64>, Query, description = "Only before the event with this id", minimum = 1),
        ("limit" = Option<u32>, Query, description = "How many; 100 when not given", minimum = 1, maximum = 500),
    ),
    responses(
        (status = 200, description = "The events, the newest first", body = Events),
        Refused,
    )
)]
pub async fn events(asked: Asked, mut params: Params) -> Answer<Events> {
    let project = params.text("project", 200)?.filter(|name| !name.is_empty());
    let service = params.text("service", 200)?.filter(|name| !name.is_empty());
    let before = params.integer("before", 1, i64::MAX)?;
    let limit = params.integer("limit", 1, MAX_EVENTS)?;
    params.done()?;
    if service.is_some() && project.is_none() {
        return Err(Error::field("project", "Name the project of the service.").into());
    }
    let limit = limit
        .and_then(|limit| u32::try_from(limit).ok())
        .unwrap_or(EVENTS);
    let events = deployment::events(
        &asked.ops,
        &asked.actor,
        project.as_deref(),
        service.as_deref(),
        before,
        limit,
    )
    .await;
    asked.answer(events.map(|events| Events { events }))
}
