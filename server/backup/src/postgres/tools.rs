//! How PostgreSQL's programs are run: on this machine, or elsewhere by whoever implements [`Tools`].

use std::{
    fmt,
    path::{Path, PathBuf},
    pin::Pin,
};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Address, names};
use crate::{
    Error, Kind, Result,
    process::{Program, Running},
};

/// A program of PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolName {
    /// `pg_dump`
    PgDump,
    /// `pg_dumpall`
    PgDumpall,
    /// `pg_restore`
    PgRestore,
}

impl ToolName {
    /// The name of the program's file.
    pub fn file(self) -> &'static str {
        match self {
            Self::PgDump => "pg_dump",
            Self::PgDumpall => "pg_dumpall",
            Self::PgRestore => "pg_restore",
        }
    }
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The program.
    pub tool: ToolName,
    /// The server's major version: the program's is to be that or later.
    pub major: u32,
    /// The server, as the console reaches it, with the user and the password.
    pub address: &'a Address,
    /// The database.
    pub database: &'a str,
    /// Settings of the session, such as `-c synchronous_commit=off`.
    pub options: &'a str,
    /// Arguments besides those that say where to connect.
    pub args: Vec<String>,
    /// Whether it is given an input.
    pub stdin: bool,
}

impl Call<'_> {
    /// The argument that says where to connect, for a server at `host` and `port`; the password is not in it.
    pub fn connection(&self, host: &str, port: u16) -> Vec<String> {
        let info = format!(
            "host={} port={port} user={} dbname={} connect_timeout=10 application_name=ytops",
            names::conninfo(host),
            names::conninfo(&self.address.user),
            names::conninfo(self.database),
        );
        let mut args = vec![format!("--dbname={info}")];
        if self.tool == ToolName::PgDumpall {
            args.push(format!("--database={}", self.database));
        }
        args
    }
}

/// A future that is boxed, so that [`Tools`] may be a trait object.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs programs of PostgreSQL's.
pub trait Tools: fmt::Debug + Send + Sync {
    /// Starts one. It is given the password by its environment, or by a file for its own user alone; never as an
    /// argument.
    ///
    /// # Errors
    /// [`Kind::Tool`] where none of at least the server's version can be run.
    fn start<'a>(&'a self, call: Call<'a>) -> Boxed<'a, Result<Tool>>;
}

/// A program that runs. Dropping it ends the program.
pub struct Tool {
    /// Its input, where it was to have one.
    pub stdin: Option<Box<dyn AsyncWrite + Send + Unpin>>,
    /// Its output.
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// What it complains of.
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
    /// To wait for it.
    pub process: Box<dyn Process>,
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").finish_non_exhaustive()
    }
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Whether it did all that it was to do.
    pub is_success: bool,
    /// Its status in words.
    pub status: String,
}

/// Waits for a program, and ends it. Dropping it ends the program too.
pub trait Process: Send {
    /// Waits for its end.
    ///
    /// # Errors
    /// It can't be told how it ended.
    fn wait(&mut self) -> Boxed<'_, Result<Exit>>;

    /// Ends it at once and waits until it is gone.
    fn kill(&mut self) -> Boxed<'_, ()>;
}

/// The programs of this machine.
#[derive(Clone, Debug)]
pub struct LocalTools {
    /// Folders with a folder for each major version, each with its `bin`.
    roots: Vec<PathBuf>,
}

impl Default for LocalTools {
    /// Where Debian puts them.
    fn default() -> Self {
        Self::new(vec![PathBuf::from("/usr/lib/postgresql")])
    }
}

impl LocalTools {
    /// Looks for them in `<root>/<major>/bin` of these roots.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        Self { roots }
    }

    /// The program of the server's version, or of the first later one.
    fn find(&self, tool: ToolName, major: u32) -> Result<PathBuf> {
        let mut found: Vec<(u32, PathBuf)> = Vec::new();
        for root in &self.roots {
            for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
                let path = entry.path().join("bin").join(tool.file());
                let version = entry.file_name().to_string_lossy().parse().ok();
                if let Some(version) = version.filter(|_| is_program(&path)) {
                    found.push((version, path));
                }
            }
        }
        found.sort();
        let versions: Vec<String> = found
            .iter()
            .map(|(version, _)| version.to_string())
            .collect();
        found
            .into_iter()
            .find(|(version, _)| *version >= major)
            .map(|(_, path)| path)
            .ok_or_else(|| {
                let have = if versions.is_empty() {
                    "there is none".to_owned()
                } else {
                    format!("there is {}", versions.join(", "))
                };
                Error::new(
                    Kind::Tool,
                    format!(
                        "The server is PostgreSQL {major}, and {} of that version or later is needed on the console's machine; {have}. Install postgresql-client-{major} there.",
                        tool.file()
                    ),
                )
            })
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

impl Tools for LocalTools {
    fn start<'a>(&'a self, call: Call<'a>) -> Boxed<'a, Result<Tool>> {
        Box::pin(async move {
            let mut program = Program::new(self.find(call.tool, call.major)?)
                .args(call.connection(&call.address.host, call.address.port))
                .arg("--no-password")
                .args(&call.args)
                .env("PGOPTIONS", call.options);
            // Nothing of the user's own files is to have a say.
            program = program.env("PGPASSFILE", "/nonexistent");
            if let Some(password) = &call.address.password {
                program = program.env("PGPASSWORD", password.reveal());
            }
            let mut running = program.start(call.stdin)?;
            let (Some(stdout), Some(stderr)) = (running.stdout.take(), running.stderr.take())
            else {
                return Err(Error::new(
                    Kind::Tool,
                    "A program was started without its output.",
                ));
            };
            Ok(Tool {
                stdin: running.stdin.take().map(|stdin| Box::new(stdin) as Box<_>),
                stdout: Box::new(stdout),
                stderr: Box::new(stderr),
                process: Box::new(running),
            })
        })
    }
}

impl Process for Running {
    fn wait(&mut self) -> Boxed<'_, Result<Exit>> {
        Box::pin(async move {
            let status = self.wait().await?;
            Ok(Exit {
                is_success: status.success(),
                status: status.to_string(),
            })
        })
    }

    fn kill(&mut self) -> Boxed<'_, ()> {
        Box::pin(self.kill())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_version_that_is_new_enough_is_taken() {
        let root = std::env::temp_dir().join(format!("ytops-tools-{}", std::process::id()));
        for version in ["13", "15", "16"] {
            let bin = root.join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("pg_dump"), "").unwrap();
            std::fs::set_permissions(bin.join("pg_dump"), std::fs::Permissions::from_mode(0o755))
                .unwrap();
        }
        let tools = LocalTools::new(vec![root.clone()]);
        let find = |major| tools.find(ToolName::PgDump, major);
        assert_eq!(find(14).unwrap(), root.join("15/bin/pg_dump"));
        assert_eq!(find(16).unwrap(), root.join("16/bin/pg_dump"));
        let error = find(17).unwrap_err();
        assert_eq!(error.kind, Kind::Tool);
        assert!(error.message.contains("there is 13, 15, 16"), "{error}");
        std::fs::remove_dir_all(root).unwrap();
    }
}
