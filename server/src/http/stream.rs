//! The event stream that open pages follow: one for a whole browser, resumable by Last-Event-ID.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, stream};
use serde::Deserialize;
use store::changes;
use tokio::sync::broadcast::error::RecvError;
use types::live::{Change, Topic};

use super::Http;

/// A silent stream says so this often, so that a dead connection is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What to follow.
#[derive(Debug, Default, Deserialize)]
pub struct Follow {
    /// Topics with commas between; none for all.
    #[serde(default)]
    topics: String,
}

/// Changes as they happen, after those missed since `Last-Event-ID`.
pub async fn changes(
    State(http): State<Http>,
    Query(follow): Query<Follow>,
    headers: HeaderMap,
) -> Response {
    let topics: Vec<Topic> = match follow.topics.as_str() {
        "" => Topic::ALL.to_vec(),
        list => list.split(',').filter_map(Topic::parse).collect(),
    };
    let resume = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|id| id.parse().ok());
    let events = follow_changes(http, topics, resume);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    response.headers_mut().insert(
        "x-accel-buffering",
        axum::http::HeaderValue::from_static("no"),
    );
    response
}

fn follow_changes(
    http: Http,
    topics: Vec<Topic>,
    resume: Option<i64>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    // Subscribed before the outbox is read: what comes between is in both, and told once by its id.
    let heard = http.ops.live.subscribe();
    let start = (http, topics, heard, Missed::From(resume), 0_i64);
    stream::unfold(
        start,
        |(mut http, topics, mut heard, mut missed, mut seen)| async move {
            loop {
                if let Some(change) = missed.next(&http, &mut seen).await {
                    if topics.contains(&change.topic) {
                        return Some((Ok(event(&change)), (http, topics, heard, missed, seen)));
                    }
                    continue;
                }
                let next = tokio::select! {
                    next = heard.recv() => next,
                    _ = http.stop.wait_for(|stopping| *stopping) => return None,
                };
                match next {
                    Ok(change) if change.id > seen => {
                        seen = change.id;
                        if topics.contains(&change.topic) {
                            return Some((Ok(event(&change)), (http, topics, heard, missed, seen)));
                        }
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => missed = Missed::From(Some(seen)),
                    Err(RecvError::Closed) => return None,
                }
            }
        },
    )
}

fn event(change: &Change) -> Event {
    Event::default()
        .id(change.id.to_string())
        .json_data(change)
        .unwrap_or_else(|_| Event::default().comment("unreadable"))
}

/// Changes that were missed while the stream was cut.
enum Missed {
    /// To be read from the outbox after this id; `None` on a first connection.
    From(Option<i64>),
    /// Read, the newest first.
    Read(Vec<Change>),
}

impl Missed {
    async fn next(&mut self, http: &Http, seen: &mut i64) -> Option<Change> {
        if let Self::From(after) = self {
            // Without an id, or with the database away, the page reads all it shows by itself.
            let mut read = match after {
                Some(after) => changes::after(&http.ops.db, *after, 1_000)
                    .await
                    .unwrap_or_default(),
                None => Vec::new(),
            };
            read.reverse();
            *self = Self::Read(read);
        }
        let Self::Read(read) = self else { return None };
        let change = read.pop()?;
        *seen = change.id;
        Some(change)
    }
}
