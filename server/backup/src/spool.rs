//! Files on their way.

use std::{
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::{Error, Result};

/// Removes what killed processes left in a spool folder. To be called once at the start, before anything else uses it.
///
/// # Errors
/// It can't be removed. A folder that is missing is no error.
pub fn sweep(folder: &Path) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::file("read", folder, &error)),
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("backup-") || name.starts_with("restore-") {
            std::fs::remove_dir_all(entry.path())
                .map_err(|error| Error::file("remove", &entry.path(), &error))?;
        }
    }
    Ok(())
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

    pub(crate) fn write(&self, name: &str, text: &[u8]) -> Result<()> {
        use std::io::Write;
        let (mut file, path) = self.create(name)?;
        file.write_all(text)
            .map_err(|error| Error::file("write", &path, &error))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a spool folder could not be removed");
        }
    }
}
