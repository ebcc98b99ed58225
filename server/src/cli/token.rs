//! `ytops token`: API tokens made from the command line.

use clap::Subcommand;
use ops::{
    Actor, Ops, Outcome,
    identity::{teams, tokens},
};
use types::{Error, Role, identity::TokenRequest};

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
        /// `cto`, `team_lead`, `engineer`, `viewer`, or `agent` for `ytops agent`
        #[arg(long, value_parser = super::role)]
        role: Role,
        /// Days until it ends, at most 365
        #[arg(long, value_parser = days)]
        days: i64,
        /// The one team that it is confined to; not given, it sees every team, and a team lead's leads none
        #[arg(long)]
        team: Option<String>,
        /// For the role agent: the one host that it sends for; the first that uses it when this is not given
        #[arg(long)]
        host: Option<String>,
    },
}

/// Runs it.
pub async fn run(config: &Config, command: Command) -> Result<(), CommandError> {
    let Command::Add {
        name,
        role,
        days,
        team,
        host,
    } = command;
    let ops = serve::migrated_tools(config).await?;
    let team = match team {
        Some(name) => Some(id_of_team(&ops, &name).await?),
        None => None,
    };
    let new = TokenRequest {
        name,
        role,
        team,
        days,
        host,
    };
    let made = tokens::create(&ops, &Actor::system(), &new).await?;
    if role == Role::TeamLead && team.is_none() {
        eprintln!(
            "ytops: a team lead's token without --team operates no service and sees no audit log"
        );
    }
    println!("{}", made.secret);
    Ok(())
}

/// Reads a token's life from the command line.
fn days(text: &str) -> Result<i64, String> {
    let days: Option<i64> = text.parse().ok();
    days.filter(|days| (1..=tokens::MOST_DAYS).contains(days))
        .ok_or_else(|| format!("give a whole number of days, 1 to {}", tokens::MOST_DAYS))
}

/// The id of the team called `name`.
async fn id_of_team(ops: &Ops, name: &str) -> Outcome<i64> {
    let teams = teams::list(ops, &Actor::system()).await?;
    if let Some(team) = teams.iter().find(|team| team.name == name) {
        return Ok(team.id);
    }
    let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
    let told = format!("There is no such team; there are {}.", names.join(", "));
    Err(Error::field("team", told).into())
}
