//! `ytops audit`: is the log whole?

use clap::Subcommand;
use ops::audit;
use types::audit::Chain;

use super::user::CommandError;
use crate::{config::Config, serve};

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk the chain; exit code 1 names the first broken link
    Verify,
}

/// Runs it.
pub async fn run(config: &Config, command: Command) -> Result<(), CommandError> {
    let Command::Verify = command;
    let ops = serve::migrated_tools(config).await?;
    match audit::verify(&ops).await? {
        Chain::Whole { entries, head } => {
            let noun = if entries == 1 { "entry" } else { "entries" };
            println!("The audit log is whole: {entries} {noun}, the last with hash {head}.");
            Ok(())
        }
        Chain::Broken { id, reason } => Err(CommandError::Broken(format!(
            "entry {id} {}",
            reason.label()
        ))),
    }
}
