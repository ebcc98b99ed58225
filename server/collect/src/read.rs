//! Files of /proc and of cgroups, read again and again from a kept descriptor into a kept buffer.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// No file that is read here is longer; one that is, is cut.
const LONGEST: usize = 4 << 20;

/// How many descriptors may still be kept open; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<AtomicUsize>);

impl Budget {
    pub(crate) fn new(files: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(files)))
    }

    fn take(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }
}

/// A file that is read at every tick.
#[derive(Debug)]
pub(crate) struct Kept {
    path: PathBuf,
    file: Option<File>,
    /// Set where the descriptor is kept between two reads.
    budget: Option<Budget>,
}

impl Kept {
    /// Opens nothing yet. Without budget left the file is opened anew for each read, which costs more.
    pub(crate) fn new(path: PathBuf, budget: &Budget) -> Self {
        Self {
            path,
            file: None,
            budget: budget.take().then(|| budget.clone()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The open file, where it is kept and was read before.
    pub(crate) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Reads the whole file into `buffer`, which is emptied first.
    ///
    /// # Errors
    /// It can't be opened or read; it is opened anew the next time.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path).inspect_err(|_| buffer.clear())?,
        };
        read_all(&file, buffer)?;
        if self.budget.is_some() {
            self.file = Some(file);
        }
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Reads from the start, whatever was read before.
fn read_all(file: &File, buffer: &mut Vec<u8>) -> io::Result<()> {
    let room = buffer.capacity().max(4096);
    buffer.resize(room, 0);
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            if filled >= LONGEST {
                break;
            }
            buffer.resize(filled * 2, 0);
        }
        let Some(rest) = buffer.get_mut(filled..) else {
            break;
        };
        match file.read_at(rest, filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                buffer.clear();
                return Err(error);
            }
        }
    }
    buffer.truncate(filled);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn a_kept_file_is_read_from_its_start_and_descriptors_are_bounded() {
        let path = std::env::temp_dir().join(format!("ytops-kept-{}", std::process::id()));
        let budget = Budget::new(1);
        let mut kept = Kept::new(path.clone(), &budget);
        let mut other = Kept::new(path.clone(), &budget);
        let mut buffer = Vec::new();
        assert!(kept.read(&mut buffer).is_err(), "not there yet");
        let long = "x".repeat(10_000);
        std::fs::write(&path, &long).unwrap();
        kept.read(&mut buffer).unwrap();
        assert_eq!(buffer, long.as_bytes());
        std::fs::write(&path, "short").unwrap();
        kept.read(&mut buffer).unwrap();
        assert_eq!(buffer, b"short");
        other.read(&mut buffer).unwrap();
        assert!(kept.file().is_some() && other.file().is_none());
        drop(kept);
        let mut third = Kept::new(path.clone(), &budget);
        third.read(&mut buffer).unwrap();
        assert!(third.file().is_some(), "the first gave its place back");
        std::fs::remove_file(path).unwrap();
    }
}
