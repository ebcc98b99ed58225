//! The verdict on each requirement.

use std::{collections::BTreeMap, path::Path};

use types::{
    health::Status,
    preflight::{Requirement, Thresholds},
};

use crate::{
    health::words,
    outside::{Cards, Filesystem, GpuError, Machine},
};

/// What the Docker Engine says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Engine {
    /// Its version; none when it does not answer.
    pub version: Option<String>,
    /// Why it does not answer.
    pub reason: String,
    /// The runtimes it knows; none when it does not answer.
    pub runtimes: Option<Vec<String>>,
}

/// No requirement is missing and none is unknown; a warning passes.
pub fn passes(requirements: &[Requirement]) -> bool {
    requirements
        .iter()
        .all(|requirement| matches!(requirement.status, Status::Ok | Status::Warning))
}

/// Logical processors, as the handbook counts them: what `nproc` says.
pub fn cpu(machine: &Result<Machine, String>, thresholds: &Thresholds) -> Requirement {
    let wanted = format!("{} cores or more", thresholds.min_cores);
    let machine = match machine {
        Ok(machine) => machine,
        Err(reason) => return unknown("cpu", wanted, reason),
    };
    let found = if machine.threads == machine.cores {
        format!("{} cores", machine.threads)
    } else {
        format!("{} threads on {} cores", machine.threads, machine.cores)
    };
    verdict(
        "cpu",
        wanted,
        found,
        machine.threads >= thresholds.min_cores,
        "Move the platform to a machine with more cores, or give this virtual machine more.",
    )
}

/// Memory.
pub fn memory(machine: &Result<Machine, String>, thresholds: &Thresholds) -> Requirement {
    let wanted = format!("{} GiB or more", thresholds.min_memory_gib);
    match machine {
        Ok(machine) => verdict(
            "memory",
            wanted,
            words::bytes(machine.memory_total_bytes),
            machine.memory_total_bytes >= u64::from(thresholds.min_memory_gib) << 30,
            "Add memory, or give this virtual machine more.",
        ),
        Err(reason) => unknown("memory", wanted, reason),
    }
}

/// An NVIDIA card that the driver sees.
pub fn gpu(cards: &Result<Cards, GpuError>) -> Requirement {
    let wanted = "an NVIDIA GPU".to_owned();
    let (found, there) = match cards {
        Ok(cards) if cards.cards.is_empty() => ("the driver sees no card".to_owned(), false),
        Ok(cards) => {
            let names: Vec<String> = cards.cards.iter().map(words::card).collect();
            let well = cards.cards.iter().any(|card| card.lost.is_none());
            (names.join(", "), well)
        }
        Err(error) => (error.to_string(), false),
    };
    verdict(
        "gpu",
        wanted,
        found,
        there,
        "Install the NVIDIA driver and check that nvidia-smi lists the card.",
    )
}

/// The size of the filesystems that data lies on, each counted once; too little is a warning.
pub fn storage(filesystems: &[Filesystem], thresholds: &Thresholds) -> Requirement {
    // As the handbook names it, and in the unit of what is found.
    let min_bytes = thresholds.min_storage_tb * 1e12;
    let wanted = format!(
        "{} TB ({}) or more",
        thresholds.min_storage_tb,
        words::bytes(words::whole(min_bytes))
    );
    let mut devices: BTreeMap<u64, (u64, String)> = BTreeMap::new();
    let mut reasons = Vec::new();
    for filesystem in filesystems {
        let path = filesystem.path.display();
        match &filesystem.space {
            Ok(space) => {
                devices
                    .entry(space.device)
                    .and_modify(|(_, paths)| *paths = format!("{paths}, {path}"))
                    .or_insert_with(|| (space.size_bytes, path.to_string()));
            }
            Err(reason) => reasons.push(format!("{path}: {reason}")),
        }
    }
    if devices.is_empty() {
        let reason = if reasons.is_empty() {
            "no filesystem was read".to_owned()
        } else {
            reasons.join("; ")
        };
        return unknown("storage", wanted, &reason);
    }
    let total: u64 = devices.values().map(|(size, _)| size).sum();
    let mut found: Vec<String> = devices
        .values()
        .map(|(size, paths)| format!("{} at {paths}", words::bytes(*size)))
        .collect();
    found.extend(reasons);
    let requirement = verdict(
        "storage",
        wanted,
        found.join("; "),
        words::real(total) >= min_bytes,
        "Add a disk before the videos fill this one.",
    );
    Requirement {
        status: requirement.status.min(Status::Warning),
        ..requirement
    }
}

/// The Docker Engine answers.
pub fn docker(engine: &Engine) -> Requirement {
    let found = engine.version.as_ref().map_or_else(
        || format!("no answer: {}", engine.reason),
        |version| format!("Docker Engine {version}"),
    );
    verdict(
        "docker",
        "a Docker Engine that answers".to_owned(),
        found,
        engine.version.is_some(),
        "Install it with apt-get install docker.io, start it with systemctl start docker, and let the console reach \
         its socket (DOCKER_HOST).",
    )
}

/// Compose is installed. The engine's API can't tell, so its binary is looked for.
pub fn compose(binary: Option<&Path>) -> Requirement {
    verdict(
        "compose",
        "docker compose or docker-compose".to_owned(),
        binary.map_or_else(|| "not found".to_owned(), |path| path.display().to_string()),
        binary.is_some(),
        "Install it with apt-get install docker-compose. A console in a container looks inside it alone: mount the \
         machine's /usr/libexec/docker/cli-plugins or /usr/bin/docker-compose there, read-only, at the same path.",
    )
}

/// The engine can hand GPUs to containers.
pub fn nvidia_runtime(engine: &Engine) -> Requirement {
    let wanted = "the runtime nvidia in the Docker Engine".to_owned();
    match &engine.runtimes {
        Some(runtimes) => verdict(
            "nvidia_runtime",
            wanted,
            told(runtimes),
            runtimes.iter().any(|runtime| runtime == NVIDIA),
            "Install nvidia-container-toolkit, run nvidia-ctk runtime configure --runtime=docker, and restart docker.",
        ),
        None => unknown(
            "nvidia_runtime",
            wanted,
            "the Docker Engine does not answer",
        ),
    }
}

/// The runtime that hands GPUs to containers.
const NVIDIA: &str = "nvidia";

/// The runtimes that an engine knows, in short.
fn told(runtimes: &[String]) -> String {
    let mut names: Vec<&str> = runtimes.iter().filter_map(|name| short(name)).collect();
    names.sort_unstable();
    names.dedup();
    let names = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    if runtimes.iter().any(|runtime| runtime == NVIDIA) {
        format!("has: {names}")
    } else {
        format!("not configured; has: {names}")
    }
}

/// The engine lists containerd's names beside its own: `io.containerd.runc.v2` is `runc`, and so is the first kind of
/// them, `io.containerd.runtime.v1.linux`.
fn short(runtime: &str) -> Option<&str> {
    let Some(name) = runtime.strip_prefix("io.containerd.") else {
        return Some(runtime);
    };
    match name.rsplit_once(".v") {
        Some(("runtime", _)) => None,
        Some((name, _version)) => Some(name),
        None => Some(name),
    }
}

fn verdict(name: &str, wanted: String, found: String, there: bool, hint: &str) -> Requirement {
    Requirement {
        name: name.to_owned(),
        wanted,
        found,
        status: if there { Status::Ok } else { Status::Critical },
        hint: if there {
            String::new()
        } else {
            hint.to_owned()
        },
        since: None,
        began_before: false,
    }
}

fn unknown(name: &str, wanted: String, reason: &str) -> Requirement {
    Requirement {
        name: name.to_owned(),
        wanted,
        found: reason.to_owned(),
        status: Status::Unknown,
        hint: "Find out why this can't be read; until then the requirement counts as not met."
            .to_owned(),
        since: None,
        began_before: false,
    }
}

#[cfg(test)]
mod tests;
