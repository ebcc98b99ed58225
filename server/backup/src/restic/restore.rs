//! Files of a snapshot written to a folder.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Filter, Restic, SnapshotId};
use crate::{Control, Progress, Result};

/// How often the folder is looked through for progress: restic tells none before 0.16.
const LOOK: Duration = Duration::from_secs(1);

impl Restic {
    /// Restores paths of a snapshot, all where there are none, below `target`: `/a/b` becomes `target/a/b`. What stands
    /// there under the same name is overwritten.
    ///
    /// # Errors
    /// [`crate::Kind::NoSpace`], [`crate::Kind::Damaged`]; those of the target; [`crate::Kind::Cancelled`]. What was
    /// written so far stays: the caller's folder is the caller's to remove.
    pub async fn restore(
        &self,
        id: &SnapshotId,
        paths: &[String],
        target: &Path,
        control: &Control,
    ) -> Result<()> {
        let mut program = self
            .program()
            .arg("restore")
            .arg(id.to_string())
            .arg("--target")
            .arg(target);
        for path in paths {
            program = program.arg(format!("--include={}", literal(path)));
        }
        let total = if paths.is_empty() {
            let filter = Filter {
                ids: vec![id.clone()],
                ..Filter::default()
            };
            Some(self.restore_size(&filter).await?.bytes)
        } else {
            None
        };
        let look = async {
            loop {
                tokio::time::sleep(LOOK).await;
                let folder = target.to_owned();
                if let Ok(found) = tokio::task::spawn_blocking(move || written(&folder)).await {
                    control.progress(Progress {
                        bytes_done: found.0,
                        bytes_total: total,
                        files_done: found.1,
                        files_total: None,
                    });
                }
            }
        };
        tokio::select! {
            done = self.follow(&program, control, |_, _| false) => done,
            () = look => Ok(()),
        }
    }
}

/// A path as a pattern that means it alone.
fn literal(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Bytes and files below a folder, as they take room on its disk.
fn written(folder: &Path) -> (u64, u64) {
    let (mut bytes, mut files) = (0, 0);
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => open.push(entry.path()),
                Ok(found) => {
                    files += 1;
                    bytes += found.len().min(found.blocks() * 512);
                }
                Err(_) => {}
            }
        }
    }
    (bytes, files)
}
