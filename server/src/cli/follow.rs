//! Operations that are asked for on the command line: done by the console that serves, or here where none does.

use std::{collections::HashSet, process::ExitCode, time::Duration};

use ops::{Actor, Ops, backups, operations};
use types::operations::{Operation, Phase};

/// How long a console that serves may take to begin what was asked for. Files that it writes are its user's, so it goes first.
const BEGUN_WITHIN: Duration = Duration::from_secs(10);

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(500);

/// Prints stages and log as they come, until the operation is over; the exit code is 1 unless it succeeded.
///
/// # Errors
/// The database failed.
pub async fn follow(ops: &Ops, id: i64) -> Result<ExitCode, String> {
    let mut printed = Printed::default();
    let began = tokio::time::Instant::now();
    loop {
        let operation = read(ops, id).await?;
        printed.print(&operation);
        if operation.phase.is_over() {
            return Ok(ended(&operation));
        }
        if operation.phase == Phase::Queued && began.elapsed() > BEGUN_WITHIN {
            println!("No console takes it up: it is done here.");
            return here(ops, id, printed).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn here(ops: &Ops, id: i64, mut printed: Printed) -> Result<ExitCode, String> {
    let work = operations::work(ops.clone(), backups::worker());
    let watch = async {
        loop {
            let operation = read(ops, id).await?;
            printed.print(&operation);
            if operation.phase.is_over() {
                return Ok(ended(&operation));
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        ended = watch => ended,
        () = work => Err("the work ended".to_owned()),
    }
}

async fn read(ops: &Ops, id: i64) -> Result<Operation, String> {
    operations::get(ops, &Actor::system(), id)
        .await
        .map_err(|fault| fault.to_string())
}

fn ended(operation: &Operation) -> ExitCode {
    match operation.phase {
        Phase::Succeeded => {
            println!("Done.");
            ExitCode::SUCCESS
        }
        Phase::Cancelled => {
            println!("Cancelled.");
            ExitCode::FAILURE
        }
        _ => {
            println!(
                "FAILED: {}",
                operation.failure.as_deref().unwrap_or("it ended early")
            );
            ExitCode::FAILURE
        }
    }
}

/// What was printed already.
#[derive(Default)]
struct Printed {
    stages: HashSet<(String, Phase)>,
    lines: HashSet<(i128, String)>,
}

impl Printed {
    fn print(&mut self, operation: &Operation) {
        for stage in &operation.stages {
            if stage.phase != Phase::Queued && self.stages.insert((stage.name.clone(), stage.phase))
            {
                let detail = if stage.detail.is_empty() {
                    String::new()
                } else {
                    format!(": {}", stage.detail)
                };
                println!("{:9} {}{detail}", stage.phase.as_str(), stage.name);
            }
        }
        for line in &operation.log {
            let at = line.at.unix_timestamp_nanos();
            if self.lines.insert((at, line.text.clone())) {
                println!("          {}", line.text);
            }
        }
    }
}
