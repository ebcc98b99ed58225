//! Finds the platform's parts among the containers of the compose projects.

use std::cmp::Reverse;

use types::deployment::{Port, State};

use super::candidate::Candidate;
use crate::outside::Address;

/// What a part is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The check.
    pub name: &'static str,
    /// Service names, the likeliest first.
    services: &'static [&'static str],
    /// Image names without registry, owner and tag.
    images: &'static [&'static str],
    /// The port it listens on by default.
    pub port: u16,
}

/// Postgres.
pub const DATABASE: Part = Part {
    name: "database",
    services: &["postgres", "postgresql", "database", "db"],
    images: &["postgres", "postgis", "timescaledb", "pgvector"],
    port: 5432,
};
/// Redis.
pub const REDIS: Part = Part {
    name: "redis",
    services: &["redis", "cache", "valkey"],
    images: &["redis", "valkey", "redis-stack-server"],
    port: 6379,
};
/// The backend API.
pub const BACKEND: Part = Part {
    name: "backend",
    services: &["backend", "api"],
    images: &[],
    port: 8000,
};
/// The frontend.
pub const FRONTEND: Part = Part {
    name: "frontend",
    services: &["frontend", "web"],
    images: &[],
    port: 3000,
};
/// n8n.
pub const N8N: Part = Part {
    name: "n8n",
    services: &["n8n"],
    images: &["n8n"],
    port: 5678,
};

/// The proxy in front of the others. It is no check of its own.
pub const PROXY: Part = Part {
    name: "proxy",
    services: &["nginx", "proxy", "gateway", "caddy", "traefik"],
    images: &["nginx", "caddy", "traefik"],
    port: 80,
};

/// All of them that are checked.
const PARTS: [Part; 5] = [DATABASE, REDIS, BACKEND, FRONTEND, N8N];

/// The part that belongs to a check whose address can be set.
pub fn part(name: &str) -> Option<Part> {
    PARTS.into_iter().find(|part| part.name == name)
}

/// The container that is `part`, if there is one. Labels are whatever someone wrote: of several projects the one that
/// holds most of the platform's parts counts, so that a container of another can't stand in for one of them. In it a
/// running container goes before others, then the likelier name, then the oldest.
pub fn find<'a>(part: &Part, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
    let parts_of = |project: &str| {
        let of_project = |candidate: &&Candidate| candidate.project == project;
        PARTS
            .iter()
            .filter(|part| {
                candidates
                    .iter()
                    .filter(of_project)
                    .any(|candidate| likeness(part, candidate).is_some())
            })
            .count()
    };
    candidates
        .iter()
        .filter_map(|candidate| Some((likeness(part, candidate)?, candidate)))
        .min_by_key(|(likeness, candidate)| {
            (
                Reverse(parts_of(&candidate.project)),
                candidate.state != State::Running,
                *likeness,
                candidate.created_at.is_none(),
                candidate.created_at,
                (
                    &candidate.project,
                    &candidate.service,
                    &candidate.container_id,
                ),
            )
        })
        .map(|(_, candidate)| candidate)
}

/// How well the candidate fits, 0 best; `None` when it does not.
fn likeness(part: &Part, candidate: &Candidate) -> Option<usize> {
    let by_service = part
        .services
        .iter()
        .position(|name| *name == candidate.service.to_ascii_lowercase());
    let by_image = || {
        part.images
            .iter()
            .position(|name| *name == image_name(&candidate.image))
            .map(|place| part.services.len() + place)
    };
    by_service.or_else(by_image)
}

/// `registry:5000/owner/postgres:15@sha256:…` is `postgres`.
fn image_name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split(['@', ':']).next().unwrap_or(last)
}

/// Where to ask, the likeliest first: the container's own address, then what it publishes on the host.
///
/// The container's port is the part's own where the container exposes it, else the only TCP port it has, else the
/// part's own in good faith.
pub fn addresses(part: &Part, candidate: &Candidate) -> Vec<Address> {
    let tcp: Vec<&Port> = candidate
        .ports
        .iter()
        .filter(|port| port.protocol == "tcp" || port.protocol.is_empty())
        .collect();
    let mut inner: Vec<u16> = tcp.iter().map(|port| port.container_port).collect();
    inner.sort_unstable();
    inner.dedup();
    let listening = match inner.as_slice() {
        [only] => *only,
        _ => part.port,
    };
    let mut found: Vec<Address> = candidate
        .addresses
        .iter()
        .map(|host| Address {
            host: host.clone(),
            port: listening,
        })
        .collect();
    for published in tcp.iter().filter(|tcp| tcp.container_port == listening) {
        if let Some(host_port) = published.host_port {
            let host = match published.host_ip.as_str() {
                "" | "0.0.0.0" => "127.0.0.1",
                "::" => "::1",
                host => host,
            };
            let address = Address {
                host: host.to_owned(),
                port: host_port,
            };
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
    if found.is_empty() {
        // Neither address nor published port: it shares the host's network.
        found.push(Address {
            host: "127.0.0.1".to_owned(),
            port: listening,
        });
    }
    // Both families of one published port are one more chance, not four.
    found.truncate(3);
    found
}

/// Whether a container is a Postgres server.
pub fn is_postgres(candidate: &Candidate) -> bool {
    likeness(&DATABASE, candidate).is_some()
}

/// Where a Postgres server in a container may be asked.
pub fn postgres_addresses(candidate: &Candidate) -> Vec<Address> {
    addresses(&DATABASE, candidate)
}

#[cfg(test)]
mod tests;
