//! From what was found to a verdict: thresholds and concerns.

use types::{health::Status, preflight::Thresholds};

pub use super::finding::Finding;
use super::words;
use crate::outside::{
    Cards, Filesystem, GpuError, HttpAnswer, Machine, PostgresAnswer, RedisAnswer,
};

/// More of `max_connections` in use than this is critical; the handbook alerts there.
const MAX_CONNECTIONS_USED: f64 = 0.9;

/// A standby further behind than this is a warning, in seconds: two rounds of checks.
const MAX_LAG_S: f64 = 60.0;

/// Postgres answered.
pub fn database(answer: &PostgresAnswer, thresholds: &Thresholds) -> Finding {
    let finding = Finding::well(format!("PostgreSQL {}", answer.version))
        .timed(answer.connect + answer.query, thresholds)
        .showing("query", words::ms(answer.query), Status::Ok);
    let share = words::share(answer.connections, answer.max_connections);
    let used = format!("{} of {}", answer.connections, answer.max_connections);
    let finding = if share > MAX_CONNECTIONS_USED {
        finding
            .showing("connections", used.clone(), Status::Critical)
            .with(
                Status::Critical,
                "runs out of connections",
                format!("{used} connections are in use"),
            )
    } else {
        finding.showing("connections", used, Status::Ok)
    };
    replication(finding, answer)
}

fn replication(finding: Finding, answer: &PostgresAnswer) -> Finding {
    let of = match (answer.is_standby, answer.replicas) {
        (true, _) => "as a standby".to_owned(),
        (false, 0) => return finding.showing("replication lag", "no standby", Status::Ok),
        (false, 1) => "of one standby".to_owned(),
        (false, count) => format!("of {count} standbys at most"),
    };
    match answer.replication_lag_s {
        None => finding.showing(
            "replication lag",
            format!("{of}: not shown to this user"),
            Status::Unknown,
        ),
        Some(lag) if lag > MAX_LAG_S => finding
            .showing(
                "replication lag",
                format!("{lag:.1} s {of}"),
                Status::Warning,
            )
            .with(
                Status::Warning,
                "has a standby that lags",
                format!("the standby is {lag:.0} s behind"),
            ),
        Some(lag) => finding.showing("replication lag", format!("{lag:.1} s {of}"), Status::Ok),
    }
}

/// Redis answered.
pub fn redis(answer: &RedisAnswer, thresholds: &Thresholds) -> Finding {
    let said = if answer.version.is_empty() {
        "answers PING".to_owned()
    } else {
        format!("Redis {}", answer.version)
    };
    let finding = Finding::well(said).timed(answer.latency, thresholds);
    let Some(used) = answer.used_memory_bytes else {
        return finding;
    };
    let limit = answer.max_memory_bytes.unwrap_or(0);
    if limit == 0 {
        let text = format!("{}, no limit", words::bytes(used));
        return finding.showing("memory", text, Status::Ok);
    }
    let text = format!("{} of {}", words::bytes(used), words::bytes(limit));
    let share = words::real(used) / words::real(limit);
    // A cache that evicts is full by design; only one that may not evict begins to refuse writes.
    let full = share > thresholds.max_memory_usage
        && (answer.policy.is_empty() || answer.policy == "noeviction");
    if full {
        let detail = format!("{text} are used and nothing may be evicted");
        finding.showing("memory", text, Status::Warning).with(
            Status::Warning,
            "is nearly full",
            detail,
        )
    } else {
        finding.showing("memory", text, Status::Ok)
    }
}

/// An HTTP server answered at `path`.
pub fn http(answer: &HttpAnswer, path: &str, thresholds: &Thresholds) -> Finding {
    let said = format!("HTTP {} at {path}", answer.status);
    match answer.status {
        200..=399 => Finding::well(said).timed(answer.latency, thresholds),
        404 => {
            let hint = format!("{said}; set the address of its health check in Settings");
            Finding::default().with(Status::Critical, "answers with an error", hint)
        }
        401 | 403 => {
            let hint = format!("{said}; set an address that the console may read in Settings");
            Finding::default().with(Status::Critical, "refuses the console", hint)
        }
        _ => Finding::default().with(Status::Critical, "answers with an error", said),
    }
}

/// The GPUs, or why there are none. Where none is expected, none is well; what can't be asked is unknown.
pub fn gpu(cards: &Result<Cards, GpuError>, thresholds: &Thresholds) -> Finding {
    let none = |reason: &str| {
        if thresholds.expect_gpu {
            Finding::default().with(Status::Critical, "is missing", reason)
        } else {
            Finding::well(format!("{reason}; none is expected here"))
        }
    };
    let cards = match cards {
        Err(GpuError::Absent(reason)) => return none(reason),
        Err(GpuError::Failed(reason)) if thresholds.expect_gpu => {
            return Finding::default().with(Status::Critical, "can't be asked", reason);
        }
        Err(GpuError::Failed(reason)) => return Finding::unknown(reason),
        Ok(cards) if cards.cards.is_empty() => return none("the NVIDIA driver sees no card"),
        Ok(cards) => cards,
    };
    let names: Vec<String> = cards.cards.iter().map(words::card).collect();
    let mut finding = Finding::well(format!("{}; driver {}", names.join(", "), cards.driver));
    for card in &cards.cards {
        let name = format!("card {}", card.index);
        if let Some(reason) = &card.lost {
            finding.ok = false;
            let detail = format!("{name}: {reason}");
            finding = finding
                .showing(&name, reason.clone(), Status::Critical)
                .with(Status::Critical, "has lost a card", detail);
        } else {
            finding = finding.showing(&name, words::load(card), Status::Ok);
        }
    }
    finding
}

/// How full the filesystems are that data lies on.
pub fn disk(filesystems: &[Filesystem], thresholds: &Thresholds) -> Finding {
    if filesystems.is_empty() {
        return Finding::unknown("no filesystem was read");
    }
    let mut seen = Vec::new();
    let mut finding = Finding::well("");
    let mut fullest = (0.0, String::new());
    for filesystem in filesystems {
        let path = filesystem.path.display().to_string();
        let space = match &filesystem.space {
            Ok(space) => space,
            Err(reason) => {
                finding.ok = false;
                finding = finding
                    .showing(&path, reason.clone(), Status::Unknown)
                    .with(Status::Unknown, "is unknown", format!("{path}: {reason}"));
                continue;
            }
        };
        if seen.contains(&space.device) {
            continue;
        }
        seen.push(space.device);
        let share = space.used_share();
        let text = words::space(space);
        if share >= fullest.0 {
            fullest = (share, format!("{path}: {text}"));
        }
        finding = if space.available_bytes == 0 {
            finding.ok = false;
            let detail = format!("nothing is free at {path}");
            finding
                .showing(&path, text, Status::Critical)
                .with(Status::Critical, "is full", detail)
        } else if share > thresholds.max_disk_usage {
            let detail = format!("{path}: {text}");
            finding.showing(&path, text, Status::Warning).with(
                Status::Warning,
                "is nearly full",
                detail,
            )
        } else {
            finding.showing(&path, text, Status::Ok)
        };
    }
    finding.detail = fullest.1;
    finding
}

/// How full memory is; what can be dropped counts as free.
pub fn memory(machine: &Result<Machine, String>, thresholds: &Thresholds) -> Finding {
    let machine = match machine {
        Ok(machine) if machine.memory_total_bytes > 0 => machine,
        Ok(_) => return Finding::unknown("the kernel tells no size"),
        Err(reason) => return Finding::unknown(reason.clone()),
    };
    let total = machine.memory_total_bytes;
    let used = total.saturating_sub(machine.memory_available_bytes);
    let share = words::real(used) / words::real(total);
    let text = format!("{} of {} used", words::per_cent(share), words::bytes(total));
    let finding = Finding::well(text.clone());
    if share > thresholds.max_memory_usage {
        finding
            .showing("memory", text.clone(), Status::Warning)
            .with(Status::Warning, "is nearly full", text)
    } else {
        finding.showing("memory", text, Status::Ok)
    }
}

#[cfg(test)]
mod tests;
