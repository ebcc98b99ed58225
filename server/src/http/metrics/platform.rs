//! What the console knows of the platform, as figures.

use std::collections::BTreeMap;

use ops::{Actor, Ops, deployment, health};
use types::{
    deployment::Stack,
    health::{Health, Status},
};

use super::text::Text;

/// Writes what the database holds; while it is away only that it is.
pub async fn write(text: &mut Text, ops: &Ops) {
    let system = Actor::system();
    let read = tokio::try_join!(
        deployment::stack(ops, &system),
        health::health(ops, &system)
    );
    text.gauge(
        "ytops_database_up",
        "1 while the console's database answers.",
        &[],
        if read.is_ok() { 1.0 } else { 0.0 },
    );
    match read {
        Ok((stack, health)) => {
            write_stack(text, &stack);
            write_health(text, &health);
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
