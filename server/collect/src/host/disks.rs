//! Block devices by /proc/diskstats.

use crate::{
    devices::Devices,
    meter::{Meters, Metric, Value, float},
    parse::{lines, number, text, words},
    recorder::Recorder,
};

/// The kernel counts in sectors of this many bytes, whatever the device's own are.
pub(crate) const SECTOR: u64 = 512;

const READ: &[(&str, &str)] = &[("disk.io.direction", "read")];
const WRITE: &[(&str, &str)] = &[("disk.io.direction", "write")];

const METRICS: [Metric; 7] = [
    Metric::new("system.disk.io", "By/s").with(READ),
    Metric::new("system.disk.io", "By/s").with(WRITE),
    Metric::new("system.disk.operations", "{operation}/s").with(READ),
    Metric::new("system.disk.operations", "{operation}/s").with(WRITE),
    // Milliseconds in which anything was under way: the share of time that the device was busy.
    Metric::new("system.disk.io_time", "1").scaled(1e-3),
    Metric::new("system.disk.operation_latency", "s").with(READ),
    Metric::new("system.disk.operation_latency", "s").with(WRITE),
];

#[derive(Debug, Default)]
pub(crate) struct Disks {
    disks: Devices<Disk>,
}

#[derive(Debug, Default)]
struct Disk {
    meters: Meters,
    last: Option<Counters>,
}

/// The columns of a line after the name; missing ones (older kernels) are zero.
pub(crate) type Counters = [u64; 17];

const READS: usize = 0;
const READ_SECTORS: usize = 2;
const READ_MS: usize = 3;
const WRITES: usize = 4;
const WRITE_SECTORS: usize = 6;
const WRITE_MS: usize = 7;
const BUSY_MS: usize = 9;

impl Disks {
    /// Records the text of /proc/diskstats. A device that was never used has no series.
    pub(crate) fn record(&mut self, diskstats: &[u8], recorder: &mut Recorder) {
        self.disks.begin();
        for (name, now, _) in counters(diskstats) {
            if now[READS] == 0 && now[WRITES] == 0 {
                continue;
            }
            let make = || Disk {
                meters: Meters::new(vec![("system.device", text(name))]),
                last: None,
            };
            let Some(disk) = self.disks.seen(name, make) else {
                continue;
            };
            let last = disk.last.replace(now);
            let bytes = |sectors: u64| Value::count(sectors.checked_mul(SECTOR));
            let values = [
                bytes(now[READ_SECTORS]),
                bytes(now[WRITE_SECTORS]),
                Value::Count(now[READS]),
                Value::Count(now[WRITES]),
                Value::Count(now[BUSY_MS]),
                Value::gauge(last.and_then(|last| latency(&last, &now, READS, READ_MS))),
                Value::gauge(last.and_then(|last| latency(&last, &now, WRITES, WRITE_MS))),
            ];
            disk.meters.record(recorder, &METRICS, &values);
        }
        self.disks.finish(|mut disk| disk.meters.end(recorder));
    }
}

/// Seconds that the operations since the last reading took each, on average; none where there were none.
fn latency(last: &Counters, now: &Counters, operations: usize, time: usize) -> Option<f64> {
    let done = now[operations]
        .checked_sub(last[operations])
        .filter(|done| *done > 0)?;
    // The kernel keeps milliseconds in 32 bits.
    let took = now[time].checked_sub(last[time])?;
    Some(float(took) / float(done) / 1_000.0)
}

/// Whole devices, their counters, and how many of those the kernel tells.
pub(crate) fn counters(diskstats: &[u8]) -> impl Iterator<Item = (&[u8], Counters, usize)> {
    lines(diskstats).filter_map(|line| {
        let mut words = words(line).skip(2);
        let name = words.next().filter(|name| is_whole(name))?;
        let mut counters = [0; 17];
        let mut found = 0;
        for (counter, word) in counters.iter_mut().zip(words) {
            *counter = number(word)?;
            found += 1;
        }
        (found > BUSY_MS).then_some((name, counters, found))
    })
}

/// No partition, and nothing that lies in memory or in a file: `sda1`, `nvme0n1p2`, `md0p1`, `loop0`, `ram1`, `fd0`.
fn is_whole(name: &[u8]) -> bool {
    let stem = name.trim_ascii_end();
    let digits = stem
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (stem, number) = stem.split_at(stem.len() - digits);
    if number.is_empty() {
        return true;
    }
    let is_letter_disk = |prefix: &[u8]| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_lowercase))
    };
    // A device whose name ends in a digit: md127p1, nbd0p1, rbd0p1, pmem0p1.
    let is_part =
        (stem.strip_suffix(b"p")).is_some_and(|disk| disk.last().is_some_and(u8::is_ascii_digit));
    let is_other = matches!(stem, b"loop" | b"ram" | b"zram" | b"fd");
    !(is_part
        || is_other
        || [&b"sd"[..], b"hd", b"vd", b"xvd", b"dasd"]
            .into_iter()
            .any(is_letter_disk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_and_loops_are_no_devices() {
        for name in [
            "sda", "vda", "sdaa", "nvme0n1", "mmcblk0", "dm-0", "md127", "sr0", "xvda", "nbd0",
            "rbd0", "pmem0", "dasda",
        ] {
            assert!(is_whole(name.as_bytes()), "{name}");
        }
        for name in [
            "sda1",
            "sdaa12",
            "vda3",
            "nvme0n1p2",
            "mmcblk0p1",
            "nbd0p1",
            "md127p2",
            "rbd0p1",
            "pmem0p1",
            "dasda1",
            "loop7",
            "ram0",
            "zram0",
            "fd0",
        ] {
            assert!(!is_whole(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn latency_is_by_operation_and_none_without() {
        let (mut last, mut now) = ([0; 17], [0; 17]);
        (last[READS], last[READ_MS]) = (10, 100);
        (now[READS], now[READ_MS]) = (14, 120);
        assert_eq!(latency(&last, &now, READS, READ_MS), Some(0.005));
        assert_eq!(latency(&now, &now, READS, READ_MS), None);
        assert_eq!(latency(&now, &last, READS, READ_MS), None, "went back");
        (last[READ_MS], now[READ_MS]) = (u64::from(u32::MAX), 5);
        assert_eq!(latency(&last, &now, READS, READ_MS), None, "wrapped");
    }
}
