//! What is in a backup of files.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Backup;

/// A folder of a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileListing {
    /// The backup.
    pub backup: Backup,
    /// Its set's name.
    pub set_name: String,
    /// The folder; empty for the paths that the set names.
    pub path: String,
    /// The folder that it is in, empty where that is not in the backup; none of what the set names.
    pub up: Option<String>,
    /// What is in it, folders first, by name.
    pub entries: Vec<FileEntry>,
    /// There is more than is listed.
    pub is_cut: bool,
}

/// A file or folder of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes; 0 of what is no file.
    pub size: i64,
    /// When it was last changed, where that is known.
    #[serde(with = "crate::instant::option")]
    pub changed_at: Option<OffsetDateTime>,
}

/// What an entry of a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A device, a socket or a pipe.
    Other,
}
