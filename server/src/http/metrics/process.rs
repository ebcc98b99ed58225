//! What the process takes of the machine, read from /proc; the names are those that Prometheus's own clients use.

use super::text::Text;

/// The kernel's clock ticks per second in /proc, the same on every architecture that Linux runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Writes what can be read; nothing where there is no /proc.
pub fn write(text: &mut Text) {
    if let Some(bytes) = resident_bytes() {
        text.gauge(
            "process_resident_memory_bytes",
            "Memory that the process holds.",
            &[],
            bytes,
        );
    }
    if let Some(seconds) = cpu_seconds() {
        text.family(
            "process_cpu_seconds_total",
            "counter",
            "Time that the process spent on the CPU.",
        );
        text.more(&[], seconds);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        text.gauge(
            "process_open_fds",
            "Open files and sockets.",
            &[],
            super::real(files.count()),
        );
    }
}

fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name in parentheses may hold anything: fields count from after it, the state first.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_read() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1e6));
        assert!(cpu_seconds().is_some_and(|seconds| seconds >= 0.0));
    }
}
