//! One line for what belongs together: a restart is a signal, an end, a stop and a start to the engine.

use time::{Duration, OffsetDateTime};
use types::deployment::EngineEvent;

use crate::components::{format, status::Tone};

/// The longest between two events that belong together: a grace that is longer shows the signal on its own.
const LONGEST: Duration = Duration::minutes(2);

/// A start this soon after an end is the restart policy's: one line with it. A later one was somebody's, or waited.
const SOON: Duration = Duration::seconds(10);

/// Events of a container that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The newest of them, which the line tells of.
    pub event: EngineEvent,
    /// When the oldest of them was.
    began: OffsetDateTime,
    /// How many they are.
    pub events: usize,
    /// The last that was taken in.
    last: String,
    exit_code: Option<i64>,
    has_died: bool,
    ran_out_of_memory: bool,
    /// How many seconds before this start the end was that has its own line; 0 where none is known.
    down_s: i64,
    asked_by: Option<String>,
}

impl Line {
    fn of(event: EngineEvent) -> Self {
        Self {
            began: event.at,
            events: 1,
            last: event.action.clone(),
            exit_code: event.exit_code,
            has_died: event.action == "die",
            ran_out_of_memory: event.action == "oom",
            down_s: 0,
            asked_by: event.asked_by.clone(),
            event,
        }
    }

    /// Whether an older event of the same container belongs to it.
    fn takes(&self, older: &EngineEvent) -> bool {
        if self.began - older.at > LONGEST {
            return false;
        }
        let is_restart = self.event.action == "restart";
        match (self.last.as_str(), older.action.as_str()) {
            // A stop of its own has its own line.
            ("start", "stop") => is_restart,
            // What ended by itself and was started again.
            ("start", "die") => {
                let is_policy = self.asked_by.is_none() && self.began - older.at <= SOON;
                is_restart || is_policy
            }
            // Its first half; what led to an end.
            ("restart", "start") | ("die" | "oom", "kill" | "oom") => true,
            ("stop", "die" | "kill") | ("kill", "kill") => self.event.action != "kill",
            // The engine may tell of a stop just before the end that it brought about.
            ("die", "stop") => is_restart || self.event.action == "die",
            _ => false,
        }
    }

    fn take(&mut self, older: EngineEvent) {
        self.began = older.at;
        self.events += 1;
        self.has_died |= older.action == "die";
        self.ran_out_of_memory |= older.action == "oom";
        self.exit_code = self.exit_code.or(older.exit_code);
        self.asked_by = self.asked_by.take().or(older.asked_by);
        if self.event.action == "die" && older.action == "stop" {
            self.event.action.clone_from(&older.action);
        }
        self.last = older.action;
    }

    /// When it happened: a crash that was mended at once, when it ended.
    pub fn at(&self) -> OffsetDateTime {
        if self.event.action == "start" && self.has_died {
            self.began
        } else {
            self.event.at
        }
    }

    /// What happened in a person's words, to follow the service's name, and how much it matters.
    pub fn describe(&self) -> (Tone, String) {
        let took = (self.event.at - self.began).whole_seconds();
        match self.event.action.as_str() {
            "restart" => (Tone::Unk, self.by("restarted", took)),
            "stop" => (Tone::Unk, self.by("stopped", took)),
            "start" if self.has_died => {
                let again = format::duration(took);
                (
                    Tone::Crit,
                    format!("{}, and started again after {again}", self.ended()),
                )
            }
            "start" if self.asked_by.is_some() => (Tone::Unk, self.by("started", 0)),
            "start" if self.down_s > 0 => {
                let again = format::duration(self.down_s);
                (Tone::Unk, format!("started again after {again}"))
            }
            "die" => {
                let is_well = self.exit_code == Some(0) && !self.ran_out_of_memory;
                (if is_well { Tone::Unk } else { Tone::Crit }, self.ended())
            }
            _ => super::events::describe(&self.event),
        }
    }

    fn by(&self, what: &str, took: i64) -> String {
        let by = self.asked_by.as_ref().map_or_else(
            || "from outside the console".to_owned(),
            |name| format!("by {name}"),
        );
        if self.events > 1 && took > 0 {
            format!("was {what} {by}, took {}", format::duration(took))
        } else {
            format!("was {what} {by}")
        }
    }

    fn ended(&self) -> String {
        let code = match self.exit_code {
            None | Some(0) if self.ran_out_of_memory => String::new(),
            Some(code) if self.ran_out_of_memory => format!(", exit code {code}"),
            Some(0) | None => return "ended".to_owned(),
            Some(code) => return format!("ended with exit code {code}"),
        };
        format!("ran out of memory{code}")
    }
}

/// Joins events, the newest first, to lines, the newest first.
pub fn lines(events: Vec<EngineEvent>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for event in events {
        // The last line of a container is the only one that can go on.
        let last = lines
            .iter_mut()
            .rev()
            .find(|line| line.event.container_id == event.container_id);
        match last {
            Some(line) if line.takes(&event) => line.take(event),
            last => {
                if let Some(line) = last
                    && event.action == "die"
                {
                    line.down_s = (line.began - event.at).whole_seconds();
                }
                lines.push(Line::of(event));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events of container `a` at these seconds, given the oldest first.
    fn told(happened: &[(i64, &str)]) -> Vec<EngineEvent> {
        let events = happened
            .iter()
            .zip(1..)
            .map(|((second, action), id)| EngineEvent {
                id,
                at: OffsetDateTime::UNIX_EPOCH + Duration::seconds(*second),
                project: "shop".to_owned(),
                service: "web".to_owned(),
                container_id: "a".to_owned(),
                action: (*action).to_owned(),
                exit_code: (*action == "die").then_some(137),
                image: "web:1".to_owned(),
                asked_by: None,
                detail: String::new(),
            });
        let mut events: Vec<_> = events.collect();
        events.reverse();
        events
    }

    fn texts(events: Vec<EngineEvent>) -> Vec<String> {
        lines(events).iter().map(|line| line.describe().1).collect()
    }

    const RESTART: [(i64, &str); 6] = [
        (10, "kill"),
        (12, "kill"),
        (12, "die"),
        (12, "stop"),
        (12, "start"),
        (12, "restart"),
    ];

    #[test]
    fn a_restart_is_one_line_with_who_asked_and_how_long_it_took() {
        let outside = told(&RESTART);
        assert_eq!(
            texts(outside.clone()),
            ["was restarted from outside the console, took 2 s"]
        );
        let mut asked = outside;
        asked[0].asked_by = Some("Ada".to_owned());
        assert_eq!(texts(asked), ["was restarted by Ada, took 2 s"]);
        // Of the older half nothing is known yet.
        assert_eq!(
            texts(told(&RESTART[5..])),
            ["was restarted from outside the console"]
        );
    }

    #[test]
    fn other_containers_between_do_not_split_a_line() {
        let mut events = told(&RESTART);
        let mut other = told(&[(12, "die")]).remove(0);
        other.container_id = "b".to_owned();
        events.insert(3, other);
        assert_eq!(
            texts(events),
            [
                "was restarted from outside the console, took 2 s",
                "ended with exit code 137"
            ]
        );
    }

    #[test]
    fn a_stop_and_a_later_start_are_two_lines() {
        let mut events = told(&[(10, "kill"), (11, "die"), (11, "stop"), (40, "start")]);
        events[0].asked_by = Some("Bob".to_owned());
        events[1].asked_by = Some("Ada".to_owned());
        assert_eq!(
            texts(events),
            ["was started by Bob", "was stopped by Ada, took 1 s"]
        );
        let swapped = told(&[(10, "kill"), (11, "stop"), (11, "die")]);
        assert_eq!(
            texts(swapped),
            ["was stopped from outside the console, took 1 s"]
        );
    }

    #[test]
    fn a_crash_that_was_mended_is_one_line() {
        let events = told(&[(10, "oom"), (10, "die"), (13, "start")]);
        let crash = "ran out of memory, exit code 137, and started again after 3 s";
        assert_eq!(
            lines(events.clone())[0].describe(),
            (Tone::Crit, crash.to_owned())
        );
        assert_eq!(lines(events.clone())[0].at(), events[2].at);
    }

    #[test]
    fn a_start_long_after_an_end_has_its_own_line_at_its_own_time() {
        let mut events = told(&[(10, "oom"), (10, "die"), (56, "start")]);
        let both = lines(events.clone());
        assert_eq!(
            texts(events.clone()),
            [
                "started again after 46 s",
                "ran out of memory, exit code 137"
            ]
        );
        assert_eq!((both[0].at(), both[1].at()), (events[0].at, events[1].at));
        events[0].asked_by = Some("Ada".to_owned());
        assert_eq!(
            texts(events),
            ["was started by Ada", "ran out of memory, exit code 137"]
        );
        // Soon after as well, where it was asked for.
        let mut events = told(&[(10, "die"), (13, "start")]);
        events[0].asked_by = Some("Ada".to_owned());
        assert_eq!(texts(events).len(), 2);
    }

    #[test]
    fn two_restarts_are_two_lines() {
        let again: Vec<_> = RESTART
            .iter()
            .map(|(second, action)| (second + 5, *action))
            .collect();
        let both: Vec<_> = RESTART.iter().copied().chain(again).collect();
        assert_eq!(texts(told(&both)).len(), 2);
    }
}
