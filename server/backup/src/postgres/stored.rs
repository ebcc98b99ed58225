//! Backups of databases as a repository has them.

use std::collections::BTreeMap;

use super::{DUMP_FILE, Details, measure::check_format};
use crate::{
    Error, Kind, Result,
    restic::{Filter, Restic, Snapshot, SnapshotId},
};

/// A manifest or a list of roles is never larger: a hundred thousand relations.
const LARGEST: usize = 64 << 20;

/// A backup of a database: the snapshot of its dump, and the one of its manifest that was made after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its identity.
    pub id: String,
    /// The dump.
    pub dump: Option<Snapshot>,
    /// Manifest, roles and how to restore. Without them the backup was not finished and must not be used.
    pub details: Option<Snapshot>,
}

impl Stored {
    /// Whether it was finished.
    pub fn is_complete(&self) -> bool {
        self.dump.is_some() && self.details.is_some()
    }

    /// Its snapshots, to forget them.
    pub fn snapshots(&self) -> Vec<SnapshotId> {
        let both = [&self.dump, &self.details];
        both.into_iter()
            .flatten()
            .map(|one| one.id.clone())
            .collect()
    }

    fn part<'a>(&self, part: Option<&'a Snapshot>) -> Result<&'a Snapshot> {
        part.ok_or_else(|| {
            Error::new(
                Kind::Invalid,
                format!(
                    "The backup {} was not finished and can't be used. Take another one.",
                    self.id
                ),
            )
        })
    }

    /// What describes it: its manifest and the server's roles.
    ///
    /// # Errors
    /// [`Kind::Invalid`] where it was not finished; those of the repository.
    pub async fn details(&self, restic: &Restic) -> Result<Details> {
        let (dump, snapshot) = (
            self.part(self.dump.as_ref())?,
            self.part(self.details.as_ref())?,
        );
        let text = restic.read(&snapshot.id, "/details.json", LARGEST).await?;
        let details: Details = serde_json::from_slice(&text).map_err(|error| {
            Error::new(
                Kind::Invalid,
                format!("The manifest of the backup {} can't be read.", self.id),
            )
            .detail(error.to_string())
        })?;
        check_format(&details.manifest)?;
        let described = details.manifest.dump.as_ref();
        if !described.is_some_and(|one| one.file == DUMP_FILE && one.snapshot.is_same(&dump.id)) {
            return Err(Error::new(
                Kind::Invalid,
                format!("The manifest of the backup {} is of another dump.", self.id),
            ));
        }
        Ok(details)
    }
}

/// Backups of databases among the snapshots meant, oldest first.
///
/// # Errors
/// Those of the repository.
pub async fn stored(restic: &Restic, filter: &Filter) -> Result<Vec<Stored>> {
    let mut order: Vec<String> = Vec::new();
    let mut all: BTreeMap<String, Stored> = BTreeMap::new();
    for snapshot in restic.snapshots(filter).await? {
        let (Some(id), Some(part)) = (snapshot.tag("backup"), snapshot.tag("part")) else {
            continue;
        };
        let (id, is_dump) = (id.to_owned(), part == "dump");
        let one = all.entry(id.clone()).or_insert_with(|| {
            order.push(id.clone());
            Stored {
                id,
                dump: None,
                details: None,
            }
        });
        if is_dump {
            one.dump = Some(snapshot);
        } else {
            one.details = Some(snapshot);
        }
    }
    Ok(order.iter().filter_map(|id| all.remove(id)).collect())
}

/// One backup.
///
/// # Errors
/// [`Kind::NotFound`]; those of the repository.
pub async fn load(restic: &Restic, id: &str) -> Result<Stored> {
    super::backup::check_id(id)?;
    let filter = Filter {
        tags: vec![format!("backup={id}")],
        ..Filter::default()
    };
    stored(restic, &filter).await?.pop().ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!(
                "The repository {} does not have the backup {id}.",
                restic.repository().location
            ),
        )
    })
}
