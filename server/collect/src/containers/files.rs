//! The files of a cgroup, of either version, and what each tells.

use super::reading::ContainerReading;
use crate::parse::{field, lines, number, single, words};

/// A file of a cgroup.
pub(super) struct File {
    /// The folder of its controller; version 2 has but one tree.
    pub(super) controller: &'static str,
    pub(super) name: &'static str,
    /// Read at one tick in ten: it changes when a person changes it.
    pub(super) is_setting: bool,
    /// Takes the file's text.
    pub(super) parse: fn(&[u8], &mut ContainerReading),
}

const fn file(
    controller: &'static str,
    name: &'static str,
    parse: fn(&[u8], &mut ContainerReading),
) -> File {
    File {
        controller,
        name,
        is_setting: false,
        parse,
    }
}

/// Version 2. Memory stands before its `memory.stat`, which needs it.
pub(super) const V2: &[File] = &[
    file("", "cpu.stat", |text, read| {
        let ns = |name: &[u8]| field(text, name).and_then(|us| us.checked_mul(1_000));
        read.cpu_ns = ns(b"usage_usec");
        read.throttled_ns = ns(b"throttled_usec");
    }),
    file("", "memory.current", |text, read| {
        read.memory = single(text);
    }),
    file("", "memory.stat", |text, read| {
        read.working_set = working_set(read.memory, field(text, b"inactive_file"));
    }),
    File {
        is_setting: true,
        ..file("", "memory.max", |text, read| {
            read.memory_limit = single(text);
        })
    },
    file("", "memory.events", |text, read| {
        read.oom_kills = field(text, b"oom_kill");
    }),
    file("", "io.stat", |text, read| {
        (read.read, read.written) = io(text);
    }),
    file("", "pids.current", |text, read| read.pids = single(text)),
];

/// Version 1.
pub(super) const V1: &[File] = &[
    file("cpuacct", "cpuacct.usage", |text, read| {
        read.cpu_ns = single(text);
    }),
    file("cpu", "cpu.stat", |text, read| {
        read.throttled_ns = field(text, b"throttled_time");
    }),
    file("memory", "memory.usage_in_bytes", |text, read| {
        read.memory = single(text);
    }),
    file("memory", "memory.stat", |text, read| {
        read.working_set = working_set(read.memory, field(text, b"total_inactive_file"));
    }),
    File {
        is_setting: true,
        ..file("memory", "memory.limit_in_bytes", |text, read| {
            // Without a limit it is the greatest number of whole pages.
            read.memory_limit = single(text).filter(|limit| *limit < 1 << 60);
        })
    },
    file("memory", "memory.oom_control", |text, read| {
        read.oom_kills = field(text, b"oom_kill");
    }),
    file(
        "blkio",
        "blkio.throttle.io_service_bytes_recursive",
        |text, read| {
            (read.read, read.written) = blkio(text);
        },
    ),
    file("pids", "pids.current", |text, read| {
        read.pids = single(text);
    }),
];

fn working_set(memory: Option<u64>, inactive_file: Option<u64>) -> Option<u64> {
    Some(memory?.saturating_sub(inactive_file?))
}

/// Bytes read and written over all devices, from lines such as `254:0 rbytes=4096 wbytes=0 rios=1`. A container that
/// did nothing yet has an empty file.
fn io(text: &[u8]) -> (Option<u64>, Option<u64>) {
    let (mut read, mut written) = (0_u64, 0_u64);
    for word in lines(text).flat_map(words) {
        let bytes = |name: &[u8]| word.strip_prefix(name).and_then(number).unwrap_or(0);
        read = read.saturating_add(bytes(b"rbytes="));
        written = written.saturating_add(bytes(b"wbytes="));
    }
    (Some(read), Some(written))
}

/// The same from lines such as `254:0 Read 4096`.
fn blkio(text: &[u8]) -> (Option<u64>, Option<u64>) {
    let (mut read, mut written) = (0_u64, 0_u64);
    for line in lines(text) {
        let mut words = words(line).skip(1);
        let (kind, bytes) = (words.next(), words.next().and_then(number).unwrap_or(0));
        match kind {
            Some(b"Read") => read = read.saturating_add(bytes),
            Some(b"Write") => written = written.saturating_add(bytes),
            _ => {}
        }
    }
    (Some(read), Some(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_all_devices_are_added() {
        let text = b"254:0 rbytes=10 wbytes=x rios=3\n8:16 rbytes=5 wbytes=7\n8:0\n";
        assert_eq!(io(text), (Some(15), Some(7)));
        let text = b"254:0 Read 10\n254:0 Write 4\n254:0 Sync 9\n8:0 Read 5\n8:0 Write\nTotal 19\n";
        assert_eq!(blkio(text), (Some(15), Some(4)));
    }

    #[test]
    fn no_limit_is_none() {
        let limit = |files: &[File], name: &str, text: &[u8]| {
            let mut read = ContainerReading::default();
            let file = files.iter().find(|file| file.name == name);
            if let Some(file) = file {
                (file.parse)(text, &mut read);
            }
            read.memory_limit
        };
        assert_eq!(limit(V2, "memory.max", b"max\n"), None);
        assert_eq!(limit(V2, "memory.max", b"4096\n"), Some(4096));
        assert_eq!(
            limit(V1, "memory.limit_in_bytes", b"9223372036854771712\n"),
            None
        );
        assert_eq!(
            limit(V1, "memory.limit_in_bytes", b"100663296\n"),
            Some(100_663_296)
        );
    }
}
