//! Counters of a container.

use bollard::{
    Docker,
    errors::Error,
    models::{ContainerBlkioStatEntry, ContainerMemoryStats, ContainerStatsResponse},
    query_parameters::StatsOptionsBuilder,
};
use futures::{StreamExt, pin_mut};
use ops::outside::UsageSample;

/// Reads the counters of container `id` once; all are unknown of one that does not run.
pub async fn read(docker: &Docker, id: &str) -> Result<UsageSample, Error> {
    // One shot: without it the engine waits for a second reading to compare with.
    let options = StatsOptionsBuilder::default()
        .stream(false)
        .one_shot(true)
        .build();
    let answers = docker.stats(id, Some(options));
    pin_mut!(answers);
    match answers.next().await {
        Some(answer) => Ok(sample(&answer?)),
        None => Ok(UsageSample::default()),
    }
}

fn sample(stats: &ContainerStatsResponse) -> UsageSample {
    let pids = stats.pids_stats.as_ref().and_then(|pids| pids.current);
    if pids.is_none_or(|pids| pids == 0) {
        return UsageSample::default();
    }
    let networks = stats.networks.as_ref();
    let blocks = stats
        .blkio_stats
        .as_ref()
        .and_then(|blocks| blocks.io_service_bytes_recursive.as_deref());
    UsageSample {
        at_nano: stats
            .read
            .map_or(0, time::OffsetDateTime::unix_timestamp_nanos),
        cpu_ns: stats
            .cpu_stats
            .as_ref()
            .and_then(|cpu| cpu.cpu_usage.as_ref())
            .and_then(|usage| usage.total_usage),
        throttled_ns: stats
            .cpu_stats
            .as_ref()
            .and_then(|cpu| cpu.throttling_data.as_ref())
            .and_then(|throttling| throttling.throttled_time),
        memory_bytes: stats.memory_stats.as_ref().and_then(working_set),
        memory_usage: stats.memory_stats.as_ref().and_then(|memory| memory.usage),
        memory_limit: stats.memory_stats.as_ref().and_then(|memory| memory.limit),
        rx_bytes: networks.map(|all| sum(all.values().filter_map(|one| one.rx_bytes))),
        tx_bytes: networks.map(|all| sum(all.values().filter_map(|one| one.tx_bytes))),
        read_bytes: blocks.map(|entries| total(entries, "read")),
        written_bytes: blocks.map(|entries| total(entries, "write")),
        pids,
    }
}

/// What is used less the page cache that can be dropped at once, as `docker stats` counts: `inactive_file` under
/// cgroup v2, `total_inactive_file` under v1.
fn working_set(memory: &ContainerMemoryStats) -> Option<u64> {
    let droppable = memory.stats.as_ref().and_then(|stats| {
        stats
            .get("total_inactive_file")
            .or_else(|| stats.get("inactive_file"))
    });
    Some(
        memory
            .usage?
            .saturating_sub(droppable.copied().unwrap_or(0)),
    )
}

fn total(entries: &[ContainerBlkioStatEntry], verb: &str) -> u64 {
    let of_verb = |entry: &&ContainerBlkioStatEntry| {
        entry
            .op
            .as_deref()
            .is_some_and(|op| op.eq_ignore_ascii_case(verb))
    };
    sum(entries
        .iter()
        .filter(of_verb)
        .filter_map(|entry| entry.value))
}

fn sum(counters: impl Iterator<Item = u64>) -> u64 {
    counters.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    fn read(text: &str) -> UsageSample {
        sample(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn both_versions_of_control_groups_are_read() {
        let v1 = read(
            r#"{"read":"2026-11-23T00:00:01Z","pids_stats":{"current":3},
            "cpu_stats":{"cpu_usage":{"total_usage":500},"throttling_data":{"periods":9,"throttled_periods":2,"throttled_time":70}},
            "memory_stats":{"usage":100,"limit":900,"stats":{"inactive_file":1,"total_inactive_file":30}},
            "networks":{"a":{"rx_bytes":1,"tx_bytes":2},"b":{"rx_bytes":10,"tx_bytes":20}},
            "blkio_stats":{"io_service_bytes_recursive":[{"op":"Read","value":5},{"op":"Write","value":6},{"op":"Total","value":11}]}}"#,
        );
        assert_eq!(
            (v1.cpu_ns, v1.memory_bytes, v1.pids),
            (Some(500), Some(70), Some(3))
        );
        assert_eq!(
            (v1.throttled_ns, v1.memory_usage, v1.memory_limit),
            (Some(70), Some(100), Some(900))
        );
        assert_eq!((v1.rx_bytes, v1.tx_bytes), (Some(11), Some(22)));
        assert_eq!((v1.read_bytes, v1.written_bytes), (Some(5), Some(6)));
        let v2 = read(
            r#"{"read":"2026-11-23T00:00:01Z","pids_stats":{"current":1},
            "memory_stats":{"usage":100,"stats":{"inactive_file":40}},
            "blkio_stats":{"io_service_bytes_recursive":null}}"#,
        );
        assert_eq!(
            (v2.memory_bytes, v2.read_bytes, v2.rx_bytes),
            (Some(60), None, None)
        );
    }

    #[test]
    fn a_container_that_does_not_run_uses_nothing_known() {
        let stopped = read(
            r#"{"read":"0001-01-01T00:00:00Z","pids_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":0}}}"#,
        );
        assert_eq!(stopped, UsageSample::default());
    }
}
