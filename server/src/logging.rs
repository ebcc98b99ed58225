//! The console's own log: JSON lines on standard output and in a file that turns over at 100 MB, ten kept.

mod format;
mod rotate;

use std::path::Path;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub use rotate::RotatingFile;

/// When the file turns over, and how many old ones are kept.
const MAX_BYTES: u64 = 100_000_000;
const KEPT: u32 = 10;

/// Starts the log. A folder that can't be written is said on standard error; the log then goes to standard output only.
pub fn start(filter: &str, data_dir: &Path) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let folder = data_dir.join("log");
    let file = match RotatingFile::open(&folder.join("ytops.log"), MAX_BYTES, KEPT) {
        Ok(file) => Some(file),
        Err(error) => {
            eprintln!("ytops: no log file in {}: {error}", folder.display());
            None
        }
    };
    let to_file = file.map(|file| {
        fmt::layer()
            .event_format(format::JsonLine)
            .with_writer(std::sync::Mutex::new(file))
    });
    let to_stdout = fmt::layer().event_format(format::JsonLine);
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(to_stdout)
        .with(to_file)
        .try_init();
}
