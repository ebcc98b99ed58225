//! The host itself: what the kernel tells under /proc.

pub(crate) mod cpu;
pub(crate) mod disks;
pub(crate) mod filesystems;
mod load;
mod memory;
pub(crate) mod network;
pub(crate) mod pressure;
mod processes;

use std::path::{Path, PathBuf};

use self::{
    cpu::Cpus, disks::Disks, filesystems::Filesystems, load::Load, memory::Memory,
    network::Network, pressure::Pressure, processes::Processes,
};
use crate::{
    Options,
    read::{Budget, Kept},
    recorder::Recorder,
};

/// A file of /proc and its text as it was last read; empty where it could not be.
#[derive(Debug)]
pub(crate) struct Text {
    file: Kept,
    source: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Text {
    fn new(path: PathBuf, source: &'static str, budget: &Budget) -> Self {
        Self {
            file: Kept::new(path, budget),
            source,
            bytes: Vec::new(),
        }
    }

    fn read(&mut self, recorder: &mut Recorder) {
        match self.file.read(&mut self.bytes) {
            Ok(()) => recorder.states.good(self.source, ""),
            Err(error) => {
                let path = self.file.path().display();
                let reason = format!("{path} can't be read: {error}.");
                recorder.states.bad(self.source, "", &reason);
            }
        }
    }
}

/// The host's sources. Texts are kept until the next tick: /metrics shows the same reading.
pub(crate) struct Host {
    pub(crate) stat: Text,
    pub(crate) meminfo: Text,
    pub(crate) vmstat: Text,
    pub(crate) loadavg: Text,
    pub(crate) uptime: Text,
    pub(crate) diskstats: Text,
    pub(crate) net_dev: Text,
    pub(crate) pressure: Pressure,
    pub(crate) filesystems: Filesystems,
    cpus: Cpus,
    memory: Memory,
    load: Load,
    disks: Disks,
    network: Network,
    processes: Processes,
    buffer: Vec<u8>,
}

impl Host {
    pub(crate) fn new(options: &Options, budget: &Budget) -> Self {
        let proc = &options.proc;
        let text = |name: &str, source| Text::new(proc.join(name), source, budget);
        let mountinfo = of_init(proc, "mountinfo");
        let read = options.space.clone();
        Self {
            stat: text("stat", "cpu"),
            meminfo: text("meminfo", "memory"),
            vmstat: text("vmstat", "paging"),
            loadavg: text("loadavg", "load"),
            uptime: text("uptime", "uptime"),
            diskstats: text("diskstats", "disk"),
            net_dev: Text::new(of_init(proc, "net/dev"), "network", budget),
            pressure: Pressure::new(proc, budget),
            filesystems: Filesystems::new(mountinfo, options.root.clone(), read, budget),
            cpus: Cpus::new(options.cores_by_mode),
            memory: Memory::default(),
            load: Load::default(),
            disks: Disks::default(),
            network: Network::default(),
            processes: Processes::new(proc.clone()),
            buffer: Vec::new(),
        }
    }

    /// The machine's memory in bytes, as it was last read.
    pub(crate) const fn memory_total(&self) -> Option<u64> {
        self.memory.total
    }

    /// Asks what is answered by other threads: early, so that answers are there when [`Self::record`] ends.
    pub(crate) fn ask(&mut self, recorder: &mut Recorder) {
        self.filesystems.ask(&mut self.buffer, recorder);
    }

    pub(crate) fn record(&mut self, recorder: &mut Recorder) {
        self.stat.read(recorder);
        self.cpus.record(&self.stat.bytes, recorder);
        self.meminfo.read(recorder);
        self.memory.record(&self.meminfo.bytes, recorder);
        self.vmstat.read(recorder);
        self.memory.record_paging(&self.vmstat.bytes, recorder);
        self.loadavg.read(recorder);
        self.uptime.read(recorder);
        self.load.record(
            &self.loadavg.bytes,
            &self.uptime.bytes,
            &self.stat.bytes,
            self.processes.count().ok(),
            recorder,
        );
        self.pressure.record(&mut self.buffer, recorder);
        self.diskstats.read(recorder);
        self.disks.record(&self.diskstats.bytes, recorder);
        self.net_dev.read(recorder);
        self.network.record(&self.net_dev.bytes, recorder);
    }
}

/// `name` as the process 1 sees it where `proc` is another host's (`self` would be this container); by itself
/// otherwise, and where that can't be read.
fn of_init(proc: &Path, name: &str) -> PathBuf {
    let of_init = proc.join("1").join(name);
    if proc != Path::new("/proc") && of_init.exists() {
        of_init
    } else {
        proc.join("self").join(name)
    }
}
