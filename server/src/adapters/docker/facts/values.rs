//! What one question needs of a container's description, and nothing keeps.

use std::collections::BTreeMap;

use ops::outside::Secret;
use serde::Deserialize;

use super::nullable;

/// Whether a container writes to a terminal.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Terminal {
    #[serde(deserialize_with = "nullable")]
    config: TerminalConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TerminalConfig {
    tty: bool,
}

impl Terminal {
    /// It does.
    pub const fn tty(&self) -> bool {
        self.config.tty
    }
}

/// A container's environment with its values; lives only as long as one question.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Values {
    #[serde(deserialize_with = "nullable")]
    config: ValuesConfig,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ValuesConfig {
    #[serde(deserialize_with = "nullable")]
    env: Vec<String>,
}

impl Values {
    /// The values of `names`.
    pub fn of(&self, names: &[&str]) -> BTreeMap<String, Secret> {
        let entries = self
            .config
            .env
            .iter()
            .filter_map(|entry| entry.split_once('='));
        entries
            .filter(|(name, _)| names.contains(name))
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect()
    }
}
