//! A container as it is kept: whatever was written into it, what is stored is short, printable and of one kind.

use types::deployment::{Drift, Mount, Port};

use super::text::{clean, name};
use crate::outside::{Container, Network};

/// The longest text that is kept, in characters.
const LONGEST: usize = 300;
/// The longest path that is kept.
const LONGEST_PATH: usize = 1_000;
/// The longest side of a difference from the compose file.
const LONGEST_DRIFT: usize = 1_000;
/// The longest address, IPv6 with an IPv4 tail.
const LONGEST_ADDRESS: usize = 45;
/// The longest protocol's name, with room for one that is not known yet.
const LONGEST_PROTOCOL: usize = 16;
/// The most of anything that is kept of one container.
const MOST: usize = 300;
/// The most compose files of a project.
const MOST_FILES: usize = 16;

/// The container with its project's and its service's name, and the places of its compose files, as they are kept;
/// `None` when it names no project, or its id is none of an engine's.
pub fn named(container: Container) -> Option<Container> {
    let is_id = (12..=64).contains(&container.id.len())
        && container.id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let project = name(&container.project);
    if !is_id || project.is_empty() {
        return None;
    }
    let own_name = clean(&container.name, LONGEST);
    let service = match name(&container.service) {
        service if service.is_empty() => name(&own_name),
        service => service,
    };
    if service.is_empty() {
        return None;
    }
    Some(Container {
        project,
        service,
        name: own_name,
        config_files: container
            .config_files
            .iter()
            .take(MOST_FILES)
            .map(|file| clean(file, LONGEST_PATH))
            .collect(),
        working_dir: clean(&container.working_dir, LONGEST_PATH),
        environment_file: clean(&container.environment_file, LONGEST_PATH),
        ..container
    })
}

/// The named container with everything cut to size. What is compared with the compose file is compared before.
pub fn bounded(container: Container) -> Container {
    Container {
        image: clean(&container.image, LONGEST),
        image_digest: clean(&container.image_digest, LONGEST),
        ports: container.ports.iter().take(MOST).map(port).collect(),
        bindings: container.bindings.iter().take(MOST).map(port).collect(),
        networks: container.networks.iter().take(MOST).map(network).collect(),
        mounts: container.mounts.iter().take(MOST).map(mount).collect(),
        environment: names(&container.environment),
        image_environment: names(&container.image_environment),
        command: clean(&container.command, LONGEST_PATH),
        restart_policy: clean(&container.restart_policy, LONGEST),
        team: clean(&container.team, LONGEST),
        cpu_limit: container
            .cpu_limit
            .filter(|cores| cores.is_finite() && *cores > 0.0),
        ..container
    }
}

/// A difference with its texts cut to size.
pub fn bounded_drift(drift: Drift) -> Drift {
    Drift {
        file: clean(&drift.file, LONGEST_DRIFT),
        running: clean(&drift.running, LONGEST_DRIFT),
        ..drift
    }
}

fn names(names: &[String]) -> Vec<String> {
    let mut names: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| clean(name, LONGEST))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn port(port: &Port) -> Port {
    Port {
        host_ip: clean(&port.host_ip, LONGEST_ADDRESS),
        protocol: clean(&port.protocol, LONGEST_PROTOCOL),
        host_port: port.host_port,
        container_port: port.container_port,
    }
}

fn network(network: &Network) -> Network {
    Network {
        name: clean(&network.name, LONGEST),
        ip: clean(&network.ip, LONGEST),
    }
}

fn mount(mount: &Mount) -> Mount {
    Mount {
        kind: clean(&mount.kind, LONGEST),
        source: clean(&mount.source, LONGEST_PATH),
        destination: clean(&mount.destination, LONGEST_PATH),
        writable: mount.writable,
    }
}
