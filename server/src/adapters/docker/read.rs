//! Reading answers piece by piece.

use std::{future::poll_fn, io, pin::Pin, time::Duration};

use futures::{Stream, StreamExt, stream};
use hyper::{
    Request,
    body::{Body, Incoming},
};
use ops::outside::EngineError;
use serde::de::DeserializeOwned;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::connect::{Connector, refused};

/// The longest answer that is read through to its end. What is not wanted of it is skipped, never held.
const LONGEST: u64 = 1 << 30;

/// How much of a refusal is read, in bytes.
const LONGEST_REFUSAL: usize = 16 * 1024;

/// Asks for `path` and hands out the answer's body as it comes.
pub async fn body(
    connector: &Connector,
    path: &str,
    limit: Duration,
) -> Result<Incoming, EngineError> {
    let request = Request::get(path)
        .body(String::new())
        .map_err(|error| connector.explain_send(&error.into()))?;
    let answer = tokio::time::timeout(limit, connector.send(request))
        .await
        .map_err(|_elapsed| connector.too_slow())?
        .map_err(|error| connector.explain_send(&error))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer.into_body());
    }
    let refusal = tokio::time::timeout(limit, refusal(answer.into_body()))
        .await
        .unwrap_or_default();
    Err(refused(status.as_u16(), &refusal))
}

/// Asks for `path` and reads the JSON that is answered, without ever holding more of it than goes into `T`.
pub async fn json<T: DeserializeOwned + Send + 'static>(
    connector: &Connector,
    path: &str,
    limit: Duration,
) -> Result<T, EngineError> {
    let body = body(connector, path, limit).await?;
    let deadline = Box::pin(tokio::time::sleep(limit));
    let reader = StreamReader::new(Box::pin(chunks(body).take_until(deadline)));
    let reader = SyncIoBridge::new(reader);
    let read = tokio::task::spawn_blocking(move || {
        let reader = io::BufReader::with_capacity(16 * 1024, io::Read::take(reader, LONGEST));
        serde_json::from_reader::<_, T>(reader)
    })
    .await;
    match read {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.is_io() => Err(connector.broken()),
        // Cut short by the deadline, or by the engine.
        Ok(Err(error)) if error.is_eof() => Err(connector.too_slow()),
        Ok(Err(error)) => Err(EngineError::Refused {
            message: format!(
                "The Docker Engine answered what can't be read (line {}, column {}).",
                error.line(),
                error.column()
            ),
        }),
        Err(_broken_off) => Err(connector.broken()),
    }
}

/// A body's data as it comes.
pub fn chunks(mut body: Incoming) -> impl Stream<Item = io::Result<hyper::body::Bytes>> + Send {
    let mut ended = false;
    stream::poll_fn(move |context| {
        loop {
            if ended {
                return std::task::Poll::Ready(None);
            }
            match std::task::ready!(Pin::new(&mut body).poll_frame(context)) {
                None => ended = true,
                Some(Err(error)) => {
                    ended = true;
                    return std::task::Poll::Ready(Some(Err(io::Error::other(error))));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return std::task::Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    })
}

async fn refusal(mut body: Incoming) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    let mut text = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame.into_data() {
            let room = LONGEST_REFUSAL.saturating_sub(text.len());
            text.extend_from_slice(&data[..data.len().min(room)]);
            if text.len() >= LONGEST_REFUSAL {
                break;
            }
        }
    }
    match serde_json::from_slice::<Refusal>(&text) {
        Ok(refusal) => refusal.message,
        Err(_) => String::from_utf8_lossy(&text).into_owned(),
    }
}
