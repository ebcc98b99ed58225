//! The machine that the console runs on.

use std::path::PathBuf;

use futures::future::BoxFuture;

use super::Nowhere;

/// Processors and memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Logical processors that are online, what `nproc --all` counts.
    pub threads: u32,
    /// Physical cores; the same as `threads` where the kernel does not tell.
    pub cores: u32,
    /// Memory in bytes.
    pub memory_total_bytes: u64,
    /// Memory in bytes that programs can get without swapping.
    pub memory_available_bytes: u64,
}

/// How large a filesystem is and how full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// Tells filesystems apart.
    pub device: u64,
    /// The whole filesystem in bytes.
    pub size_bytes: u64,
    /// Bytes in use.
    pub used_bytes: u64,
    /// Bytes that an ordinary user can still write.
    pub available_bytes: u64,
}

impl Space {
    /// What the used share is a share of: bytes in use and those that an ordinary user can still write.
    pub const fn counted_bytes(&self) -> u64 {
        self.used_bytes.saturating_add(self.available_bytes)
    }

    /// The used share as `df` reckons it, 0 to 1: what is reserved for root counts as neither used nor free.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share needs no more than 52 bits"
    )]
    pub fn used_share(&self) -> f64 {
        let counted = self.counted_bytes();
        if counted == 0 {
            0.0
        } else {
            self.used_bytes as f64 / counted as f64
        }
    }
}

/// A path that data lies under, and the space of its filesystem or why it could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filesystem {
    /// The path.
    pub path: PathBuf,
    /// Its filesystem.
    pub space: Result<Space, String>,
}

/// Reads the machine.
pub trait Host: Send + Sync {
    /// Processors and memory, or why they can't be told.
    fn machine(&self) -> BoxFuture<'_, Result<Machine, String>>;

    /// The filesystems of the data paths that the adapter was given and of `also`, in that order, no path twice.
    /// Paths that are not there are left out. A filesystem that hangs (a lost network mount) costs at most two seconds and gives a reason.
    fn filesystems(&self, also: Vec<PathBuf>) -> BoxFuture<'_, Vec<Filesystem>>;

    /// The compose plugin or the stand-alone `docker-compose`, whichever is found first.
    fn compose(&self) -> BoxFuture<'_, Option<PathBuf>>;
}

impl Host for Nowhere {
    fn machine(&self) -> BoxFuture<'_, Result<Machine, String>> {
        Box::pin(async { Err("no machine was given".to_owned()) })
    }

    fn filesystems(&self, _also: Vec<PathBuf>) -> BoxFuture<'_, Vec<Filesystem>> {
        Box::pin(async { Vec::new() })
    }

    fn compose(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(async { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_used_share_is_what_df_shows() {
        let space = Space {
            device: 1,
            size_bytes: 100,
            used_bytes: 60,
            available_bytes: 20,
        };
        assert!((space.used_share() - 0.75).abs() < 1e-9);
        assert!(Space::default().used_share().abs() < 1e-9);
    }
}
