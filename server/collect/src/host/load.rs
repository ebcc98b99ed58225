//! Load, uptime and processes.

use crate::{
    meter::{Meters, Metric, Value, float},
    parse::{decimal, field, lines, words},
    recorder::Recorder,
};

const METRICS: [Metric; 6] = [
    Metric::new("system.cpu.load_average.1m", "{thread}"),
    Metric::new("system.cpu.load_average.5m", "{thread}"),
    Metric::new("system.cpu.load_average.15m", "{thread}"),
    Metric::new("system.uptime", "s"),
    Metric::new("system.process.count", "{process}"),
    Metric::new("system.process.created", "{process}/s"),
];

#[derive(Debug, Default)]
pub(crate) struct Load {
    meters: Meters,
}

impl Load {
    /// Records the texts of /proc/loadavg, /proc/uptime and /proc/stat, and how many processes there are.
    pub(crate) fn record(
        &mut self,
        loadavg: &[u8],
        uptime: &[u8],
        stat: &[u8],
        processes: Option<u64>,
        recorder: &mut Recorder,
    ) {
        let mut loads = words(loadavg).map(decimal);
        let mut load = || Value::gauge(loads.next().flatten());
        let values = [
            load(),
            load(),
            load(),
            Value::gauge(words(uptime).next().and_then(decimal)),
            Value::gauge(processes.map(float)),
            Value::count(created(stat)),
        ];
        self.meters.record(recorder, &METRICS, &values);
    }
}

/// Processes and threads made since boot.
fn created(stat: &[u8]) -> Option<u64> {
    // It stands behind lines of many kilobytes: those of interrupts.
    let from = lines(stat).find(|line| line.starts_with(b"processes "))?;
    field(from, b"processes")
}
