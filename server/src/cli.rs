//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use types::Role;

use crate::{agent, config::Config, logging, serve};

mod audit;
mod backup;
mod check;
mod follow;
mod restore;
mod restore_self;
mod token;
mod user;
mod verify;

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
    /// Read this host's meters and send what they say to a console elsewhere
    Agent(agent::Arguments),
    /// Bring the database's schema up to date
    Migrate,
    /// See whether this machine has what the platform needs
    Check,
    /// See whether every part of the platform answers
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Users
    #[command(subcommand)]
    User(user::Command),
    /// API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::Command),
    /// Backup sets and their targets
    #[command(subcommand)]
    Backup(backup::Command),
    /// Restore a backup of a database or of files, or undo a restore
    Restore(restore::Arguments),
    /// Restore the console's own database, with the console stopped; on a new machine as well
    RestoreSelf(restore_self::Arguments),
}

impl Cli {
    /// One thread does for it.
    pub const fn is_small(&self) -> bool {
        matches!(self.command, Command::Agent(_))
    }
}

/// Runs one command; the exit code is the process's.
pub async fn run(cli: Cli) -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    match cli.command {
        Command::Serve => match logging::start(&config) {
            Ok(()) => report(serve::serve(config).await),
            Err(error) => fail(&error),
        },
        Command::Agent(arguments) => report(agent::run(arguments, &config).await),
        Command::Migrate => report(migrate(&config).await),
        Command::Check => exit(check::run(&config).await),
        Command::Verify { json } => exit(verify::run(&config, json).await),
        Command::User(command) => report(user::run(&config, command).await),
        Command::Token(command) => report(token::run(&config, command).await),
        Command::Audit(command) => report(audit::run(&config, command).await),
        Command::Backup(command) => exit(backup::run(&config, command).await),
        Command::Restore(arguments) => exit(restore::run(&config, arguments).await),
        Command::RestoreSelf(arguments) => exit(restore_self::run(&config, arguments).await),
    }
}

async fn migrate(config: &Config) -> Result<(), serve::ServeError> {
    let ops = serve::tools(config)?;
    store::migrate(&ops.db)
        .await
        .map_err(|error| serve::ServeError::of(&ops.db, error))?;
    println!("The schema is up to date.");
    Ok(())
}

/// Reads a role's name from the command line.
fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "give cto, team_lead, engineer, viewer or agent".to_owned())
}

fn exit<E: std::fmt::Display>(result: Result<ExitCode, E>) -> ExitCode {
    result.unwrap_or_else(|error| fail(&error))
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
