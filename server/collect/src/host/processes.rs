//! How many processes there are, without listing them.

use std::{fs, io, os::unix::fs::MetadataExt, path::PathBuf};

/// `f_type` of procfs in statfs(2).
const PROC: i64 = 0x9fa0;

/// Counts processes.
///
/// The link count of /proc is that of its own folders plus one for each process (`proc_root_getattr` in fs/proc/root.c),
/// so that one stat(2) tells what a listing of thousands of entries would.
#[derive(Debug)]
pub(crate) struct Processes {
    proc: PathBuf,
    /// Links of /proc that are no processes; unknown until first needed.
    others: Option<u64>,
}

impl Processes {
    pub(crate) fn new(proc: PathBuf) -> Self {
        Self { proc, others: None }
    }

    /// # Errors
    /// /proc can't be read.
    pub(crate) fn count(&mut self) -> io::Result<u64> {
        let others = match self.others {
            Some(others) => others,
            None if rustix::fs::statfs(&self.proc)?.f_type == PROC => {
                *self.others.insert(self.folders()?.1 + 2)
            }
            // A tree that stands in for /proc, in tests.
            None => return Ok(self.folders()?.0),
        };
        let links = fs::metadata(&self.proc)?.nlink();
        Ok(links.saturating_sub(others))
    }

    /// Folders of processes, and other folders.
    fn folders(&self) -> io::Result<(u64, u64)> {
        let (mut processes, mut others) = (0, 0);
        for entry in fs::read_dir(&self.proc)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().iter().all(u8::is_ascii_digit) {
                processes += 1;
            } else if entry.file_type()?.is_dir() {
                others += 1;
            }
        }
        Ok((processes, others))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn links_tell_as_many_processes_as_a_listing() {
        let mut processes = Processes::new(PathBuf::from("/proc"));
        // Processes come and go in between: one quiet moment is enough.
        let agree = (0..1_000).any(|_| {
            let before = processes.folders().unwrap().0;
            let count = processes.count().unwrap();
            before == count && count == processes.folders().unwrap().0
        });
        assert!(agree);
    }
}
