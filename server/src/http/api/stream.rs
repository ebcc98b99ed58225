//! Changes as they happen.

use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use ops::Actor;
use types::live::Change;

use super::{
    Params,
    openapi::{ProblemDocument, Refused},
};
use crate::http::{Http, stream};

/// Changes as they happen
///
/// Server-sent events. Each message is `{"id","topic","key"}`: something of `topic` changed, read it again. A client
/// that was cut off sends the last `id` it saw as `Last-Event-ID` and gets what it missed; where that is forgotten
/// (an hour) an event `reset` says to read everything again. An event `gone` says that the token has ended.
#[utoipa::path(
    get,
    path = "/api/v1/stream",
    tag = "meta",
    params(
        ("topics" = Option<String>, Query, description = "Topics with commas between; all when not given", max_length = 200),
        ("after" = Option<i64>, Query, description = "As `Last-Event-ID`, for clients that can't set headers", minimum = 0),
        ("Last-Event-ID" = Option<i64>, Header, description = "The last event that was seen"),
    ),
    responses(
        (status = 200, description = "Events without end; this is what the `data` of each message holds", body = Change, content_type = "text/event-stream"),
        (status = 409, description = "Too many streams of this token", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn stream(
    http: State<Http>,
    actor: Option<Extension<Actor>>,
    headers: HeaderMap,
    params: Params,
) -> Response {
    stream::changes::changes(http, actor, headers, params).await
}
