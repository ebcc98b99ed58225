//! From the bytes of a log to its lines. However long a line is, no more than its beginning is held.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use types::deployment::LogLine;

use super::text::without_escapes;
use crate::outside::{LogPiece, LogStream};

/// A line is cut after this, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// Room for the engine's time before the line.
const TIME: usize = 40;

/// The longest id that is shown, in characters.
const LONGEST_ID: usize = 100;

/// Puts pieces of a container's log together to lines.
#[derive(Debug, Default)]
pub struct Lines {
    stdout: Framer,
    stderr: Framer,
}

impl Lines {
    /// Takes a piece; hands every line that ends in it to `each`.
    pub fn take(&mut self, piece: &LogPiece, mut each: impl FnMut(Line)) {
        let stream = piece.stream;
        self.framer(stream)
            .take(&piece.bytes, |raw| each(Line::read(stream, raw)));
    }

    /// The log has ended: hands out the lines that have no end.
    pub fn finish(&mut self, mut each: impl FnMut(Line)) {
        for stream in [LogStream::Stdout, LogStream::Stderr] {
            self.framer(stream)
                .finish(|raw| each(Line::read(stream, raw)));
        }
    }

    const fn framer(&mut self, stream: LogStream) -> &mut Framer {
        match stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        }
    }
}

/// A line and its time to the nanosecond, from which reading goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When the engine received it, in nanoseconds since 1970.
    pub nano: Option<i64>,
    /// The line.
    pub line: LogLine,
}

#[derive(Clone, Copy, Debug)]
struct Raw<'a> {
    bytes: &'a [u8],
    cut: bool,
}

/// Cuts bytes into lines.
#[derive(Debug, Default)]
struct Framer {
    held: Vec<u8>,
    cut: bool,
}

impl Framer {
    fn take(&mut self, bytes: &[u8], mut each: impl FnMut(Raw<'_>)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            let room = (LONGEST + TIME).saturating_sub(self.held.len());
            self.cut |= text.len() > room;
            self.held.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.hand_out(&mut each);
            }
        }
    }

    fn finish(&mut self, mut each: impl FnMut(Raw<'_>)) {
        if !self.held.is_empty() {
            self.hand_out(&mut each);
        }
    }

    fn hand_out(&mut self, each: &mut impl FnMut(Raw<'_>)) {
        each(Raw {
            bytes: &self.held,
            cut: self.cut,
        });
        self.held.clear();
        self.cut = false;
    }
}

impl Line {
    fn read(stream: LogStream, raw: Raw<'_>) -> Self {
        let (at, bytes) = time_of(raw.bytes);
        let is_long = bytes.len() > LONGEST;
        let bytes = &bytes[..bytes.len().min(LONGEST)];
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches('\r');
        let mut line = (!raw.cut && !is_long)
            .then(|| structured(text))
            .flatten()
            .unwrap_or_else(|| LogLine {
                message: without_escapes(text),
                ..LogLine::default()
            });
        line.at = at.and_then(|at| at.replace_nanosecond(at.microsecond() * 1_000).ok());
        line.cut = raw.cut || is_long;
        line.stream = name(stream);
        let nano = at.and_then(|at| at.unix_timestamp_nanos().try_into().ok());
        Self { nano, line }
    }
}

fn name(stream: LogStream) -> String {
    match stream {
        LogStream::Stdout => "stdout".to_owned(),
        LogStream::Stderr => "stderr".to_owned(),
    }
}

/// The engine's time before the line, and the rest.
fn time_of(bytes: &[u8]) -> (Option<OffsetDateTime>, &[u8]) {
    let Some(end) = bytes.iter().take(TIME).position(|byte| *byte == b' ') else {
        // An empty line is a time alone.
        let at = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        return (at, if at.is_some() { &[] } else { bytes });
    };
    let at = std::str::from_utf8(&bytes[..end])
        .ok()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    match at {
        Some(at) => (Some(at), &bytes[end + 1..]),
        None => (None, bytes),
    }
}

/// A line that is a JSON object with a message.
fn structured(text: &str) -> Option<LogLine> {
    if !text.starts_with('{') {
        return None;
    }
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
        return None;
    };
    let first = |names: &[&str]| names.iter().find_map(|name| fields.get(*name));
    let message = scalar(first(&["message", "msg"])?)?;
    let id = |names: &[&str]| -> String {
        let text = first(names).and_then(scalar).unwrap_or_default();
        without_escapes(&text).chars().take(LONGEST_ID).collect()
    };
    Some(LogLine {
        level: level(first(&["level", "severity", "levelname", "lvl"])),
        message: without_escapes(&message),
        trace_id: id(&["trace_id", "traceId"]),
        video_id: id(&["video_id", "videoId"]),
        cost: first(&["cost", "cost_usd"])
            .and_then(number)
            .filter(|cost| cost.is_finite()),
        ..LogLine::default()
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// One of six levels, whatever the logger calls it; numbers are those of bunyan and pino. Empty for anything else.
fn level(value: Option<&Value>) -> String {
    let level = match value {
        Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "critical" | "fatal" | "panic" | "alert" | "emerg" | "emergency" | "crit" => "critical",
            "error" | "err" => "error",
            "warn" | "warning" => "warn",
            "info" | "notice" | "information" => "info",
            "debug" => "debug",
            "trace" | "verbose" | "silly" => "trace",
            _ => "",
        },
        Some(Value::Number(number)) => match number.as_u64() {
            Some(60..) => "critical",
            Some(50..) => "error",
            Some(40..) => "warn",
            Some(30..) => "info",
            Some(20..) => "debug",
            Some(10..) => "trace",
            _ => "",
        },
        _ => "",
    };
    level.to_owned()
}

#[cfg(test)]
mod tests;
