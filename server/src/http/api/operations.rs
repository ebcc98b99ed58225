//! Long pieces of work.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ops::operations;
use serde::Serialize;
use types::operations::Operation;
use utoipa::ToSchema;

use super::{
    Answer, Asked, NoInput, Number, PREFIX, Params,
    openapi::{ProblemDocument, Refused},
};
use crate::http::problem::Problem;

/// Something was put in the queue.
#[derive(Serialize, ToSchema)]
pub struct Begun {
    /// The operation's number.
    operation: i64,
}

impl Begun {
    /// The answer to who asked for it.
    pub const fn new(operation: i64) -> Self {
        Self { operation }
    }
}

impl IntoResponse for Begun {
    fn into_response(self) -> Response {
        let at = format!("{PREFIX}/operations/{}", self.operation);
        let location = [(header::LOCATION, at)];
        (StatusCode::ACCEPTED, location, Json(self)).into_response()
    }
}

/// One operation: its stages, progress and log
#[utoipa::path(
    get,
    path = "/api/v1/operations/{id}",
    operation_id = "operation",
    tag = "backups",
    params(("id" = i64, Path, description = "The operation's number", minimum = 1)),
    responses(
        (status = 200, description = "The operation, with the last 200 lines of its log", body = Operation),
        (status = 404, description = "No such operation", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn operation(asked: Asked, id: Number, params: Params) -> Answer<Operation> {
    params.done()?;
    asked.answer(operations::get(&asked.ops, &asked.actor, id.0).await)
}

/// Ask for the end of an operation
///
/// What it changed is undone; one that can't stop any more goes on to its end. A restore is ended by people, on the pages.
#[utoipa::path(
    post,
    path = "/api/v1/operations/{id}/cancel",
    operation_id = "cancel_operation",
    tag = "backups",
    params(("id" = i64, Path, description = "The operation's number", minimum = 1)),
    responses(
        (status = 202, description = "It was asked for"),
        (status = 404, description = "No such operation", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "It is over already", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn cancel(
    asked: Asked,
    id: Number,
    params: Params,
    _input: NoInput,
) -> Result<StatusCode, Problem> {
    params.done()?;
    asked.told(operations::cancel(&asked.ops, &asked.actor, id.0).await)?;
    Ok(StatusCode::ACCEPTED)
}
