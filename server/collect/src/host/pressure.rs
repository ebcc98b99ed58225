//! Pressure stall information: the share of time in which tasks waited for a resource.

use std::path::Path;

use crate::{
    meter::{Meters, Metric, Value},
    parse::{lines, number, words},
    read::{Budget, Kept},
    recorder::Recorder,
};

const NAME: &str = "system.linux.pressure";
const SOURCE: &str = "pressure";

/// `total` counts microseconds.
const METRICS: [Metric; 2] = [
    Metric::new(NAME, "1")
        .with(&[("linux.pressure.kind", "some")])
        .scaled(1e-6),
    Metric::new(NAME, "1")
        .with(&[("linux.pressure.kind", "full")])
        .scaled(1e-6),
];

pub(crate) const RESOURCES: [&str; 4] = ["cpu", "memory", "io", "irq"];

/// The files under /proc/pressure.
#[derive(Debug)]
pub(crate) struct Pressure {
    resources: Vec<Resource>,
}

#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) name: &'static str,
    pub(crate) totals: Totals,
    file: Kept,
    meters: Meters,
}

/// Microseconds in which some, and all, tasks waited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) some: Option<u64>,
    pub(crate) full: Option<u64>,
}

impl Pressure {
    pub(crate) fn new(proc: &Path, budget: &Budget) -> Self {
        let resource = |name: &'static str| Resource {
            name,
            totals: Totals::default(),
            file: Kept::new(proc.join("pressure").join(name), budget),
            meters: Meters::new(vec![("linux.pressure.resource", name.to_owned())]),
        };
        Self {
            resources: RESOURCES.into_iter().map(resource).collect(),
        }
    }

    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    pub(crate) fn record(&mut self, buffer: &mut Vec<u8>, recorder: &mut Recorder) {
        let mut read_any = false;
        for resource in &mut self.resources {
            resource.totals = match resource.file.read(buffer) {
                Ok(()) => totals(buffer),
                Err(_) => Totals::default(),
            };
            let Totals { some, full } = resource.totals;
            read_any |= some.is_some();
            // All tasks together can't wait for the CPU: the kernel tells zero.
            let full = full.filter(|_| resource.name != "cpu");
            let values = [Value::count(some), Value::count(full)];
            resource.meters.record(recorder, &METRICS, &values);
        }
        if read_any {
            recorder.states.good(SOURCE, "");
        } else {
            let reason = "This kernel tells no pressure: it needs Linux 4.20 with CONFIG_PSI, and psi=1 on its \
                          command line where it is off by default.";
            recorder.states.bad(SOURCE, "", reason);
        }
    }
}

fn totals(text: &[u8]) -> Totals {
    let mut found = Totals::default();
    for line in lines(text) {
        let mut words = words(line);
        let field = match words.next() {
            Some(b"some") => &mut found.some,
            Some(b"full") => &mut found.full,
            _ => continue,
        };
        *field = words.find_map(|word| number(word.strip_prefix(b"total=")?));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_and_odd_lines_are_left_out() {
        let text = b"some avg10=0.27 avg60=0.79 avg300=1.15 total=283014230\nfull avg10=0.00 total=\nmore total=1\n";
        assert_eq!(
            totals(text),
            Totals {
                some: Some(283_014_230),
                full: None,
            }
        );
        assert_eq!(totals(b"total=3\nsome\n"), Totals::default());
    }
}
