//! A file that turns over by size: `ytops.log`, then `ytops.log.1` (the newest) to `ytops.log.N`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A log file of bounded size.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    file: File,
    written: u64,
    max_bytes: u64,
    kept: u32,
}

impl RotatingFile {
    /// Opens or goes on with `path`; its folder is made where missing.
    ///
    /// # Errors
    /// The folder or the file can't be made or written.
    pub fn open(path: &Path, max_bytes: u64, kept: u32) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let written = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            written,
            max_bytes,
            kept,
        })
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        name.into()
    }

    fn turn_over(&mut self) -> io::Result<()> {
        for number in (1..self.kept).rev() {
            let from = self.numbered(number);
            if from.exists() {
                fs::rename(from, self.numbered(number + 1))?;
            }
        }
        fs::rename(&self.path, self.numbered(1))?;
        self.file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.written > 0 && self.written + line.len() as u64 > self.max_bytes {
            // A rename that fails (a full disk, a removed folder) must not lose the line.
            if let Err(error) = self.turn_over() {
                eprintln!("ytops: the log could not turn over: {error}");
                self.written = 0;
            }
        }
        self.file.write_all(line)?;
        self.written += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_over_by_size_and_keeps_so_many() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("ytops-rotate-{}", std::process::id()));
        let path = folder.join("ytops.log");
        let mut log = RotatingFile::open(&path, 10, 2)?;
        for line in ["first\n", "second\n", "third\n", "fourth\n"] {
            log.write_all(line.as_bytes())?;
        }
        assert_eq!(fs::read_to_string(&path)?, "fourth\n");
        assert_eq!(fs::read_to_string(folder.join("ytops.log.1"))?, "third\n");
        assert_eq!(fs::read_to_string(folder.join("ytops.log.2"))?, "second\n");
        assert!(!folder.join("ytops.log.3").exists());
        fs::remove_dir_all(folder)
    }
}
