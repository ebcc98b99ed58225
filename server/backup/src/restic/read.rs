//! Files of a snapshot as streams, and its size.

use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Filter, Restic, Snapshot, SnapshotId, snapshot::parsed};
use crate::{
    Control, Error, Kind, Progress, Result,
    process::{Program, Running},
    said::Said,
};

/// Bytes handed on at a time: what a pipe holds.
const PIECE: usize = 64 << 10;

/// How often the length of a file that is written is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Sizes of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Size {
    /// Bytes.
    #[serde(rename = "total_size")]
    pub bytes: u64,
}

/// A file of a snapshot on its way. Only [`None`] of [`Self::next`] says that it was whole.
#[derive(Debug)]
pub struct Dumping {
    restic: Restic,
    running: Running,
    said: Option<Said>,
}

impl Dumping {
    /// The next piece; [`None`] at the end.
    ///
    /// # Errors
    /// [`Kind::Damaged`], [`Kind::NotFound`], those of the target: what came before is then not the whole file.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = Vec::with_capacity(PIECE);
        if let Some(stdout) = &mut self.running.stdout {
            let read = stdout.read_buf(&mut piece).await.map_err(|error| {
                Error::new(Kind::Interrupted, "What restic gives can't be read.")
                    .detail(error.to_string())
            })?;
            if read > 0 {
                return Ok(Some(piece));
            }
            self.running.stdout = None;
        }
        let Some(said) = self.said.take() else {
            return Ok(None);
        };
        let status = self.running.wait().await?;
        let said = said.end().await;
        if status.success() {
            return Ok(None);
        }
        Err(self.restic.fault(status, &said))
    }
}

impl Restic {
    /// A file of a snapshot as a stream.
    ///
    /// # Errors
    /// [`Kind::Tool`]; all else is told by the stream.
    pub fn dump(&self, id: &SnapshotId, path: &str) -> Result<Dumping> {
        let mut running = self.dumping(id, path).start(false)?;
        let said = Said::of(running.stderr.take());
        Ok(Dumping {
            restic: self.clone(),
            running,
            said: Some(said),
        })
    }

    /// Writes a file of a snapshot to `to`, which is not closed; gives its bytes.
    ///
    /// # Errors
    /// As [`Dumping::next`]; [`Kind::NoSpace`] and others of `to`; [`Kind::Cancelled`].
    pub async fn dump_to(
        &self,
        id: &SnapshotId,
        path: &str,
        to: &mut (impl AsyncWrite + Unpin),
        total: Option<u64>,
        control: &Control,
    ) -> Result<u64> {
        let mut dumping = self.dump(id, path)?;
        let mut bytes = 0;
        let mut told = 0;
        control
            .unless_cancelled(async {
                while let Some(piece) = dumping.next().await? {
                    to.write_all(&piece)
                        .await
                        .map_err(|error| not_written(&error))?;
                    bytes += piece.len() as u64;
                    if bytes - told >= 16 << 20 {
                        told = bytes;
                        control.progress(Progress {
                            bytes_done: bytes,
                            bytes_total: total,
                            ..Progress::default()
                        });
                    }
                }
                to.flush().await.map_err(|error| not_written(&error))
            })
            .await?;
        Ok(bytes)
    }

    /// Writes a file of a snapshot to a file, without a detour; gives its bytes.
    ///
    /// # Errors
    /// As [`Dumping::next`]; [`Kind::NoSpace`]; [`Kind::Cancelled`]. What was written so far stays.
    pub async fn dump_to_file(
        &self,
        id: &SnapshotId,
        path: &str,
        to: std::fs::File,
        total: Option<u64>,
        control: &Control,
    ) -> Result<u64> {
        let no_length = |error: std::io::Error| {
            Error::new(Kind::Other, "A file can't be looked at.").detail(error.to_string())
        };
        let looked_at = to.try_clone().map_err(no_length)?;
        let mut running = self.dumping(id, path).start_to(false, to.into())?;
        let said = Said::of(running.stderr.take());
        let looking = async {
            loop {
                tokio::time::sleep(LOOK).await;
                if let Ok(found) = looked_at.metadata() {
                    control.progress(Progress {
                        bytes_done: found.len(),
                        bytes_total: total,
                        ..Progress::default()
                    });
                }
            }
        };
        let waiting = async {
            tokio::select! {
                status = running.wait() => status,
                () = looking => Err(Error::cancelled()),
            }
        };
        let status = control.unless_cancelled(waiting).await?;
        let said = said.end().await;
        if !status.success() {
            return Err(self.fault(status, &said));
        }
        Ok(looked_at.metadata().map_err(no_length)?.len())
    }

    fn dumping(&self, id: &SnapshotId, path: &str) -> Program {
        self.program()
            .args(["dump", "--"])
            .arg(id.to_string())
            .arg(path)
    }

    /// A small file of a snapshot, at most `most` bytes.
    ///
    /// # Errors
    /// As [`Dumping::next`]; [`Kind::Invalid`] where it is larger.
    pub async fn read(&self, id: &SnapshotId, path: &str, most: usize) -> Result<Vec<u8>> {
        let mut dumping = self.dump(id, path)?;
        let mut all = Vec::new();
        while let Some(piece) = dumping.next().await? {
            all.extend_from_slice(&piece);
            if all.len() > most {
                return Err(Error::new(
                    Kind::Invalid,
                    format!("{path} is larger than {most} bytes."),
                ));
            }
        }
        Ok(all)
    }

    /// Bytes that a restore of the snapshots writes.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; those of the target.
    pub async fn restore_size(&self, filter: &Filter) -> Result<Size> {
        self.stats(filter, "restore-size").await
    }

    /// Bytes that the snapshots take in the repository; what they share is counted once.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; those of the target.
    pub async fn stored_size(&self, filter: &Filter) -> Result<Size> {
        self.stats(filter, "raw-data").await
    }

    async fn stats(&self, filter: &Filter, mode: &str) -> Result<Size> {
        let program = filter
            .apply(self.program().args(["stats", "--json", "--mode", mode]))
            .args(filter.id_args());
        parsed(&self.answer(program).await?)
    }

    /// The newest snapshot that is meant, if there is one.
    ///
    /// # Errors
    /// Those of the target.
    pub async fn newest(&self, filter: &Filter) -> Result<Option<Snapshot>> {
        Ok(self.snapshots(filter).await?.pop())
    }
}

fn not_written(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::new(
            Kind::NoSpace,
            "The disk that it is written to is full. Make room there and start again.",
        ),
        _ => Error::new(
            Kind::Interrupted,
            "What comes from the repository can't be handed on.",
        ),
    }
    .detail(error.to_string())
}
