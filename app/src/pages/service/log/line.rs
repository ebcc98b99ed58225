//! One line: how grave it is, what it says beside its message, and where a search hits it.

use std::sync::Arc;

use types::deployment::LogLine;

use crate::components::format;

/// A line with its place in the tail.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Grows by one a line.
    pub number: u64,
    /// The line itself.
    pub text: Arc<LogLine>,
}

/// How grave a line is, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It tells no level.
    #[default]
    Any,
    /// For whoever debugs.
    Debug,
    /// As it should be.
    Info,
    /// Wants a look.
    Warn,
    /// Failed.
    Error,
}

impl Severity {
    /// The least levels that can be chosen: what is sent, what people read.
    pub const CHOICES: [(&'static str, &'static str); 5] = [
        ("", "all lines"),
        ("debug", "debug and up"),
        ("info", "info and up"),
        ("warn", "warnings and errors"),
        ("error", "errors"),
    ];

    /// Reads a level as loggers write it.
    pub fn parse(level: &str) -> Self {
        match level {
            "error" | "err" | "fatal" | "critical" | "panic" | "emerg" | "alert" | "crit" => {
                Self::Error
            }
            "warn" | "warning" => Self::Warn,
            "info" | "information" | "notice" | "log" => Self::Info,
            "debug" | "trace" | "verbose" => Self::Debug,
            _ => Self::Any,
        }
    }

    /// The class of a line that grave.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Error => "line error",
            Self::Warn => "line warn",
            Self::Debug => "line debug",
            Self::Info | Self::Any => "line",
        }
    }
}

impl Line {
    /// How grave it is.
    pub fn severity(&self) -> Severity {
        Severity::parse(&self.text.level)
    }

    /// What it tells beside its message.
    pub fn details(&self) -> Option<String> {
        let text = &self.text;
        let named =
            |name: &str, value: &str| (!value.is_empty()).then(|| format!("{name} {value}"));
        let parts: Vec<_> = [
            named("trace_id", &text.trace_id),
            named("video_id", &text.video_id),
            text.cost
                .map(|cost| format!("cost {}", format::dollars(cost))),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| format!("  {}", parts.join(", ")))
    }

    /// Whether a search (in lower case) hits it and it is grave enough.
    pub fn matches(&self, words: &str, least: Severity) -> bool {
        let has = |text: &str| find(text, words).is_some();
        self.severity() >= least
            && (words.is_empty()
                || has(&self.text.message)
                || has(&self.text.trace_id)
                || has(&self.text.video_id))
    }
}

/// Where `words`, in lower case, first stand in `text` whatever its case.
fn find(text: &str, words: &str) -> Option<usize> {
    // Lower case of ASCII alone keeps every byte where it is.
    text.to_ascii_lowercase().find(words)
}

/// `text` cut into pieces that a search (in lower case) hits and pieces that it does not.
pub fn mark(text: &str, words: &str) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    if !words.is_empty() {
        while let Some(at) = find(rest, words) {
            let (before, from) = rest.split_at(at);
            let (hit, after) = from.split_at(words.len());
            if !before.is_empty() {
                pieces.push((before.to_owned(), false));
            }
            pieces.push((hit.to_owned(), true));
            rest = after;
        }
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push((rest.to_owned(), false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: &str, message: &str) -> Line {
        let text = LogLine {
            level: level.to_owned(),
            message: message.to_owned(),
            ..LogLine::default()
        };
        Line {
            number: 0,
            text: Arc::new(text),
        }
    }

    #[test]
    fn levels_are_ordered() {
        assert!(line("fatal", "").matches("", Severity::Error));
        assert!(line("warning", "").matches("", Severity::Warn));
        assert!(!line("info", "").matches("", Severity::Warn));
        assert!(!line("", "").matches("", Severity::Debug));
        assert!(line("", "").matches("", Severity::Any));
    }

    #[test]
    fn a_search_hits_whatever_the_case() {
        assert!(line("", "Video Rendered").matches("rendered", Severity::Any));
        assert!(!line("", "Video").matches("audio", Severity::Any));
        let traced = LogLine {
            trace_id: "abc".to_owned(),
            ..LogLine::default()
        };
        assert!(
            Line {
                number: 0,
                text: Arc::new(traced)
            }
            .matches("abc", Severity::Any)
        );
    }

    #[test]
    fn hits_are_marked_and_nothing_is_lost() {
        let pieces = mark("Über Aaa", "a");
        let text: String = pieces.iter().map(|(piece, _)| piece.as_str()).collect();
        assert_eq!(text, "Über Aaa");
        assert_eq!(pieces.iter().filter(|(_, is_hit)| *is_hit).count(), 3);
        assert_eq!(mark("", "a"), [(String::new(), false)]);
        assert_eq!(mark("abc", ""), [("abc".to_owned(), false)]);
    }

    #[test]
    fn details_are_told_where_there_are_any() {
        assert_eq!(line("info", "x").details(), None);
        let text = LogLine {
            video_id: "v1".to_owned(),
            cost: Some(0.42),
            ..LogLine::default()
        };
        let details = Line {
            number: 0,
            text: Arc::new(text),
        }
        .details();
        assert_eq!(details.as_deref(), Some("  video_id v1, cost $0.42"));
    }
}
