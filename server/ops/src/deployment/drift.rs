//! How a container differs from what the compose file asks for.

use std::collections::{BTreeSet, HashMap};

use types::deployment::{Drift, Port};

use super::compose::{Asked, ComposeFile, FileService, PortSpec, anywhere, show_bytes};
use crate::outside::Container;

/// Variables that the engine or the image may set whatever the file says.
const OF_THE_ENGINE: [&str; 4] = ["PATH", "HOSTNAME", "HOME", "TERM"];
/// docker-compose 1 names the container that it replaces in a variable that begins so, for the sake of its volumes.
const OF_THE_FIRST_COMPOSE: &str = "affinity:";

/// Limits in cores are told apart from here on.
const CORES: f64 = 0.000_5;

/// Every difference of `container` from `file`; environment by name only.
pub fn of_container(file: &ComposeFile, container: &Container) -> Vec<Drift> {
    let Some(service) = file.service(&container.service) else {
        return vec![Drift {
            what: "extra".to_owned(),
            file: String::new(),
            running: container.image.clone(),
        }];
    };
    [
        image(service, container),
        environment(service, container),
        ports(service, container),
        limits(service, container),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is told of a service that has no container.
pub fn missing(image: &str) -> Drift {
    Drift {
        what: "missing".to_owned(),
        file: image.to_owned(),
        running: String::new(),
    }
}

fn image(service: &FileService, container: &Container) -> Option<Drift> {
    // An image that lost its name is shown by its id: nothing to compare.
    if container.image.starts_with("sha256:") {
        return None;
    }
    let expected = match &service.image {
        Some(image) => image.clone(),
        None if service.builds => {
            let names = ["-", "_"]
                .map(|joint| format!("{}{joint}{}", container.project, container.service));
            if names
                .iter()
                .any(|name| canonical(name) == canonical(&container.image))
            {
                return None;
            }
            names[0].clone()
        }
        None => return None,
    };
    (canonical(&expected) != canonical(&container.image)).then(|| Drift {
        what: "image".to_owned(),
        file: expected,
        running: container.image.clone(),
    })
}

/// `docker.io/library/redis` and `redis:latest` are one image.
fn canonical(image: &str) -> String {
    let image = image.strip_prefix("index.docker.io/").unwrap_or(image);
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains([':', '@']) {
        image.to_owned()
    } else {
        format!("{image}:latest")
    }
}

fn environment(service: &FileService, container: &Container) -> Option<Drift> {
    let wanted = service.environment.as_ref()?;
    let has: BTreeSet<&str> = container.environment.iter().map(String::as_str).collect();
    let of_image: BTreeSet<&str> = container
        .image_environment
        .iter()
        .map(String::as_str)
        .collect();
    let lacks: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|name| !has.contains(name))
        .collect();
    let extra: Vec<&str> = has
        .into_iter()
        .filter(|name| {
            !(wanted.contains(*name)
                || service.handed_on.contains(*name)
                || of_image.contains(name)
                || OF_THE_ENGINE.contains(name)
                || name.starts_with(OF_THE_FIRST_COMPOSE))
        })
        .collect();
    (!lacks.is_empty() || !extra.is_empty()).then(|| Drift {
        what: "environment".to_owned(),
        file: lacks.join(", "),
        running: extra.join(", "),
    })
}

fn ports(service: &FileService, container: &Container) -> Option<Drift> {
    if service.shares_network || container.shares_network {
        return None;
    }
    let wanted = service.ports.as_ref()?;
    // Only what has the same port inside can be the same: there may be thousands on either side.
    let mut asked: HashMap<Inside<'_>, Vec<&PortSpec>> = HashMap::new();
    for spec in wanted {
        asked
            .entry((spec.target, &spec.protocol))
            .or_default()
            .push(spec);
    }
    let mut has: Vec<&Port> = Vec::new();
    for port in &container.bindings {
        let same_inside = asked.get_mut(&(port.container_port, port.protocol.as_str()));
        // Exposed without being asked for: the image's own.
        let is_meant =
            port.host_port.is_some() || !port.host_ip.is_empty() || same_inside.is_some();
        let met = same_inside.and_then(|specs| {
            let at = specs.iter().position(|spec| matches(spec, port))?;
            Some(specs.remove(at))
        });
        if met.is_none() && is_meant {
            has.push(port);
        }
    }
    let mut lacks: Vec<&PortSpec> = asked.into_values().flatten().collect();
    lacks.sort_by_key(|spec| {
        (
            spec.target,
            spec.published.as_ref().map(|range| *range.start()),
        )
    });
    has.sort_by_key(|port| (port.container_port, port.host_port));
    (!lacks.is_empty() || !has.is_empty()).then(|| Drift {
        what: "ports".to_owned(),
        file: lacks
            .iter()
            .map(|spec| show_spec(spec))
            .collect::<Vec<_>>()
            .join(", "),
        running: has
            .iter()
            .map(|port| show_port(port))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// A container's port and its protocol.
type Inside<'a> = (u16, &'a str);

fn matches(spec: &PortSpec, port: &Port) -> bool {
    let published = match (&spec.published, port.host_port) {
        (None, None | Some(0)) => true,
        (Some(range), Some(host)) => range.contains(&host),
        _ => false,
    };
    published && spec.host_ip == anywhere(&port.host_ip)
}

fn show_spec(spec: &PortSpec) -> String {
    let host = spec.published.as_ref().map(|range| {
        if range.start() == range.end() {
            range.start().to_string()
        } else {
            format!("{}-{}", range.start(), range.end())
        }
    });
    show(&spec.host_ip, host, spec.target, &spec.protocol)
}

fn show_port(port: &Port) -> String {
    let host = port
        .host_port
        .filter(|&host| host > 0)
        .map(|host| host.to_string());
    show(
        &anywhere(&port.host_ip),
        host,
        port.container_port,
        &port.protocol,
    )
}

/// As compose writes it: `127.0.0.1:8080:80/tcp`.
fn show(host_ip: &str, host: Option<String>, target: u16, protocol: &str) -> String {
    let address = match host_ip {
        "" => String::new(),
        ip if ip.contains(':') => format!("[{ip}]:"),
        ip => format!("{ip}:"),
    };
    let host = match (host, host_ip) {
        (Some(host), _) => format!("{host}:"),
        (None, "") => String::new(),
        (None, _) => ":".to_owned(),
    };
    format!("{address}{host}{target}/{protocol}")
}

fn limits(service: &FileService, container: &Container) -> Option<Drift> {
    let mut file = Vec::new();
    let mut running = Vec::new();
    if let Some(wanted) = limit(&service.cpus)
        && !same_cores(wanted, container.cpu_limit)
    {
        file.push(show_cores(wanted));
        running.push(show_cores(container.cpu_limit));
    }
    if let Some(wanted) = limit(&service.memory)
        && wanted != container.memory_limit_bytes
    {
        file.push(show_memory(wanted));
        running.push(show_memory(container.memory_limit_bytes));
    }
    (!file.is_empty()).then(|| Drift {
        what: "limits".to_owned(),
        file: file.join(", "),
        running: running.join(", "),
    })
}

/// The limit as a container has it; nothing to compare when it can't be known.
#[expect(clippy::option_option, reason = "no limit is a limit that is known")]
const fn limit<T: Copy>(asked: &Asked<T>) -> Option<Option<T>> {
    match asked {
        Asked::Unknown => None,
        Asked::Nothing => Some(None),
        Asked::For(limit) => Some(Some(*limit)),
    }
}

fn same_cores(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => (one - other).abs() < CORES,
        _ => false,
    }
}

fn show_cores(cores: Option<f64>) -> String {
    match cores {
        None => "no CPU limit".to_owned(),
        Some(1.0) => "1 core".to_owned(),
        Some(cores) => format!("{cores} cores"),
    }
}

fn show_memory(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "no memory limit".to_owned(), show_bytes)
}

#[cfg(test)]
mod tests;
