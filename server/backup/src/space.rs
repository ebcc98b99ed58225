//! Whether there is room for what is about to be written.

use std::{
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{Error, Kind, Result};

/// Bytes that something will write below a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What needs them, such as "the dump on its way".
    pub what: String,
    /// Where; the folder may still be missing.
    pub path: PathBuf,
    /// How many.
    pub bytes: u64,
}

/// Bytes that an ordinary user may still write on the filesystem of a path, and which filesystem that is.
///
/// # Errors
/// It can't be asked. A path that is missing is asked by the first folder above it that is there.
pub fn free(path: &Path) -> Result<(u64, u64)> {
    let there = path
        .ancestors()
        .find(|one| one.exists())
        .unwrap_or(Path::new("/"));
    let ask = || -> io::Result<(u64, u64)> {
        let space = rustix::fs::statvfs(there)?;
        let device = std::fs::metadata(there)?.dev();
        Ok((space.f_bavail.saturating_mul(space.f_frsize), device))
    };
    ask().map_err(|error| Error::file("ask the space of", there, &error))
}

/// Whether all of it fits, with what shares a filesystem added up.
///
/// # Errors
/// [`Kind::NoSpace`], with the figures; it can't be asked.
pub fn check(needs: &[Need]) -> Result<()> {
    let mut asked: Vec<(u64, u64, &Need, u64)> = Vec::new();
    for need in needs {
        let (free, device) = free(&need.path)?;
        match asked.iter_mut().find(|one| one.0 == device) {
            Some(one) => one.3 = one.3.saturating_add(need.bytes),
            None => asked.push((device, free, need, need.bytes)),
        }
    }
    for (_, free, need, bytes) in asked {
        if bytes > free {
            return Err(Error::new(
                Kind::NoSpace,
                format!(
                    "The disk that holds {} has {} free, and {} needs {}. Make room there and start again.",
                    need.path.display(),
                    size(free),
                    need.what,
                    size(bytes)
                ),
            ));
        }
    }
    Ok(())
}

/// Bytes as people read them.
#[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    let in_units = |unit: u64| bytes as f64 / unit as f64;
    match bytes {
        0..MIB => format!("{:.0} KiB", in_units(1 << 10)),
        MIB..GIB => format!("{:.0} MiB", in_units(MIB)),
        _ => format!("{:.1} GiB", in_units(GIB)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn needs_on_one_filesystem_add_up() {
        let path = std::env::temp_dir();
        let (free, _) = free(&path).unwrap();
        let need = |share: u64| Need {
            what: "a test".to_owned(),
            path: path.join("not/there/yet"),
            bytes: free / 10 * share,
        };
        check(&[need(4), need(4)]).unwrap();
        let error = check(&[need(9), need(9)]).unwrap_err();
        assert_eq!(error.kind, Kind::NoSpace);
        assert!(error.message.contains("a test needs"), "{error}");
    }

    #[test]
    fn sizes_are_in_the_units_of_the_console() {
        assert_eq!(size(500), "0 KiB");
        assert_eq!(size(3 << 20), "3 MiB");
        assert_eq!(size(270_582_939_648), "252.0 GiB");
    }
}
