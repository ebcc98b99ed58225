//! The audit log as a file, with the page's filters.

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use ops::{Actor, Ops};

use super::{
    api::{Params, audit_filter},
    problem::Problem,
};

/// Streams the entries that match, the newest first.
pub async fn export(
    State(ops): State<Ops>,
    Extension(actor): Extension<Actor>,
    mut params: Params,
) -> Response {
    let filter = match audit_filter(&mut params) {
        Ok(filter) => filter,
        Err(error) => return Problem(error).into_response(),
    };
    let rows = match ops::audit::export(&ops, &actor, &filter).await {
        Ok(rows) => rows,
        Err(fault) => return Problem(fault.tell(&actor.caller.trace_id)).into_response(),
    };
    let trace_id = actor.caller.trace_id;
    let body = Body::from_stream(rows.map_err(move |fault| fault.tell(&trace_id)));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"ytops-audit.csv\""),
    );
    response
}
