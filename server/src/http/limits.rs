//! What one console takes on at once, how long it works on a request, and how much of a body it reads.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use tokio::sync::Semaphore;
use types::Error;

use super::{Http, problem::Problem};

/// The largest body that is read; forms and API calls are far below.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The largest form of a server function that is read.
pub const MAX_FORM_BYTES: usize = 64 * 1024;

/// Requests worked on at once; streams are counted elsewhere.
const MAX_IN_FLIGHT: usize = 512;

/// How long an ordinary request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long an operation on a service may take: a stop waits for the container's own grace.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(150);

/// How much of a body that is too large is read and thrown away, so that the client reads the answer instead of
/// finding its connection reset, and for how long.
const DISCARDED_BYTES: usize = 16 * 1024 * 1024;
const DISCARDED_FOR: Duration = Duration::from_secs(5);

/// The places for requests in flight.
#[derive(Clone, Debug)]
pub struct Load(Arc<Semaphore>);

impl Default for Load {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_IN_FLIGHT)))
    }
}

impl Load {
    /// Requests being worked on.
    pub fn in_flight(&self) -> usize {
        MAX_IN_FLIGHT.saturating_sub(self.0.available_permits())
    }
}

/// True for addresses that answer with an endless stream.
pub fn is_stream(path: &str) -> bool {
    matches!(path, "/stream" | "/stream/logs" | "/api/v1/stream")
}

/// Turns requests away while too many are in flight, and ends those that take too long.
pub async fn guard(State(http): State<Http>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Whoever watches the console must get through when it is busiest.
    let is_watcher = matches!(path, "/healthz" | "/readyz" | "/metrics");
    if is_stream(path) {
        return next.run(request).await;
    }
    let limit = timeout_of(request.method(), path);
    let _place = match http.load.0.try_acquire() {
        Ok(place) => Some(place),
        Err(_) if is_watcher => None,
        Err(_) => {
            return Problem(Error::Unavailable {
                what: "The console".to_owned(),
                hint: "It works on as many requests as it can; try again in a second.".to_owned(),
            })
            .into_response();
        }
    };
    within(limit, next.run(request)).await
}

async fn within(limit: Duration, answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) => Problem(Error::Unavailable {
            what: "What this needs".to_owned(),
            hint: format!("It was given up after {} seconds.", limit.as_secs()),
        })
        .into_response(),
    }
}

fn timeout_of(method: &Method, path: &str) -> Duration {
    let operates =
        method == Method::POST && (path.starts_with("/api/v1/stack/") || path == "/fn/operate");
    if operates { OPERATION_TIMEOUT } else { TIMEOUT }
}

/// Refuses a body that says it is too large, whoever it is for.
pub async fn body(request: Request, next: Next) -> Response {
    let most = if request.uri().path().starts_with("/fn/") {
        MAX_FORM_BYTES
    } else {
        MAX_BODY_BYTES
    };
    if announced(request.headers()).is_none_or(|length| length <= most) {
        return next.run(request).await;
    }
    // A client that waits to be told to go on is told no, and keeps its body.
    if !request.headers().contains_key(header::EXPECT) {
        discard(request.into_body().into_data_stream()).await;
    }
    Problem(too_large(most)).into_response()
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Reads a whole body of at most `most` bytes.
///
/// # Errors
/// `TooLarge` above that; `Malformed` when the client stopped halfway.
pub async fn read_body(body: Body, most: usize) -> Result<Bytes, Error> {
    let mut chunks = body.into_data_stream();
    let mut read = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Error::Malformed {
            message: "its body ended before it was complete".to_owned(),
        })?;
        if read.len() + chunk.len() > most {
            discard(chunks).await;
            return Err(too_large(most));
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.into())
}

async fn discard(mut chunks: BodyDataStream) {
    let reading = async {
        let mut left = DISCARDED_BYTES;
        while let Some(Ok(chunk)) = chunks.next().await {
            match left.checked_sub(chunk.len()) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    let _ = tokio::time::timeout(DISCARDED_FOR, reading).await;
}

const fn too_large(most: usize) -> Error {
    Error::TooLarge {
        limit_bytes: most as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let short = Duration::from_millis(5);
        let response = within(short, std::future::pending()).await;
        assert_eq!(response.status(), 503);
        let response = within(TIMEOUT, async { "done".into_response() }).await;
        assert_eq!(response.status(), 200);
    }

    #[test]
    fn operations_get_the_time_that_a_stop_takes() {
        for (method, path, expected) in [
            (Method::POST, "/api/v1/stack/a/b/stop", OPERATION_TIMEOUT),
            (Method::POST, "/fn/operate", OPERATION_TIMEOUT),
            (Method::GET, "/api/v1/stack/a/b/logs", TIMEOUT),
            (Method::POST, "/fn/sign_in", TIMEOUT),
        ] {
            assert_eq!(timeout_of(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn streams_are_told_by_their_address() {
        for path in ["/stream", "/stream/logs", "/api/v1/stream"] {
            assert!(is_stream(path), "{path}");
        }
        for path in [
            "/",
            "/streams",
            "/stream/",
            "/stream/x",
            "/api/v1/stack",
            "/api/v1/streams",
            "/api/v1/stream/x",
        ] {
            assert!(!is_stream(path), "{path}");
        }
    }
}
