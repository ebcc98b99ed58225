//! Programs as children that never outlive what they work for.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use crate::{Error, Kind, Result, said::Said};

/// How long a program may take to end after it was asked to.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// What of the console's environment its children see. Never more: it holds secrets.
const PASSED: [&str; 12] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "USER",
];

/// A program with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
}

impl Program {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
        }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// The folder that it works in.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Starts it, in a process group of its own, its input closed unless `stdin`.
    pub(crate) fn start(&self, stdin: bool) -> Result<Running> {
        self.start_to(stdin, Stdio::piped())
    }

    /// As [`Self::start`], its output going to `stdout`.
    pub(crate) fn start_to(&self, stdin: bool, stdout: Stdio) -> Result<Running> {
        let mut command = Command::new(&self.path);
        command.args(&self.args).env_clear();
        for name in PASSED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // Messages are told apart by their words.
        command
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(if stdin { Stdio::piped() } else { Stdio::null() })
            .stdout(stdout)
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let mut child = command.spawn().map_err(|error| self.not_started(&error))?;
        let pid = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        Ok(Running {
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
            group: pid,
        })
    }

    fn not_started(&self, error: &io::Error) -> Error {
        let path = self.path.display();
        match error.kind() {
            io::ErrorKind::NotFound => Error::new(
                Kind::Tool,
                format!("The program {path} is missing; install it on the console's machine."),
            ),
            _ => Error::new(
                Kind::Tool,
                format!("The program {path} can't be started: {error}."),
            ),
        }
        .detail(error.to_string())
    }

    /// Runs it to its end and gives what it wrote, at most `most` bytes of it.
    pub(crate) async fn output(&self, most: u64) -> Result<Output> {
        use tokio::io::AsyncReadExt;
        let mut running = self.start(false)?;
        let said = Said::of(running.stderr.take());
        let mut text = Vec::new();
        if let Some(stdout) = running.stdout.take() {
            let mut bounded = stdout.take(most + 1);
            bounded
                .read_to_end(&mut text)
                .await
                .map_err(|error| broken(&self.path, &error))?;
        }
        if text.len() as u64 > most {
            return Err(Error::new(
                Kind::Other,
                format!("{} said more than {most} bytes.", self.path.display()),
            ));
        }
        let status = running.wait().await?;
        Ok(Output {
            status,
            text,
            said: said.end().await,
        })
    }
}

fn broken(path: &Path, error: &io::Error) -> Error {
    Error::new(
        Kind::Other,
        format!("What {} says can't be read.", path.display()),
    )
    .detail(error.to_string())
}

/// What a program that ended left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) text: Vec<u8>,
    pub(crate) said: String,
}

/// A program that runs. Dropping it ends it, with all that it started in its group, before its input is closed: what
/// reads from the input must never take a broken stream for a finished one.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) stdout: Option<ChildStdout>,
    pub(crate) stderr: Option<ChildStderr>,
    child: tokio::process::Child,
    /// Until it was waited for: its number may be another's afterwards.
    group: Option<Pid>,
}

impl Running {
    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus> {
        // tokio's own wait closes the input first.
        let stdin = self.child.stdin.take();
        debug_assert!(stdin.is_none(), "taken at the start");
        let status = self.child.wait().await.map_err(|error| {
            Error::new(Kind::Other, "A program can't be waited for.").detail(error.to_string())
        })?;
        self.group = None;
        Ok(status)
    }

    /// Asks it to end as Ctrl-C does, and ends it where it does not within ten seconds.
    pub(crate) async fn stop(&mut self) {
        self.signal(Signal::INT);
        if tokio::time::timeout(GRACE, self.wait()).await.is_err() {
            self.kill().await;
        }
    }

    /// Ends it at once.
    pub(crate) async fn kill(&mut self) {
        self.signal(Signal::KILL);
        if let Err(error) = self.wait().await {
            tracing::warn!(
                error = error.detail,
                "a program that was killed can't be waited for"
            );
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // Already gone is as good.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
