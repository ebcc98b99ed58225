//! From the engine's description of a container to what the console keeps of it.

mod raw;
mod values;

use std::collections::{BTreeMap, HashSet};

use ops::outside::{Container, Network, PlainContainer};
use serde::{Deserialize, Deserializer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use types::deployment::{HealthState, Mount, Port, State};

use self::raw::{
    Config, Endpoint, Health, HostConfig, Labels, MountPoint, NetworkSettings, PortMap,
    RestartPolicy, RunState,
};
pub use self::values::{Terminal, Values};
use super::{images::Image, mask};

/// Seconds between SIGTERM and SIGKILL where the container does not say.
const DEFAULT_GRACE: u64 = 10;

/// `null` where Go has nothing.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The name of `NAME=value`.
pub fn name_of(entry: &str) -> String {
    entry
        .split_once('=')
        .map_or(entry, |(name, _value)| name)
        .to_owned()
}

/// A row of the engine's list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Listed {
    /// The id.
    pub id: String,
    #[serde(deserialize_with = "nullable")]
    names: Vec<String>,
    image: String,
    #[serde(deserialize_with = "nullable")]
    labels: Labels,
}

impl Listed {
    /// What a collector needs to know of it.
    pub fn into_watched(self) -> collect::Container {
        collect::Container {
            name: self
                .names
                .first()
                .map(|name| bare(name))
                .unwrap_or_default(),
            id: self.id,
            project: self.labels.project.unwrap_or_default(),
            service: self.labels.service.unwrap_or_default(),
        }
    }

    /// A container of no compose project.
    pub fn into_plain(self) -> Option<PlainContainer> {
        let is_plain = self.labels.project.is_none();
        let watched = self.into_watched();
        is_plain.then_some(PlainContainer {
            id: watched.id,
            name: watched.name,
        })
    }

    /// A container of which nothing more can be read.
    pub fn into_unknown(self) -> Option<Container> {
        let labels = self.labels;
        Some(Container {
            id: self.id,
            name: self
                .names
                .first()
                .map(|name| bare(name))
                .unwrap_or_default(),
            project: labels.project.clone()?,
            service: labels.service.clone().unwrap_or_default(),
            oneoff: labels.is_oneoff(),
            image: self.image,
            team: labels.team.unwrap_or_default(),
            ..Container::default()
        })
    }
}

/// The engine's description of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Inspected {
    id: String,
    name: String,
    created: String,
    path: String,
    #[serde(deserialize_with = "nullable")]
    args: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    state: RunState,
    image: String,
    restart_count: i64,
    #[serde(deserialize_with = "nullable")]
    host_config: HostConfig,
    #[serde(deserialize_with = "nullable")]
    mounts: Vec<MountPoint>,
    #[serde(deserialize_with = "nullable")]
    config: Config,
    #[serde(deserialize_with = "nullable")]
    network_settings: NetworkSettings,
}

impl Inspected {
    /// The id of its image.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// What is kept of it; `None` when it belongs to no compose project.
    pub fn into_container(self, image: &Image) -> Option<Container> {
        let state = State::parse(&self.state.status);
        let has_ended = matches!(state, State::Exited | State::Dead | State::Restarting);
        let exposed = &self.config.exposed_ports;
        let bindings = ports(&self.host_config.port_bindings, exposed.keys());
        let live = ports(&self.network_settings.ports, std::iter::empty());
        let labels = self.config.labels;
        let mode = &self.host_config.network_mode;
        let started_at = moment(&self.state.started_at);
        let health = health(self.state.health.as_ref());
        // One that fails now and then is none of ours.
        let failing = (health == HealthState::Unhealthy)
            .then(|| failing(self.state.health.as_ref(), started_at))
            .flatten();
        Some(Container {
            name: bare(&self.name),
            project: labels.project.clone()?,
            service: labels.service.clone().unwrap_or_default(),
            oneoff: labels.is_oneoff(),
            state,
            health,
            image: self.config.image,
            image_digest: if image.digest.is_empty() {
                self.image
            } else {
                image.digest.clone()
            },
            created_at: moment(&self.created),
            started_at,
            failing_since: failing.and_then(|(since, is_first)| is_first.then_some(since)),
            failing_by: failing.map(|(since, _)| since),
            finished_at: moment(&self.state.finished_at),
            exit_code: has_ended.then_some(self.state.exit_code),
            // The engine keeps the flag of the run before while it starts anew.
            oom_killed: has_ended && self.state.oom_killed,
            restarts: self.restart_count.try_into().unwrap_or(0),
            ports: if live.is_empty() {
                bindings.clone()
            } else {
                live
            },
            bindings,
            shares_network: mode == "host" || mode.starts_with("container:"),
            networks: networks(self.network_settings.networks),
            cpu_limit: self.host_config.cpus(),
            memory_limit_bytes: u64::try_from(self.host_config.memory)
                .ok()
                .filter(|&bytes| bytes > 0),
            mounts: self.mounts.into_iter().map(mount).collect(),
            environment: self.config.env.iter().map(|entry| name_of(entry)).collect(),
            image_environment: image.environment.clone(),
            command: mask::command(&self.path, &self.args),
            restart_policy: self.host_config.restart_policy.shown(),
            stop_grace_s: self
                .config
                .stop_timeout
                .and_then(|seconds| seconds.try_into().ok())
                .unwrap_or(DEFAULT_GRACE),
            tty: self.config.tty,
            team: labels.team.unwrap_or_default(),
            config_files: labels
                .config_files
                .map(|files| files.split(',').take(64).map(str::to_owned).collect())
                .unwrap_or_default(),
            working_dir: labels.working_dir.unwrap_or_default(),
            environment_file: labels.environment_file.unwrap_or_default(),
            id: self.id,
        })
    }
}

impl HostConfig {
    /// The limit in cores: `--cpus`, or quota over period.
    fn cpus(&self) -> Option<f64> {
        /// The kernel's period where none is set, in microseconds.
        const PERIOD: i64 = 100_000;
        if self.nano_cpus > 0 {
            return Some(ratio(self.nano_cpus, 1_000_000_000));
        }
        let period = if self.cpu_period > 0 {
            self.cpu_period
        } else {
            PERIOD
        };
        (self.cpu_quota > 0).then(|| ratio(self.cpu_quota, period))
    }
}

#[expect(clippy::cast_precision_loss, reason = "limits are far below 2^52")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

impl RestartPolicy {
    fn shown(&self) -> String {
        match (self.name.as_str(), self.maximum_retry_count) {
            ("", _) => "no".to_owned(),
            (name, count) if count > 0 => format!("{name}:{count}"),
            (name, _) => name.to_owned(),
        }
    }
}

fn bare(name: &str) -> String {
    name.trim_start_matches('/').to_owned()
}

fn health(health: Option<&Health>) -> HealthState {
    match health {
        None => HealthState::None,
        Some(health) if health.status.is_empty() => HealthState::None,
        Some(health) => HealthState::parse(&health.status),
    }
}

/// When the oldest was made of the probes that fail in a row, and whether it is the first of them: the engine remembers
/// few. Those from before the container started are of its life before.
fn failing(
    health: Option<&Health>,
    started_at: Option<OffsetDateTime>,
) -> Option<(OffsetDateTime, bool)> {
    let health = health?;
    let failing: Vec<OffsetDateTime> = health
        .log
        .iter()
        .rev()
        .take(health.failing_streak)
        .take_while(|probe| probe.exit_code != 0)
        .map_while(|probe| moment(&probe.start))
        .take_while(|at| started_at.is_none_or(|started_at| *at >= started_at))
        .collect();
    let oldest = *failing.last()?;
    Some((oldest, failing.len() == health.failing_streak))
}

/// Go's zero time, the year 1, stands for never.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    (moment.year() > 1).then(|| {
        moment
            .replace_nanosecond(moment.microsecond() * 1_000)
            .unwrap_or(moment)
    })
}

fn mount(mount: MountPoint) -> Mount {
    Mount {
        source: if mount.kind == "volume" {
            mount.name
        } else {
            mount.source
        },
        kind: mount.kind,
        destination: mount.destination,
        writable: mount.writable,
    }
}

fn networks(networks: BTreeMap<String, Option<Endpoint>>) -> Vec<Network> {
    networks
        .into_iter()
        .take(32)
        .map(|(name, endpoint)| {
            let endpoint = endpoint.unwrap_or_default();
            let ip = if endpoint.ipv4.is_empty() {
                endpoint.ipv6
            } else {
                endpoint.ipv4
            };
            Network { name, ip }
        })
        .collect()
}

/// Published ports, then those that are only exposed.
fn ports<'a>(map: &PortMap, exposed: impl Iterator<Item = &'a String>) -> Vec<Port> {
    let mut ports = Vec::new();
    for (name, bindings) in map {
        let Some((container_port, protocol)) = split(name) else {
            continue;
        };
        let of = |host_ip: &str, host_port| Port {
            host_ip: host_ip.to_owned(),
            host_port,
            container_port,
            protocol: protocol.to_owned(),
        };
        match bindings.as_deref() {
            None | Some([]) => ports.push(of("", None)),
            Some(bindings) => ports.extend(
                bindings
                    .iter()
                    .map(|binding| of(&binding.host_ip, binding.host_port.parse().ok())),
            ),
        }
    }
    for name in exposed.filter(|name| !map.contains_key(*name)) {
        if let Some((container_port, protocol)) = split(name) {
            let protocol = protocol.to_owned();
            ports.push(Port {
                host_ip: String::new(),
                host_port: None,
                container_port,
                protocol,
            });
        }
    }
    // The engine tells a port of all addresses twice, for IPv4 and IPv6.
    let of_all: HashSet<(u16, String, Option<u16>)> = ports
        .iter()
        .filter(|port| port.host_ip == "0.0.0.0")
        .map(inside_and_out)
        .collect();
    ports.retain(|port| port.host_ip != "::" || !of_all.contains(&inside_and_out(port)));
    ports.sort_by(|a, b| {
        (a.container_port, &a.protocol, a.host_port, &a.host_ip).cmp(&(
            b.container_port,
            &b.protocol,
            b.host_port,
            &b.host_ip,
        ))
    });
    ports
}

/// A port without the host's address.
fn inside_and_out(port: &Port) -> (u16, String, Option<u16>) {
    (port.container_port, port.protocol.clone(), port.host_port)
}

fn split(name: &str) -> Option<(u16, &str)> {
    let (port, protocol) = name.split_once('/').unwrap_or((name, "tcp"));
    Some((port.parse().ok()?, protocol))
}

#[cfg(test)]
mod tests;
