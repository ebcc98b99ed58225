//! What a database was at the moment of a backup.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Secret, restic::SnapshotId};

/// The format of manifests that this version writes.
pub(crate) const FORMAT: u32 = 1;

/// What a database was at the moment of a backup: all within the dump's own snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format, 1.
    pub format: u32,
    /// The backup's identity; its snapshots have the tag `backup=<id>`.
    pub backup: String,
    /// When the snapshot was taken, by the server's clock, RFC 3339.
    pub taken_at: String,
    /// The server.
    pub server: ServerFacts,
    /// The database as a whole.
    pub database: DatabaseFacts,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// Its relations: tables, indexes, views, sequences and so on, by schema and name.
    pub relations: Vec<Relation>,
    /// What its sequences stood at.
    pub sequences: Vec<Sequence>,
    /// How many large objects it has.
    pub large_objects: u64,
    /// The dump that it describes; set once that is in the repository.
    pub dump: Option<Dump>,
}

/// All that describes a backup, in one file beside its dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What was in the database.
    pub manifest: Manifest,
    /// Roles of the server, with their passwords where the user was a superuser.
    pub roles: Vec<Role>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    /// Its version as it tells it.
    pub version: String,
    /// Its version as a number, such as 150018.
    pub version_number: u32,
    /// Where its write-ahead log stood.
    pub wal_position: String,
    /// Whether it was a standby.
    pub is_standby: bool,
}

impl ServerFacts {
    /// The major version, such as 15.
    pub fn major(&self) -> u32 {
        self.version_number / 10_000
    }
}

/// A database as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseFacts {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: String,
    /// Bytes that it took.
    pub size: u64,
    /// Its encoding, such as UTF8.
    pub encoding: String,
    /// `LC_COLLATE`.
    pub collate: String,
    /// `LC_CTYPE`.
    pub ctype: String,
    /// Who provides the locale: `c` (libc), `i` (ICU), `b` (built in).
    pub provider: String,
    /// The locale of a provider other than libc.
    pub locale: Option<String>,
    /// Its tablespace.
    pub tablespace: String,
    /// The most connections; -1 is no limit.
    pub connection_limit: i32,
    /// Whether connections are allowed.
    pub allows_connections: bool,
    /// Whether any user with CREATEDB may copy it.
    pub is_template: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Settings of sessions in it.
    pub settings: Vec<DatabaseSetting>,
    /// Privileges on it; none where they are the default.
    pub grants: Option<Vec<DatabaseGrant>>,
    /// Tablespaces of its relations besides its own.
    pub tablespaces: Vec<String>,
}

/// A setting of sessions in a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseSetting {
    /// Of sessions of this role alone.
    pub role: Option<String>,
    /// `name=value` as the catalog has it.
    pub setting: String,
}

/// A privilege on a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseGrant {
    /// Who has it; everybody where there is none.
    pub grantee: Option<String>,
    /// Which, such as CONNECT.
    pub privilege: String,
    /// Whether it may be handed on.
    pub is_grantable: bool,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The schema it is in.
    pub schema: String,
}

/// A relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// As the catalog's `relkind`: r table, p partitioned table, i index, I partitioned index, S sequence, v view,
    /// m materialized view, f foreign table, c composite type.
    pub kind: String,
    /// Its owner.
    pub owner: String,
    /// Bytes that it takes, without its indexes.
    pub size: u64,
    /// The extension that it belongs to: a dump has its name alone.
    pub extension: Option<String>,
    /// Exact rows of a table or a filled materialized view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// The sum of 64-bit hashes of all rows as text, in any order; of tables under the size that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// Why there is no checksum, where it was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<String>,
}

/// A sequence. Sequences are outside of transactions: a dump has what they stood at when it came to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it stood at before the dump.
    pub before: SequenceState,
    /// And after it.
    pub after: SequenceState,
}

/// What a sequence stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SequenceState {
    /// The last value, or the first.
    pub value: i64,
    /// Whether that was given out.
    pub is_called: bool,
}

/// The dump in the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// Its snapshot.
    pub snapshot: SnapshotId,
    /// Its file there.
    pub file: String,
    /// Its bytes.
    pub bytes: u64,
}

/// A role of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Whether the database knows it: as an owner, by privileges or settings, or as a group of such a role.
    pub is_used: bool,
    /// Its attributes as SQL, such as `LOGIN CREATEDB CONNECTION LIMIT -1`.
    pub attributes: String,
    /// Until when its password holds.
    pub valid_until: Option<String>,
    /// Its password's verifier; none where it has none or the user may not see it.
    pub password: Option<Secret>,
    /// Settings of its sessions, each `name=value`.
    pub settings: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Roles that it is a member of.
    pub groups: Vec<Membership>,
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group.
    pub group: String,
    /// Whether the member may let others in.
    pub is_admin: bool,
}

impl Manifest {
    /// Exact rows of all tables, by schema and name.
    pub fn rows(&self) -> BTreeMap<(&str, &str), u64> {
        self.relations
            .iter()
            .filter(|one| one.kind == "r")
            .filter_map(|one| Some(((one.schema.as_str(), one.name.as_str()), one.rows?)))
            .collect()
    }
}
