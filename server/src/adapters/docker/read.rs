//! Reading answers piece by piece.

use std::{future::poll_fn, io, pin::Pin, time::Duration};

use futures::{Stream, StreamExt, stream};
use hyper::{
    Request,
    body::{Body, Bytes, Incoming},
};
use ops::outside::EngineError;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use super::connect::{Connector, refused};

/// The longest answer that is read through to its end. What is not wanted of it is skipped, never held.
const LONGEST: usize = 1 << 30;

/// An answer that is shorter is read as a whole, which is quick. In bytes.
const SHORT: usize = 256 * 1024;

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

/// Asks for `path` and reads the JSON that is answered. However long it is, only what goes into `T` is held.
pub async fn json<T: DeserializeOwned + Send + 'static>(
    connector: &Connector,
    path: &str,
    limit: Duration,
) -> Result<T, EngineError> {
    let reading = async {
        let body = body(connector, path, limit).await?;
        parse(connector, Box::pin(chunks(body))).await
    };
    tokio::time::timeout(limit, reading)
        .await
        .map_err(|_elapsed| connector.too_slow())?
}

async fn parse<T: DeserializeOwned + Send + 'static>(
    connector: &Connector,
    mut chunks: impl Stream<Item = io::Result<Bytes>> + Unpin,
) -> Result<T, EngineError> {
    let mut start = Vec::new();
    while start.len() <= SHORT {
        match chunks.next().await {
            Some(Ok(chunk)) => start.extend_from_slice(&chunk),
            Some(Err(_)) => return Err(connector.broken()),
            None => return serde_json::from_slice(&start).map_err(|error| told(connector, &error)),
        }
    }
    // The rest goes past the parser piece by piece. Dropping this ends the parser's input, and with it the parser.
    let (pieces, input) = mpsc::channel(4);
    let parser = tokio::task::spawn_blocking(move || {
        serde_json::from_reader::<_, T>(io::BufReader::with_capacity(
            SHORT,
            Input::new(start, input),
        ))
    });
    let mut left = LONGEST;
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return Err(connector.broken());
        };
        left = left.saturating_sub(chunk.len());
        // The parser has seen enough, or too much.
        if left == 0 || pieces.send(chunk).await.is_err() {
            break;
        }
    }
    drop(pieces);
    match parser.await {
        Ok(read) => read.map_err(|error| told(connector, &error)),
        Err(_broken_off) => Err(connector.broken()),
    }
}

/// What an answer that can't be read means; nothing of the answer is repeated.
fn told(connector: &Connector, error: &serde_json::Error) -> EngineError {
    if error.is_eof() {
        return connector.broken();
    }
    EngineError::Refused {
        message: format!(
            "The Docker Engine answered what can't be read (line {}, column {}).",
            error.line(),
            error.column()
        ),
    }
}

/// Pieces of an answer as the parser reads them.
struct Input {
    piece: io::Cursor<Bytes>,
    more: mpsc::Receiver<Bytes>,
}

impl Input {
    fn new(start: Vec<u8>, more: mpsc::Receiver<Bytes>) -> Self {
        Self {
            piece: io::Cursor::new(Bytes::from(start)),
            more,
        }
    }
}

impl io::Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.more.blocking_recv() {
                Some(piece) => self.piece = io::Cursor::new(piece),
                None => return Ok(0),
            }
        }
    }
}

/// A body's data as it comes.
pub fn chunks(mut body: Incoming) -> impl Stream<Item = io::Result<Bytes>> + Send {
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Wanted {
        id: String,
    }

    async fn read(text: &str, size: usize) -> Result<Wanted, EngineError> {
        let connector = Connector::parse(None).unwrap();
        let chunks: Vec<_> = text
            .as_bytes()
            .chunks(size)
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
            .collect();
        parse(&connector, stream::iter(chunks)).await
    }

    #[tokio::test]
    async fn short_and_long_answers_read_alike() {
        let wanted = Wanted {
            id: "abc".to_owned(),
        };
        let long = "x".repeat(3 * SHORT);
        for text in [
            r#"{"id":"abc"}"#.to_owned(),
            format!(r#"{{"label":"{long}","id":"abc"}}"#),
        ] {
            for size in [7, 4_096, text.len()] {
                assert_eq!(read(&text, size).await.as_ref(), Ok(&wanted));
            }
            let cut = read(&text[..text.len() - 1], 4_096).await.unwrap_err();
            assert!(matches!(cut, EngineError::Unreachable { .. }), "{cut}");
            let wrong = read(&text.replace("abc\"", "abc\"secret"), 4_096)
                .await
                .unwrap_err();
            assert!(
                matches!(&wrong, EngineError::Refused { message } if !message.contains("secret"))
            );
        }
    }
}
