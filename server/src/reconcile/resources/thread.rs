//! The thread that ticks.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use collect::{Collector, Container, ContainerReading, Tick};
use ops::{Ops, outside::UsageSample, resources};
use tokio::sync::oneshot;

use super::refused::Refused;

/// What the thread is told between two ticks.
pub enum Told {
    /// To watch these containers and no others.
    Containers(Vec<Container>),
    /// To write its last reading in Prometheus' words.
    Expose(oneshot::Sender<String>),
    /// To end.
    Stop,
}

/// Closer than this to the next second, the one after it is meant: the clock of the deadline and the clock of the day
/// differ by less.
const TOO_CLOSE_MS: u64 = 100;

/// Ticks once a second, at the beginning of a second by the clock, until it is told to stop. A second that a tick took
/// too long for is left out.
pub fn ticks(ops: &Ops, keeps: &AtomicBool, mut collector: Collector, told: &Receiver<Told>) {
    let mut due = Instant::now();
    let mut refused = Refused::default();
    loop {
        match told.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Told::Containers(containers)) => collector.set_containers(containers),
            Ok(Told::Expose(answer)) => {
                let mut text = String::new();
                collector.prometheus(&mut text);
                // Who asked may have given up.
                let _ = answer.send(text);
            }
            Ok(Told::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let engine = ops.meters.take_engine();
                if !engine.is_empty() {
                    let readings = engine.into_iter().map(|(id, used)| (id, reading(&used)));
                    collector.set_engine_stats(readings.collect());
                }
                if let Some(answers) = ops.meters.take_answers() {
                    collector.set_gauges(answers);
                }
                hand_over(ops, keeps, collector.tick(millis(ops)), &mut refused);
                due = Instant::now() + until_next(millis(ops));
            }
        }
    }
}

/// How long it is from `now`, in milliseconds since 1970, to the next second.
fn until_next(now: i64) -> Duration {
    let left = 1_000 - now.rem_euclid(1_000).unsigned_abs();
    Duration::from_millis(if left < TOO_CLOSE_MS {
        left + 1_000
    } else {
        left
    })
}

fn hand_over(ops: &Ops, keeps: &AtomicBool, tick: Tick, refused: &mut Refused) {
    let (meters, host) = (&ops.meters, ops.meters.own_host());
    meters.end(&host, &tick.ended);
    meters.begin(&host, &tick.began);
    let (keep, at) = (keeps.load(Ordering::Acquire), tick.frame.at);
    for error in &tick.errors {
        tracing::warn!(
            card = error.uuid,
            xid = error.xid,
            meaning = resources::xid::told(error.xid).0,
            "The NVIDIA driver reported an error."
        );
    }
    if keep {
        meters.note_errors(&host, at, tick.errors);
    }
    let newest = meters.newest(&host);
    refused.note(meters.take(&host, tick.frame, keep), at, newest);
    meters.set_states(&host, refused.among(tick.states));
}

fn millis(ops: &Ops) -> i64 {
    i64::try_from(ops.clock.now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// What the engine told, as the collector takes it.
fn reading(used: &UsageSample) -> ContainerReading {
    ContainerReading {
        cpu_ns: used.cpu_ns,
        throttled_ns: used.throttled_ns,
        memory: used.memory_usage,
        working_set: used.memory_bytes,
        memory_limit: used.memory_limit,
        received: used.rx_bytes,
        transmitted: used.tx_bytes,
        read: used.read_bytes,
        written: used.written_bytes,
        pids: used.pids,
        ..ContainerReading::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_tick_is_at_the_next_second_that_is_not_here_already() {
        for (now, wait) in [
            (0, 1_000),
            (1, 999),
            (900, 100),
            (901, 1_099),
            (999, 1_001),
            (-1, 1_001),
        ] {
            assert_eq!(until_next(now), Duration::from_millis(wait), "{now}");
        }
    }
}
