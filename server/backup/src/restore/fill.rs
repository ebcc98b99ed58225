//! A backup restored into a fresh database beside the live one.

use std::path::PathBuf;

use sqlx::PgConnection;

use super::catalog::{Mark, State, check_operation, claim, drop_database, fresh_name, maintenance};
use crate::{
    Control, Error, Kind, Result, Stage,
    postgres::{
        Comparison, DatabaseFacts, Details, Manifest, Role, Server, Stored, compare, measure,
        names, roles,
        session::{json, run},
        settings,
    },
    restic::Restic,
    space::{self, Need},
};

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
    pub fn new(
        operation: impl Into<String>,
        database: impl Into<String>,
        spool: impl Into<PathBuf>,
    ) -> Self {
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
    let result = control
        .unless_cancelled(Box::pin(work.run(&mut session)))
        .await;
    if !matches!(&result, Ok(filled) if filled.is_ready) {
        // The session may have died with the server, or stand in the middle of an answer.
        let dropped = async {
            let mut other = maintenance(server, &request.database).await?;
            drop_database(&mut other, &name).await
        };
        if let Err(error) = dropped.await {
            tracing::warn!(
                database = name,
                error = error.detail,
                "a database that was not restored could not be dropped"
            );
        }
    }
    result
}

pub(super) struct Work<'a> {
    pub(super) server: &'a Server,
    pub(super) restic: &'a Restic,
    pub(super) backup: &'a Stored,
    pub(super) request: &'a Request,
    pub(super) control: &'a Control,
    pub(super) name: &'a str,
}

impl Work<'_> {
    async fn run(&self, session: &mut PgConnection) -> Result<Filled> {
        self.control.stage(Stage::Prepare);
        let Details {
            manifest,
            roles: known,
        } = self.backup.details(self.restic).await?;
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
        let version: u32 = json(
            session,
            "ask for its version",
            "SELECT current_setting('server_version_num')",
        )
        .await?;
        if version / 10_000 < manifest.server.major() {
            return Err(Error::new(
                Kind::Invalid,
                format!(
                    "The backup is of PostgreSQL {}, and the server is the older {}. Restore it on a server of that version or later.",
                    manifest.server.major(),
                    version / 10_000
                ),
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
                self.control.note(format!(
                    "It is restored by one session, straight from the repository. {error}"
                ));
                Ok(1)
            }
            Err(error) => Err(error),
        }
    }

    async fn create(
        &self,
        session: &mut PgConnection,
        facts: &DatabaseFacts,
        known: &[Role],
    ) -> Result<Vec<String>> {
        let created = roles::create_missing(session, known, self.control).await?;
        let mut create = vec![format!(
            "CREATE DATABASE {} WITH TEMPLATE template0 OWNER {} ENCODING {} LC_COLLATE {} LC_CTYPE {}",
            names::ident(self.name),
            names::ident(&facts.owner),
            names::literal(&facts.encoding),
            names::literal(&facts.collate),
            names::literal(&facts.ctype),
        )];
        if let Some(locale) = &facts.locale {
            let (provider, option) = if facts.provider == "i" {
                ("icu", "ICU_LOCALE")
            } else {
                ("builtin", "BUILTIN_LOCALE")
            };
            create.push(format!(
                "LOCALE_PROVIDER {provider} {option} {}",
                names::literal(locale)
            ));
        }
        let missing = self.missing_tablespaces(session, facts).await?;
        // Naming the default takes a right that making a database does not.
        if facts.tablespace != "pg_default" && !missing.contains(&facts.tablespace) {
            create.push(format!("TABLESPACE {}", names::ident(&facts.tablespace)));
        }
        if let Err(error) = run(session, "create the fresh database", &create.join(" ")).await {
            return Err(roles::may_not_create_databases(session, error).await);
        }
        let mark = self.mark(State::Filling, facts);
        run(session, "mark the database", &mark.comment_on(self.name)?).await?;
        Ok(created)
    }

    pub(super) async fn missing_tablespaces(
        &self,
        session: &mut PgConnection,
        facts: &DatabaseFacts,
    ) -> Result<Vec<String>> {
        let there: Vec<String> = json(
            session,
            "list tablespaces",
            "SELECT jsonb_agg(spcname)::text FROM pg_tablespace",
        )
        .await?;
        let all = facts.tablespaces.iter().chain([&facts.tablespace]);
        Ok(all.filter(|one| !there.contains(one)).cloned().collect())
    }

    async fn analyse(&self) -> Result<()> {
        let mut session = self.server.connect(self.name).await?;
        run(&mut session, "analyse the database", "ANALYZE").await
    }
}
