//! Backups in words.

use types::{
    backups::{Backup, BackupSet, SetKind},
    operations::{Kind, Phase},
};

use crate::components::{format, status::Tone};

/// What a set holds.
pub fn what(set: &BackupSet) -> String {
    match set.kind {
        SetKind::Database => format!("database of {}/{}", set.project, set.service),
        SetKind::Console => "the console's own database".to_owned(),
        SetKind::Config => format!("how {} is run", set.project),
        SetKind::Directory => set.settings.paths.join(", "),
    }
}

/// Bytes; a figure that is negative is none.
pub fn size(bytes: i64) -> String {
    format::bytes(bytes.max(0).unsigned_abs())
}

/// A length of time in seconds, to a tenth where it is short.
pub fn took(seconds: f64) -> String {
    if seconds < 60.0 {
        return format::milliseconds(seconds * 1_000.0);
    }
    let whole = format::whole(seconds);
    format!("{} min {} s", whole / 60, whole % 60)
}

/// What an operation does.
pub const fn does(kind: Kind) -> &'static str {
    match kind {
        Kind::Backup => "Backup",
        Kind::Verify => "Check",
        Kind::Restore => "Restore",
        Kind::Undo => "Undo",
        Kind::Drill => "Drill",
        Kind::Runbook => "Step of a runbook",
    }
}

/// How something stands: its tone and word.
pub const fn phase(phase: Phase) -> (Tone, &'static str) {
    match phase {
        Phase::Queued => (Tone::Unk, "waits"),
        Phase::Running => (Tone::Unk, "under way"),
        Phase::Succeeded => (Tone::Ok, "done"),
        Phase::Failed => (Tone::Crit, "failed"),
        Phase::Cancelled => (Tone::Warn, "cancelled"),
    }
}

/// How far a backup can be relied upon: its tone and word.
pub fn proof(backup: &Backup) -> (Tone, &'static str) {
    match backup.status {
        Phase::Succeeded if backup.proven_at.is_some() => (Tone::Ok, "proven"),
        Phase::Succeeded if backup.is_green() => (Tone::Ok, "read back"),
        Phase::Succeeded => (Tone::Warn, "not read back"),
        other => phase(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_told_as_people_say_them() {
        assert_eq!(took(0.25), "250 ms");
        assert_eq!(took(12.34), "12.3 s");
        assert_eq!(took(130.2), "2 min 10 s");
        assert_eq!(size(-1), "0 B");
    }
}
