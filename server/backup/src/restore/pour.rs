//! A dump on its way from the repository into a database.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::io::AsyncWriteExt;

use super::fill::Work;
use crate::{
    Error, Kind, Progress, Result, Stage,
    postgres::{Call, DUMP_FILE, Manifest, Tool, ToolName, fault, names, session::json},
    restic::SnapshotId,
    said::Said,
    spool::Spool,
};

/// What the restoring sessions are given: nothing waits for the disk before the switch, whose own commit brings all that
/// was written before it to the disk.
const SESSION: &str = "-c synchronous_commit=off -c maintenance_work_mem=256MB -c statement_timeout=0 -c lock_timeout=0 \
    -c idle_in_transaction_session_timeout=0";

impl Work<'_> {
    /// Restores the dump into the fresh database by `jobs` sessions.
    pub(super) async fn restore(
        &self,
        major: u32,
        jobs: u32,
        manifest: &Manifest,
        session: &mut PgConnection,
    ) -> Result<()> {
        let mut args = vec!["--exit-on-error".to_owned()];
        if !self
            .missing_tablespaces(session, &manifest.database)
            .await?
            .is_empty()
        {
            self.control.note("The server does not have all tablespaces of the backup; what was in the missing ones goes to the default.");
            args.push("--no-tablespaces".to_owned());
        }
        let dump = self
            .backup
            .dump
            .as_ref()
            .ok_or_else(|| Error::new(Kind::Invalid, "The backup has no dump."))?;
        let total = manifest.dump.as_ref().map(|dump| dump.bytes);
        if jobs == 1 {
            return self.stream(major, args, &dump.id, total).await;
        }
        self.control.stage(Stage::Fetch);
        let spool = Spool::new(
            &self
                .request
                .spool
                .join(format!("restore-{}", self.request.operation)),
        )?;
        let (file, path) = spool.create("database.dump")?;
        let bytes = self
            .restic
            .dump_to_file(&dump.id, DUMP_FILE, file, total, self.control)
            .await?;
        if Some(bytes) != total {
            return Err(Error::new(
                Kind::Damaged,
                "The dump in the repository is not as long as it was. Take a new backup, and check the repository.",
            ));
        }
        self.control.stage(Stage::Fill);
        args.push(format!("--jobs={jobs}"));
        args.push(path.display().to_string());
        let tool = self.start(major, args, false).await?;
        self.finish(tool, manifest.database.size, session).await
    }

    /// By one session, straight from the repository.
    async fn stream(
        &self,
        major: u32,
        args: Vec<String>,
        dump: &SnapshotId,
        total: Option<u64>,
    ) -> Result<()> {
        self.control.stage(Stage::Fill);
        let mut tool = self.start(major, args, true).await?;
        let stdin = tool.stdin.take();
        let feeding = async {
            let Some(mut stdin) = stdin else {
                return Err(Error::new(
                    Kind::Tool,
                    "pg_restore was started without its input.",
                ));
            };
            let fed = self
                .restic
                .dump_to(dump, DUMP_FILE, &mut stdin, total, self.control)
                .await?;
            stdin.shutdown().await.ok();
            Ok(fed)
        };
        let said = Said::of(Some(tool.stderr));
        let (fed, exit) = tokio::join!(feeding, tool.process.wait());
        let (exit, said) = (exit?, said.end().await);
        // Where the stream broke, pg_restore complains of that; where it broke off, the stream does.
        match fed {
            Err(error) if error.kind != Kind::Interrupted => Err(error),
            _ if !exit.is_success => Err(fault::tool("pg_restore", &exit.status, &said)),
            fed => fed.map(|_| ()),
        }
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
            let size = format!(
                "SELECT pg_database_size({})::text",
                names::literal(self.name)
            );
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
}
