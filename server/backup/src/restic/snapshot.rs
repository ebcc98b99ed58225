//! Snapshots, and which are meant.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Restic;
use crate::{Error, Kind, Result, process::Program};

/// The identity of a snapshot: 64 hexadecimal digits, or the first of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotId(String);

impl TryFrom<String> for SnapshotId {
    type Error = Error;

    /// # Errors
    /// Anything but 8 to 64 hexadecimal digits; restic takes a beginning for the whole where only one snapshot has it.
    fn try_from(text: String) -> Result<Self> {
        if (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text));
        }
        Err(Error::new(
            Kind::Invalid,
            "A snapshot is named by 8 to 64 hexadecimal digits.",
        ))
    }
}

impl From<SnapshotId> for String {
    fn from(id: SnapshotId) -> Self {
        id.0
    }
}

impl SnapshotId {
    /// Whether both mean one snapshot, where one may be the beginning of the other.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A snapshot as the repository has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Snapshot {
    /// Its identity.
    pub id: SnapshotId,
    /// When it was taken.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// The host it was labelled with.
    #[serde(default)]
    pub hostname: String,
    /// Its tags.
    #[serde(default, deserialize_with = "or_empty")]
    pub tags: Vec<String>,
    /// What was backed up, absolute.
    #[serde(default, deserialize_with = "or_empty")]
    pub paths: Vec<String>,
}

/// restic writes `null` for an empty list.
pub(super) fn or_empty<'de, D, T>(deserializer: D) -> std::result::Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

impl Snapshot {
    /// The value of the tag `name=value`.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags
            .iter()
            .find_map(|tag| tag.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Which snapshots are meant: those that have all of the tags, of that host, of those identities. All where it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Tags that each must have.
    pub tags: Vec<String>,
    /// The host that each is labelled with.
    pub host: Option<String>,
    /// These and no others.
    pub ids: Vec<SnapshotId>,
}

impl Filter {
    pub(super) fn apply(&self, mut program: Program) -> Program {
        if !self.tags.is_empty() {
            program = program.arg(format!("--tag={}", self.tags.join(",")));
        }
        if let Some(host) = &self.host {
            program = program.arg(format!("--host={host}"));
        }
        program
    }

    pub(super) fn id_args(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|id| id.0.as_str())
    }
}

impl Restic {
    /// The snapshots, oldest first.
    ///
    /// # Errors
    /// Those of the target; [`Kind::NotFound`] where an identity is not there.
    pub async fn snapshots(&self, filter: &Filter) -> Result<Vec<Snapshot>> {
        let program = filter
            .apply(self.program().args(["snapshots", "--json"]))
            .args(filter.id_args());
        let text = self.answer(program).await?;
        let mut all: Vec<Snapshot> = parsed(&text)?;
        all.sort_by_key(|snapshot| snapshot.time);
        if let Some(missing) = filter
            .ids
            .iter()
            .find(|id| !all.iter().any(|one| one.id.is_same(id)))
        {
            return Err(Error::new(
                Kind::NotFound,
                format!(
                    "The repository {} does not have the snapshot {missing}.",
                    self.repository.location
                ),
            ));
        }
        Ok(all)
    }

    /// The one snapshot of that identity.
    ///
    /// # Errors
    /// As [`Self::snapshots`].
    pub async fn snapshot(&self, id: &SnapshotId) -> Result<Snapshot> {
        let filter = Filter {
            ids: vec![id.clone()],
            ..Filter::default()
        };
        self.snapshots(&filter).await?.pop().ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                format!("The repository does not have the snapshot {id}."),
            )
        })
    }
}

pub(super) fn parsed<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| {
        Error::new(
            Kind::Other,
            "restic's answer can't be read; its version may be too new for the console.",
        )
        .detail(error.to_string())
    })
}
