//! `ytops token`: API tokens made from the command line.

use clap::Subcommand;
use ops::{Actor, identity::tokens};
use types::{Role, identity::TokenRequest};

use super::user::CommandError;
use crate::{config::Config, serve};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token and print it, once
    Add {
        /// What it is for
        #[arg(long)]
        name: String,
        /// `cto`, `team_lead`, `engineer` or `viewer`
        #[arg(long, value_parser = super::role)]
        role: Role,
        /// Days until it ends, at most 365
        #[arg(long)]
        days: u16,
    },
}

/// Runs it.
pub async fn run(config: &Config, command: Command) -> Result<(), CommandError> {
    let Command::Add { name, role, days } = command;
    let ops = serve::migrated_tools(config).await?;
    let new = TokenRequest {
        name,
        role,
        team: None,
        days: days.into(),
    };
    let made = tokens::create(&ops, &Actor::system(), &new).await?;
    println!("{}", made.secret);
    Ok(())
}
