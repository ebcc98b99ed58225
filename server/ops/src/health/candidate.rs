//! Containers of the compose projects as checks see them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use time::OffsetDateTime;
use types::deployment::{Port, State};

use crate::outside::Container;

/// A container of a compose project, as far as finding needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The compose project.
    pub project: String,
    /// The compose service.
    pub service: String,
    /// The container's id.
    pub container_id: String,
    /// The image as it was named.
    pub image: String,
    /// Its state.
    pub state: State,
    /// Its own IP addresses.
    pub addresses: Vec<String>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// When it was made.
    pub created_at: Option<OffsetDateTime>,
    /// When it last started.
    pub started_at: Option<OffsetDateTime>,
    /// It was stopped on purpose, and does not run since.
    pub was_stopped: bool,
    /// Folders of the host that it writes to.
    pub data_paths: Vec<PathBuf>,
}

impl From<Container> for Candidate {
    fn from(container: Container) -> Self {
        let written = container
            .mounts
            .into_iter()
            .filter(|mount| mount.kind == "bind" && mount.writable)
            .map(|mount| PathBuf::from(mount.source));
        let addresses = container.networks.into_iter().map(|network| network.ip);
        Self {
            project: container.project,
            service: container.service,
            container_id: container.id,
            image: container.image,
            state: container.state,
            addresses: addresses.filter(|ip| !ip.is_empty()).collect(),
            ports: container.ports,
            created_at: container.created_at,
            started_at: container.started_at,
            was_stopped: false,
            data_paths: written.filter(|path| is_disk(path)).collect(),
        }
    }
}

/// Not what the kernel keeps in memory: sockets and devices are bound into containers, too.
fn is_disk(path: &Path) -> bool {
    path.is_absolute()
        && !["/run", "/var/run", "/proc", "/sys", "/dev"]
            .iter()
            .any(|kept| path.starts_with(kept))
}

/// The folders of the host that containers write to, `limit` at most.
pub fn data_paths(candidates: &[Candidate], limit: usize) -> Vec<PathBuf> {
    let paths: BTreeSet<&PathBuf> = candidates
        .iter()
        .flat_map(|candidate| &candidate.data_paths)
        .collect();
    paths.into_iter().take(limit).cloned().collect()
}

#[cfg(test)]
mod tests {
    use types::deployment::Mount;

    use super::*;

    #[test]
    fn what_containers_write_to_on_the_host_is_told_once() {
        let mount = |kind: &str, source: &str, writable| Mount {
            kind: kind.to_owned(),
            source: source.to_owned(),
            destination: "/data".to_owned(),
            writable,
        };
        let container = Container {
            mounts: vec![
                mount("bind", "/opt/data", true),
                mount("bind", "/opt/data", true),
                mount("bind", "/etc/config", false),
                mount("bind", "/var/run/docker.sock", true),
                mount("volume", "postgres_data", true),
                mount("bind", "relative", true),
            ],
            ..Container::default()
        };
        let candidates = [
            Candidate::from(container.clone()),
            Candidate::from(container),
        ];
        assert_eq!(data_paths(&candidates, 8), [PathBuf::from("/opt/data")]);
        assert_eq!(data_paths(&candidates, 0), Vec::<PathBuf>::new());
    }
}
