//! A container's log: frames with a header each, or the plain text of a terminal.

use std::{collections::VecDeque, sync::Arc};

use futures::{StreamExt, stream};
use hyper::body::Incoming;
use ops::outside::{LogPiece, LogStream, LogsFrom, Pieces};

use super::{connect::Connector, read};

/// The longest piece that is handed out, in bytes.
const LONGEST_PIECE: usize = 64 * 1024;

/// What to ask the engine for.
pub fn path(id: &str, from: LogsFrom) -> String {
    let tail = from
        .tail
        .map_or_else(|| "all".to_owned(), |tail| tail.to_string());
    let since = from.since_nano.map_or_else(String::new, |nano| {
        let (seconds, nanos) = (
            nano.div_euclid(1_000_000_000),
            nano.rem_euclid(1_000_000_000),
        );
        format!("&since={seconds}.{nanos:09}")
    });
    format!(
        "/containers/{id}/logs?stdout=true&stderr=true&timestamps=true&follow={}&tail={tail}{since}",
        from.follow
    )
}

/// The pieces of a log as they come; `tty` says that the container writes to a terminal.
pub fn pieces(body: Incoming, tty: bool, connector: Arc<Connector>) -> Pieces<LogPiece> {
    let frames = (!tty).then(Frames::default);
    let chunks = read::chunks(body).boxed();
    let state = (chunks, frames, VecDeque::new(), false);
    Box::pin(stream::unfold(
        state,
        move |(mut chunks, mut frames, mut ready, mut ended)| {
            let connector = Arc::clone(&connector);
            async move {
                loop {
                    if let Some(piece) = ready.pop_front() {
                        return Some((Ok(piece), (chunks, frames, ready, ended)));
                    }
                    if ended {
                        return None;
                    }
                    match chunks.next().await {
                        None => return None,
                        Some(Err(_)) => {
                            ended = true;
                            return Some((Err(connector.broken()), (chunks, frames, ready, ended)));
                        }
                        Some(Ok(chunk)) => match &mut frames {
                            Some(frames) => frames.take(&chunk, &mut ready),
                            None => hand_out(LogStream::Stdout, &chunk, &mut ready),
                        },
                    }
                }
            }
        },
    ))
}

fn hand_out(stream: LogStream, bytes: &[u8], ready: &mut VecDeque<LogPiece>) {
    ready.extend(bytes.chunks(LONGEST_PIECE).map(|bytes| LogPiece {
        stream,
        bytes: bytes.to_vec(),
    }));
}

/// Takes frames apart: one byte for the stream, three of nothing, four for the length, then what was written. Holds a
/// header at most, whatever length it tells.
#[derive(Debug, Default)]
struct Frames {
    header: Vec<u8>,
    left: usize,
    stream: LogStream,
}

impl Frames {
    fn take(&mut self, mut bytes: &[u8], ready: &mut VecDeque<LogPiece>) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let wanted = (8 - self.header.len()).min(bytes.len());
                let (head, rest) = bytes.split_at(wanted);
                self.header.extend_from_slice(head);
                bytes = rest;
                if let [kind, _, _, _, a, b, c, d] = self.header[..] {
                    // 2 is standard error, 3 the engine's own complaint.
                    self.stream = if kind >= 2 {
                        LogStream::Stderr
                    } else {
                        LogStream::Stdout
                    };
                    self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                    self.header.clear();
                }
            } else {
                let (piece, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= piece.len();
                hand_out(self.stream, piece, ready);
                bytes = rest;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        [&[kind, 0, 0, 0], &length.to_be_bytes()[..], text].concat()
    }

    fn joined(pieces: &VecDeque<LogPiece>, stream: LogStream) -> Vec<u8> {
        pieces
            .iter()
            .filter(|piece| piece.stream == stream)
            .flat_map(|piece| piece.bytes.clone())
            .collect()
    }

    #[test]
    fn frames_come_apart_wherever_the_bytes_are_cut() {
        let long = vec![b'x'; 200_000];
        let wire = [
            frame(1, b"out\n"),
            frame(2, b"err\n"),
            frame(1, b""),
            frame(1, &long),
            frame(3, b"complaint"),
        ]
        .concat();
        for size in [1, 2, 7, 8, 9, 4_096, wire.len()] {
            let (mut frames, mut ready) = (Frames::default(), VecDeque::new());
            for bytes in wire.chunks(size) {
                frames.take(bytes, &mut ready);
                assert!(frames.header.len() < 8);
            }
            assert_eq!(
                joined(&ready, LogStream::Stdout),
                [b"out\n", &long[..]].concat()
            );
            assert_eq!(joined(&ready, LogStream::Stderr), b"err\ncomplaint");
            assert!(ready.iter().all(|piece| piece.bytes.len() <= LONGEST_PIECE));
        }
    }

    #[test]
    fn a_length_that_lies_holds_no_memory() {
        let (mut frames, mut ready) = (Frames::default(), VecDeque::new());
        frames.take(&[1, 0, 0, 0, 255, 255, 255, 255, b'a'], &mut ready);
        assert_eq!(joined(&ready, LogStream::Stdout), b"a");
        assert!(frames.header.is_empty());
    }

    #[test]
    fn the_path_says_since_when_to_the_nanosecond() {
        let from = LogsFrom {
            tail: None,
            follow: true,
            since_nano: Some(1_700_000_000_000_000_005),
        };
        assert!(path("abc", from).ends_with("&follow=true&tail=all&since=1700000000.000000005"));
    }
}
