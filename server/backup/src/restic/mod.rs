//! The driver of the restic binary, 0.14 or later, with repositories of version 2.
//!
//! The repository's password is named by its file alone: it is never an argument, never in an environment, never logged.
//! Whatever is cancelled or dropped ends restic and leaves no snapshot; at most a lock stays, which [`Restic::unlock`]
//! takes away.

mod backup;
mod fault;
mod hearing;
mod keep;
mod list;
mod location;
mod read;
mod restore;
mod snapshot;

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitStatus,
};

pub(crate) use self::backup::ASIDE;
pub use self::{
    backup::{Directories, Labels, Made},
    keep::{Forgettable, Keep, ReadData},
    list::{Depth, Entry, Listing},
    location::Location,
    read::{Dumping, Size},
    snapshot::{Filter, Snapshot, SnapshotId},
};
use crate::{
    Control, Error, Kind, Progress, Result,
    process::{Output, Program},
    said::{Lines, Said},
};

/// The oldest restic that knows repositories of version 2.
const OLDEST: (u32, u32) = (0, 14);
/// What restic answers in one piece is never longer: a million snapshots.
const LONGEST: u64 = 256 << 20;

/// A repository and how it is reached.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Where it is.
    pub location: Location,
    /// The file whose first line is the password; nobody but its owner may read it.
    pub password_file: PathBuf,
    /// rclone's settings, for a location of rclone's.
    pub rclone_config: Option<PathBuf>,
    /// Where restic keeps copies of the repository's index; made where missing.
    pub cache: PathBuf,
}

/// restic on one repository; cheap to clone.
#[derive(Clone, Debug)]
pub struct Restic {
    program: PathBuf,
    repository: Repository,
}

impl Restic {
    /// Checks the program's version and that the password file can be used; asks nothing of the repository.
    ///
    /// # Errors
    /// [`Kind::Tool`] where restic is missing or older than 0.14; [`Kind::Invalid`] where the password file is missing,
    /// empty, or readable by others.
    pub async fn new(program: impl Into<PathBuf>, repository: Repository) -> Result<Self> {
        let program = program.into();
        check_version(&program).await?;
        check_password_file(&repository.password_file)?;
        Ok(Self {
            program,
            repository,
        })
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Makes the repository, version 2, unless it is there: `true` where it was made.
    ///
    /// # Errors
    /// Those of the target; [`Kind::WrongPassword`] where it is there with another password.
    pub async fn init(&self) -> Result<bool> {
        match self.snapshots(&Filter::default()).await {
            Ok(_) => return Ok(false),
            Err(error) if error.kind == Kind::NoRepository => {}
            Err(error) => return Err(error),
        }
        let output = self
            .program()
            .args(["init", "--repository-version", "2"])
            .output(LONGEST)
            .await?;
        self.succeeded(&output)?;
        Ok(true)
    }

    /// Takes away locks whose process is gone, or that were not renewed for half an hour; never those of a living one.
    ///
    /// # Errors
    /// Those of the target.
    pub async fn unlock(&self) -> Result<()> {
        let output = self.program().arg("unlock").output(LONGEST).await?;
        self.succeeded(&output)
    }

    /// restic with what every call needs.
    fn program(&self) -> Program {
        let program = Program::new(&self.program)
            .arg("--repo")
            .arg(self.repository.location.to_string())
            .arg("--password-file")
            .arg(&self.repository.password_file)
            .arg("--cache-dir")
            .arg(&self.repository.cache)
            .env("RESTIC_PROGRESS_FPS", "2");
        match &self.repository.rclone_config {
            Some(config) => program.env("RCLONE_CONFIG", config),
            None => program,
        }
    }

    async fn answer(&self, program: Program) -> Result<Vec<u8>> {
        let output = program.output(LONGEST).await?;
        self.succeeded(&output)?;
        Ok(output.text)
    }

    fn succeeded(&self, output: &Output) -> Result<()> {
        if output.status.success() {
            return Ok(());
        }
        Err(self.fault(output.status, &output.said))
    }

    fn fault(&self, status: ExitStatus, said: &str) -> Error {
        fault::of(&self.repository.location, status, said)
    }

    /// Runs what prints lines of text and takes long; each line goes to `hear`.
    async fn follow(
        &self,
        program: &Program,
        control: &Control,
        mut hear: impl FnMut(&str, &mut Progress) -> bool,
    ) -> Result<()> {
        let mut running = program.start(false)?;
        let said = Said::of(running.stderr.take());
        let mut progress = Progress::default();
        let work = async {
            if let Some(stdout) = running.stdout.take() {
                let mut lines = Lines::new(stdout);
                while let Some(line) = lines.next().await {
                    if hear(&line, &mut progress) {
                        control.progress(progress.clone());
                    }
                }
            }
            running.wait().await
        };
        let status = tokio::select! {
            status = work => Some(status?),
            () = control.cancel.cancelled() => None,
        };
        let Some(status) = status else {
            running.stop().await;
            return Err(Error::cancelled());
        };
        let said = said.end().await;
        if status.success() {
            return Ok(());
        }
        Err(self.fault(status, &said))
    }
}

async fn check_version(program: &Path) -> Result<()> {
    let output = Program::new(program).arg("version").output(1 << 16).await?;
    let text = String::from_utf8_lossy(&output.text);
    let version = text
        .strip_prefix("restic ")
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default();
    let mut numbers = version
        .split(['.', '-'])
        .map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST => Ok(()),
        (Some(_), Some(_)) => Err(Error::new(
            Kind::Tool,
            format!("restic {version} is too old: 0.14 or later is needed."),
        )),
        _ => Err(Error::new(
            Kind::Tool,
            format!(
                "{} does not say which version of restic it is.",
                program.display()
            ),
        )
        .detail(output.said)),
    }
}

fn check_password_file(path: &Path) -> Result<()> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| {
        Error::new(
            Kind::Invalid,
            format!("The repository's password file {shown} can't be read: {error}. Put it back; the recovery sheet has the password."),
        )
    })?;
    if metadata.len() == 0 {
        return Err(Error::new(
            Kind::Invalid,
            format!(
                "The repository's password file {shown} is empty. The recovery sheet has the password."
            ),
        ));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Error::new(
            Kind::Invalid,
            format!("Others may read the repository's password file {shown}: chmod 600 {shown}"),
        ));
    }
    Ok(())
}
