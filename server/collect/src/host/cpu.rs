//! CPU time by /proc/stat: all cores together by mode, and each core.

use crate::{
    devices::Devices,
    meter::{Meters, Metric, Value, float},
    parse::{lines, number, text, words},
    recorder::Recorder,
};

/// The columns of /proc/stat in their order, by the conventions' names. Guests' time is in `user` and `nice`.
pub(crate) const MODES: usize = 8;
const IDLE: usize = 3;
const IOWAIT: usize = 4;

const NAME: &str = "system.cpu.utilization";

/// The share of time that was neither idle nor waiting for I/O, then the share of each mode.
const METRICS: [Metric; 1 + MODES] = [
    Metric::new(NAME, "1"),
    Metric::new(NAME, "1").with(&[("cpu.mode", "user")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "nice")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "system")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "idle")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "iowait")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "interrupt")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "softirq")]),
    Metric::new(NAME, "1").with(&[("cpu.mode", "steal")]),
];

/// All cores and each by itself.
#[derive(Debug, Default)]
pub(crate) struct Cpus {
    cpus: Devices<Cpu>,
    /// Record the modes of each core, too.
    by_mode: bool,
}

#[derive(Debug, Default)]
struct Cpu {
    meters: Meters,
    last: Option<[u64; MODES]>,
}

impl Cpus {
    pub(crate) fn new(by_mode: bool) -> Self {
        Self {
            by_mode,
            ..Self::default()
        }
    }

    /// Records `stat`, the text of /proc/stat.
    pub(crate) fn record(&mut self, stat: &[u8], recorder: &mut Recorder) {
        self.cpus.begin();
        for (name, times) in times(stat) {
            let make = || Cpu {
                meters: Meters::new(if name.is_empty() {
                    Vec::new()
                } else {
                    vec![("cpu.logical_number", text(name))]
                }),
                last: None,
            };
            let Some(cpu) = self.cpus.seen(name, make) else {
                continue;
            };
            let Some(last) = cpu.last.replace(times) else {
                continue;
            };
            let mut shares = shares(&last, &times);
            if !name.is_empty() && !self.by_mode {
                shares[1..].fill(Value::Nothing);
            }
            cpu.meters.record(recorder, &METRICS, &shares);
        }
        self.cpus.finish(|mut cpu| cpu.meters.end(recorder));
    }
}

/// The number of each core and its time by mode in ticks; the number of all together is empty.
pub(crate) fn times(stat: &[u8]) -> impl Iterator<Item = (&[u8], [u64; MODES])> {
    lines(stat)
        .map_while(|line| line.strip_prefix(b"cpu"))
        .filter_map(|line| {
            let (name, columns) = line.split_at(line.iter().position(|byte| *byte == b' ')?);
            let mut times = [0; MODES];
            let mut found = 0;
            for (time, column) in times.iter_mut().zip(words(columns)) {
                *time = number(column)?;
                found += 1;
            }
            // Kernels before 2.6.11 had no `steal`; fewer than four columns are no line of a CPU's.
            let known = name.iter().all(u8::is_ascii_digit);
            (known && found > IDLE).then_some((name, times))
        })
}

/// Shares of the time that passed. A mode whose counter went back (the kernel corrects `iowait` and `idle` at times) is
/// a gap.
fn shares(last: &[u64; MODES], now: &[u64; MODES]) -> [Value; 1 + MODES] {
    let mut values = [Value::Nothing; 1 + MODES];
    let mut passed = [None; MODES];
    for ((passed, now), last) in passed.iter_mut().zip(now).zip(last) {
        *passed = now.checked_sub(*last);
    }
    let total = passed
        .iter()
        .flatten()
        .fold(0, |sum: u64, time| sum.saturating_add(*time));
    if total == 0 {
        return values;
    }
    let share = |time: u64| float(time) / float(total);
    if let (Some(idle), Some(iowait)) = (passed[IDLE], passed[IOWAIT]) {
        let waited = idle.saturating_add(iowait);
        values[0] = Value::Gauge(share(total.saturating_sub(waited)));
    }
    for (value, time) in values[1..].iter_mut().zip(passed) {
        *value = Value::gauge(time.map(share));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_a_mode_that_went_back_is_a_gap() {
        let last = [100, 0, 100, 1_000, 50, 0, 0, 0];
        let told = shares(&last, &[125, 0, 125, 1_025, 75, 0, 0, 0]);
        assert_eq!(told[0], Value::Gauge(0.5));
        assert_eq!(told[5], Value::Gauge(0.25));
        let told = shares(&last, &[150, 0, 100, 1_050, 49, 0, 0, 0]);
        assert_eq!(told[0], Value::Nothing, "it would be too high");
        assert_eq!(told[1], Value::Gauge(0.5));
        assert_eq!(told[5], Value::Nothing);
        assert_eq!(shares(&last, &last), [Value::Nothing; 9], "no time passed");
    }

    #[test]
    fn odd_lines_are_left_out() {
        let stat = b"cpu  1 2 3 4\ncpu0 1 2 x 4 5 6 7 8\ncpufreq 1 2 3 4\ncpu1 1 2 3\ncpu2\n\
                     cpu3 1 2 3 4 5 6 7 8 9 10\nintr 5\ncpu4 1 2 3 4\n";
        let names: Vec<_> = times(stat).map(|(name, _)| text(name)).collect();
        assert_eq!(names, ["", "3"]);
    }
}
