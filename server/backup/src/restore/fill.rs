//! A backup restored into a fresh database beside the live one.

use std::{path::PathBuf, time::Duration};

use sqlx::PgConnection;
use tokio::io::AsyncWriteExt;

use super::catalog::{Mark, State, check_operation, claim, drop_database, fresh_name};
use crate::{
    Control, Error, Kind, Progress, Result, Stage,
    postgres::{
        Call, Comparison, DUMP_FILE, DatabaseFacts, Manifest, Role, Server, Spool, Stored, Tool, ToolName, compare,
        fault, measure, names, roles,
        session::{json, run},
        settings,
    },
    process::Said,
    restic::Restic,
    space::{self, Need},
};

/// What the restoring sessions are given: nothing waits for the disk before the switch, whose own commit brings all that
/// was written before it to the disk.
const SESSION: &str = "-c synchronous_commit=off -c maintenance_work_mem=256MB -c statement_timeout=0 -c lock_timeout=0 \
    -c idle_in_transaction_session_timeout=0";

/// What is to be restored, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation's identity: 1 to 36 lower-case letters, digits and hyphens.
    pub operation: String,
    /// The database that is to be replaced; or a new name, for a copy.
    pub database: String,
    /// How many sessions restore at once. With one, the dump need not be stored on its way.
    pub jobs: u32,
    /// A folder for the dump on its way; made where missing.
    pub spool: PathBuf,
    /// Tables up to this size are compared by checksum, where the manifest has one.
    pub checksum_up_to: u64,
    /// The server's data directory, where it is on this machine: its space is checked.
    pub data_directory: Option<PathBuf>,
    /// Make it ready although it differs from the manifest.
    pub accepts_differences: bool,
}

impl Request {
    /// With the defaults: two sessions, checksums of tables up to 64 MiB.
    pub fn new(operation: impl Into<String>, database: impl Into<String>, spool: impl Into<PathBuf>) -> Self {
        Self {
            operation: operation.into(),
            database: database.into(),
            jobs: 2,
            spool: spool.into(),
            checksum_up_to: 64 << 20,
            data_directory: None,
            accepts_differences: false,
        }
    }
}

/// A fresh database that was filled.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Its name. It was dropped again where [`Self::is_ready`] is false.
    pub name: String,
    /// What was compared.
    pub comparison: Comparison,
    /// Whether it waits for the switch.
    pub is_ready: bool,
    /// Roles that were missing and were created.
    pub created_roles: Vec<String>,
    /// How many sessions restored it.
    pub jobs: u32,
}

/// Restores a backup into a fresh database, and compares it with the manifest. The live database is not touched. Where
/// it fails, or is cancelled, the fresh database is dropped; where the process is killed, [`super::resume`] drops it.
///
/// # Errors
/// [`Kind::Busy`]; [`Kind::NoSpace`] before anything is written; [`Kind::Damaged`]; those of repository and server.
pub async fn fill(
    server: &Server,
    restic: &Restic,
    backup: &Stored,
    request: &Request,
    control: &Control,
) -> Result<Filled> {
    check_operation(&request.operation)?;
    let mut session = claim(server, &request.database).await?;
    let name = fresh_name(&request.database, &request.operation);
    let work = Work {
        server,
        restic,
        backup,
        request,
        control,
        name: &name,
    };
    let result = control.unless_cancelled(work.run(&mut session)).await;
    if !matches!(&result, Ok(filled) if filled.is_ready) {
        // The session may have died with the server, or stand in the middle of an answer.
        if let Ok(mut other) = super::catalog::maintenance(server, &request.database).await {
            if let Err(error) = drop_database(&mut other, &name).await {
                tracing::warn!(database = name, error = error.detail, "a database that was not restored could not be dropped");
            }
        }
    }
    result
}

struct Work<'a> {
    server: &'a Server,
    restic: &'a Restic,
    backup: &'a Stored,
    request: &'a Request,
    control: &'a Control,
    name: &'a str,
}

impl Work<'_> {
    async fn run(&self, session: &mut PgConnection) -> Result<Filled> {
        self.control.stage(Stage::Prepare);
        let manifest = self.backup.manifest(self.restic).await?;
        let known = self.backup.roles(self.restic).await?;
        let major = self.check_version(session, &manifest).await?;
        let jobs = self.check_space(&manifest)?;
        // An earlier try of the same operation.
        drop_database(session, self.name).await?;
        let created_roles = self.create(session, &manifest.database, &known).await?;
        self.restore(major, jobs, &manifest, session).await?;
        self.control.stage(Stage::Compare);
        let found = async {
            let quiet = Control::none();
            measure(self.server, self.name, self.request.checksum_up_to, &quiet).await
        };
        let (found, ()) = tokio::try_join!(found, self.analyse())?;
        let comparison = compare(&manifest, &found);
        for statement in settings::database(self.name, &manifest.database) {
            run(session, "set up the database", &statement).await?;
        }
        let is_ready = comparison.is_equal() || self.request.accepts_differences;
        if is_ready {
            let mark = self.mark(State::Ready, &manifest.database);
            run(session, "mark the database", &mark.comment_on(self.name)?).await?;
            self.control.stage(Stage::Ready);
        }
        Ok(Filled {
            name: self.name.to_owned(),
            comparison,
            is_ready,
            created_roles,
            jobs,
        })
    }

    fn mark(&self, state: State, facts: &DatabaseFacts) -> Mark {
        Mark {
            operation: self.request.operation.clone(),
            state,
            database: self.request.database.clone(),
            comment: facts.comment.clone(),
        }
    }

    /// The major version that programs have to know.
    async fn check_version(&self, session: &mut PgConnection, manifest: &Manifest) -> Result<u32> {
        let version: u32 = json(session, "ask for its version", "SELECT current_setting('server_version_num')").await?;
        if version / 10_000 < manifest.server.major() {
            return Err(Error::new(
                Kind::Invalid,
                format!("The backup is of PostgreSQL {}, and the server is the older {}. Restore it on a server of that version or later.", manifest.server.major(), version / 10_000),
            ));
        }
        Ok(version / 10_000)
    }

    /// How many sessions can restore: one, streaming, where the dump finds no room on its way.
    fn check_space(&self, manifest: &Manifest) -> Result<u32> {
        let dump = Need {
            what: "the dump on its way".to_owned(),
            path: self.request.spool.clone(),
            bytes: manifest.dump.as_ref().map_or(0, |dump| dump.bytes),
        };
        let fresh = self.request.data_directory.as_ref().map(|path| Need {
            what: "the restored database".to_owned(),
            path: path.clone(),
            bytes: manifest.database.size,
        });
        if let Some(fresh) = &fresh {
            space::check(std::slice::from_ref(fresh))?;
        }
        if self.request.jobs <= 1 {
            return Ok(1);
        }
        let both: Vec<Need> = fresh.into_iter().chain([dump]).collect();
        match space::check(&both) {
            Ok(()) => Ok(self.request.jobs.min(64)),
            Err(error) if error.kind == Kind::NoSpace => {
                self.control.note(format!("It is restored by one session, straight from the repository. {error}"));
                Ok(1)
            }
            Err(error) => Err(error),
        }
    }

    async fn create(&self, session: &mut PgConnection, facts: &DatabaseFacts, known: &[Role]) -> Result<Vec<String>> {
        let created = roles::create_missing(session, known, self.control).await?;
        let mut create = format!(
            "CREATE DATABASE {} WITH TEMPLATE template0 OWNER {} ENCODING {} LC_COLLATE {} LC_CTYPE {}",
            names::ident(self.name),
            names::ident(&facts.owner),
            names::literal(&facts.encoding),
            names::literal(&facts.collate),
            names::literal(&facts.ctype),
        );
        if let Some(locale) = &facts.locale {
            let (provider, option) = if facts.provider == "i" { ("icu", "ICU_LOCALE") } else { ("builtin", "BUILTIN_LOCALE") };
            create.push_str(&format!(" LOCALE_PROVIDER {provider} {option} {}", names::literal(locale)));
        }
        let missing = self.missing_tablespaces(session, facts).await?;
        // Naming the default takes a right that making a database does not.
        if facts.tablespace != "pg_default" && !missing.contains(&facts.tablespace) {
            create.push_str(&format!(" TABLESPACE {}", names::ident(&facts.tablespace)));
        }
        run(session, "create the fresh database", &create).await?;
        let mark = self.mark(State::Filling, facts);
        run(session, "mark the database", &mark.comment_on(self.name)?).await?;
        Ok(created)
    }

    async fn missing_tablespaces(&self, session: &mut PgConnection, facts: &DatabaseFacts) -> Result<Vec<String>> {
        let there: Vec<String> = json(session, "list tablespaces", "SELECT jsonb_agg(spcname)::text FROM pg_tablespace").await?;
        let all = facts.tablespaces.iter().chain([&facts.tablespace]);
        Ok(all.filter(|one| !there.contains(one)).cloned().collect())
    }

    async fn restore(&self, major: u32, jobs: u32, manifest: &Manifest, session: &mut PgConnection) -> Result<()> {
        let mut args = vec!["--exit-on-error".to_owned()];
        if !self.missing_tablespaces(session, &manifest.database).await?.is_empty() {
            self.control.note("The server does not have all tablespaces of the backup; what was in the missing ones goes to the default.");
            args.push("--no-tablespaces".to_owned());
        }
        let dump = self.backup.dump.as_ref().ok_or_else(|| Error::new(Kind::Invalid, "The backup has no dump."))?;
        let total = manifest.dump.as_ref().map(|dump| dump.bytes);
        if jobs == 1 {
            self.control.stage(Stage::Fill);
            let mut tool = self.start(major, args, true).await?;
            let stdin = tool.stdin.take();
            let feeding = async {
                let Some(mut stdin) = stdin else {
                    return Err(Error::new(Kind::Tool, "pg_restore was started without its input."));
                };
                let fed = self.restic.dump_to(&dump.id, DUMP_FILE, &mut stdin, total, self.control).await?;
                stdin.shutdown().await.ok();
                Ok(fed)
            };
            let said = Said::of(Some(tool.stderr));
            let (fed, exit) = tokio::join!(feeding, tool.process.wait());
            let (exit, said) = (exit?, said.end().await);
            // Where the stream broke, pg_restore complains of that; where it broke off, the stream does.
            return match fed {
                Err(error) if error.kind != Kind::Interrupted => Err(error),
                _ if !exit.is_success => Err(fault::tool("pg_restore", &exit.status, &said)),
                fed => fed.map(|_| ()),
            };
        }
        self.control.stage(Stage::Fetch);
        let spool = Spool::new(&self.request.spool.join(format!("restore-{}", self.request.operation)))?;
        let (file, path) = spool.create("database.dump")?;
        let mut file = tokio::fs::File::from_std(file);
        let bytes = self.restic.dump_to(&dump.id, DUMP_FILE, &mut file, total, self.control).await?;
        if Some(bytes) != total {
            return Err(Error::new(Kind::Damaged, "The dump in the repository is not as long as it was. Take a new backup, and check the repository."));
        }
        drop(file);
        self.control.stage(Stage::Fill);
        args.push(format!("--jobs={jobs}"));
        args.push(path.display().to_string());
        let tool = self.start(major, args, false).await?;
        self.finish(tool, manifest.database.size, session).await
    }

    async fn start(&self, major: u32, args: Vec<String>, stdin: bool) -> Result<Tool> {
        let call = Call {
            tool: ToolName::PgRestore,
            major,
            address: &self.server.address,
            database: self.name,
            options: SESSION,
            args,
            stdin,
        };
        self.server.tools.start(call).await
    }

    /// Waits for it, and tells how large the database is meanwhile.
    async fn finish(&self, mut tool: Tool, total: u64, session: &mut PgConnection) -> Result<()> {
        let said = Said::of(Some(tool.stderr));
        let looking = async {
            let size = format!("SELECT pg_database_size({})::text", names::literal(self.name));
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let Ok(bytes_done) = json(session, "ask for its size", &size).await else {
                    return std::future::pending().await;
                };
                self.control.progress(Progress {
                    bytes_done,
                    bytes_total: Some(total),
                    ..Progress::default()
                });
            }
        };
        let exit = tokio::select! {
            exit = tool.process.wait() => exit?,
            () = looking => return Ok(()),
        };
        let said = said.end().await;
        if exit.is_success {
            return Ok(());
        }
        Err(fault::tool("pg_restore", &exit.status, &said))
    }

    async fn analyse(&self) -> Result<()> {
        let mut session = self.server.connect(self.name).await?;
        run(&mut session, "analyse the database", "ANALYZE").await
    }
}
