//! `ytops verify`: does every part of the platform answer?

use std::{fmt::Write, process::ExitCode};

use ops::Actor;
use types::health::{Status, VERIFIED, Verification};

use crate::{config::Config, serve};

/// Runs every check, prints what was found as a table or as JSON; the exit code is 1 when a part did not answer as it
/// should.
///
/// # Errors
/// The database failed: nothing is known then.
pub async fn run(config: &Config, json: bool) -> Result<ExitCode, String> {
    let ops = serve::migrated_tools(config)
        .await
        .map_err(|error| error.to_string())?;
    let health = ops::health::verify_now(&ops, &Actor::system())
        .await
        .map_err(|fault| fault.to_string())?;
    let verification = Verification::of(&health);
    if json {
        let text =
            serde_json::to_string_pretty(&verification).map_err(|error| error.to_string())?;
        println!("{text}");
    } else {
        print!("{}", table(&verification));
    }
    Ok(if verification.succeeded() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A line a check and the verdict.
fn table(verification: &Verification) -> String {
    let mut text = String::new();
    for check in VERIFIED
        .iter()
        .filter_map(|name| verification.checks.get(*name))
    {
        let mark = match check.status {
            Status::Ok => "ok      ",
            Status::Warning => "warning ",
            Status::Critical => "FAILED  ",
            Status::Unknown => "unknown ",
        };
        let latency = check
            .latency_ms
            .map_or_else(String::new, |ms| format!("{ms:.1} ms"));
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{mark} {:8}  {latency:>9}  {}: {}",
            check.name, check.summary, check.detail
        );
    }
    let verdict = if verification.succeeded() {
        "Every part of the platform answers."
    } else {
        "Not every part of the platform answers as it should."
    };
    let _ = writeln!(text, "{verdict}");
    text
}

#[cfg(test)]
mod tests {
    use types::{
        OffsetDateTime,
        health::{Check, Health},
    };

    use super::*;

    fn verification(ok: bool) -> Verification {
        let checks = VERIFIED.map(|name| Check {
            name: name.to_owned(),
            status: if ok { Status::Ok } else { Status::Critical },
            ok,
            summary: if ok { "answers" } else { "does not answer" }.to_owned(),
            latency_ms: ok.then_some(1.25),
            detail: "x".to_owned(),
            target: String::new(),
            service: String::new(),
            figures: Vec::new(),
            checked_at: Some(OffsetDateTime::UNIX_EPOCH),
            last_success_at: None,
            since: None,
            began_before: false,
        });
        Verification::of(&Health {
            status: Status::Ok,
            reasons: Vec::new(),
            checks: checks.to_vec(),
        })
    }

    #[test]
    fn the_table_says_which_part_fails() {
        let text = table(&verification(true));
        assert!(
            text.starts_with("ok       database     1.2 ms  answers: x\n"),
            "{text}"
        );
        assert!(text.ends_with("Every part of the platform answers.\n"));
        let text = table(&verification(false));
        assert!(text.contains("FAILED   redis"), "{text}");
        assert!(text.ends_with("Not every part of the platform answers as it should.\n"));
    }

    #[test]
    fn the_json_has_status_checks_and_timestamp() {
        let json = serde_json::to_value(verification(false)).unwrap_or_default();
        assert_eq!(json["status"], "failed");
        assert_eq!(json["checks"]["database"]["ok"], false);
        assert_eq!(json["timestamp"], "1970-01-01T00:00:00Z");
    }
}
