//! What the console keeps for backups on its own machine: the repositories' password, outside the database, restic's cache
//! and room for what is on its way.

use std::{
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use backup::{
    Error, Kind, Secret,
    postgres::Address,
    restic::{Repository, Restic},
};

use crate::aside::Asides;

/// The console's own database, as its tools enter it.
#[derive(Clone, Debug)]
pub struct OwnDatabase {
    /// Where it is.
    pub address: Address,
    /// Its name.
    pub name: String,
}

impl OwnDatabase {
    /// At a host, an address or the folder of a socket; `password` where one is asked for.
    pub fn new(
        host: String,
        port: u16,
        user: String,
        password: Option<String>,
        name: String,
    ) -> Self {
        let password = password.map(Secret::new);
        let address = Address {
            host,
            port,
            user,
            password,
        };
        Self { address, name }
    }
}

/// Where it is kept.
#[derive(Clone, Debug)]
pub struct Place {
    folder: PathBuf,
    /// rclone's settings; its own place where none is set.
    rclone_config: Option<PathBuf>,
    own: Option<OwnDatabase>,
    /// Questions to disks, which may hang.
    asides: Asides<String>,
}

impl Place {
    /// In `folder`, which is made when it is needed.
    pub fn new(folder: PathBuf, rclone_config: Option<PathBuf>, own: Option<OwnDatabase>) -> Self {
        Self {
            folder,
            rclone_config,
            own,
            asides: Asides::default(),
        }
    }

    /// Where questions to disks are asked.
    pub(super) const fn asides(&self) -> &Asides<String> {
        &self.asides
    }

    /// Nowhere: no backup can be taken.
    pub fn none() -> Self {
        Self::new(PathBuf::from("/dev/null/ytops-backups"), None, None)
    }

    /// The folder that all of it is in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder for what is on its way.
    pub fn spool(&self) -> PathBuf {
        self.folder.join("spool")
    }

    /// The repository on this machine that a console begins with.
    pub fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }

    /// The console's own database.
    pub const fn own(&self) -> Option<&OwnDatabase> {
        self.own.as_ref()
    }

    /// restic on the repository at `location`, which is made where it is missing.
    ///
    /// # Errors
    /// restic is missing or too old; the password can't be read or written; the repository can't be reached or has
    /// another password.
    pub async fn restic(&self, location: &str) -> Result<Restic, Error> {
        let password_file = self.password_file()?;
        let repository = Repository {
            location: location.parse()?,
            password_file,
            rclone_config: self.rclone_config.clone(),
            cache: self.folder.join("cache"),
        };
        let restic = Restic::new("restic", repository).await?;
        restic.init().await?;
        Ok(restic)
    }

    /// restic on the repository at `location`, which has to be there, as has the file with its password: that of this place
    /// where none is named.
    ///
    /// # Errors
    /// restic is missing or too old; the location is none; the password can't be read.
    pub(super) async fn existing(
        &self,
        location: &str,
        password_file: Option<&Path>,
    ) -> Result<Restic, Error> {
        let password_file =
            password_file.map_or_else(|| self.folder.join("password"), Path::to_owned);
        let repository = Repository {
            location: location.parse()?,
            password_file,
            rclone_config: self.rclone_config.clone(),
            cache: self.folder.join("cache"),
        };
        Restic::new("restic", repository).await
    }

    /// Keeps the password that `file` has, where there is none here yet; whether it was kept.
    ///
    /// # Errors
    /// It can't be read or written.
    pub(super) fn adopt(&self, file: &Path) -> std::io::Result<bool> {
        let path = self.folder.join("password");
        if path.exists() {
            return Ok(false);
        }
        let text = std::fs::read_to_string(file)?;
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.folder)?;
        write_secret(&path, text.lines().next().unwrap_or_default())?;
        Ok(true)
    }

    /// The file with the password of every repository; made where it is missing.
    ///
    /// # Errors
    /// It can't be read or written.
    pub fn password_file(&self) -> Result<PathBuf, Error> {
        let path = self.folder.join("password");
        if path.exists() {
            return Ok(path);
        }
        let fault = |error: std::io::Error| Error {
            kind: Kind::Other,
            message: format!(
                "The repositories' password can't be kept at {}: {error}.",
                path.display()
            ),
            detail: error.to_string(),
        };
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(fault)?;
        // Written whole under another name: what is there is always a whole password.
        let part = self
            .folder
            .join(format!("password.{:016x}", rand::random::<u64>()));
        let written = write_secret(&part, &hex::encode(rand::random::<[u8; 32]>()));
        // Of two at once the first one's stays.
        let linked = written.and_then(|()| std::fs::hard_link(&part, &path));
        let _ = std::fs::remove_file(&part);
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(fault(error)),
            _ => Ok(path),
        }
    }

    /// The password itself, for the recovery sheet alone.
    ///
    /// # Errors
    /// It can't be read.
    pub fn password(&self) -> Result<Secret, Error> {
        let path = self.password_file()?;
        let text = std::fs::read_to_string(&path).map_err(|error| Error {
            kind: Kind::Other,
            message: format!(
                "The repositories' password at {} can't be read: {error}.",
                path.display()
            ),
            detail: error.to_string(),
        })?;
        Ok(Secret::new(text.trim_end()))
    }
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_password_is_made_once_and_is_nobody_elses() {
        let folder =
            std::env::temp_dir().join(format!("ytops-place-{:016x}", rand::random::<u64>()));
        let place = Place::new(folder.clone(), None, None);
        let first = place.password().unwrap();
        assert_eq!(first.reveal().len(), 64);
        assert_eq!(place.password().unwrap(), first);
        let mode = std::fs::metadata(place.password_file().unwrap())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(&folder).unwrap().count(),
            1,
            "nothing half is left"
        );
        std::fs::remove_dir_all(folder).unwrap();
        assert!(Place::none().password().is_err());
    }
}
