//! What is in a snapshot.

use serde::Deserialize;

use super::{Restic, SnapshotId};
use crate::{
    Error, Kind, Result,
    said::{Lines, Said},
};

/// A file or folder of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its path within the snapshot, from `/` on.
    pub path: String,
    /// `file`, `dir`, `symlink`, `fifo`, `socket`, `dev` or `chardev`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Bytes; 0 of what is no file.
    #[serde(default)]
    pub size: u64,
    /// When it was last changed, RFC 3339.
    #[serde(default)]
    pub mtime: String,
}

impl Entry {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == "dir"
    }

    /// Whether it is a file with contents of its own.
    pub fn is_file(&self) -> bool {
        self.kind == "file"
    }
}

/// What a folder of a snapshot holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What was asked for itself; none of `/`.
    pub own: Option<Entry>,
    /// Its entries, as many as were asked for.
    pub entries: Vec<Entry>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// How far down a snapshot is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What is right below.
    One,
    /// All below.
    All,
}

impl Restic {
    /// Hands the entries at `paths` (all of the snapshot where there are none) and those below them to `hear`, in the
    /// order of their paths, until it says `false`. What the snapshot does not have is left out.
    ///
    /// # Errors
    /// [`Kind::Invalid`] where a path does not begin with `/`; those of the target.
    pub async fn walk(
        &self,
        id: &SnapshotId,
        paths: &[String],
        depth: Depth,
        mut hear: impl FnMut(Entry) -> bool,
    ) -> Result<()> {
        if paths.iter().any(|path| !path.starts_with('/')) {
            return Err(Error::new(
                Kind::Invalid,
                "A path of a snapshot begins with /.",
            ));
        }
        let mut program = self.program().args(["ls", "--json"]);
        if depth == Depth::All {
            program = program.arg("--recursive");
        }
        let program = program.arg("--").arg(id.to_string()).args(paths);
        let mut running = program.start(false)?;
        let said = Said::of(running.stderr.take());
        if let Some(stdout) = running.stdout.take() {
            let mut lines = Lines::new(stdout);
            while let Some(line) = lines.next().await {
                // The snapshot itself comes first.
                let Ok(entry) = serde_json::from_str::<Entry>(&line) else {
                    continue;
                };
                if !hear(entry) {
                    running.kill().await;
                    return Ok(());
                }
            }
        }
        let status = running.wait().await?;
        let said = said.end().await;
        if status.success() {
            return Ok(());
        }
        Err(self.fault(status, &said))
    }

    /// The entries right below a folder of a snapshot, at most `most`.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; those of the target.
    pub async fn list(&self, id: &SnapshotId, folder: &str, most: usize) -> Result<Listing> {
        let mut listing = Listing::default();
        let mut is_there = folder == "/";
        self.walk(id, &[folder.to_owned()], Depth::One, |entry| {
            is_there = true;
            if entry.path.trim_end_matches('/') == folder.trim_end_matches('/') {
                listing.own = Some(entry);
                return true;
            }
            listing.is_cut = listing.entries.len() == most;
            if !listing.is_cut {
                listing.entries.push(entry);
            }
            !listing.is_cut
        })
        .await?;
        if is_there {
            return Ok(listing);
        }
        Err(Error::new(
            Kind::NotFound,
            format!("The snapshot does not have {folder}."),
        ))
    }
}
