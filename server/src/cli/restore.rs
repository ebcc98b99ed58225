//! `ytops restore`: a backup restored, and a restore undone, for the machine's owner.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use ops::{Actor, Ops, backups};
use types::backups::{FilesPlan, RestorePlan, Way, Wish};

use super::follow::follow;
use crate::{config::Config, serve};

/// What to restore.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// The backup's number, from the page of its set or `ytops backup list`
    #[arg(long)]
    backup: Option<i64>,
    /// Restore files to this new or empty folder, by its whole path, instead of in place
    #[arg(long, value_name = "FOLDER", conflicts_with = "name")]
    to: Option<String>,
    /// Restore a database beside the live one under this new name, instead of in place
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Restore this file or folder of the backup alone, by its whole path; may be given more than once
    #[arg(long, value_name = "PATH")]
    only: Vec<String>,
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
        (None, Some(backup)) => {
            let (way, is_folder) = match (arguments.to, arguments.name) {
                (Some(folder), _) => (Way::Beside(folder), Some(true)),
                (None, Some(name)) => (Way::Beside(name), Some(false)),
                (None, None) => (Way::InPlace, None),
            };
            let wish = Wish {
                way,
                only: arguments.only,
            };
            restore(&ops, backup, &wish, is_folder, arguments.yes).await
        }
        (None, None) => Err("name a backup: ytops restore --backup NUMBER".to_owned()),
    }
}

/// `is_folder`: the place beside what is live was given as a folder, not as a database's name.
async fn restore(
    ops: &Ops,
    backup: i64,
    wish: &Wish,
    is_folder: Option<bool>,
    yes: bool,
) -> Result<ExitCode, String> {
    let system = Actor::system();
    let plan = backups::plan(ops, &system, backup, &wish.only)
        .await
        .map_err(|fault| fault.to_string())?;
    if is_folder.is_some_and(|is_folder| is_folder != plan.is_of_files) {
        return Err("--to is for files, --as for databases".to_owned());
    }
    print(&plan, &wish.way);
    if let Some(why) = plan.refused {
        return Err(why);
    }
    if let (Way::InPlace, Some(why)) = (&wish.way, plan.not_in_place) {
        return Err(why);
    }
    if !yes {
        println!("Nothing was done: say --yes to restore it.");
        return Ok(ExitCode::SUCCESS);
    }
    let operation = backups::restore(ops, &system, backup, &plan.set_name, wish)
        .await
        .map_err(|fault| fault.to_string())?;
    follow(ops, operation).await
}

fn print(plan: &RestorePlan, way: &Way) {
    let at = plan.backup.started_at.to_offset(time::UtcOffset::UTC);
    if let Way::Beside(to) = way {
        println!("It is restored to {to} as it was at {at} UTC; what is live stays as it is.");
        return;
    }
    println!(
        "{} becomes as it was at {at} UTC. What is live now is kept for {} days.",
        plan.replaces, plan.kept_days
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
    if let Some(files) = &plan.files {
        print_files(files);
    }
}

fn print_files(files: &FilesPlan) {
    println!(
        "Of {} files compared{} {} have changed, {} are not there, and {} are not in the backup and are put aside.",
        files.compared,
        if files.is_cut {
            " (there are more)"
        } else {
            ""
        },
        files.changed,
        files.missing,
        files.added
    );
    if !files.restart.is_empty() {
        println!(
            "To see what is restored, restart: {}.",
            files.restart.join(", ")
        );
    }
    for text in &files.texts {
        println!("{}", text.path);
        for line in &text.lines {
            println!("{line}");
        }
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
