//! `ytops backup`: sets, runs and checks, for the machine's owner.

use std::process::ExitCode;

use clap::Subcommand;
use ops::{Actor, Ops, backups};
use types::{backups::BackupSet, health::Status};

use super::follow::follow;
use crate::{config::Config, serve};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the backup sets, how each is, and their newest backups; exit code 1 where one is critical
    List,
    /// Back a set up now
    Run {
        /// The set's name
        set: String,
    },
    /// Prove that a set's newest backup can be restored
    Drill {
        /// The set's name
        set: String,
    },
    /// Print the recovery sheet, which holds the repositories' password
    Sheet,
    /// Read all of a target back; every target when none is named
    Verify {
        /// The target's name
        target: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// There is no such set or target; something is under way on it; the database failed.
pub async fn run(config: &Config, command: Command) -> Result<ExitCode, String> {
    let ops = serve::migrated_tools(config)
        .await
        .map_err(|error| error.to_string())?;
    let system = Actor::system();
    match command {
        Command::List => list(&ops).await,
        Command::Run { set } => {
            let id = find(&ops, &set).await?.id;
            let operation = backups::run(&ops, &system, id).await;
            follow(&ops, operation.map_err(|fault| fault.to_string())?).await
        }
        Command::Drill { set } => {
            let id = find(&ops, &set).await?.id;
            let operation = backups::drill(&ops, &system, id).await;
            follow(&ops, operation.map_err(|fault| fault.to_string())?).await
        }
        Command::Sheet => {
            let sheet = backups::sheet(&ops, &system).await;
            print!("{}", sheet.map_err(|fault| fault.to_string())?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify { target } => verify(&ops, target.as_deref()).await,
    }
}

async fn list(ops: &Ops) -> Result<ExitCode, String> {
    let sets = backups::sets(ops, &Actor::system())
        .await
        .map_err(|fault| fault.to_string())?;
    for set in &sets {
        println!("{}", line(set));
    }
    if sets.is_empty() {
        println!("There is no backup set yet: a console that serves finds them.");
    }
    let is_critical = sets.iter().any(|set| set.status == Status::Critical);
    Ok(if is_critical {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// A set in a line, with the number of the newest backup that can be restored.
fn line(set: &BackupSet) -> String {
    let newest = set.last.as_ref().map_or_else(
        || "no backup".to_owned(),
        |last| format!("backup {} {}", last.id, last.status.as_str()),
    );
    format!(
        "{:8}  {:30}  {newest}; {}",
        set.status.as_str(),
        set.settings.name,
        set.reason
    )
}

async fn find(ops: &Ops, name: &str) -> Result<BackupSet, String> {
    let sets = backups::sets(ops, &Actor::system())
        .await
        .map_err(|fault| fault.to_string())?;
    let names: Vec<String> = sets.iter().map(|set| set.settings.name.clone()).collect();
    sets.into_iter()
        .find(|set| set.settings.name == name)
        .ok_or_else(|| {
            format!(
                "there is no backup set {name}; there are {}",
                names.join(", ")
            )
        })
}

async fn verify(ops: &Ops, name: Option<&str>) -> Result<ExitCode, String> {
    let system = Actor::system();
    let mut targets = backups::targets(ops, &system)
        .await
        .map_err(|fault| fault.to_string())?;
    if let Some(name) = name {
        targets.retain(|target| target.name == name);
    }
    if targets.is_empty() {
        return Err("there is no such target".to_owned());
    }
    let mut worst = ExitCode::SUCCESS;
    for target in targets {
        println!("{}:", target.name);
        let operation = backups::check_target(ops, &system, target.id)
            .await
            .map_err(|fault| fault.to_string())?;
        let code = follow(ops, operation).await?;
        if code != ExitCode::SUCCESS {
            worst = code;
        }
    }
    Ok(worst)
}
