//! Start, stop and restart.

use axum::http::StatusCode;
use ops::deployment;
use types::deployment::{Operation, Progress};

use super::{
    Asked, NoInput, Params, ServicePath,
    openapi::{ProblemDocument, Refused},
};
use crate::http::problem::Problem;

/// Start a service
///
/// Answers when every container of it has started, or after half a minute.
#[utoipa::path(
    post,
    path = "/api/v1/stack/{project}/{service}/start",
    tag = "stack",
    params(
        ("project" = String, Path, description = "The compose project", max_length = 200),
        ("service" = String, Path, description = "The service", max_length = 200),
    ),
    responses(
        (status = 202, description = "It goes on: a container takes the time of its own grace; the audit log tells how it ends"),
        (status = 204, description = "Done"),
        (status = 404, description = "No such service", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "There is no container to start, or the engine refused", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn start(
    asked: Asked,
    path: ServicePath,
    params: Params,
    _input: NoInput,
) -> Result<StatusCode, Problem> {
    operate(asked, path, params, Operation::Start).await
}

/// Stop a service
///
/// SIGTERM, then SIGKILL after the container's own grace; answers when every container of it has stopped, or after half a minute. A token
/// needs no further proof for it.
#[utoipa::path(
    post,
    path = "/api/v1/stack/{project}/{service}/stop",
    tag = "stack",
    params(
        ("project" = String, Path, description = "The compose project", max_length = 200),
        ("service" = String, Path, description = "The service", max_length = 200),
    ),
    responses(
        (status = 202, description = "It goes on: a container takes the time of its own grace; the audit log tells how it ends"),
        (status = 204, description = "Done"),
        (status = 404, description = "No such service", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "There is no container to stop, or the engine refused", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn stop(
    asked: Asked,
    path: ServicePath,
    params: Params,
    _input: NoInput,
) -> Result<StatusCode, Problem> {
    operate(asked, path, params, Operation::Stop).await
}

/// Restart a service
///
/// Answers when every container of it has stopped and started, or after half a minute.
#[utoipa::path(
    post,
    path = "/api/v1/stack/{project}/{service}/restart",
    tag = "stack",
    params(
        ("project" = String, Path, description = "The compose project", max_length = 200),
        ("service" = String, Path, description = "The service", max_length = 200),
    ),
    responses(
        (status = 202, description = "It goes on: a container takes the time of its own grace; the audit log tells how it ends"),
        (status = 204, description = "Done"),
        (status = 404, description = "No such service", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "There is no container to restart, or the engine refused", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn restart(
    asked: Asked,
    path: ServicePath,
    params: Params,
    _input: NoInput,
) -> Result<StatusCode, Problem> {
    operate(asked, path, params, Operation::Restart).await
}

async fn operate(
    asked: Asked,
    path: ServicePath,
    params: Params,
    operation: Operation,
) -> Result<StatusCode, Problem> {
    params.done()?;
    let Asked { ops, actor, .. } = &asked;
    let done = deployment::operate(ops, actor, &path.project, &path.service, operation).await;
    Ok(match asked.told(done)? {
        Progress::Done => StatusCode::NO_CONTENT,
        Progress::UnderWay => StatusCode::ACCEPTED,
    })
}
