//! The files that go in, and a stamp that tells whether they changed since the last run.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A file of the site: its path below the site folder, with forward slashes, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative path, `icons/icon-192.png`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// All files below a folder, sorted; names that begin with a dot are left out.
///
/// # Errors
/// When the folder or a file in it can't be read.
pub fn files(folder: &Path) -> Result<Vec<File>> {
    paths(folder)?
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            let relative = path
                .strip_prefix(folder)?
                .to_str()
                .context("a file name is not UTF-8")?;
            Ok(File {
                path: relative.to_owned(),
                bytes,
            })
        })
        .collect()
}

/// The `.rs` files below a folder, sorted.
///
/// # Errors
/// When the folder can't be read.
pub fn rust_sources(folder: &Path) -> Result<Vec<PathBuf>> {
    with_extension(folder, "rs")
}

/// The files below a folder whose name ends in this extension, sorted.
///
/// # Errors
/// When the folder can't be read.
pub fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = paths(folder)?;
    found.retain(|path| path.extension().is_some_and(|found| found == extension));
    Ok(found)
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Fingerprint of everything that decides what the site holds, this program included.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp(String);

impl Stamp {
    /// Takes files and folders.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub fn of<'a>(inputs: impl IntoIterator<Item = &'a Path>, dev: bool) -> Result<Self> {
        let mut hasher = Sha256::new();
        hasher.update([u8::from(dev)]);
        let program = env::current_exe().context("finding this program")?;
        for input in inputs.into_iter().map(Path::to_owned).chain([program]) {
            let paths = if input.is_dir() {
                paths(&input)?
            } else {
                vec![input]
            };
            for path in paths {
                let bytes =
                    fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                hasher.update(path.to_string_lossy().as_bytes());
                hasher.update(bytes.len().to_le_bytes());
                hasher.update(&bytes);
            }
        }
        Ok(Self(hex::encode(hasher.finalize())))
    }

    /// Whether the site in `out` was made from exactly these inputs and is still complete.
    #[must_use]
    pub fn matches(&self, out: &Path) -> bool {
        let intact =
            crate::manifest::Manifest::read(out).is_ok_and(|manifest| manifest.is_complete(out));
        intact && fs::read_to_string(stamp_path(out)).is_ok_and(|found| found == self.0)
    }

    /// Notes beside `out` what it was made from.
    ///
    /// # Errors
    /// When the note can't be written.
    pub fn write(&self, out: &Path) -> io::Result<()> {
        fs::write(stamp_path(out), &self.0)
    }
}

/// Beside the folder and not in it: all that is in it is served.
fn stamp_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".stamp");
    name.into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_hidden_ones_left_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("icons")).unwrap();
        for name in ["z.svg", "icons/a.png", ".hidden"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let found = files(folder.path()).unwrap();
        assert_eq!(
            found
                .iter()
                .map(|file| file.path.as_str())
                .collect::<Vec<_>>(),
            ["icons/a.png", "z.svg"]
        );
    }

    #[test]
    fn a_stamp_sees_content_names_and_mode() {
        let folder = tempfile::tempdir().unwrap();
        let of = |dev| Stamp::of([folder.path()], dev).unwrap();
        fs::write(folder.path().join("a"), "1").unwrap();
        let first = of(false);
        assert_eq!(first, of(false));
        assert_ne!(first, of(true));
        fs::write(folder.path().join("a"), "2").unwrap();
        assert_ne!(first, of(false));
        fs::write(folder.path().join("a"), "1").unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        assert_ne!(first, of(false));
    }
}
