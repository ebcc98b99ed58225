//! What the console knows of the platform, as figures.

use std::collections::BTreeMap;

use ops::{Actor, Ops, backups, deployment, health};
use time::OffsetDateTime;
use types::{
    backups::BackupSet,
    deployment::Stack,
    health::{Health, Status},
    operations::Phase,
};

use super::text::Text;

/// Writes what the database holds; while it is away only that it is.
pub async fn write(text: &mut Text, ops: &Ops) {
    let system = Actor::system();
    let read = tokio::try_join!(
        deployment::stack(ops, &system),
        health::health(ops, &system),
        backups::seen(ops)
    );
    text.gauge(
        "ytops_database_up",
        "1 while the console's database answers.",
        &[],
        if read.is_ok() { 1.0 } else { 0.0 },
    );
    match read {
        Ok((stack, health, sets)) => {
            write_stack(text, &stack);
            write_health(text, &health);
            write_backups(text, &sets, ops.clock.now());
        }
        Err(fault) => tracing::warn!(error = %fault, "Figures of the platform are left out."),
    }
}

fn write_stack(text: &mut Text, stack: &Stack) {
    text.gauge(
        "ytops_engine_reachable",
        "1 while the Docker Engine answers.",
        &[],
        if stack.engine.reachable { 1.0 } else { 0.0 },
    );
    text.family("ytops_services", "gauge", "Services by state and health.");
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for service in stack.projects.iter().flat_map(|project| &project.services) {
        *counts
            .entry((service.state.as_str(), service.health.as_str()))
            .or_default() += 1;
    }
    for ((state, health), count) in counts {
        text.more(&[("state", state), ("health", health)], count);
    }
}

fn write_health(text: &mut Text, health: &Health) {
    text.family(
        "ytops_check_status",
        "gauge",
        "1 for the status that a check has, 0 for the others.",
    );
    for check in &health.checks {
        for status in [
            Status::Ok,
            Status::Unknown,
            Status::Warning,
            Status::Critical,
        ] {
            text.more(
                &[("check", &check.name), ("status", status.as_str())],
                u8::from(check.status == status),
            );
        }
    }
    text.family(
        "ytops_check_latency_seconds",
        "gauge",
        "How long a check's last answer took.",
    );
    for check in &health.checks {
        if let Some(ms) = check.latency_ms {
            text.more(&[("check", &check.name)], ms / 1_000.0);
        }
    }
}

/// A figure of a set, where it has one.
type Figure = fn(&BackupSet, OffsetDateTime) -> Option<f64>;

/// Figures of backup sets: name, what it says, and how it is found.
const OF_SETS: [(&str, &str, Figure); 6] = [
    (
        "ytops_backup_last_good_age_seconds",
        "Age of a set's newest backup that can be relied upon.",
        |set, now| age(set.good_as_of, now),
    ),
    (
        "ytops_backup_proven_age_seconds",
        "Age of a set's newest backup that was proven restorable.",
        |set, now| age(set.proven_as_of, now),
    ),
    (
        "ytops_backup_last_bytes",
        "Bytes that a set's newest backup read.",
        |set, _| Some(bytes(set.last.as_ref()?.bytes_read)),
    ),
    (
        "ytops_backup_last_duration_seconds",
        "How long a set's newest backup took.",
        |set, _| {
            let last = set.last.as_ref()?;
            Some((last.finished_at? - last.started_at).as_seconds_f64())
        },
    ),
    (
        "ytops_backup_last_success",
        "1 when a set's newest backup that is over succeeded.",
        |set, _| {
            let last = set.last.as_ref().filter(|last| last.status.is_over())?;
            Some(if last.status == Phase::Succeeded {
                1.0
            } else {
                0.0
            })
        },
    ),
    (
        "ytops_backup_drill_duration_seconds",
        "How long a set's last drill took that succeeded.",
        |set, _| set.drill_s,
    ),
];

fn age(at: Option<OffsetDateTime>, now: OffsetDateTime) -> Option<f64> {
    Some((now - at?).as_seconds_f64())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure of bytes needs no more"
)]
const fn bytes(bytes: i64) -> f64 {
    bytes as f64
}

fn write_backups(text: &mut Text, sets: &[BackupSet], now: OffsetDateTime) {
    for (name, help, of) in OF_SETS {
        text.family(name, "gauge", help);
        for set in sets {
            if let Some(value) = of(set, now) {
                text.more(&[("set", &set.settings.name)], value);
            }
        }
    }
    text.family(
        "ytops_backup_status",
        "gauge",
        "1 for the status that a set has, 0 for the others.",
    );
    for set in sets {
        for status in [
            Status::Ok,
            Status::Unknown,
            Status::Warning,
            Status::Critical,
        ] {
            let labels = [
                ("set", set.settings.name.as_str()),
                ("status", status.as_str()),
            ];
            text.more(&labels, u8::from(set.status == status));
        }
    }
}
