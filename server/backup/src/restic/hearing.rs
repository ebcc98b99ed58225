//! What restic tells while it makes a snapshot.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio::{process::ChildStdout, task::JoinHandle};

use crate::{
    Control, Progress,
    process::Running,
    said::{Lines, Said},
};

/// Files that could not be read, of which the names are told.
const MOST_UNREADABLE: usize = 100;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(rename = "message_type")]
    kind: String,
    bytes_done: u64,
    total_bytes: Option<u64>,
    files_done: u64,
    total_files: Option<u64>,
    pub(super) files_new: u64,
    pub(super) files_changed: u64,
    pub(super) files_unmodified: u64,
    pub(super) data_added: u64,
    pub(super) data_added_packed: Option<u64>,
    pub(super) total_bytes_processed: u64,
    pub(super) snapshot_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Unreadable {
    #[serde(rename = "message_type")]
    kind: String,
    #[serde(default)]
    item: String,
}

/// What restic told of the files that it could not read.
#[derive(Debug, Default)]
pub(super) struct Missed {
    pub(super) number: u64,
    pub(super) names: Vec<String>,
}

/// Follows restic's messages while it runs.
pub(super) struct Hearing {
    task: JoinHandle<()>,
    ended: bool,
    summary: Arc<Mutex<Option<Message>>>,
}

impl Hearing {
    pub(super) fn of(stdout: Option<ChildStdout>, control: &Control) -> Self {
        let summary = Arc::new(Mutex::new(None));
        let (control, found) = (control.clone(), Arc::clone(&summary));
        let task = tokio::spawn(async move {
            let Some(stdout) = stdout else { return };
            let mut lines = Lines::new(stdout);
            while let Some(line) = lines.next().await {
                let Ok(message) = serde_json::from_str::<Message>(&line) else {
                    continue;
                };
                if message.kind == "summary" {
                    *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
                } else if message.kind == "status" {
                    control.progress(Progress {
                        bytes_done: message.bytes_done,
                        bytes_total: message.total_bytes,
                        files_done: message.files_done,
                        files_total: message.total_files,
                    });
                }
            }
        });
        Self {
            task,
            ended: false,
            summary,
        }
    }

    /// Waits until restic closed its output; at once where it was waited for before.
    pub(super) async fn ended(&mut self) {
        if !self.ended {
            if let Err(error) = (&mut self.task).await {
                tracing::error!(%error, "restic's messages were not followed to their end");
            }
            self.ended = true;
        }
    }

    pub(super) fn summary(&self) -> Option<Message> {
        self.summary
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Follows restic's errors: files that it could not read, and calls that it makes again.
pub(super) fn hear_errors(running: &mut Running, control: &Control) -> (Said, Arc<Mutex<Missed>>) {
    let missed = Arc::new(Mutex::new(Missed::default()));
    let (control, found) = (control.clone(), Arc::clone(&missed));
    let said = Said::each(running.stderr.take(), move |line| {
        if line.contains("returned error, retrying after") {
            control.note(format!(
                "The target answers with an error and is asked again: {line}"
            ));
        }
        match serde_json::from_str::<Unreadable>(line) {
            Ok(error) if error.kind == "error" && !error.item.is_empty() => {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.number += 1;
                if found.names.len() < MOST_UNREADABLE {
                    found.names.push(error.item);
                }
                false
            }
            _ => true,
        }
    });
    (said, missed)
}
