//! The kinds of steps that plans are made of.

use store::runbooks::NewStep;
use types::{backups::SetKind, runbooks::StepKind};

use super::subject::Part;

/// What a restore of a database does, in order.
const DATABASE: [&str; 4] = [
    "Restore the backup beside the live database.",
    "Verify its integrity: every table is compared with what was backed up.",
    "Stop the services that connect, switch to it in one short pause, and start them again.",
    "Run the platform's checks.",
];

/// What a restore of files does, in order.
const FILES: [&str; 2] = [
    "Restore the files beside those that are there, each read by its hash.",
    "Put them in their place; what was there is kept for an undo.",
];

fn step(kind: StepKind, title: impl Into<String>, about: impl Into<String>) -> NewStep {
    NewStep {
        kind,
        title: title.into(),
        about: about.into(),
        covers: Vec::new(),
        set: None,
        service: String::new(),
    }
}

/// What a person does.
pub(super) fn person(title: &str, about: &str) -> NewStep {
    step(StepKind::Person, title, about)
}

/// A restore of a backup set.
pub(super) fn restore(part: &Part) -> NewStep {
    let is_database = part.kind.is_database();
    let covers: &[&str] = if is_database { &DATABASE } else { &FILES };
    let about = match part.kind {
        SetKind::Config => "The compose files, the settings and what else tells how it is run.",
        SetKind::Directory => "Application data.",
        SetKind::Database | SetKind::Console => {
            "The newest backup that was proven, or else the newest that was read back."
        }
    };
    NewStep {
        covers: covers.iter().map(|&line| line.to_owned()).collect(),
        set: Some(part.id),
        ..step(StepKind::Restore, format!("Restore {}", part.name), about)
    }
}

/// The apply of transaction logs, which is a person's: none are kept here.
pub(super) fn transaction_logs() -> NewStep {
    person(
        "Apply transaction logs, if there are any",
        "None are kept here: what was written after the backup is in no backup. Look whether somebody else has it (a replica, \
         an export, a queue), enter it again, and note what was and what stays lost.",
    )
}

/// Services brought up by the compose file; all where none is named.
pub(super) fn infrastructure(service: &str) -> NewStep {
    let title = if service.is_empty() {
        "Restore the infrastructure by the compose file".to_owned()
    } else {
        format!("Bring {service} up by the compose file")
    };
    NewStep {
        service: service.to_owned(),
        ..step(
            StepKind::Infrastructure,
            title,
            "Containers that lack, or differ from the file, are made and started; nothing is built. What it says is in the \
             operation's log.",
        )
    }
}

/// A service restarted.
pub(super) fn restart(service: &str) -> NewStep {
    NewStep {
        service: service.to_owned(),
        ..step(
            StepKind::Restart,
            format!("Restart {service}"),
            "Each of its containers, with its own time to stop.",
        )
    }
}

/// The platform's checks.
pub(super) fn verify() -> NewStep {
    step(
        StepKind::Verify,
        "Verify all integrations",
        "Database, cache, backend, frontend, workflows and GPUs are asked by their own protocols.",
    )
}

/// The checks, and the way of a visitor.
pub(super) fn smoke() -> NewStep {
    step(
        StepKind::Smoke,
        "Run the smoke tests",
        "Every check once more, and the frontend's first page through the proxy, as a visitor asks for it.",
    )
}
