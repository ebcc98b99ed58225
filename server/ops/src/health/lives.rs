//! Which failures count: not those while a service was stopped on purpose, nor those between its start and its first
//! answer.

use store::{
    engine_events::Turn as Told,
    health::{Past, Probed},
};
use time::{Duration, OffsetDateTime};

/// The engine may tell of a stop just before it tells of the end that it brought about.
const ABOUT: Duration = Duration::seconds(2);

/// How a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It has been started, and has not answered yet.
    Starting,
    /// It has answered.
    Up,
    /// It was stopped or paused.
    Stopped,
    /// It ended by itself.
    Crashed,
}

/// From when on a service stands so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: OffsetDateTime,
    /// How it stands since.
    pub life: Life,
}

/// The turns that the engine told of, with the starts that the containers themselves tell: those of events that nobody
/// heard.
pub fn turns(told: &[Told], started: impl Iterator<Item = OffsetDateTime>) -> Vec<Turn> {
    let starts = started.map(|at| Turn {
        at,
        life: Life::Starting,
    });
    let mut turns: Vec<Turn> = told
        .iter()
        .filter_map(|turn| {
            let life = match turn.action.as_str() {
                "start" | "unpause" => Life::Starting,
                "stop" | "pause" => Life::Stopped,
                "die" | "kill" if is_of_a_stop(turn, told) => Life::Stopped,
                "die" => Life::Crashed,
                // A signal that it was not stopped by.
                _ => return None,
            };
            Some(Turn { at: turn.at, life })
        })
        .chain(starts)
        .collect();
    turns.sort_by_key(|turn| turn.at);
    turns
}

/// The container was stopped before it was started again.
fn is_of_a_stop(turn: &Told, told: &[Told]) -> bool {
    let own = |other: &&Told| other.container_id == turn.container_id;
    let started = told
        .iter()
        .filter(own)
        .find(|other| other.action == "start" && other.at >= turn.at);
    told.iter().filter(own).any(|other| {
        other.action == "stop"
            && other.at >= turn.at - ABOUT
            && started.is_none_or(|started| other.at <= started.at)
    })
}

/// The probes that count to the error rate. `probes` and `turns` have the oldest first.
pub fn counting(probes: Vec<Past>, turns: &[Turn]) -> Vec<Probed> {
    let mut turns = turns.iter().peekable();
    let mut life = Life::Up;
    let mut counting = Vec::new();
    for Past { at, probed } in probes {
        while let Some(turn) = turns.next_if(|turn| turn.at <= at) {
            life = turn.life;
        }
        if probed.ok {
            life = Life::Up;
        }
        if probed.ok || matches!(life, Life::Up | Life::Crashed) {
            counting.push(probed);
        }
    }
    counting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(second)
    }

    fn told(turns: &[(i64, &str)]) -> Vec<Told> {
        let told = turns.iter().map(|(second, action)| Told {
            at: at(*second),
            container_id: "a".to_owned(),
            action: (*action).to_owned(),
        });
        told.collect()
    }

    /// Which failures at these seconds count, with an answer at the others.
    fn count(events: &[(i64, &str)], probes: &[(i64, bool)]) -> usize {
        let probes = probes.iter().map(|(second, ok)| Past {
            at: at(*second),
            probed: Probed {
                ok: *ok,
                ..Probed::default()
            },
        });
        let turns = turns(&told(events), std::iter::empty());
        let counting = counting(probes.collect(), &turns);
        counting.iter().filter(|probed| !probed.ok).count()
    }

    const RESTART: [(i64, &str); 4] = [(10, "kill"), (20, "die"), (20, "stop"), (21, "start")];

    #[test]
    fn a_restart_on_purpose_costs_nothing() {
        let probes = [(0, true), (12, false), (22, false), (25, false), (30, true)];
        assert_eq!(count(&RESTART, &probes), 0);
        // Before it and once it has answered failures count.
        let probes = [(0, true), (5, false), (22, false), (30, true), (40, false)];
        assert_eq!(count(&RESTART, &probes), 2);
    }

    #[test]
    fn a_stop_that_is_told_before_the_end_is_a_stop() {
        let events = [(10, "kill"), (11, "stop"), (12, "die")];
        assert_eq!(count(&events, &[(0, true), (13, false), (99, false)]), 0);
    }

    #[test]
    fn a_crash_counts_until_it_is_started_again() {
        let events = [(10, "die"), (30, "start")];
        let probes = [(0, true), (15, false), (25, false), (35, false), (40, true)];
        assert_eq!(count(&events, &probes), 2);
    }

    #[test]
    fn a_signal_that_ends_nothing_excuses_nothing() {
        let events = [(10, "kill")];
        assert_eq!(count(&events, &[(0, true), (15, false), (25, false)]), 2);
    }

    #[test]
    fn a_pause_on_purpose_costs_nothing() {
        let events = [(10, "pause"), (20, "unpause")];
        let probes = [(0, true), (15, false), (22, false), (30, true), (40, false)];
        assert_eq!(count(&events, &probes), 1);
    }

    #[test]
    fn a_start_that_only_the_container_tells_counts_as_one() {
        let turns = turns(&[], [at(10)].into_iter());
        assert_eq!(turns[0].life, Life::Starting);
    }
}
