//! `ytops restore`: a backup restored, and a restore undone, for the machine's owner.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use ops::{Actor, Ops, backups};
use types::backups::RestorePlan;

use super::follow::follow;
use crate::{config::Config, serve};

/// What to restore.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// The backup's number, from the page of its set or `ytops backup list`
    #[arg(long)]
    backup: Option<i64>,
    /// Restore without being asked; without it only what would happen is printed
    #[arg(long)]
    yes: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Switch back to what the last restore of a set replaced
    Undo {
        /// The set's name
        set: String,
    },
}

/// Does it.
///
/// # Errors
/// There is no such backup or set; it can't be restored; the database failed.
pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, String> {
    let ops = serve::migrated_tools(config)
        .await
        .map_err(|error| error.to_string())?;
    match (arguments.command, arguments.backup) {
        (Some(Command::Undo { set }), _) => undo(&ops, &set).await,
        (None, Some(backup)) => restore(&ops, backup, arguments.yes).await,
        (None, None) => Err("name a backup: ytops restore --backup NUMBER".to_owned()),
    }
}

async fn restore(ops: &Ops, backup: i64, yes: bool) -> Result<ExitCode, String> {
    let system = Actor::system();
    let plan = backups::plan(ops, &system, backup)
        .await
        .map_err(|fault| fault.to_string())?;
    print(&plan);
    if let Some(why) = plan.refused {
        return Err(why);
    }
    if !yes {
        println!("Nothing was done: say --yes to restore it.");
        return Ok(ExitCode::SUCCESS);
    }
    let operation = backups::restore(ops, &system, backup, &plan.set_name)
        .await
        .map_err(|fault| fault.to_string())?;
    follow(ops, operation).await
}

fn print(plan: &RestorePlan) {
    println!(
        "{} becomes as it was at {} UTC. What is live now is kept for {} days.",
        plan.replaces,
        plan.backup.started_at.to_offset(time::UtcOffset::UTC),
        plan.kept_days
    );
    if !plan.stops.is_empty() {
        println!("Stopped for the switch: {}.", plan.stops.join(", "));
    }
    if let Some(why) = &plan.unknown {
        println!("What has changed since can't be told: {why}");
    }
    for change in &plan.changes {
        let rows =
            |rows: Option<i64>| rows.map_or_else(|| "none".to_owned(), |rows| rows.to_string());
        println!(
            "{}: {} rows now, {} then",
            change.table,
            rows(change.now),
            rows(change.then)
        );
    }
}

async fn undo(ops: &Ops, name: &str) -> Result<ExitCode, String> {
    let system = Actor::system();
    let sets = backups::sets(ops, &system)
        .await
        .map_err(|fault| fault.to_string())?;
    let set = sets
        .into_iter()
        .find(|set| set.settings.name == name)
        .ok_or_else(|| format!("there is no backup set {name}"))?;
    let made = backups::restores(ops, &system, set.id)
        .await
        .map_err(|fault| fault.to_string())?;
    let last = made
        .into_iter()
        .find(types::backups::Restored::can_be_undone)
        .ok_or_else(|| format!("there is no restore of {name} that can be undone"))?;
    let operation = backups::undo(ops, &system, last.id, name)
        .await
        .map_err(|fault| fault.to_string())?;
    follow(ops, operation).await
}
