//! Backup sets, what was backed up, and whether it can be restored.

mod files;
mod restore;
mod trend;

pub use files::{FileEntry, FileKind, FileListing};
pub use restore::{
    Difference, FileChange, FilesPlan, RestorePlan, Restored, RowChange, TextChange, Way, Wish,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
pub use trend::{Trend, TrendDay, TrendDrill};

use crate::{
    health::Status,
    operations::{Listed, Phase},
};

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SetKind {
    /// A database of a Postgres service of the stack.
    Database,
    /// Folders of this machine.
    Directory,
    /// Files that tell how the stack is run: compose files, `.env`, the proxy's and the console's settings.
    Config,
    /// The console's own database.
    Console,
}

impl SetKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Database, Self::Directory, Self::Config, Self::Console];

    /// The name in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Directory => "directory",
            Self::Config => "config",
            Self::Console => "console",
        }
    }

    /// Reads [`SetKind::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it is a database that is dumped, rather than files that are read.
    pub const fn is_database(self) -> bool {
        matches!(self, Self::Database | Self::Console)
    }
}

/// Which backups are kept; what no rule keeps leaves with the next backup. The newest proven one always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Keep {
    /// All of the last so many days.
    pub within_days: u32,
    /// The newest of each of the last so many days that have one.
    pub daily: u32,
    /// The newest of each of the last so many weeks.
    pub weekly: u32,
    /// The newest of each of the last so many months.
    pub monthly: u32,
}

/// What may be changed of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetSettings {
    /// What people call it.
    pub name: String,
    /// The team that owns it.
    pub team: String,
    /// Backups are taken by the schedule.
    pub is_enabled: bool,
    /// When, as five fields of cron; empty for by hand alone.
    pub schedule: String,
    /// In which time zone, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Which are kept.
    pub keep: Keep,
    /// The most that may be lost, in seconds: how old the newest proven backup may get.
    pub rpo_s: u32,
    /// The longest that a restore may take, in seconds.
    pub rto_s: u32,
    /// Tables up to this size in bytes are compared by their content, larger ones by their number of rows.
    pub checksum_up_to: u64,
    /// Folders and files of this machine; none of a database.
    pub paths: Vec<String>,
    /// What is left out of them, by restic's patterns.
    pub excludes: Vec<String>,
    /// The numbers of the targets that it goes to, the first one first.
    pub targets: Vec<i64>,
}

/// A backup set, and how it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupSet {
    /// Its number.
    pub id: i64,
    /// What it holds.
    pub kind: SetKind,
    /// The compose project; empty for what is of none.
    pub project: String,
    /// The Postgres service; empty for what is no database of the stack.
    pub service: String,
    /// The database; empty for files.
    pub database: String,
    /// What may be changed.
    #[serde(flatten)]
    pub settings: SetSettings,
    /// When the schedule runs next.
    #[serde(with = "crate::instant::option")]
    pub next_run: Option<OffsetDateTime>,
    /// Its newest backup, whatever became of it.
    pub last: Option<Backup>,
    /// The newest one that succeeded.
    #[serde(with = "crate::instant::option")]
    pub last_success: Option<OffsetDateTime>,
    /// When the newest one that was proven restorable was taken: the age of this is what would be lost.
    #[serde(with = "crate::instant::option")]
    pub proven_as_of: Option<OffsetDateTime>,
    /// When the newest one that can be relied upon was taken: it succeeded, and its data was read back.
    #[serde(with = "time::serde::rfc3339::option")]
    pub good_as_of: Option<OffsetDateTime>,
    /// How long the last drill took that succeeded, in seconds.
    pub drill_s: Option<f64>,
    /// When the last drill ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub drilled_at: Option<OffsetDateTime>,
    /// Why the last drill failed.
    pub drill_failure: Option<String>,
    /// When the next drill is due; none where that is now, or nothing is there to be restored.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_drill: Option<OffsetDateTime>,
    /// How it is.
    pub status: Status,
    /// Why, in a sentence.
    pub reason: String,
    /// The operation under way.
    pub operation: Option<i64>,
}

/// A backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backup {
    /// Its number.
    pub id: i64,
    /// Its set.
    pub set: i64,
    /// The operation that took it.
    pub operation: i64,
    /// How it is.
    pub status: Phase,
    /// When it began.
    #[serde(with = "crate::instant")]
    pub started_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "crate::instant::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// Who asked for it, or `schedule`.
    pub asked_by: String,
    /// Bytes read.
    pub bytes_read: i64,
    /// Bytes that the first target did not have.
    pub bytes_added: i64,
    /// Relations, or files.
    pub items: i64,
    /// Rows of all relations.
    pub rows: i64,
    /// When a drill or a restore found it to be whole.
    #[serde(with = "crate::instant::option")]
    pub proven_at: Option<OffsetDateTime>,
    /// Why it failed, and what to do.
    pub failure: Option<String>,
    /// Where it is.
    pub copies: Vec<Copy>,
}

impl Backup {
    /// Whether it can be relied upon: taken, in a repository that was read back, and with its manifest.
    pub fn is_green(&self) -> bool {
        self.status == Phase::Succeeded && self.copies.iter().any(|copy| copy.verified_at.is_some())
    }
}

/// A backup at one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Copy {
    /// The target.
    pub target: i64,
    /// The target's name.
    pub target_name: String,
    /// The snapshot in its repository; none where it could not be reached.
    pub snapshot: Option<String>,
    /// When its data was last read back.
    #[serde(with = "crate::instant::option")]
    pub verified_at: Option<OffsetDateTime>,
    /// Why it is not there, or not whole.
    pub failure: Option<String>,
}

/// All that the page of a set shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetPage {
    /// The set.
    pub set: BackupSet,
    /// Its backups, the newest first.
    pub backups: Vec<Backup>,
    /// What was done with it lately, the newest first.
    pub operations: Vec<Listed>,
    /// Restores that were made, the newest first.
    pub restores: Vec<Restored>,
}

/// Where backups go: a repository of restic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupTarget {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// An absolute path, or `rclone:remote:path`.
    pub location: String,
    /// When a share of it was last read back without a fault.
    #[serde(with = "crate::instant::option")]
    pub checked_at: Option<OffsetDateTime>,
    /// When all of it was.
    #[serde(with = "crate::instant::option")]
    pub checked_whole_at: Option<OffsetDateTime>,
    /// Why it can't be relied upon.
    pub failure: Option<String>,
    /// Bytes in it.
    pub bytes: Option<i64>,
    /// Bytes free where it lies, where that can be told.
    pub free_bytes: Option<i64>,
}
