//! CPU, memory, load and pressure in `node_exporter`'s names.

use super::text::{Family, Kind};
use crate::{
    host::{Host, cpu},
    meter::float,
    parse::{decimal, field, lines, number, text, words},
};

/// The kernel counts CPU time in hundredths of a second (`USER_HZ`) on every architecture that this runs on.
const TICKS: f64 = 100.0;

/// The columns of /proc/stat in their order.
const MODES: [&str; cpu::MODES] = [
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
];

/// The fields of /proc/vmstat that are told.
const VMSTAT: [&[u8]; 7] = [
    b"oom_kill",
    b"pgfault",
    b"pgmajfault",
    b"pgpgin",
    b"pgpgout",
    b"pswpin",
    b"pswpout",
];

pub(super) fn write(host: &Host, out: &mut String) {
    cpus(&host.stat.bytes, out);
    stat(&host.stat.bytes, out);
    load(&host.loadavg.bytes, out);
    meminfo(&host.meminfo.bytes, out);
    vmstat(&host.vmstat.bytes, out);
    pressure(host, out);
}

fn cpus(stat: &[u8], out: &mut String) {
    let help = "Seconds that a core spent in each mode.";
    let mut family = Family::new(out, "node_cpu_seconds_total", Kind::Counter, help);
    for (name, times) in cpu::times(stat).filter(|(name, _)| !name.is_empty()) {
        let name = text(name);
        for (mode, ticks) in MODES.iter().zip(times) {
            let labels = [("cpu", name.as_str()), ("mode", *mode)];
            family.sample(&labels, Some(float(ticks) / TICKS));
        }
    }
}

fn stat(stat: &[u8], out: &mut String) {
    let families: [(&str, &[u8], Kind, &str); 6] = [
        (
            "node_boot_time_seconds",
            b"btime",
            Kind::Gauge,
            "When the host was booted, in seconds since 1970.",
        ),
        (
            "node_context_switches_total",
            b"ctxt",
            Kind::Counter,
            "Context switches.",
        ),
        (
            "node_forks_total",
            b"processes",
            Kind::Counter,
            "Processes and threads that were made.",
        ),
        ("node_intr_total", b"intr", Kind::Counter, "Interrupts."),
        (
            "node_procs_blocked",
            b"procs_blocked",
            Kind::Gauge,
            "Tasks that wait for I/O.",
        ),
        (
            "node_procs_running",
            b"procs_running",
            Kind::Gauge,
            "Tasks that run or could.",
        ),
    ];
    for (name, key, kind, help) in families {
        Family::new(out, name, kind, help).sample(&[], field(stat, key).map(float));
    }
}

fn load(loadavg: &[u8], out: &mut String) {
    let families = [
        ("node_load1", "Load over 1 minute."),
        ("node_load5", "Load over 5 minutes."),
        ("node_load15", "Load over 15 minutes."),
    ];
    for ((name, help), word) in families.into_iter().zip(words(loadavg)) {
        Family::new(out, name, Kind::Gauge, help).sample(&[], decimal(word));
    }
}

/// Every line is a metric: `Active(anon): 3 kB` is `node_memory_Active_anon_bytes`.
fn meminfo(meminfo: &[u8], out: &mut String) {
    for line in lines(meminfo) {
        let mut words = words(line);
        let Some(name) = words.next().and_then(|name| name.strip_suffix(b":")) else {
            continue;
        };
        let (Some(value), unit) = (words.next().and_then(number), words.next()) else {
            continue;
        };
        let mut name: String = text(name).replace('(', "_").replace(')', "");
        if !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            continue;
        }
        name.insert_str(0, "node_memory_");
        let mut value = float(value);
        if unit == Some(b"kB") {
            name.push_str("_bytes");
            value *= 1_024.0;
        }
        Family::new(out, &name, Kind::Gauge, "A field of /proc/meminfo.").sample(&[], Some(value));
    }
}

fn vmstat(vmstat: &[u8], out: &mut String) {
    for key in VMSTAT {
        let name = format!("node_vmstat_{}", text(key));
        let mut family = Family::new(out, &name, Kind::Untyped, "A field of /proc/vmstat.");
        family.sample(&[], field(vmstat, key).map(float));
    }
}

fn pressure(host: &Host, out: &mut String) {
    let seconds = |micros: Option<u64>| micros.map(|micros| float(micros) / 1e6);
    for resource in host.pressure.resources() {
        let (name, totals) = (resource.name, resource.totals);
        // All tasks together can't wait for the CPU, nor some of them for interrupts.
        if name != "irq" {
            let family = format!("node_pressure_{name}_waiting_seconds_total");
            let help = "Seconds in which some tasks waited.";
            Family::new(out, &family, Kind::Counter, help).sample(&[], seconds(totals.some));
        }
        if name != "cpu" {
            let family = format!("node_pressure_{name}_stalled_seconds_total");
            let help = "Seconds in which no task could go on.";
            Family::new(out, &family, Kind::Counter, help).sample(&[], seconds(totals.full));
        }
    }
}
