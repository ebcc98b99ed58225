//! A backup of a database: its dump as one snapshot, then manifest and roles as another.

use std::{
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::io::AsyncReadExt;

use super::{
    DUMP_FILE, Dump, Manifest, Role, Server,
    fault::tool,
    measure, roles,
    session::Session,
    tools::{Call, Tool, ToolName},
};
use crate::{
    Control, Error, Kind, Result, Stage,
    process::Said,
    restic::{Directories, Labels, Made, Restic},
};

/// How often it is begun anew where tables are dropped or locked while it begins.
const TRIES: u32 = 3;
/// Globals of a server are never larger.
const LARGEST_GLOBALS: u64 = 64 << 20;

/// How a database is backed up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The backup's identity, unique: 1 to 64 lower-case letters, digits and hyphens.
    pub id: String,
    /// Labels of both snapshots.
    pub labels: Labels,
    /// A folder for small files on their way; made where missing.
    pub spool: PathBuf,
    /// Tables up to this size in bytes get a checksum. Reading a gigabyte for it takes some seconds of a core.
    pub checksum_up_to: u64,
    /// How long a lock is waited for. Whoever wants to drop a table waits behind it meanwhile.
    pub lock_wait: Duration,
}

impl Options {
    /// With the defaults: checksums of tables up to 64 MiB, ten seconds for locks.
    pub fn new(id: impl Into<String>, labels: Labels, spool: impl Into<PathBuf>) -> Self {
        Self {
            id: id.into(),
            labels,
            spool: spool.into(),
            checksum_up_to: 64 << 20,
            lock_wait: Duration::from_secs(10),
        }
    }
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The dump.
    pub dump: Made,
    /// Manifest, roles, how to restore.
    pub details: Made,
    /// The manifest.
    pub manifest: Manifest,
    /// Whether roles have their passwords; only a superuser sees them.
    pub has_passwords: bool,
}

/// Backs up a database. The dump streams into the repository while rows are counted in the same snapshot of the
/// database; what describes it follows as a snapshot of its own, so that a dump without it was not finished.
///
/// # Errors
/// [`Kind::LockTimeout`], [`Kind::Changed`] after three tries; those of the server, of its programs and of the target;
/// [`Kind::Cancelled`].
pub async fn backup(
    server: &Server,
    database: &str,
    restic: &Restic,
    options: &Options,
    control: &Control,
) -> Result<Backup> {
    check_id(&options.id)?;
    let mut tried = 1;
    loop {
        match once(server, database, restic, options, control).await {
            Err(error) if tried < TRIES && matches!(error.kind, Kind::Changed | Kind::LockTimeout) => {
                tried += 1;
                control.note(error.message);
            }
            result => return result,
        }
    }
}

/// Whether it can be an identity.
pub(crate) fn check_id(id: &str) -> Result<()> {
    let is_fit = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if (1..=64).contains(&id.len()) && id.bytes().all(is_fit) {
        return Ok(());
    }
    Err(Error::new(Kind::Invalid, "An identity is 1 to 64 lower-case letters, digits and hyphens."))
}

async fn once(
    server: &Server,
    database: &str,
    restic: &Restic,
    options: &Options,
    control: &Control,
) -> Result<Backup> {
    control.stage(Stage::Snapshot);
    let begin = async {
        let mut session = Session::begin(server, database, options.lock_wait).await?;
        let manifest = measure::begin(&mut session, &options.id).await?;
        let roles = roles::list(&mut session.connection).await?;
        Ok((session, manifest, roles))
    };
    let (mut session, mut manifest, (roles, has_passwords)) = control.unless_cancelled(begin).await?;
    control.stage(Stage::Dump);
    // Whichever of the two fails ends the other.
    let both = control.child();
    let dumping = async {
        let dumped = dump(server, database, &session.server, &session.snapshot, restic, options, &both).await;
        if dumped.is_err() {
            both.cancel.cancel();
        }
        dumped
    };
    let counting = async {
        let counted = both
            .unless_cancelled(measure::count(&mut session.connection, &mut manifest.relations, options.checksum_up_to))
            .await;
        if counted.is_err() {
            both.cancel.cancel();
        }
        counted
    };
    let made = match tokio::join!(dumping, counting) {
        (Ok(made), Ok(())) => made,
        (Err(error), _) if error.kind != Kind::Cancelled => return Err(error),
        (_, Err(error)) | (Err(error), _) => return Err(error),
    };
    measure::end(&mut session.connection, &mut manifest.sequences).await?;
    manifest.dump = Some(Dump {
        snapshot: made.snapshot.id.to_string(),
        file: DUMP_FILE.to_owned(),
        bytes: made.bytes_read,
    });
    control.stage(Stage::Details);
    let spool = Spool::new(&options.spool.join(format!("backup-{}", options.id)))?;
    let globals = globals(server, database, &session.server, has_passwords);
    spool.write("globals.sql", &control.unless_cancelled(globals).await?)?;
    let details = details(&spool, &manifest, &roles, restic, options, control).await?;
    Ok(Backup {
        dump: made,
        details,
        manifest,
        has_passwords,
    })
}

async fn dump(
    server: &Server,
    database: &str,
    facts: &super::ServerFacts,
    snapshot: &str,
    restic: &Restic,
    options: &Options,
    control: &Control,
) -> Result<Made> {
    let call = Call {
        tool: ToolName::PgDump,
        major: facts.major(),
        address: &server.address,
        database,
        options: "",
        // With --create the archive also says how the database is made, for those who restore by hand.
        args: vec![
            "--format=custom".to_owned(),
            "--compress=0".to_owned(),
            "--create".to_owned(),
            format!("--snapshot={snapshot}"),
            format!("--lock-wait-timeout={}", options.lock_wait.as_millis().max(1)),
        ],
        stdin: false,
    };
    let Tool {
        stdout,
        stderr,
        mut process,
        ..
    } = server.tools.start(call).await?;
    let said = Said::of(Some(stderr));
    let ended = async move {
        let exit = process.wait().await?;
        let said = said.end().await;
        if exit.is_success {
            return Ok(());
        }
        Err(tool("pg_dump", &exit.status, &said))
    };
    let labels = labels(options, "dump");
    restic
        .backup_stream(stdout, ended, DUMP_FILE.trim_start_matches('/'), &labels, control)
        .await
}

fn labels(options: &Options, part: &str) -> Labels {
    let mut labels = options.labels.clone();
    labels.tags.push(format!("backup={}", options.id));
    labels.tags.push(format!("part={part}"));
    labels
}

/// Roles and tablespaces as SQL, for those who restore by hand.
async fn globals(
    server: &Server,
    database: &str,
    facts: &super::ServerFacts,
    has_passwords: bool,
) -> Result<Vec<u8>> {
    let mut args = vec!["--globals-only".to_owned()];
    if !has_passwords {
        args.push("--no-role-passwords".to_owned());
    }
    let call = Call {
        tool: ToolName::PgDumpall,
        major: facts.major(),
        address: &server.address,
        database,
        options: "",
        args,
        stdin: false,
    };
    let mut tool = server.tools.start(call).await?;
    let said = Said::of(Some(tool.stderr));
    let mut text = Vec::new();
    (&mut tool.stdout)
        .take(LARGEST_GLOBALS + 1)
        .read_to_end(&mut text)
        .await
        .map_err(|error| Error::new(Kind::Interrupted, "pg_dumpall can't be read.").detail(error.to_string()))?;
    if text.len() as u64 > LARGEST_GLOBALS {
        return Err(Error::new(Kind::Other, "The server's roles and tablespaces take more than 64 MiB as SQL."));
    }
    let exit = tool.process.wait().await?;
    let said = said.end().await;
    if !exit.is_success {
        return Err(super::fault::tool("pg_dumpall", &exit.status, &said));
    }
    Ok(text)
}

async fn details(
    spool: &Spool,
    manifest: &Manifest,
    roles: &[Role],
    restic: &Restic,
    options: &Options,
    control: &Control,
) -> Result<Made> {
    spool.write("manifest.json", &as_json(manifest)?)?;
    spool.write("roles.json", &as_json(&roles)?)?;
    spool.write("README.txt", readme(manifest, restic).as_bytes())?;
    let files = ["README.txt", "globals.sql", "manifest.json", "roles.json"];
    let what = Directories {
        paths: files.iter().map(PathBuf::from).collect(),
        folder: Some(spool.folder.clone()),
        ..Directories::default()
    };
    let made = restic
        .backup_directories(&what, &labels(options, "details"), control)
        .await?;
    if made.unreadable > 0 {
        return Err(Error::new(Kind::Other, "The backup's manifest could not be read on its way."));
    }
    Ok(made)
}

fn as_json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|error| {
        Error::new(Kind::Other, "The backup's manifest can't be written.").detail(error.to_string())
    })
}

/// How this backup is restored with restic and PostgreSQL's own programs.
fn readme(manifest: &Manifest, restic: &Restic) -> String {
    let dump = manifest.dump.as_ref().map_or("", |dump| dump.snapshot.as_str());
    format!(
        "Backup {id} of the database {name} (PostgreSQL {version}), taken at {at}.

The dump is the snapshot {dump} of the repository {repository}; this snapshot, with the tag part=details, has
globals.sql: the server's roles and tablespaces; manifest.json: what was in the database; roles.json: the roles as the
console reads them.

To restore it with nothing but restic and PostgreSQL's own programs, on a server of that version or later:

  export RESTIC_REPOSITORY='{repository}' RESTIC_PASSWORD_FILE=/path/to/password
  restic dump <this snapshot> /globals.sql | psql --dbname=postgres
      # roles that are there already give an error each, which does no harm
  restic dump {dump} {DUMP_FILE} > database.dump
  pg_restore --create --dbname=postgres --jobs=2 database.dump
      # under another name: createdb --template=template0 NAME; pg_restore --dbname=NAME --jobs=2 database.dump
",
        id = manifest.backup,
        name = super::names::ident(&manifest.database.name),
        version = manifest.server.version,
        at = manifest.taken_at,
        repository = restic.repository().location,
    )
}

/// A folder for files on their way, for its owner's eyes alone, removed in every case.
#[derive(Debug)]
pub(crate) struct Spool {
    pub(crate) folder: PathBuf,
}

impl Spool {
    /// Makes it; what a killed process left there is removed.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(folder)
            .map_err(|error| Error::file("make the folder", folder, &error))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// A new file in it.
    pub(crate) fn create(&self, name: &str) -> Result<(std::fs::File, PathBuf)> {
        let path = self.folder.join(name);
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map(|file| (file, path.clone()))
            .map_err(|error| Error::file("write", &path, &error))
    }

    fn write(&self, name: &str, text: &[u8]) -> Result<()> {
        use std::io::Write;
        let (mut file, path) = self.create(name)?;
        file.write_all(text).map_err(|error| Error::file("write", &path, &error))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a spool folder could not be removed");
        }
    }
}
