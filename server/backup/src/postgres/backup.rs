//! A backup of a database: its dump as one snapshot, then manifest and roles as another.

use std::{path::PathBuf, time::Duration};

use super::{
    DUMP_FILE, Details, Dump, Manifest, Server,
    details::{details, globals},
    fault::tool,
    measure, roles,
    session::Session,
    tools::{Call, Tool, ToolName},
};
use crate::{
    Control, Error, Kind, Result, Stage,
    restic::{Labels, Made, Restic},
    said::Said,
    spool::Spool,
};

/// How often it is begun anew where tables are dropped or locked while it begins.
const TRIES: u32 = 3;

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
            Err(error)
                if tried < TRIES && matches!(error.kind, Kind::Changed | Kind::LockTimeout) =>
            {
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
    Err(Error::new(
        Kind::Invalid,
        "An identity is 1 to 64 lower-case letters, digits and hyphens.",
    ))
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
    let (mut session, mut manifest, (roles, has_passwords)) =
        control.unless_cancelled(begin).await?;
    control.stage(Stage::Dump);
    let target = Target {
        server,
        database,
        restic,
        options,
    };
    let (made, globals) =
        dump_and_describe(target, &mut session, &mut manifest, has_passwords, control).await?;
    measure::end(&mut session.connection, &mut manifest.sequences).await?;
    manifest.dump = Some(Dump {
        snapshot: made.id.clone(),
        file: DUMP_FILE.to_owned(),
        bytes: made.bytes_read,
    });
    control.stage(Stage::Details);
    let spool = Spool::new(&options.spool.join(format!("backup-{}", options.id)))?;
    spool.write("globals.sql", &globals)?;
    let all = Details { manifest, roles };
    let details = details(&spool, &all, restic, options, control).await?;
    Ok(Backup {
        dump: made,
        details,
        manifest: all.manifest,
        has_passwords,
    })
}

/// What is backed up, and where to.
#[derive(Clone, Copy)]
struct Target<'a> {
    server: &'a Server,
    database: &'a str,
    restic: &'a Restic,
    options: &'a Options,
}

/// Dumps while rows are counted and roles are written down; gives the dump and the roles.
async fn dump_and_describe(
    target: Target<'_>,
    session: &mut Session,
    manifest: &mut Manifest,
    has_passwords: bool,
    control: &Control,
) -> Result<(Made, Vec<u8>)> {
    let Target {
        server,
        database,
        restic,
        options,
    } = target;
    let Session {
        connection,
        server: facts,
        snapshot,
    } = session;
    // Whichever of the two fails ends the other.
    let both = control.child();
    let dumping = async {
        let dumped = dump(server, database, facts, snapshot, restic, options, &both).await;
        if dumped.is_err() {
            both.cancel.cancel();
        }
        dumped
    };
    let describing = async {
        let described = both
            .unless_cancelled(async {
                let relations = &mut manifest.relations;
                measure::count(connection, relations, options.checksum_up_to).await?;
                globals(server, database, facts, has_passwords).await
            })
            .await;
        if described.is_err() {
            both.cancel.cancel();
        }
        described
    };
    match tokio::join!(dumping, describing) {
        (Ok(made), Ok(globals)) => Ok((made, globals)),
        (Err(error), _) if error.kind != Kind::Cancelled => Err(error),
        (_, Err(error)) | (Err(error), _) => Err(error),
    }
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
            format!(
                "--lock-wait-timeout={}",
                options.lock_wait.as_millis().max(1)
            ),
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
        .backup_stream(
            stdout,
            ended,
            DUMP_FILE.trim_start_matches('/'),
            &labels,
            control,
        )
        .await
}

pub(super) fn labels(options: &Options, part: &str) -> Labels {
    let mut labels = options.labels.clone();
    labels.tags.push(format!("backup={}", options.id));
    labels.tags.push(format!("part={part}"));
    labels
}
