//! The cgroup of a running container.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    files::{File, V1, V2},
    find::{Finder, Version},
    reading::ContainerReading,
};
use crate::{
    host::network,
    parse::{lines, number},
    read::{Budget, Kept},
};

/// What reading a file of a removed cgroup gives: `ENODEV`.
const REMOVED: i32 = 19;

/// The files of one container, and its network.
#[derive(Debug)]
pub(crate) struct Group {
    files: Vec<(&'static File, Kept)>,
    /// Its folder in the tree that was searched.
    folder: PathBuf,
    network: Network,
    ticks: u32,
    reading: ContainerReading,
}

impl std::fmt::Debug for File {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

#[derive(Debug)]
enum Network {
    /// No process of it was seen yet.
    Unknown,
    /// It has its own.
    Own(Kept),
    /// It uses the host's, whose figures are no figures of the container.
    Hosts,
}

impl Group {
    /// `place` is the cgroup's path under `tree`.
    pub(crate) fn new(
        finder: &Finder,
        version: Version,
        tree: &Path,
        place: &Path,
        budget: &Budget,
    ) -> Self {
        let files = match version {
            Version::V1 => V1,
            Version::V2 => V2,
        };
        let file = |file: &'static File| {
            let tree = match version {
                Version::V1 => finder.controller(file.controller)?,
                Version::V2 => tree.to_owned(),
            };
            Some((file, Kept::new(tree.join(place).join(file.name), budget)))
        };
        Self {
            files: files.iter().filter_map(file).collect(),
            folder: tree.join(place),
            network: Network::Unknown,
            ticks: 0,
            reading: ContainerReading::default(),
        }
    }

    /// Reads all its files; `None` when the container is gone.
    pub(crate) fn read(
        &mut self,
        proc: &Path,
        budget: &Budget,
        buffer: &mut Vec<u8>,
    ) -> Option<ContainerReading> {
        let settings = self.ticks.is_multiple_of(10);
        self.ticks = self.ticks.wrapping_add(1);
        self.reading = ContainerReading {
            memory_limit: self.reading.memory_limit.filter(|_| !settings),
            ..ContainerReading::default()
        };
        let mut failed = false;
        for (file, kept) in &mut self.files {
            if file.is_setting && !settings {
                continue;
            }
            match kept.read(buffer) {
                Ok(()) => (file.parse)(buffer, &mut self.reading),
                // What was open belongs to a cgroup that was removed; another of the same name may be there already.
                Err(error) if error.raw_os_error() == Some(REMOVED) => return None,
                Err(_) => failed = true,
            }
        }
        // A kernel without one of the controllers lacks a file or two.
        if failed && !self.folder.is_dir() {
            return None;
        }
        let traffic = self.traffic(proc, budget, buffer);
        self.reading.received = traffic.map(|(received, _)| received);
        self.reading.transmitted = traffic.map(|(_, transmitted)| transmitted);
        Some(self.reading)
    }

    /// Bytes received and sent, the loopback's left out.
    fn traffic(
        &mut self,
        proc: &Path,
        budget: &Budget,
        buffer: &mut Vec<u8>,
    ) -> Option<(u64, u64)> {
        if matches!(self.network, Network::Unknown) {
            let pid = first_pid(&self.folder, 2)?;
            let process = proc.join(pid.to_string());
            self.network = if shares_hosts(proc, &process) {
                Network::Hosts
            } else {
                Network::Own(Kept::new(process.join("net/dev"), budget))
            };
        }
        let Network::Own(kept) = &mut self.network else {
            return None;
        };
        if kept.read(buffer).is_err() {
            // That process ended; another may be there.
            self.network = Network::Unknown;
            return None;
        }
        let interfaces = network::counters(buffer).filter(|(name, _)| *name != b"lo");
        Some(
            interfaces.fold((0, 0), |(received, transmitted), (_, counters)| {
                (
                    counters[network::IN_BYTES].saturating_add(received),
                    counters[network::OUT_BYTES].saturating_add(transmitted),
                )
            }),
        )
    }
}

/// A process in the cgroup, or in one below it. Zero stands for one of another PID namespace, which can't be seen here.
fn first_pid(folder: &Path, depth: usize) -> Option<u64> {
    let own = fs::read(folder.join("cgroup.procs")).ok()?;
    let pid = lines(&own).find_map(|line| number(line).filter(|pid| *pid > 0));
    if pid.is_some() || depth == 0 {
        return pid;
    }
    let below = fs::read_dir(folder).ok()?.flatten();
    let folders = below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders
        .take(16)
        .find_map(|entry| first_pid(&entry.path(), depth - 1))
}

fn shares_hosts(proc: &Path, process: &Path) -> bool {
    let namespace =
        |process: &Path| -> io::Result<PathBuf> { fs::read_link(process.join("ns/net")) };
    let own = namespace(process);
    let hosts = namespace(&proc.join("1")).or_else(|_| namespace(&proc.join("self")));
    matches!((own, hosts), (Ok(own), Ok(hosts)) if own == hosts)
}
