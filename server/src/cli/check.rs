//! `ytops check`: does this machine have what the platform needs?

use std::{fmt::Write, process::ExitCode};

use ops::Actor;
use types::{
    health::Status,
    preflight::{Preflight, Thresholds},
};

use crate::{
    config::Config,
    serve::{self, ServeError},
};

/// Prints the preflight; the exit code is 1 where a requirement fails. Works without a database, by the handbook's
/// thresholds.
///
/// # Errors
/// The engine's address can't be used.
pub async fn run(config: &Config) -> Result<ExitCode, ServeError> {
    let ops = match config.database_url {
        Some(_) => serve::tools(config)?,
        None => serve::tools_over(store::nowhere().await, config)?,
    };
    let thresholds = match ops::preflight::thresholds(&ops, &Actor::system()).await {
        Ok(thresholds) => thresholds,
        Err(fault) => {
            if config.database_url.is_some() {
                eprintln!("ytops: {fault}; going by the usual thresholds");
            }
            Thresholds::default()
        }
    };
    // Not stored: whoever runs this may see less of the machine than the console does.
    let preflight = ops::preflight::examine(&ops, &thresholds).await;
    print!("{}", table(&preflight));
    Ok(if preflight.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A line a requirement, what to do under those that are not met, and the verdict.
fn table(preflight: &Preflight) -> String {
    let width = |of: fn(&types::preflight::Requirement) -> &str| {
        let widths = preflight.requirements.iter();
        widths.map(|r| of(r).chars().count()).max().unwrap_or(0)
    };
    let (names, wants) = (width(|r| &r.name), width(|r| &r.wanted));
    let mut text = String::new();
    for requirement in &preflight.requirements {
        let mark = match requirement.status {
            Status::Ok => "ok      ",
            Status::Warning => "warning ",
            Status::Critical => "FAILED  ",
            Status::Unknown => "unknown ",
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{mark} {:names$}  {:wants$}  {}",
            requirement.name, requirement.wanted, requirement.found
        );
        if !requirement.hint.is_empty() {
            let _ = writeln!(text, "         {:names$}  {}", "", requirement.hint);
        }
    }
    let verdict = if preflight.ok {
        "This machine has what the platform needs."
    } else {
        "This machine does not have what the platform needs."
    };
    let _ = writeln!(text, "{verdict}");
    text
}

#[cfg(test)]
mod tests {
    use types::preflight::Requirement;

    use super::*;

    #[test]
    fn the_table_aligns_and_says_what_to_do() {
        let requirement = |name: &str, status, hint: &str| Requirement {
            name: name.to_owned(),
            wanted: "16 cores or more".to_owned(),
            found: "2 cores".to_owned(),
            status,
            hint: hint.to_owned(),
            since: None,
            began_before: false,
        };
        let preflight = Preflight {
            ok: false,
            requirements: vec![
                requirement("cpu", Status::Critical, "Add cores."),
                requirement("nvidia_runtime", Status::Ok, ""),
            ],
        };
        assert_eq!(
            table(&preflight),
            "FAILED   cpu             16 cores or more  2 cores\n\
             \x20                        Add cores.\n\
             ok       nvidia_runtime  16 cores or more  2 cores\n\
             This machine does not have what the platform needs.\n"
        );
    }
}
