//! Memory, swap and paging by /proc/meminfo and /proc/vmstat.

use crate::{
    meter::{Meters, Metric, Value, float},
    parse::{lines, number, words},
    recorder::Recorder,
};

const USAGE: &str = "system.memory.usage";
const SWAP: &str = "system.paging.usage";

const METRICS: [Metric; 9] = [
    Metric::new("system.memory.limit", "By"),
    Metric::new("system.linux.memory.available", "By"),
    Metric::new("system.memory.utilization", "1"),
    Metric::new(USAGE, "By").with(&[("system.memory.state", "used")]),
    Metric::new(USAGE, "By").with(&[("system.memory.state", "free")]),
    Metric::new(USAGE, "By").with(&[("system.memory.state", "buffers")]),
    Metric::new(USAGE, "By").with(&[("system.memory.state", "cached")]),
    Metric::new(SWAP, "By").with(&[("system.paging.state", "used")]),
    Metric::new(SWAP, "By").with(&[("system.paging.state", "free")]),
];

const PAGING: [Metric; 4] = [
    Metric::new("system.paging.operations", "{operation}/s")
        .with(&[("system.paging.direction", "in")]),
    Metric::new("system.paging.operations", "{operation}/s")
        .with(&[("system.paging.direction", "out")]),
    Metric::new("system.paging.faults", "{fault}/s").with(&[("system.paging.fault.type", "major")]),
    Metric::new("system.linux.memory.oom_kills", "{process}/s"),
];

#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The machine's, in bytes.
    pub(crate) total: Option<u64>,
    meters: Meters,
    paging: Meters,
}

#[derive(Debug, Default, PartialEq)]
struct Reading {
    total: Option<u64>,
    free: Option<u64>,
    available: Option<u64>,
    buffers: Option<u64>,
    cached: Option<u64>,
    reclaimable: Option<u64>,
    shared: Option<u64>,
    swap_total: Option<u64>,
    swap_free: Option<u64>,
}

impl Memory {
    /// Records the text of /proc/meminfo.
    pub(crate) fn record(&mut self, meminfo: &[u8], recorder: &mut Recorder) {
        let read = Reading::parse(meminfo);
        self.total = read.total;
        // As `free` and `htop` count: what can be dropped at once is cache, and memory shared by processes is used.
        let cached = read
            .cached
            .map(|cached| cached.saturating_add(read.reclaimable.unwrap_or(0)))
            .map(|cached| cached.saturating_sub(read.shared.unwrap_or(0)));
        let unused = [read.free, read.buffers, cached];
        let used = read.total.and_then(|total| {
            let unused = unused
                .iter()
                .try_fold(0_u64, |sum, part| Some(sum.saturating_add((*part)?)))?;
            Some(total.saturating_sub(unused))
        });
        let utilization = match (read.total, read.available) {
            (Some(total), Some(available)) if total > 0 => {
                Some(1.0 - float(available.min(total)) / float(total))
            }
            _ => None,
        };
        let swap = read.swap_total.filter(|total| *total > 0);
        let swap_free = swap.and(read.swap_free);
        let swap_used = swap
            .zip(swap_free)
            .map(|(total, free)| total.saturating_sub(free));
        let values = [
            Value::bytes(read.total),
            Value::bytes(read.available),
            Value::gauge(utilization),
            Value::bytes(used),
            Value::bytes(read.free),
            Value::bytes(read.buffers),
            Value::bytes(cached),
            Value::bytes(swap_used),
            Value::bytes(swap_free),
        ];
        self.meters.record(recorder, &METRICS, &values);
    }

    /// Records the text of /proc/vmstat.
    pub(crate) fn record_paging(&mut self, vmstat: &[u8], recorder: &mut Recorder) {
        let mut values = [Value::Nothing; 4];
        for line in lines(vmstat) {
            let index = match line.first() {
                Some(b'p') if line.starts_with(b"pswpin ") => 0,
                Some(b'p') if line.starts_with(b"pswpout ") => 1,
                Some(b'p') if line.starts_with(b"pgmajfault ") => 2,
                Some(b'o') if line.starts_with(b"oom_kill ") => 3,
                _ => continue,
            };
            values[index] = Value::count(words(line).nth(1).and_then(number));
        }
        self.paging.record(recorder, &PAGING, &values);
    }
}

impl Reading {
    /// In bytes; the file tells KiB.
    fn parse(meminfo: &[u8]) -> Self {
        let mut read = Self::default();
        for line in lines(meminfo) {
            let mut words = words(line);
            let field = match words.next() {
                Some(b"MemTotal:") => &mut read.total,
                Some(b"MemFree:") => &mut read.free,
                Some(b"MemAvailable:") => &mut read.available,
                Some(b"Buffers:") => &mut read.buffers,
                Some(b"Cached:") => &mut read.cached,
                Some(b"SReclaimable:") => &mut read.reclaimable,
                Some(b"Shmem:") => &mut read.shared,
                Some(b"SwapTotal:") => &mut read.swap_total,
                Some(b"SwapFree:") => &mut read.swap_free,
                _ => continue,
            };
            *field = words
                .next()
                .and_then(number)
                .and_then(|kib| kib.checked_mul(1024));
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_odd_is_nothing() {
        let text =
            b"MemTotal:  100 kB\nMemFree: many kB\nShmem:\nCached: 18446744073709551615 kB\n";
        let read = Reading::parse(text);
        assert_eq!(read.total, Some(102_400));
        assert_eq!(
            read,
            Reading {
                total: read.total,
                ..Reading::default()
            }
        );
    }

    #[test]
    fn states_of_memory_add_up_to_all_of_it() {
        let text = b"MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\nBuffers: 50 kB\n\
                     Cached: 200 kB\nSReclaimable: 30 kB\nShmem: 20 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
        let (mut memory, mut recorder) = (Memory::default(), Recorder::default());
        memory.record(text, &mut recorder);
        let values: Vec<f64> = recorder
            .samples
            .iter()
            .map(|(_, value)| value / 1024.0)
            .collect();
        assert_eq!(values[3..], [640.0, 100.0, 50.0, 210.0], "and no swap");
        assert_eq!(values[..2], [1000.0, 250.0]);
    }
}
