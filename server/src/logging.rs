//! The console's own log: JSON lines on standard output and in a file that turns over at 100 MB, ten kept. On a terminal
//! standard output has what went wrong alone: a person reads there where the console is and how to begin.

mod format;
mod rotate;

use std::{
    io::{self, IsTerminal},
    panic,
    path::PathBuf,
    sync::Mutex,
};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::LevelFilter,
    fmt::{self, MakeWriter, format::JsonFields},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::config::{Config, ConfigError};
pub use rotate::RotatingFile;

/// When the file turns over, and how many old ones are kept.
const MAX_BYTES: u64 = 100_000_000;
const KEPT: u32 = 10;

/// The database's driver tells of each parameter of `DATABASE_URL` that it does not know, with its value: a misspelt
/// password.
const QUIET: &str = "sqlx_postgres::options=off";

/// The newest of the log's files.
pub fn file(config: &Config) -> PathBuf {
    config.data_dir.join("log").join("ytops.log")
}

/// Starts the log.
///
/// # Errors
/// The folder for the file can't be made or written.
pub fn start(config: &Config) -> Result<(), ConfigError> {
    let file = RotatingFile::open(&file(config), MAX_BYTES, KEPT)
        .map_err(|error| config.unusable_data_dir(&error))?;
    let shown = if io::stdout().is_terminal() {
        LevelFilter::WARN
    } else {
        LevelFilter::TRACE
    };
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(EnvFilter::new(format!("{},{QUIET}", config.log)))
        .with(lines(io::stdout).with_filter(shown))
        .with(lines(Mutex::new(file)))
        .try_init();
    log_panics();
    Ok(())
}

/// Writes every event to `writer` as a JSON line.
pub fn lines<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fmt::layer()
        .fmt_fields(JsonFields::new())
        .event_format(format::JsonLine)
        .with_writer(writer)
}

/// Panics become lines of the log too, instead of text between them.
pub fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let said = panic.payload_as_str().unwrap_or("no text");
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        tracing::error!(panic = said, place, "The console failed inside.");
    }));
}
