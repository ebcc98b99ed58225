//! What the services of a compose file ask for.

use std::collections::BTreeSet;

use super::{
    merge::named,
    node::Node,
    units::{PortSpec, bytes, ports},
    variables::{Variables, interpolate},
};
use crate::deployment::text;

/// The most services that are read.
const MOST_SERVICES: usize = 2_000;
/// Ports of a service with more entries are not compared.
const MOST_PORT_ENTRIES: usize = 2_000;

/// A compose project as its files describe it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComposeFile {
    /// The services in the file's order, those of profiles included.
    pub services: Vec<FileService>,
    /// What could not be told, if so.
    pub unknown: Option<String>,
}

/// What a file asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked<T> {
    /// That can't be known.
    #[default]
    Unknown,
    /// Nothing.
    Nothing,
    /// This.
    For(T),
}

impl<T> Asked<T> {
    /// What is asked for, as `read` understands it; what it does not understand can't be known.
    fn read<U>(self, read: impl FnOnce(T) -> Option<U>) -> Asked<U> {
        match self {
            Self::Unknown => Asked::Unknown,
            Self::Nothing => Asked::Nothing,
            Self::For(value) => read(value).map_or(Asked::Unknown, Asked::For),
        }
    }

    /// What is asked for, if it is known and something.
    fn value(self) -> Option<T> {
        match self {
            Self::For(value) => Some(value),
            Self::Unknown | Self::Nothing => None,
        }
    }
}

/// A service as the file describes it. `None` is what can't be known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileService {
    /// Its name, as it can stand in a path.
    pub name: String,
    /// It runs only when one of its profiles is asked for, or is scaled to nothing.
    pub optional: bool,
    /// The image; the name that compose gives to what it builds itself is not among them.
    pub image: Option<String>,
    /// Compose builds the image.
    pub builds: bool,
    /// Names of environment variables that have a value.
    pub environment: Option<BTreeSet<String>>,
    /// Names of those that are handed on from the shell, if it had them.
    pub handed_on: BTreeSet<String>,
    /// Ports.
    pub ports: Option<Vec<PortSpec>>,
    /// The CPU limit in cores.
    pub cpus: Asked<f64>,
    /// The memory limit in bytes.
    pub memory: Asked<u64>,
    /// It shares the network of the host or of another container.
    pub shares_network: bool,
    /// The label `ytops.team`.
    pub team: String,
}

/// The names of variables in the files that `env_file` names; `None` when one that must be there can't be read.
pub type EnvFiles<'a> = &'a dyn Fn(&str) -> Option<BTreeSet<String>>;

impl ComposeFile {
    /// Reads the merged document.
    ///
    /// # Errors
    /// It is no compose file.
    pub fn read(
        document: &Node,
        variables: &Variables,
        env_files: EnvFiles<'_>,
    ) -> Result<Self, String> {
        let services = document.get("services").entries();
        if services.is_empty() {
            return Err("it names no services".to_owned());
        }
        let mut unknown = None;
        if !document.get("include").is_null() {
            unknown = Some("The file includes others, which are not compared.".to_owned());
        }
        let mut read = Vec::new();
        for (name, node) in services.iter().take(MOST_SERVICES) {
            let reader = Reader { node, variables };
            let service = reader.service(name, env_files);
            if !node.get("extends").is_null() {
                unknown = Some(format!(
                    "Service {} extends another, which is not compared.",
                    service.name
                ));
            } else if service.environment.is_none() {
                unknown = Some(format!(
                    "The environment of {} is not compared: a file that it names can't be read.",
                    service.name
                ));
            }
            if !service.name.is_empty() {
                read.push(service);
            }
        }
        Ok(Self {
            services: read,
            unknown,
        })
    }

    /// The service `name`.
    pub fn service(&self, name: &str) -> Option<&FileService> {
        self.services.iter().find(|service| service.name == name)
    }
}

struct Reader<'a> {
    node: &'a Node,
    variables: &'a Variables,
}

impl Reader<'_> {
    fn service(&self, name: &str, env_files: EnvFiles<'_>) -> FileService {
        let extends = !self.node.get("extends").is_null();
        let (environment, handed_on) = self.environment(env_files);
        let mode = self.text(&["network_mode"]).value().unwrap_or_default();
        let labels = named(self.node.get("labels").clone());
        let team = labels.get("ytops.team").text().unwrap_or_default();
        // Of one that extends another, what is not written here may be written there.
        let here = |asked: bool| asked || !extends;
        let (cpus, memory) = (self.cpus(), self.memory());
        FileService {
            name: text::name(name),
            optional: self.is_optional(),
            image: self.text(&["image"]).value(),
            builds: !self.node.get("build").is_null(),
            environment: environment.filter(|_| !extends),
            handed_on,
            ports: self.ports().filter(|_| !extends),
            cpus: if here(cpus != Asked::Nothing) {
                cpus
            } else {
                Asked::Unknown
            },
            memory: if here(memory != Asked::Nothing) {
                memory
            } else {
                Asked::Unknown
            },
            shares_network: ["host", "service:", "container:"]
                .iter()
                .any(|how| mode.starts_with(how)),
            team: interpolate(team, self.variables).unwrap_or_default(),
        }
    }

    /// It has profiles, or is scaled to nothing.
    fn is_optional(&self) -> bool {
        let replicas = self.first(&["deploy", "replicas"], &["scale"]).value();
        let is_scaled_away = replicas.is_some_and(|count| count == "0");
        is_scaled_away || !self.node.get("profiles").items().is_empty()
    }

    /// The scalar at `path` with its variables replaced.
    fn text(&self, path: &[&str]) -> Asked<String> {
        match self.node.at(path).text() {
            None => Asked::Nothing,
            Some(text) => interpolate(text, self.variables).map_or(Asked::Unknown, Asked::For),
        }
    }

    fn environment(&self, env_files: EnvFiles<'_>) -> (Option<BTreeSet<String>>, BTreeSet<String>) {
        let mut names = BTreeSet::new();
        let mut handed_on = BTreeSet::new();
        let mut known = true;
        let files = self.node.get("env_file");
        let files = if files.items().is_empty() {
            std::slice::from_ref(files)
        } else {
            files.items()
        };
        for file in files.iter().filter(|file| !file.is_null()).take(16) {
            let path = file
                .text()
                .or_else(|| file.get("path").text())
                .unwrap_or_default();
            let required = file.get("required").text() != Some("false");
            match interpolate(path, self.variables).and_then(|path| env_files(&path)) {
                Some(of_file) => names.extend(of_file),
                None if required => known = false,
                None => {}
            }
        }
        for (name, value) in named(self.node.get("environment").clone()).entries() {
            if value.is_null() {
                handed_on.insert(name.clone());
            } else {
                names.insert(name.clone());
            }
        }
        (known.then_some(names), handed_on)
    }

    fn ports(&self) -> Option<Vec<PortSpec>> {
        let entries = self.node.get("ports").items();
        // To compare with a part of them would tell of differences that are none.
        if entries.len() > MOST_PORT_ENTRIES {
            return None;
        }
        let mut read = Vec::new();
        for entry in entries {
            read.extend(ports(&self.filled(entry)?)?);
        }
        Some(read)
    }

    /// A node with the variables of its scalars replaced.
    fn filled(&self, node: &Node) -> Option<Node> {
        match node {
            Node::Text(text) => interpolate(text, self.variables).map(Node::Text),
            Node::Map(entries) => entries
                .iter()
                .map(|(key, value)| Some((key.clone(), self.filled(value)?)))
                .collect::<Option<_>>()
                .map(Node::Map),
            other => Some(other.clone()),
        }
    }

    fn cpus(&self) -> Asked<f64> {
        let asked = self.first(&["deploy", "resources", "limits", "cpus"], &["cpus"]);
        match asked.read(|text| text.trim().parse().ok()) {
            // Zero is compose's word for no limit.
            Asked::For(cpus) if cpus <= 0.0 => Asked::Nothing,
            asked => asked,
        }
    }

    fn memory(&self) -> Asked<u64> {
        let asked = self.first(&["deploy", "resources", "limits", "memory"], &["mem_limit"]);
        match asked.read(|text| bytes(&text)) {
            Asked::For(0) => Asked::Nothing,
            asked => asked,
        }
    }

    fn first(&self, path: &[&str], otherwise: &[&str]) -> Asked<String> {
        match self.text(path) {
            Asked::Nothing => self.text(otherwise),
            asked => asked,
        }
    }
}

#[cfg(test)]
mod tests;
