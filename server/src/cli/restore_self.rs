//! `ytops restore-self`: the console's own database restored while the console is stopped.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use ops::{
    backups::own::{self, Done, Plan, Source},
    outside::Clock,
};

use crate::{adapters::SystemClock, config::Config, serve};

/// What to restore.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A snapshot, or `latest` for the newest backup of a console's database
    #[arg(long, value_name = "SNAPSHOT|latest")]
    from: String,
    /// The repository: a whole path, or rclone:REMOTE:PATH; without it the one on this machine
    #[arg(long, value_name = "LOCATION")]
    repository: Option<String>,
    /// The file with the repository's password, which nobody else may read; without it the console's own
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Restore without being asked; without it only what would happen is printed
    #[arg(long)]
    yes: bool,
}

/// Does it.
///
/// # Errors
/// A console runs on the database; there is no such backup; the repository or the server failed.
pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, String> {
    let place = serve::place_of(config).map_err(|error| error.to_string())?;
    let from = Source {
        what: &arguments.from,
        location: arguments.repository.as_deref(),
        password_file: arguments.password_file.as_deref(),
    };
    let plan = own::plan(&place, from)
        .await
        .map_err(|error| error.message)?;
    let name = place.own().map_or("", |own| own.name.as_str());
    print(&plan, name);
    if !arguments.yes {
        println!("Nothing was done: say --yes to restore it.");
        return Ok(ExitCode::SUCCESS);
    }
    let done = own::restore(&place, &plan, SystemClock.now(), |said| println!("{said}"))
        .await
        .map_err(|error| error.message)?;
    tell(&done, name, config);
    Ok(ExitCode::SUCCESS)
}

fn print(plan: &Plan, name: &str) {
    println!(
        "The backup {} of the console's database {}, taken at {}, {} MiB.",
        plan.backup(),
        plan.database(),
        plan.taken_at(),
        plan.bytes() >> 20
    );
    if plan.is_there {
        println!(
            "It becomes the database {name}. What is there now is kept as {name}_before_<time>."
        );
    } else {
        println!("There is no database {name} yet: it is made.");
    }
}

fn tell(done: &Done, name: &str, config: &Config) {
    println!("Restored: {}.", done.compared);
    if !done.roles.is_empty() {
        println!(
            "Roles that were missing were made: {}.",
            done.roles.join(", ")
        );
    }
    if let Some(kept) = &done.kept {
        // A name has 63 bytes at the most.
        let aside: String = name.chars().take(20).chain("_restored".chars()).collect();
        println!(
            "What was there is the database {kept} now. When nobody misses it: DROP DATABASE \"{kept}\". To go back, with the \
             console stopped: ALTER DATABASE \"{name}\" RENAME TO \"{aside}\"; ALTER DATABASE \"{kept}\" RENAME TO \"{name}\"."
        );
    }
    if done.adopted {
        println!(
            "The repositories' password was put into {}.",
            config.backup_dir.join("password").display()
        );
    }
    if !config.secret_key_file.exists() {
        println!(
            "The key file {} is not there: put it back, or secrets in the database can't be opened.",
            config.secret_key_file.display()
        );
    }
    println!("Start the console: ytops serve.");
}
