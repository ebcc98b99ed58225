//! The text for Prometheus, against what Debian's prometheus-node-exporter (1.5.0) tells of the same host.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use collect::{Collector, Options};

use crate::world::World;

/// The families of the same files, as the exporter named them on a Linux 6.18; what it tells of a host depends on it.
const EXPORTER: &str = include_str!("node_exporter.txt");

/// Types by family, and values by sample.
#[derive(Debug, Default)]
struct Text {
    types: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

fn parse(text: &str) -> Text {
    let mut parsed = Text::default();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            let twice = parsed.types.insert(name.to_owned(), kind.to_owned());
            assert!(twice.is_none(), "{name} is told of twice");
        } else if !line.starts_with('#') {
            let (label, value) = line.rsplit_once(' ').unwrap();
            let twice = parsed
                .samples
                .insert(label.to_owned(), value.parse().unwrap());
            assert!(twice.is_none(), "{label} is told twice");
        }
    }
    parsed
}

fn here() -> String {
    let mut collector = Collector::new(&Options {
        gpus: false,
        ..Options::default()
    });
    let begun = Instant::now();
    loop {
        collector.tick(0);
        let mut text = String::new();
        collector.prometheus(&mut text);
        // Filesystems answer from threads of their own.
        if text.contains("node_filesystem_size_bytes") || begun.elapsed() > Duration::from_mins(1) {
            return text;
        }
        std::thread::yield_now();
    }
}

#[test]
fn families_have_the_exporters_names_and_types() {
    let ours = parse(&here());
    let known: BTreeMap<&str, &str> = EXPORTER
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    for (name, kind) in &ours.types {
        let is_of = |label: &String| label.split('{').next() == Some(name);
        assert!(ours.samples.keys().any(is_of), "{name} has no sample");
        // Other kernels have other fields there, all of them gauges.
        if name.starts_with("node_memory_") {
            assert_eq!(kind, "gauge", "{name}");
        } else {
            assert_eq!(
                known.get(name.as_str()).copied(),
                Some(kind.as_str()),
                "{name}"
            );
        }
    }
    for name in [
        "node_cpu_seconds_total",
        "node_memory_MemAvailable_bytes",
        "node_memory_MemTotal_bytes",
        "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes",
        "node_load1",
        "node_network_receive_bytes_total",
    ] {
        assert!(ours.types.contains_key(name), "{name} is missing");
    }
}

#[test]
fn values_are_those_of_the_files_and_labels_are_escaped() {
    let mut world = World::new();
    world.write("proc/stat", "cpu  1 2 3 4 5 6 7 8\ncpu0 100 2 3 4 5 6 7 850 0 0\nctxt 77\nbtime 1795507639\nintr 9 1 2\n");
    world.write(
        "proc/meminfo",
        "MemAvailable:    64 kB\nActive(anon): 1 kB\nHugePages_Total: 3\nodd name: 4 kB\n",
    );
    world.write(
        "proc/self/mountinfo",
        "27 1 254:0 / /a\\134b\\040\"c\" ro - ext4 /dev/vda ro\n",
    );
    world.write(
        "proc/diskstats",
        " 254 0 vda 10 1 8 500 1 0 8 1 3 250 0 0 0 0 0 0 0\n 254 16 vdb 1 1 1 1 1 1 1 1 0 1 1\n",
    );
    world.write(
        "proc/pressure/io",
        "some total=2500000\nfull total=500000\n",
    );
    world.until(|_, samples| {
        samples
            .keys()
            .any(|label| label.contains("filesystem"))
            .then_some(())
    });
    let text = world.prometheus();
    for line in [
        "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 1",
        "node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"} 8.5",
        "node_context_switches_total 77",
        "node_boot_time_seconds 1795507639",
        "node_intr_total 9",
        "node_memory_MemAvailable_bytes 65536",
        "node_memory_Active_anon_bytes 1024",
        "node_memory_HugePages_Total 3",
        "node_filesystem_avail_bytes{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/a\\\\b \\\"c\\\"\"} 300",
        "node_filesystem_readonly{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/a\\\\b \\\"c\\\"\"} 1",
        "node_disk_read_bytes_total{device=\"vda\"} 4096",
        "node_disk_read_time_seconds_total{device=\"vda\"} 0.5",
        "node_disk_io_now{device=\"vda\"} 3",
        "node_pressure_io_waiting_seconds_total 2.5",
        "node_pressure_io_stalled_seconds_total 0.5",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
    }
    assert!(
        !text.contains("flush_requests_total{device=\"vdb"),
        "older kernels have no such column"
    );
    assert!(!text.contains("cpu=\"\"") && !text.contains("odd"));
    parse(&text);
}

/// The exporter itself, where it is installed (`make test` installs it): the same samples, and values in between those
/// of a reading before and one after.
#[test]
fn the_exporter_tells_the_same_at_the_same_time() {
    let Some(exporter) = Exporter::start() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "prometheus-node-exporter is not installed"
        );
        return;
    };
    let before = parse(&exporter.scrape());
    let ours = parse(&here());
    let after = parse(&exporter.scrape());
    let families = [
        "node_cpu_seconds",
        "node_disk_",
        "node_network_receive",
        "node_network_transmit",
        "node_filesystem_",
        "node_load",
        "node_memory_",
        "node_vmstat_",
        "node_pressure_",
        "node_procs_",
        "node_forks",
        "node_intr",
        "node_context",
        "node_boot",
    ];
    let wanted = |label: &&String| families.iter().any(|family| label.starts_with(family));
    let theirs: BTreeSet<&String> = before.samples.keys().filter(wanted).collect();
    // A filesystem is told once, disks in memory are not, and what others say of devices is not in these files.
    let left_out = [
        "mountpoint=",
        "device=\"zram",
        "node_disk_info",
        "nohandler",
        "queue_length",
        "device=\"veth",
    ];
    let missing: Vec<_> = theirs
        .iter()
        .filter(|label| !ours.samples.contains_key(**label))
        .filter(|label| !left_out.iter().any(|part| label.contains(part)))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    // It leaves out the loopback and mounts under Docker's folder; cables of containers come and go.
    let mut compared = 0;
    for (label, value) in &ours.samples {
        let (Some(before_it), Some(after_it)) =
            (before.samples.get(label), after.samples.get(label))
        else {
            let is_elsewhere =
                label.starts_with("node_filesystem_") && !label.contains("mountpoint=\"/\"");
            let is_hidden =
                is_elsewhere || label.contains("device=\"lo\"") || label.contains("device=\"veth");
            assert!(is_hidden, "the exporter does not tell of {label}");
            continue;
        };
        let family = label.split('{').next().unwrap();
        if ours.types[family] == "counter" && before_it <= after_it {
            let room = 1e-6 * after_it.abs();
            assert!(
                (before_it - room..=after_it + room).contains(value),
                "{label}: {before_it} {value} {after_it}"
            );
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

struct Exporter {
    child: Child,
    address: String,
}

impl Exporter {
    fn start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let child = Command::new("prometheus-node-exporter")
            .arg(format!("--web.listen-address={address}"))
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let exporter = Self { child, address };
        let begun = Instant::now();
        while TcpStream::connect(&exporter.address).is_err() {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "it does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(exporter)
    }

    fn scrape(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{head}");
        body.to_owned()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
