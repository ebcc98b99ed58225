//! Network interfaces by /proc/net/dev.

use crate::{
    devices::Devices,
    meter::{Meters, Metric, Value},
    parse::{lines, number, text, words},
    recorder::Recorder,
};

const IN: &[(&str, &str)] = &[("network.io.direction", "receive")];
const OUT: &[(&str, &str)] = &[("network.io.direction", "transmit")];

const METRICS: [Metric; 8] = [
    Metric::new("system.network.io", "By/s").with(IN),
    Metric::new("system.network.io", "By/s").with(OUT),
    Metric::new("system.network.packet.count", "{packet}/s").with(IN),
    Metric::new("system.network.packet.count", "{packet}/s").with(OUT),
    Metric::new("system.network.errors", "{error}/s").with(IN),
    Metric::new("system.network.errors", "{error}/s").with(OUT),
    Metric::new("system.network.packet.dropped", "{packet}/s").with(IN),
    Metric::new("system.network.packet.dropped", "{packet}/s").with(OUT),
];

/// The columns of a line, first those of receiving.
pub(crate) type Counters = [u64; 16];

pub(crate) const IN_BYTES: usize = 0;
pub(crate) const OUT_BYTES: usize = 8;
const PACKETS: usize = 1;
const ERRORS: usize = 2;
const DROPS: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Network {
    interfaces: Devices<Meters>,
}

impl Network {
    /// Records the text of /proc/net/dev. Bridges and cables of containers have no series: the containers do. Nor has
    /// an interface that never carried anything.
    pub(crate) fn record(&mut self, dev: &[u8], recorder: &mut Recorder) {
        self.interfaces.begin();
        for (name, now) in counters(dev) {
            if is_containers(name) || now[IN_BYTES] == 0 && now[OUT_BYTES] == 0 {
                continue;
            }
            let make = || Meters::new(vec![("network.interface.name", text(name))]);
            let Some(meters) = self.interfaces.seen(name, make) else {
                continue;
            };
            let count = |column: usize| Value::Count(now[column]);
            let values = [
                count(IN_BYTES),
                count(OUT_BYTES),
                count(IN_BYTES + PACKETS),
                count(OUT_BYTES + PACKETS),
                count(IN_BYTES + ERRORS),
                count(OUT_BYTES + ERRORS),
                count(IN_BYTES + DROPS),
                count(OUT_BYTES + DROPS),
            ];
            meters.record(recorder, &METRICS, &values);
        }
        self.interfaces.finish(|mut meters| meters.end(recorder));
    }
}

/// Docker's bridges, of which each network has one, and the host's ends of cables to containers.
fn is_containers(name: &[u8]) -> bool {
    let is_bridge = name
        .strip_prefix(b"br-")
        .is_some_and(|id| id.len() == 12 && id.iter().all(u8::is_ascii_hexdigit));
    is_bridge || name == b"docker0" || name.starts_with(b"veth")
}

/// Interfaces and their counters. The two lines of headings have no colon, or no numbers after it.
pub(crate) fn counters(dev: &[u8]) -> impl Iterator<Item = (&[u8], Counters)> {
    lines(dev).filter_map(|line| {
        // An alias has a colon of its own (`eth0:1: …`), and figures may follow the colon at once.
        let colon = line.iter().rposition(|byte| *byte == b':')?;
        let (name, columns) = line.split_at(colon);
        let mut counters = [0; 16];
        let mut words = words(columns.get(1..)?);
        for counter in &mut counters {
            *counter = number(words.next()?)?;
        }
        let name = name.trim_ascii();
        (!name.is_empty()).then_some((name, counters))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_read_and_headings_are_not() {
        let dev = b"Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n\
                    eth0:17 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n  br-1: 1 2 3\n : 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n\
                    eth0:1: 3 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
        let found: Vec<_> = counters(dev)
            .map(|(name, read)| (text(name), read[0]))
            .collect();
        assert_eq!(found, [("eth0".to_owned(), 17), ("eth0:1".to_owned(), 3)]);
    }
}
