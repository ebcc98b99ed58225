//! What programs write, line by line, bounded.

use std::collections::VecDeque;

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    task::JoinHandle,
};

use crate::process::GRACE;

/// How much of what a program says is kept: this much of its start, and as much of its end.
const LINES: usize = 40;
/// A line beyond is cut.
const LINE: usize = 2000;

/// Collects what a program writes to its standard error, bounded, while it runs.
#[derive(Debug)]
pub(crate) struct Said(Option<JoinHandle<String>>);

impl Said {
    pub(crate) fn of(stderr: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        Self::each(stderr, |_| true)
    }

    /// As [`Self::of`]; each line goes to `keep` first, which says whether it is to be kept.
    pub(crate) fn each(
        stderr: Option<impl AsyncRead + Unpin + Send + 'static>,
        mut keep: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Self {
        Self(stderr.map(|stderr| {
            tokio::spawn(async move {
                let mut kept = Kept::default();
                let mut lines = Lines::new(stderr);
                while let Some(line) = lines.next().await {
                    if keep(&line) {
                        kept.push(line);
                    }
                }
                kept.text()
            })
        }))
    }

    /// All that was kept; to be called once the program ended.
    pub(crate) async fn end(mut self) -> String {
        match self.0.take() {
            // A grandchild that still holds the pipe must not hold the caller.
            Some(task) => match tokio::time::timeout(GRACE, task).await {
                Ok(Ok(text)) => text,
                _ => String::new(),
            },
            None => String::new(),
        }
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Lines as they come, of whatever bytes, each cut where it is too long.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader: BufReader::new(reader),
        }
    }

    /// The next line without its end; [`None`] at the end, and where nothing can be read any more.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let mut line: Vec<u8> = Vec::new();
        let mut any = false;
        loop {
            let buffer = self.reader.fill_buf().await.ok()?;
            if buffer.is_empty() {
                return any.then(|| text(&line));
            }
            any = true;
            let end = buffer
                .iter()
                .position(|byte| *byte == b'\n' || *byte == b'\r');
            let piece = buffer
                .get(..end.unwrap_or(buffer.len()))
                .unwrap_or_default();
            let room = LONGEST.saturating_sub(line.len()).min(piece.len());
            line.extend_from_slice(piece.get(..room).unwrap_or_default());
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Some(text(&line));
            }
        }
    }
}

/// A line of JSON may be long: restic's summaries, lists of files in work.
const LONGEST: usize = 1 << 20;

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

/// The first lines and the last: the cause stands at one of both ends.
#[derive(Default)]
struct Kept {
    first: Vec<String>,
    last: VecDeque<String>,
    left_out: usize,
}

impl Kept {
    fn push(&mut self, mut line: String) {
        if line.trim().is_empty() {
            return;
        }
        if line.len() > LINE {
            line.truncate(line.floor_char_boundary(LINE));
            line.push('…');
        }
        if self.first.len() < LINES {
            self.first.push(line);
            return;
        }
        self.last.push_back(line);
        if self.last.len() > LINES {
            self.last.pop_front();
            self.left_out += 1;
        }
    }

    fn text(self) -> String {
        let mut all = self.first;
        if self.left_out > 0 {
            all.push(format!("… {} lines …", self.left_out));
        }
        all.extend(self.last);
        all.join("\n")
    }
}
