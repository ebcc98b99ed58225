//! One line: how grave it is, what it says beside its message, and where a search hits it.

use types::deployment::LogLine;

use crate::components::{clock::Clock, format, html::Html};

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

/// What a line tells beside its message.
fn details(line: &LogLine) -> Option<String> {
    let named = |name: &str, value: &str| (!value.is_empty()).then(|| format!("{name} {value}"));
    let cost = line.cost.map(format::dollars);
    let parts: Vec<_> = [
        named("trace_id", &line.trace_id),
        named("video_id", &line.video_id),
        named("cost", cost.as_deref().unwrap_or_default()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("  {}", parts.join(", ")))
}

/// Whether a search (in lower case) hits a line and it is grave enough.
pub fn matches(line: &LogLine, words: &str, least: Severity) -> bool {
    let has = |text: &str| find(text, words).is_some();
    Severity::parse(&line.level) >= least
        && (words.is_empty() || has(&line.message) || has(&line.trace_id) || has(&line.video_id))
}

/// Where `words`, in lower case, first stand in `text` whatever its case.
fn find(text: &str, words: &str) -> Option<usize> {
    // Lower case of ASCII alone keeps every byte where it is.
    text.to_ascii_lowercase().find(words)
}

/// Writes a line; what a search (in lower case) hits is marked.
pub fn write(html: &mut Html, line: &LogLine, words: &str, clock: Clock) {
    html.start("div", Severity::parse(&line.level).class(), &[]);
    match line.at {
        Some(at) => clock.write(html, at, &clock.time_of_day(at)),
        None => {
            html.start("time", "", &[]).end("time");
        }
    }
    let level = if line.level.is_empty() {
        &line.stream
    } else {
        &line.level
    };
    html.start("span", "", &[]).text(level).end("span");
    html.start("span", "", &[]);
    mark(html, &line.message, words);
    if line.cut {
        html.start("small", "", &[]).text(" (cut)").end("small");
    }
    if let Some(details) = details(line) {
        html.start("small", "text-muted", &[])
            .text(&details)
            .end("small");
    }
    html.end("span").end("div");
}

/// Writes text with what a search (in lower case) hits marked.
fn mark(html: &mut Html, text: &str, words: &str) {
    let mut rest = text;
    if !words.is_empty() {
        while let Some(at) = find(rest, words) {
            let (before, from) = rest.split_at(at);
            let (hit, after) = from.split_at(words.len());
            html.text(before);
            html.start("mark", "", &[]).text(hit).end("mark");
            rest = after;
        }
    }
    html.text(rest);
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::prelude::*;

    use super::*;

    fn line(level: &str, message: &str) -> LogLine {
        LogLine {
            level: level.to_owned(),
            message: message.to_owned(),
            ..LogLine::default()
        }
    }

    fn written(line: &LogLine, words: &str) -> String {
        let owner = Owner::new();
        owner.set();
        let mut html = Html::default();
        write(&mut html, line, words, Clock::provide());
        html.into_string()
    }

    #[test]
    fn levels_are_ordered() {
        assert!(matches(&line("fatal", ""), "", Severity::Error));
        assert!(matches(&line("warning", ""), "", Severity::Warn));
        assert!(!matches(&line("info", ""), "", Severity::Warn));
        assert!(!matches(&line("", ""), "", Severity::Debug));
        assert!(matches(&line("", ""), "", Severity::Any));
    }

    #[test]
    fn a_search_hits_whatever_the_case() {
        assert!(matches(
            &line("", "Video Rendered"),
            "rendered",
            Severity::Any
        ));
        assert!(!matches(&line("", "Video"), "audio", Severity::Any));
        let traced = LogLine {
            trace_id: "abc".to_owned(),
            ..LogLine::default()
        };
        assert!(matches(&traced, "abc", Severity::Any));
    }

    #[test]
    fn hits_are_marked_and_nothing_is_lost() {
        let marked = |text: &str, words: &str| {
            let mut html = Html::default();
            mark(&mut html, text, words);
            html.into_string()
        };
        assert_eq!(
            marked("Über Aaa", "a"),
            "Über <mark>A</mark><mark>a</mark><mark>a</mark>"
        );
        assert_eq!(marked("", "a"), "");
        assert_eq!(marked("abc", ""), "abc");
        // What is looked for may itself be a letter that means something.
        assert_eq!(marked("a<b&lt;", "<"), "a<mark>&lt;</mark>b&amp;lt;");
        assert_eq!(marked("a&amp;b", "amp"), "a&amp;<mark>amp</mark>;b");
    }

    #[test]
    fn a_hostile_line_stays_text() {
        let evil = "</span></div><script>alert('log')</script><img src=x onerror=\"alert(1)\">&\u{1b}[31m\u{1b}]8;;javascript:alert(1)\u{7}";
        let line = LogLine {
            at: Some(time::OffsetDateTime::UNIX_EPOCH),
            stream: evil.to_owned(),
            level: evil.to_owned(),
            message: evil.to_owned(),
            trace_id: evil.to_owned(),
            video_id: evil.to_owned(),
            cut: true,
            ..LogLine::default()
        };
        let text = "&lt;/span&gt;&lt;/div&gt;&lt;script&gt;alert(&#39;log&#39;)&lt;/script&gt;\
                    &lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp; [31m ]8;;javascript:alert(1) ";
        for words in ["", "script", "<", "\""] {
            let html = written(&line, words);
            for tag in ["<script", "<img", "\u{1b}", "\u{7}", "=\"alert"] {
                assert!(!html.contains(tag), "{tag:?} in {html}");
            }
            assert_eq!(html.matches("<div").count(), 1);
            assert_eq!(html.matches("</div>").count(), 1);
            assert!(
                html.replace("<mark>", "")
                    .replace("</mark>", "")
                    .matches(text)
                    .count()
                    == 4
            );
        }
    }

    #[test]
    fn a_line_says_when_how_grave_and_what() {
        let mut error = line("error", "no credit");
        error.at = Some(time::OffsetDateTime::UNIX_EPOCH);
        assert_eq!(
            written(&error, "credit"),
            "<div class=\"line error\"><time datetime=\"1970-01-01T00:00:00Z\" title=\"1970-01-01 00:00:00 UTC\">00:00:00</time>\
             <span>error</span><span>no <mark>credit</mark></span></div>"
        );
        let plain = LogLine {
            stream: "stderr".to_owned(),
            message: "x".to_owned(),
            ..LogLine::default()
        };
        assert_eq!(
            written(&plain, ""),
            "<div class=\"line\"><time></time><span>stderr</span><span>x</span></div>"
        );
    }

    #[test]
    fn details_are_told_where_there_are_any() {
        assert_eq!(details(&line("info", "x")), None);
        let text = LogLine {
            video_id: "v1".to_owned(),
            cost: Some(0.42),
            ..LogLine::default()
        };
        assert_eq!(details(&text).as_deref(), Some("  video_id v1, cost $0.42"));
    }
}
