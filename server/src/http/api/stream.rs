//! Changes as they happen.

use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use ops::{Actor, Caller};
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
///
/// With `samples` the same stream tells what hosts' meters say, once a second each: events `samples`, each a `Pulse` of
/// one `host`. A host's first holds the newest value of every series (its `before` is 0), the next ones what changed since
/// the host's one of `before`, as numbers of `/api/v1/series` with their values; no value means that it can't be read any
/// more. A client that did not have the one of `before` reads the points anew. Only what this console itself hears is told: its own host, and
/// those that send to it.
#[utoipa::path(
    get,
    path = "/api/v1/stream",
    tag = "meta",
    params(
        ("topics" = Option<String>, Query, description = "Topics with commas between; all when not given", max_length = 200),
        ("samples" = Option<Vec<String>>, Query, description = "The name of a host, of at most 253 characters; empty for the console's own. Given again for each further one", max_items = 12),
        ("since" = Option<i64>, Query, description = "With `samples`: begin with what is newer than this, in milliseconds since 1970, as far as a minute reaches back", minimum = 0),
        ("after" = Option<i64>, Query, description = "As `Last-Event-ID`, for clients that can't set headers", minimum = 0),
        ("Last-Event-ID" = Option<i64>, Header, description = "The last event that was seen"),
    ),
    responses(
        (status = 200, description = "Events without end; this is what the `data` of each message holds", body = Change, content_type = "text/event-stream"),
        (status = 404, description = "No host of a name in `samples`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Too many streams of this token", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn stream(
    http: State<Http>,
    actor: Option<Extension<Actor>>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    params: Params,
) -> Response {
    stream::changes::changes(http, actor, caller, headers, params).await
}
