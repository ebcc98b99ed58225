//! What happened to services, backups and GPUs, as marks in charts.

mod backups;

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use store::{
    engine_events::{Filter, lives},
    samples::errors,
};
use time::OffsetDateTime;
use types::{charts::Mark, deployment::EngineEvent, health::Status};

pub use self::backups::of_backups;
use super::super::{millis, xid};
use crate::{Actor, Ops, Outcome, deployment};

/// The most marks: more would hide the chart.
const MOST: usize = 100;

/// The most events that they are made of.
const MOST_EVENTS: i64 = 500;

/// A start so soon after an end is one event to people: a restart.
const RESTART: time::Duration = time::Duration::minutes(2);

/// The same after an end that nobody asked for: the restart policy's start. A later one stands at its own time.
const MENDED: time::Duration = time::Duration::seconds(10);

/// What stays as it is in a part of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What happened from `from` to before `to`, in milliseconds since 1970, to the services that the actor sees, or to this
/// one alone, which the actor was found to see; the newest hundred, in order of time.
pub async fn marks(
    ops: &Ops,
    actor: &Actor,
    only: Option<(&str, &str)>,
    from: i64,
    to: i64,
) -> Outcome<Vec<Mark>> {
    let seen = match only {
        None if actor.is_confined() => {
            let stack = deployment::stack(ops, actor).await?;
            let services = stack.projects.iter().flat_map(|project| &project.services);
            let names = services.map(|service| (service.project.clone(), service.name.clone()));
            Some(names.unzip::<String, String, Vec<String>, Vec<String>>())
        }
        _ => None,
    };
    let filter = Filter {
        project: only.map(|(project, _)| project),
        service: only.map(|(_, service)| service),
        before: None,
        among: seen
            .as_ref()
            .map(|(projects, names)| (projects.as_slice(), names.as_slice())),
    };
    let (Some(from), Some(to)) = (at(from), at(to)) else {
        return Ok(Vec::new());
    };
    let mut events = lives(&ops.db, filter, from, to, MOST_EVENTS).await?;
    events.reverse();
    Ok(gather(&events))
}

/// Errors of a host's GPUs from `from` to before `to`, in milliseconds since 1970: the newest hundred, those of one card and
/// number that are close together as one. `host` is its name in addresses; empty for the console's own.
pub async fn of_gpus(ops: &Ops, id: i32, host: &str, from: i64, to: i64) -> Outcome<Vec<Mark>> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let step = (to - from) / most;
    let told = errors::between(&ops.db, id, (from, to), step, most).await?;
    let mut href = "/resources?view=gpus".to_owned();
    if !host.is_empty() {
        href = format!("{href}&host={}", segment(host));
    }
    let marks = told.into_iter().map(|burst| {
        let (meaning, status) = xid::told(burst.xid.unsigned_abs());
        let times = if burst.count > 1 {
            format!(", {} times", burst.count)
        } else {
            String::new()
        };
        Mark {
            at: burst.at,
            text: format!("{}: {meaning}{times}", burst.card),
            href: href.clone(),
            status,
        }
    });
    Ok(marks.collect())
}

/// Marks of two kinds in order of time, the newest hundred.
pub fn merged(mut marks: Vec<Mark>, others: Vec<Mark>) -> Vec<Mark> {
    marks.extend(others);
    marks.sort_by_key(|mark| mark.at);
    marks.drain(..marks.len().saturating_sub(MOST));
    marks
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn at(millis: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()
}

/// The end of a service that no start has followed yet.
struct Ended {
    /// Its mark's place.
    place: usize,
    at: OffsetDateTime,
    /// It ran out of memory, or by itself with a code that says so.
    is_bad: bool,
    oom: bool,
}

impl Ended {
    /// Whether the start that follows belongs to it.
    fn is_one_with(&self, start: &EngineEvent) -> bool {
        let after = start.at - self.at;
        if self.is_bad {
            after <= MENDED && start.asked_by.is_none()
        } else {
            after <= RESTART
        }
    }
}

/// Marks of events in order of time.
fn gather(events: &[EngineEvent]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut open: HashMap<(&str, &str, &str), Ended> = HashMap::new();
    for event in events {
        let key = (
            event.project.as_str(),
            event.service.as_str(),
            event.container_id.as_str(),
        );
        // A container that was made anew has another id: its end belongs to its service's next start as well.
        let service = (event.project.as_str(), event.service.as_str(), "");
        match event.action.as_str() {
            "start" => {
                let ended = open.remove(&key).or_else(|| open.remove(&service));
                open.retain(|open, _| (open.0, open.1) != (key.0, key.1) || !open.2.is_empty());
                match ended.filter(|ended| ended.is_one_with(event)) {
                    Some(ended) => {
                        let (text, status) = restarted(&event.service, &ended);
                        if let Some(mark) = marks.get_mut(ended.place) {
                            *mark = Mark {
                                text,
                                status,
                                ..mark.clone()
                            };
                        }
                    }
                    None => marks.push(mark(
                        event,
                        format!("{} started", event.service),
                        Status::Ok,
                    )),
                }
            }
            // Its end follows.
            "oom" => {
                let text = format!("{} ran out of memory", event.service);
                open.insert(
                    key,
                    Ended {
                        place: marks.len(),
                        at: event.at,
                        is_bad: true,
                        oom: true,
                    },
                );
                marks.push(mark(event, text, Status::Critical));
            }
            "die" => {
                if open.get(&key).is_some_and(|ended| ended.oom) {
                    continue;
                }
                // 143 and 137 are how a container ends that was told to.
                let code = event.exit_code.unwrap_or(0);
                let was_told = matches!(code, 0 | 143) || code == 137 && event.asked_by.is_some();
                let is_bad = !was_told;
                let (text, status) = if is_bad {
                    (
                        format!("{} ended with code {code}", event.service),
                        Status::Critical,
                    )
                } else {
                    (format!("{} stopped", event.service), Status::Unknown)
                };
                let ended = |place| Ended {
                    place,
                    at: event.at,
                    is_bad,
                    oom: false,
                };
                open.insert(key, ended(marks.len()));
                open.insert(service, ended(marks.len()));
                marks.push(mark(event, text, status));
            }
            _ => {}
        }
    }
    marks.drain(..marks.len().saturating_sub(MOST));
    marks
}

fn restarted(service: &str, ended: &Ended) -> (String, Status) {
    match ended {
        Ended { oom: true, .. } => (
            format!("{service} ran out of memory and restarted"),
            Status::Critical,
        ),
        Ended { is_bad: true, .. } => (format!("{service} failed and restarted"), Status::Warning),
        _ => (format!("{service} restarted"), Status::Ok),
    }
}

fn mark(event: &EngineEvent, text: String, status: Status) -> Mark {
    Mark {
        at: millis(event.at),
        text,
        href: format!(
            "/deployment/{}/{}",
            segment(&event.project),
            segment(&event.service)
        ),
        status,
    }
}

#[cfg(test)]
mod tests;
