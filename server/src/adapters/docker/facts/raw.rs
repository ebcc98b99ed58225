//! The engine's description of a container, as far as it is read. Fields are named as the engine's API documents them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::nullable;

/// The labels that mean something here; the others are skipped.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Labels {
    #[serde(rename = "com.docker.compose.project")]
    pub project: Option<String>,
    #[serde(rename = "com.docker.compose.service")]
    pub service: Option<String>,
    #[serde(rename = "com.docker.compose.oneoff")]
    pub oneoff: Option<String>,
    #[serde(rename = "com.docker.compose.project.config_files")]
    pub config_files: Option<String>,
    #[serde(rename = "com.docker.compose.project.working_dir")]
    pub working_dir: Option<String>,
    #[serde(rename = "com.docker.compose.project.environment_file")]
    pub environment_file: Option<String>,
    #[serde(rename = "ytops.team")]
    pub team: Option<String>,
}

impl Labels {
    pub fn is_oneoff(&self) -> bool {
        self.oneoff
            .as_deref()
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RunState {
    pub status: String,
    pub exit_code: i64,
    #[serde(rename = "OOMKilled")]
    pub oom_killed: bool,
    pub started_at: String,
    pub finished_at: String,
    pub health: Option<Health>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Health {
    pub status: String,
    /// How many probes have failed in a row.
    pub failing_streak: usize,
    /// The last probes, the oldest first.
    #[serde(deserialize_with = "nullable")]
    pub log: Vec<HealthProbe>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HealthProbe {
    pub start: String,
    pub exit_code: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HostConfig {
    pub memory: i64,
    #[serde(deserialize_with = "nullable")]
    pub nano_cpus: i64,
    #[serde(deserialize_with = "nullable")]
    pub cpu_quota: i64,
    #[serde(deserialize_with = "nullable")]
    pub cpu_period: i64,
    #[serde(deserialize_with = "nullable")]
    pub port_bindings: PortMap,
    #[serde(deserialize_with = "nullable")]
    pub restart_policy: RestartPolicy,
    pub network_mode: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RestartPolicy {
    pub name: String,
    pub maximum_retry_count: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountPoint {
    #[serde(rename = "Type")]
    pub kind: String,
    pub name: String,
    pub source: String,
    pub destination: String,
    #[serde(rename = "RW")]
    pub writable: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Config {
    pub tty: bool,
    #[serde(deserialize_with = "nullable")]
    pub env: Vec<String>,
    pub image: String,
    #[serde(deserialize_with = "nullable")]
    pub labels: Labels,
    pub stop_timeout: Option<i64>,
    #[serde(deserialize_with = "nullable")]
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkSettings {
    #[serde(deserialize_with = "nullable")]
    pub ports: PortMap,
    #[serde(deserialize_with = "nullable")]
    pub networks: BTreeMap<String, Option<Endpoint>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    #[serde(rename = "IPAddress")]
    pub ipv4: String,
    #[serde(rename = "GlobalIPv6Address")]
    pub ipv6: String,
}

/// `80/tcp` to where it is published, if it is.
pub type PortMap = BTreeMap<String, Option<Vec<Binding>>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Binding {
    pub host_ip: String,
    pub host_port: String,
}
