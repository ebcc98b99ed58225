//! Restores: what is wished for, what one would do, and those that were made.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Backup;

/// Where a backup is restored to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "way", content = "to")]
pub enum Way {
    /// It takes the place of what is live, which is kept for an undo.
    #[default]
    InPlace,
    /// Beside what is live, which stays: a folder by its whole path, or the name of a new database.
    Beside(String),
}

/// What is to be restored of a backup, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Where to.
    #[serde(flatten)]
    pub way: Way,
    /// These files and folders of it alone, by their whole paths; all where there are none.
    pub only: Vec<String>,
}

/// A restore that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Restored {
    /// Its number.
    pub id: i64,
    /// The operation that made it.
    pub operation: i64,
    /// The backup that was restored.
    pub backup: i64,
    /// What the database that was live is called now; of files, where those that were replaced are.
    pub kept: String,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub restored_at: Option<OffsetDateTime>,
    /// How long nobody could connect, in milliseconds.
    pub pause_ms: Option<f64>,
    /// Until when it can be undone.
    #[serde(with = "time::serde::rfc3339::option")]
    pub kept_until: Option<OffsetDateTime>,
    /// When it was undone.
    #[serde(with = "time::serde::rfc3339::option")]
    pub undone_at: Option<OffsetDateTime>,
    /// When what it replaced was discarded.
    #[serde(with = "time::serde::rfc3339::option")]
    pub discarded_at: Option<OffsetDateTime>,
}

impl Restored {
    /// Whether what it replaced is still there to switch back to.
    pub const fn can_be_undone(&self) -> bool {
        self.restored_at.is_some() && self.undone_at.is_none() && self.discarded_at.is_none()
    }
}

/// What a restore would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestorePlan {
    /// The backup.
    pub backup: Backup,
    /// The set's name, which is typed to confirm.
    pub set_name: String,
    /// What is replaced, such as `the database app of shop/postgres`.
    pub replaces: String,
    /// Services that are stopped for the switch and started again, in the order in which they start.
    pub stops: Vec<String>,
    /// Tables that have another number of rows now, those that differ most first; at most 20.
    pub changes: Vec<RowChange>,
    /// How many tables have another number of rows.
    pub changed_tables: i64,
    /// Why it could not be told what has changed since.
    pub unknown: Option<String>,
    /// How long it takes, in seconds: as long as the last drill or restore.
    pub expected_s: Option<f64>,
    /// It is a backup of files, not of a database.
    pub is_of_files: bool,
    /// What restoring files would do, where that could be looked at.
    pub files: Option<FilesPlan>,
    /// Bytes that the files take, or the dump on its way.
    pub needs_bytes: i64,
    /// Bytes that are free there.
    pub free_bytes: Option<i64>,
    /// For how many days what it replaces is kept for an undo.
    pub kept_days: i64,
    /// Why it can't take the place of what is live; beside that it may be restored all the same.
    pub not_in_place: Option<String>,
    /// Why it can't be restored at all.
    pub refused: Option<String>,
}

/// A table whose number of rows is another now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowChange {
    /// Schema and name.
    pub table: String,
    /// Rows in the backup; none where it has no such table.
    pub then: Option<i64>,
    /// Rows now; none where there is no such table any more.
    pub now: Option<i64>,
    /// The number of now is the server's estimate.
    pub is_estimate: bool,
}

/// What restoring files would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilesPlan {
    /// The files and folders that are restored.
    pub paths: Vec<String>,
    /// Files that have another size or time than in the backup.
    pub changed: i64,
    /// Files of the backup that are not there.
    pub missing: i64,
    /// Files that are there and not in the backup: they are put aside.
    pub added: i64,
    /// So many files were compared.
    pub compared: i64,
    /// There are more, which were not compared.
    pub is_cut: bool,
    /// Some of those that differ, at most 20.
    pub differences: Vec<FileChange>,
    /// How the contents of small text files would change, secrets masked; for those alone who may restore.
    pub texts: Vec<TextChange>,
    /// Files whose contents differ and are not shown.
    pub texts_left_out: i64,
    /// Services that have some of it mounted. They keep running.
    pub mounted: Vec<String>,
    /// Those of them that have a single file of it mounted: they see the restored one after a restart.
    pub restart: Vec<String>,
}

/// A file that is not as in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// How it differs.
    pub difference: Difference,
}

/// How a file differs from the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It has another size or time.
    Changed,
    /// It is not there.
    Missing,
    /// It is not in the backup.
    Added,
}

/// What a restore would change in a text file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextChange {
    /// Its path.
    pub path: String,
    /// Lines of a unified difference, from what is there to what is in the backup.
    pub lines: Vec<String>,
}
