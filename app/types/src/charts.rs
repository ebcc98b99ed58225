//! Charts: what is asked for, and what is drawn.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{health::Status, resources::SourceState, samples::StoredHost};

/// A page of charts of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The most telling ones of every kind.
    #[default]
    Overview,
    /// Processors, load and pressure.
    Cpu,
    /// Memory and swap.
    Memory,
    /// Filesystems and disks.
    Disks,
    /// Network interfaces.
    Network,
    /// GPUs.
    Gpus,
    /// Containers side by side.
    Containers,
}

impl View {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Overview,
        Self::Cpu,
        Self::Memory,
        Self::Disks,
        Self::Network,
        Self::Gpus,
        Self::Containers,
    ];

    /// The name in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disks => "disks",
            Self::Network => "network",
            Self::Gpus => "gpus",
            Self::Containers => "containers",
        }
    }

    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Cpu => "CPU",
            Self::Memory => "Memory",
            Self::Disks => "Disks",
            Self::Network => "Network",
            Self::Gpus => "GPUs",
            Self::Containers => "Containers",
        }
    }

    /// Reads [`View::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == text)
    }
}

/// What charts are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A host; the empty name stands for the console's own.
    Host {
        /// Its name.
        name: String,
        /// Which of its charts.
        view: View,
    },
    /// A service of the stack: those of its containers, on the console's own host.
    Service {
        /// Its compose project.
        project: String,
        /// Its name.
        service: String,
    },
}

/// A range of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// The last so many seconds, up to now and going on.
    Last(u32),
    /// From the first to before the second, in milliseconds since 1970; it stands still.
    Between(i64, i64),
}

impl Default for Range {
    fn default() -> Self {
        Self::Last(1_200)
    }
}

impl fmt::Display for Range {
    /// As in addresses: `1200s`, or `1764000000000-1764003600000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last(seconds) => write!(f, "{seconds}s"),
            Self::Between(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

impl FromStr for Range {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(seconds) = text.strip_suffix('s') {
            return seconds.parse().map(Self::Last).map_err(drop);
        }
        let (from, to) = text.split_once('-').ok_or(())?;
        let range = (from.parse().map_err(drop)?, to.parse().map_err(drop)?);
        Ok(Self::Between(range.0, range.1))
    }
}

/// A request for charts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What they are about.
    pub subject: Subject,
    /// Which time.
    pub range: Range,
    /// At most so many points a series.
    pub points: u16,
    /// Also what was so many seconds before: 86,400 or 604,800; 0 for nothing.
    pub before_s: u32,
}

/// Charts of one subject over one range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Charts {
    /// The host that they are of.
    pub host: String,
    /// All hosts, by name.
    pub hosts: Vec<StoredHost>,
    /// The console's own host.
    #[serde(default)]
    pub own: String,
    /// The range, in milliseconds since 1970.
    pub from: i64,
    /// Its end.
    pub to: i64,
    /// When the host's newest sample was taken; `None` when there is none.
    pub newest: Option<i64>,
    /// The charts, in the order in which they are shown. One for which there is nothing to measure is not among them.
    pub charts: Vec<Chart>,
    /// What happened in the range, in order of time.
    pub marks: Vec<Mark>,
    /// What can't be read, and why.
    pub unreadable: Vec<SourceState>,
}

/// One chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Names it in addresses and tests, such as `cpu` or `gpu-memory`.
    pub id: String,
    /// Its heading, such as `CPU`.
    pub title: String,
    /// Unit of its values by UCUM: `1` (a share), `By`, `By/s`, `Cel`, `W`, `Hz`, `s`, `{process}`, `{packet}/s`, …
    pub unit: String,
    /// Each line stands on the one before it; they are parts of a whole.
    pub is_stacked: bool,
    /// What the values can't be above: 1 of a share, a limit of memory; the axis ends there when it is near.
    pub most: Option<f64>,
    /// Thresholds.
    pub limits: Vec<Limit>,
    /// Its series, in the order of the legend.
    pub lines: Vec<Line>,
    /// How many more there are: those with the greatest means are shown.
    #[serde(default)]
    pub left_out: u32,
}

/// A threshold of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// In the chart's unit.
    pub value: f64,
    /// What it is, such as `threshold 80 %` or `limit`.
    pub label: String,
    /// What it means to be above it.
    pub status: Status,
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The series' number; the event stream tells its samples by it.
    pub id: i32,
    /// What tells it from the others, such as `user` or `GPU 0`.
    pub label: String,
    /// Its points over the range.
    pub points: Columns,
    /// Its points before, with the times that they are compared with; where the range goes on, those of the next 90 s too.
    pub before: Option<Columns>,
}

/// Points of a series, a column a number: in short ranges they have no least and greatest of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Columns {
    /// From one point to the next, in milliseconds, where nothing is missing. What is further apart than a step and a half
    /// has a gap between.
    pub step: i64,
    /// Times in milliseconds: the first since 1970, each other one since the one before it.
    pub times: Vec<i64>,
    /// Means, or the samples themselves.
    pub mean: Vec<f64>,
    /// Least ones; empty where `mean` holds the samples.
    pub least: Vec<f64>,
    /// Greatest ones; empty where `mean` holds the samples.
    pub greatest: Vec<f64>,
}

/// Something that happened, marked in every chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// In short, such as `backend restarted`.
    pub text: String,
    /// A page that tells more.
    pub href: String,
    /// Whether it was good, bad or neither.
    pub status: Status,
}

/// Samples of one second of a host, as the event stream tells them: event `samples` of `/stream?samples=<host>`.
///
/// Only what is another than the second before is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pulse {
    /// The host's name.
    pub host: String,
    /// When they were taken, in milliseconds since 1970.
    pub at: i64,
    /// The second before, in milliseconds since 1970; 0 in the first one of a host in a stream, which holds every series.
    /// Who does not have that one missed some, and reads anew.
    pub before: i64,
    /// Series' numbers with their values; `None` where it can't be read any more: a gap begins.
    pub samples: Vec<(i32, Option<f64>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_back_as_it_was_written() {
        for range in [Range::Last(300), Range::Between(5, 1_764_000_000_000)] {
            assert_eq!(range.to_string().parse(), Ok(range));
        }
        for text in ["", "s", "5", "-", "5-", "-5", "1-2-3", "4294967296s", "-3s"] {
            assert_eq!(text.parse::<Range>(), Err(()), "{text}");
        }
    }
}
