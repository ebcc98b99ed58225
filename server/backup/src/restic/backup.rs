//! Snapshots made from a stream or from folders.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::ChildStdin,
};

use super::{
    Restic, SnapshotId,
    hearing::{Hearing, Missed, hear_errors},
};
use crate::{
    Control, Error, Kind, Result,
    process::{Program, Running},
    said::Said,
};

/// Bytes taken from a producer at a time.
const PIECE: usize = 256 << 10;
/// Where restores in place keep what they replaced; never worth a backup.
pub(crate) const ASIDE: &str = ".ytops-restore-";

/// What a snapshot is labelled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The host, whichever this machine is.
    pub host: String,
    /// Tags, such as `set=…`; without commas.
    pub tags: Vec<String>,
}

/// Folders and files to back up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directories {
    /// What is backed up: absolute, or relative to `folder`, whose name the snapshot then leaves out.
    pub paths: Vec<PathBuf>,
    /// restic's patterns of what is left out.
    pub excludes: Vec<String>,
    /// What relative paths are relative to.
    pub folder: Option<PathBuf>,
}

/// A snapshot that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The snapshot; of restic older than 0.17 the beginning of its identity. [`Restic::snapshot`] has the repository
    /// say that it is there.
    pub id: SnapshotId,
    /// Files that were not in the snapshot before.
    pub files_new: u64,
    /// Files that had changed.
    pub files_changed: u64,
    /// Files that had not.
    pub files_unmodified: u64,
    /// Bytes of all that is in the snapshot.
    pub bytes_read: u64,
    /// Bytes of it that the repository did not have; before compression in restic older than 0.15.
    pub bytes_added: u64,
    /// Files that could not be read and are missing in the snapshot: their number.
    pub unreadable: u64,
    /// And the first hundred of their names.
    pub unreadable_names: Vec<String>,
}

impl Restic {
    /// Makes a snapshot of one file, `name`, from a stream. Once the stream is at its end `ended` is waited for: only
    /// where it gives `Ok` does restic hear of the end. A producer that fails leaves no snapshot.
    ///
    /// # Errors
    /// That of the producer; those of the target; [`Kind::Cancelled`].
    pub async fn backup_stream(
        &self,
        from: impl AsyncRead + Unpin,
        ended: impl Future<Output = Result<()>>,
        name: &str,
        labels: &Labels,
        control: &Control,
    ) -> Result<Made> {
        if name.is_empty() || name.starts_with('-') || name.contains(['/', '\0']) {
            return Err(Error::new(
                Kind::Invalid,
                format!("A file can't be named {name:?}."),
            ));
        }
        let program = labels
            .apply(self.program().args(["backup", "--json"]))
            .arg("--stdin")
            .arg(format!("--stdin-filename={name}"));
        let mut running = program.start(true)?;
        let (said, missed) = hear_errors(&mut running, control);
        let mut hearing = Hearing::of(running.stdout.take(), control);
        let fed = {
            let feeding = feed(from, running.stdin.as_mut(), ended);
            tokio::select! {
                fed = feeding => fed,
                // It ended before its input did: why, it says.
                () = hearing.ended() => Ok(Fed::Refused),
                () = control.cancel.cancelled() => Err(Error::cancelled()),
            }
        };
        let bytes = match fed {
            Ok(Fed::All(bytes)) => {
                drop(running.stdin.take());
                Some(bytes)
            }
            Ok(Fed::Refused) => None,
            Err(error) => {
                // Its input is still open: it can't take this for the end.
                running.stop().await;
                return Err(error);
            }
        };
        let made = self.made(running, hearing, said, missed, control).await?;
        if bytes != Some(made.bytes_read) {
            return Err(Error::new(
                Kind::Other,
                format!(
                    "restic took {} bytes of {}; that snapshot is not to be used.",
                    made.bytes_read,
                    bytes.unwrap_or(0)
                ),
            ));
        }
        Ok(made)
    }

    /// Makes a snapshot of folders. Files that can't be read are left out and told.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where a path is not there; those of the target; [`Kind::Cancelled`].
    pub async fn backup_directories(
        &self,
        what: &Directories,
        labels: &Labels,
        control: &Control,
    ) -> Result<Made> {
        if what.paths.is_empty() {
            return Err(Error::new(Kind::Invalid, "Nothing was named to back up."));
        }
        let mut program = labels.apply(self.program().args(["backup", "--json"]));
        for path in &what.paths {
            let whole = what
                .folder
                .as_ref()
                .map_or_else(|| path.clone(), |folder| folder.join(path));
            // restic would leave out what is missing.
            std::fs::symlink_metadata(&whole)
                .map_err(|error| Error::file("back up", &whole, &error))?;
        }
        for pattern in &what.excludes {
            program = program.arg(format!("--exclude={pattern}"));
        }
        program = program
            .arg(format!("--exclude={ASIDE}*"))
            .arg("--")
            .args(&what.paths);
        if let Some(folder) = &what.folder {
            program = program.folder(folder);
        }
        self.run_backup(&program, control).await
    }

    async fn run_backup(&self, program: &Program, control: &Control) -> Result<Made> {
        let mut running = program.start(false)?;
        let (said, missed) = hear_errors(&mut running, control);
        let hearing = Hearing::of(running.stdout.take(), control);
        self.made(running, hearing, said, missed, control).await
    }

    /// Waits for the end, and says what was made.
    async fn made(
        &self,
        mut running: Running,
        mut hearing: Hearing,
        said: Said,
        missed: Arc<Mutex<Missed>>,
        control: &Control,
    ) -> Result<Made> {
        let waited = tokio::select! {
            status = running.wait() => Some(status?),
            () = control.cancel.cancelled() => None,
        };
        let Some(status) = waited else {
            running.stop().await;
            return Err(Error::cancelled());
        };
        let said = said.end().await;
        // 3: a snapshot without what could not be read.
        if !status.success() && status.code() != Some(3) {
            return Err(self.fault(status, &said));
        }
        hearing.ended().await;
        let summary = hearing.summary().ok_or_else(|| {
            Error::new(Kind::Other, "restic ended without saying what it did.").detail(said)
        })?;
        let id = SnapshotId::try_from(summary.snapshot_id.unwrap_or_default())?;
        let missed = std::mem::take(&mut *missed.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Made {
            id,
            files_new: summary.files_new,
            files_changed: summary.files_changed,
            files_unmodified: summary.files_unmodified,
            bytes_read: summary.total_bytes_processed,
            bytes_added: summary.data_added_packed.unwrap_or(summary.data_added),
            unreadable: missed.number,
            unreadable_names: missed.names,
        })
    }
}

impl Labels {
    fn apply(&self, mut program: Program) -> Program {
        program = program.arg(format!("--host={}", self.host));
        for tag in &self.tags {
            program = program.arg(format!("--tag={tag}"));
        }
        program
    }
}

enum Fed {
    /// All of the stream; so many bytes.
    All(u64),
    /// restic takes no more.
    Refused,
}

async fn feed(
    mut from: impl AsyncRead + Unpin,
    stdin: Option<&mut ChildStdin>,
    ended: impl Future<Output = Result<()>>,
) -> Result<Fed> {
    let Some(stdin) = stdin else {
        return Ok(Fed::Refused);
    };
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut piece).await.map_err(|error| {
            Error::new(
                Kind::Interrupted,
                "What was to be backed up can't be read any further.",
            )
            .detail(error.to_string())
        })?;
        if read == 0 {
            break;
        }
        let read = piece.get(..read).unwrap_or_default();
        if stdin.write_all(read).await.is_err() {
            return Ok(Fed::Refused);
        }
        bytes += read.len() as u64;
    }
    ended.await?;
    Ok(Fed::All(bytes))
}
