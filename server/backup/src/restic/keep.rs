//! What is kept, what is forgotten, and whether what is kept can be read.

use serde::Deserialize;

use super::{
    Filter, Restic, Snapshot, SnapshotId,
    snapshot::{or_empty, parsed},
};
use crate::{Control, Error, Kind, Progress, Result};

/// Arguments of one call; a command line has an end.
const MOST_AT_ONCE: usize = 500;

/// How much of the data is read back by a check; what describes it always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadData {
    /// None of it.
    None,
    /// The `part`th of `parts`, from 1 on: with another part each day all of it is read in `parts` days.
    Part {
        /// Which.
        part: u32,
        /// Of how many.
        parts: u32,
    },
    /// All.
    All,
}

/// How many snapshots are kept; each as restic means it. Where all are zero nothing may be forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The newest.
    pub last: u32,
    /// The newest of each of so many hours that have one.
    pub hourly: u32,
    /// Of each of so many days.
    pub daily: u32,
    /// Of each of so many weeks.
    pub weekly: u32,
    /// Of each of so many months.
    pub monthly: u32,
    /// Of each of so many years.
    pub yearly: u32,
}

/// What rules would keep and forget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgettable {
    /// What they keep.
    pub keep: Vec<Snapshot>,
    /// What they forget.
    pub forget: Vec<Snapshot>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default, deserialize_with = "or_empty")]
    keep: Vec<Snapshot>,
    #[serde(default, deserialize_with = "or_empty")]
    remove: Vec<Snapshot>,
}

impl Keep {
    fn args(self) -> impl Iterator<Item = String> {
        [
            ("last", self.last),
            ("hourly", self.hourly),
            ("daily", self.daily),
            ("weekly", self.weekly),
            ("monthly", self.monthly),
            ("yearly", self.yearly),
        ]
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(name, number)| format!("--keep-{name}={number}"))
    }
}

impl Restic {
    /// Checks that all that snapshots need is there, and reads back as much of the data as `read` says.
    ///
    /// # Errors
    /// [`Kind::Damaged`], which names packs and blobs; [`Kind::Locked`] while a backup runs; those of the target.
    pub async fn check(&self, read: ReadData, control: &Control) -> Result<()> {
        let mut program = self.program().arg("check");
        match read {
            ReadData::None => {}
            ReadData::Part { part, parts } if (1..=parts).contains(&part) => {
                program = program.arg(format!("--read-data-subset={part}/{parts}"));
            }
            ReadData::Part { part, parts } => {
                return Err(Error::new(
                    Kind::Invalid,
                    format!("There is no part {part} of {parts}."),
                ));
            }
            ReadData::All => program = program.arg("--read-data"),
        }
        self.follow(&program, control, packs).await
    }

    /// What rules would keep and forget of the snapshots meant, all taken together. Forgets nothing.
    ///
    /// # Errors
    /// [`Kind::Invalid`] where the rules keep nothing; those of the target.
    pub async fn plan(&self, filter: &Filter, keep: Keep) -> Result<Forgettable> {
        if keep == Keep::default() {
            return Err(Error::new(
                Kind::Invalid,
                "Rules that keep nothing would forget every backup.",
            ));
        }
        let program = filter
            .apply(
                self.program()
                    .args(["forget", "--dry-run", "--json", "--group-by="]),
            )
            .args(keep.args());
        let text = self.answer(program).await?;
        // An empty repository is answered with nothing.
        if text.trim_ascii().is_empty() {
            return Ok(Forgettable::default());
        }
        let groups: Option<Vec<Group>> = parsed(&text)?;
        let mut plan = Forgettable::default();
        for group in groups.unwrap_or_default() {
            plan.keep.extend(group.keep);
            plan.forget.extend(group.remove);
        }
        Ok(plan)
    }

    /// Forgets these snapshots; their data stays until [`Self::prune`].
    ///
    /// # Errors
    /// Those of the target. What is not there any more is no error.
    pub async fn forget(&self, ids: &[SnapshotId]) -> Result<()> {
        let there = self.snapshots(&Filter::default()).await?;
        let ids: Vec<&SnapshotId> = ids
            .iter()
            .filter(|id| there.iter().any(|one| one.id.is_same(id)))
            .collect();
        for some in ids.chunks(MOST_AT_ONCE) {
            let program = self
                .program()
                .arg("forget")
                .args(some.iter().map(ToString::to_string));
            self.answer(program).await?;
        }
        Ok(())
    }

    /// Gives back the room of what no snapshot needs.
    ///
    /// # Errors
    /// [`Kind::Locked`] while a backup runs; those of the target.
    pub async fn prune(&self, control: &Control) -> Result<()> {
        self.follow(&self.program().arg("prune"), control, packs)
            .await
    }
}

/// Reads `[0:43] 100.00%  9 / 9 packs`.
fn packs(line: &str, progress: &mut Progress) -> bool {
    let Some((rest, "packs")) = line.trim_end().rsplit_once(' ') else {
        return false;
    };
    let mut words = rest.rsplit(' ');
    let (Some(total), Some("/"), Some(done)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let (Ok(done), Ok(total)) = (done.parse(), total.parse()) else {
        return false;
    };
    progress.files_done = done;
    progress.files_total = Some(total);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_of_a_check_is_read() {
        let mut progress = Progress::default();
        assert!(packs("[0:43] 44.44%  4 / 9 packs", &mut progress));
        assert_eq!((progress.files_done, progress.files_total), (4, Some(9)));
        assert!(!packs("[0:00] 100.00%  2 / 2 snapshots", &mut progress));
        assert!(!packs("no errors were found", &mut progress));
    }
}
