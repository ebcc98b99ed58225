//! What containers use: two readings of their counters make a rate.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use futures::StreamExt;
use store::{changes, usage::OfContainer};
use types::{
    deployment::{State, Usage},
    live::Topic,
};

use crate::{
    Ops, Outcome,
    outside::{EngineError, UsageSample},
    pace::paced,
};

/// How often containers are measured when there are few.
const OFTEN: Duration = Duration::from_millis(2_500);

/// What measuring one container may take of the engine's time: with many containers rounds come less often.
const PER_CONTAINER: Duration = Duration::from_millis(20);

/// How often they are measured however many there are.
const SELDOM: Duration = Duration::from_secs(30);

/// How many containers are measured at a time. The engine makes every question wait for its next reading, up to a
/// second, so few at a time would take long, and many cost no more.
const AT_ONCE: usize = 64;

/// How far apart they are asked.
const APART: Duration = Duration::from_millis(4);

/// The last reading of every container.
pub type Readings = HashMap<String, UsageSample>;

/// Measures all running containers over and over, for ever. Only the console that leads runs this.
pub async fn measure(ops: &Ops) {
    let mut readings = Readings::new();
    loop {
        let started = Instant::now();
        if let Err(error) = measure_once(ops, &mut readings).await {
            tracing::debug!(error = %error, "What containers use could not be stored; the next round tries again.");
        }
        let every = pause(readings.len());
        tokio::time::sleep(every.saturating_sub(started.elapsed())).await;
    }
}

/// From one round to the next, for so many containers.
fn pause(containers: usize) -> Duration {
    let fair = PER_CONTAINER * u32::try_from(containers).unwrap_or(u32::MAX).min(10_000);
    fair.clamp(OFTEN, SELDOM)
}

/// Measures every running container once, stores what it uses and tells open pages. Of a container's first reading only
/// what needs no second one is known.
///
/// # Errors
/// The database failed.
pub async fn measure_once(ops: &Ops, readings: &mut Readings) -> Outcome<()> {
    let snapshot = ops.stack.snapshot(ops).await?;
    if !snapshot.stack.engine.reachable {
        readings.clear();
        return Ok(());
    }
    let running: Vec<String> = snapshot
        .containers
        .iter()
        .filter(|known| known.container.state == State::Running)
        .map(|known| known.container.id.clone())
        .collect();
    let parts: HashSet<String> = running.iter().cloned().collect();
    let plain = ops.outside.containers.plain().await.unwrap_or_default();
    let plain = plain.into_iter().map(|one| one.id);
    let asked: Vec<String> = running.into_iter().chain(plain).collect();
    let samples: Vec<(String, Result<UsageSample, EngineError>)> = paced(asked, APART)
        .map(|id| sample(ops, id))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    // A collector that can't see the containers' cgroups goes by this.
    let told = samples
        .iter()
        .filter_map(|(id, sample)| Some((id.clone(), *sample.as_ref().ok()?)));
    ops.meters.set_engine(told.collect());
    let mut before = std::mem::take(readings);
    let mut usages = Vec::new();
    let of_stack = samples.into_iter().filter(|(id, _)| parts.contains(id));
    for (container_id, sample) in of_stack {
        let Ok(sample) = sample else { continue };
        let usage = usage(before.remove(&container_id).as_ref(), &sample);
        readings.insert(container_id.clone(), sample);
        usages.push(OfContainer {
            container_id,
            usage,
        });
    }
    let mut tx = ops.begin().await?;
    store::usage::replace(&mut tx, &usages, ops.clock.now()).await?;
    changes::publish(&mut tx, Topic::Usage, "").await?;
    Ops::commit(tx).await
}

async fn sample(ops: &Ops, id: String) -> (String, Result<UsageSample, EngineError>) {
    let sample = ops.outside.containers.stats(&id).await;
    (id, sample)
}

/// What is used between two readings. A counter that went back belongs to another run: no rate follows from it.
fn usage(before: Option<&UsageSample>, now: &UsageSample) -> Usage {
    let seconds = before.map_or(0.0, |before| seconds(now.at_nano - before.at_nano));
    let rate = |counter: fn(&UsageSample) -> Option<u64>| -> Option<f64> {
        let grown = counter(now)?.checked_sub(counter(before?)?)?;
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no 52 bits")]
        let rate = grown as f64 / seconds;
        (seconds > 0.0).then_some(rate)
    };
    Usage {
        // Nanoseconds of CPU time per second; all of one core is a thousand million.
        cpu_percent: rate(|sample| sample.cpu_ns).map(|ns| ns / 1e7),
        memory_bytes: now.memory_bytes,
        network_rx_bytes_s: rate(|sample| sample.rx_bytes),
        network_tx_bytes_s: rate(|sample| sample.tx_bytes),
        block_read_bytes_s: rate(|sample| sample.read_bytes),
        block_write_bytes_s: rate(|sample| sample.written_bytes),
        pids: now.pids,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the time between two readings is short"
)]
fn seconds(nanos: i128) -> f64 {
    nanos as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at_s: i128, counter: u64) -> UsageSample {
        UsageSample {
            at_nano: at_s * 1_000_000_000,
            cpu_ns: Some(counter),
            memory_bytes: Some(7),
            rx_bytes: Some(counter),
            pids: Some(3),
            ..UsageSample::default()
        }
    }

    #[test]
    fn two_readings_make_a_rate() {
        let used = usage(Some(&sample(10, 1_000_000_000)), &sample(12, 5_000_000_000));
        assert_eq!(used.cpu_percent, Some(200.0));
        assert_eq!(used.network_rx_bytes_s, Some(2e9));
        assert_eq!(
            (used.memory_bytes, used.pids, used.block_read_bytes_s),
            (Some(7), Some(3), None)
        );
    }

    #[test]
    fn many_containers_are_measured_less_often() {
        let millis = [6, 125, 500, 100_000].map(|containers| pause(containers).as_millis());
        assert_eq!(millis, [2_500, 2_500, 10_000, 30_000]);
    }

    #[test]
    fn no_rate_follows_from_one_reading_from_another_run_or_from_no_time() {
        let now = sample(12, 100);
        for before in [
            None,
            Some(sample(10, 200)),
            Some(sample(12, 50)),
            Some(sample(13, 50)),
        ] {
            let used = usage(before.as_ref(), &now);
            assert_eq!((used.cpu_percent, used.memory_bytes), (None, Some(7)));
        }
    }
}
