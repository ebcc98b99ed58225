//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{config::Config, logging, serve};

/// Runs and watches one server's platform.
#[derive(Debug, Parser)]
#[command(name = "ytops", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console
    Serve,
    /// Bring the database's schema up to date
    Migrate,
}

/// Runs one command; the exit code is the process's.
pub async fn run(cli: Cli) -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    match cli.command {
        Command::Serve => {
            logging::start(&config.log, &config.data_dir);
            report(serve::serve(config).await)
        }
        Command::Migrate => report(migrate(&config).await),
    }
}

async fn migrate(config: &Config) -> Result<(), serve::ServeError> {
    let ops = serve::tools(config)?;
    store::migrate(&ops.db).await?;
    println!("The schema is up to date.");
    Ok(())
}

fn report<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &impl std::fmt::Display) -> ExitCode {
    eprintln!("ytops: {error}");
    ExitCode::FAILURE
}
