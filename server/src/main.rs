//! The binary `ytops`: one program for serving the console and for its command line.

use std::process::ExitCode;

use clap::Parser;
use server::{
    cli::{Cli, run},
    serve::LEAVE,
};
use tikv_jemallocator::Jemalloc;
use tokio::runtime::Builder;

/// Gives back what is freed: with glibc's, each thread that once hashed a password keeps the 19 MiB of it
/// (docs/decisions/0014-allocator.md). Its settings are in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut builder = if cli.is_small() {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    match builder.enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(run(cli));
            // What still hangs somewhere, a request or a hash, does not hold up the end.
            runtime.shutdown_timeout(LEAVE);
            code
        }
        Err(error) => {
            eprintln!("ytops: could not start its threads: {error}");
            ExitCode::FAILURE
        }
    }
}
