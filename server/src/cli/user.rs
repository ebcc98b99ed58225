//! `ytops user`: accounts made from the command line.

use std::io::Read;

use clap::Subcommand;
use ops::{Actor, Fault, identity::users};
use types::{Role, identity::NewUser};

use crate::{config::Config, serve};

/// The longest standard input that is read for a password.
const MAX_INPUT: u64 = 1_024;

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a user; the password comes from standard input
    Add {
        /// The address they sign in with
        #[arg(long)]
        email: String,
        /// Their name
        #[arg(long)]
        name: String,
        /// `cto`, `team_lead`, `engineer` or `viewer`
        #[arg(long, value_parser = super::role)]
        role: Role,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// Runs it.
pub async fn run(config: &Config, command: Command) -> Result<(), CommandError> {
    let Command::Add {
        email, name, role, ..
    } = command;
    let mut password = String::new();
    std::io::stdin()
        .take(MAX_INPUT)
        .read_to_string(&mut password)?;
    let ops = serve::tools(config)?;
    store::migrate(&ops.db)
        .await
        .map_err(|error| serve::ServeError::of(&ops.db, error))?;
    let new = NewUser {
        email: email.clone(),
        name,
        role,
        teams: Vec::new(),
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
    };
    users::create(&ops, &Actor::system(), &new).await?;
    println!("{email} may sign in as {}.", role.label());
    Ok(())
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The console could not be set up.
    #[error("{0}")]
    Serve(#[from] serve::ServeError),
    /// The use-case said no.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// Standard input could not be read.
    #[error("standard input: {0}")]
    Input(#[from] std::io::Error),
    /// The audit log's chain is broken.
    #[error("The audit log is broken: {0}.")]
    Broken(String),
}
