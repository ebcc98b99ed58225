//! This host.

use std::time::Duration;

use collect::{Collector, Options};

use crate::world::label;

#[test]
fn this_host_is_read() {
    let mut collector = Collector::new(&Options {
        gpus: false,
        ..Options::default()
    });
    let first = collector.tick(1_000);
    let mut names: Vec<String> = first
        .began
        .iter()
        .map(|(_, series)| label(series))
        .collect();
    // Time passes on the host as well: its clock counts in hundredths.
    std::thread::sleep(Duration::from_millis(200));
    let second = collector.tick(2_000);
    names.extend(second.began.iter().map(|(_, series)| label(series)));
    for name in [
        "system.cpu.utilization",
        "system.cpu.utilization{cpu.mode=idle}",
        "system.memory.limit",
        "system.memory.usage{system.memory.state=used}",
        "system.cpu.load_average.1m",
        "system.uptime",
        "system.process.count",
        "system.paging.faults{system.paging.fault.type=major}",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is missing: {names:#?}"
        );
    }
    // A kernel may have no pressure, and a mount may be closed to who runs this.
    let may_be_broken = ["pressure", "filesystem"];
    let broken: Vec<_> = second
        .states
        .iter()
        .filter(|state| state.reason.is_some())
        .filter(|state| !may_be_broken.contains(&state.source.as_str()))
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
}
