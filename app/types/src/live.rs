//! What travels over the event stream.

use serde::{Deserialize, Serialize};

/// A kind of fact that changes; pages listen to the topics they show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Services and the engine: state, health, events.
    Deployment,
    /// CPU, memory, network and block I/O of services; every few seconds.
    Usage,
    /// Verification results and health.
    Health,
    /// Users, teams, tokens, sessions.
    Identity,
    /// The audit log.
    Audit,
    /// Settings.
    Settings,
    /// Long pieces of work: their stages, progress and log.
    Operations,
    /// Backup sets and what was backed up.
    Backups,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 8] = [
        Self::Deployment,
        Self::Usage,
        Self::Health,
        Self::Identity,
        Self::Audit,
        Self::Settings,
        Self::Operations,
        Self::Backups,
    ];

    /// The name used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Usage => "usage",
            Self::Health => "health",
            Self::Identity => "identity",
            Self::Audit => "audit",
            Self::Settings => "settings",
            Self::Operations => "operations",
            Self::Backups => "backups",
        }
    }

    /// Reads [`Topic::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text)
    }
}

/// What an event `reset` says when the database went away: what stands on a page is old until the next one.
pub const AWAY: &str = "the database does not answer";

/// Something changed: pages that show it read it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// Grows by every change; the event stream's `id`.
    pub id: i64,
    /// What kind of fact.
    pub topic: Topic,
    /// Which one, e.g. `ytempire/backend`; empty for all of the topic.
    pub key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_s_page_lists_every_topic() {
        let page = include_str!("../../../docs/api.md");
        let list = page
            .lines()
            .find_map(|line| line.strip_prefix("Topics: "))
            .and_then(|line| line.split_once('.'))
            .map_or("", |(list, _)| list);
        let listed: Vec<&str> = list
            .split(", ")
            .map(|name| name.trim_matches('`'))
            .collect();
        assert_eq!(listed, Topic::ALL.map(Topic::as_str));
    }
}
