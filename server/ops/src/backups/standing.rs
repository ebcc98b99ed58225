//! How a set is: whether what it holds could be had back, and how much would be lost.

use store::backups::sets::Set;
use time::{Duration, OffsetDateTime};
use types::{
    backups::{Backup, BackupTarget},
    health::Status,
    operations::Phase,
};

/// How long a backup counts as read back.
const VERIFIED_FOR: Duration = Duration::days(7);

/// What is known of a set.
pub struct Known<'a> {
    /// The set.
    pub set: &'a Set,
    /// Its newest backup, whatever became of it.
    pub last: Option<&'a Backup>,
    /// The newest one that can be relied upon: its data was read back and its manifest is complete.
    pub green: Option<&'a Backup>,
    /// The targets that it goes to.
    pub targets: &'a [&'a BackupTarget],
}

/// How the set is at `now`, and why.
pub fn judge(known: &Known<'_>, now: OffsetDateTime) -> (Status, String) {
    let Known { set, last, .. } = known;
    if set.gone_at.is_some() {
        return (
            Status::Unknown,
            "Its source is not there any more; what was backed up stays.".to_owned(),
        );
    }
    if !set.settings.is_enabled {
        return (Status::Unknown, "It is switched off.".to_owned());
    }
    if let Some(target) = known.targets.iter().find(|target| target.failure.is_some()) {
        let why = target.failure.as_deref().unwrap_or_default();
        return (Status::Critical, format!("{}: {why}", target.name));
    }
    let Some(green) = known.green else {
        return match last {
            None if set.next_run.is_some_and(|at| at > now) => (
                Status::Unknown,
                "It was not backed up yet; its first backup is due soon.".to_owned(),
            ),
            None => (Status::Warning, "It was never backed up.".to_owned()),
            Some(last) if last.status == Phase::Running => {
                (Status::Unknown, "Its first backup is under way.".to_owned())
            }
            Some(last) if last.status == Phase::Succeeded => (
                Status::Warning,
                "Its data was not read back from the repository yet.".to_owned(),
            ),
            Some(last) => (Status::Critical, failed(last)),
        };
    };
    let age = now - green.started_at;
    if age > Duration::seconds(set.settings.rpo_s.into()) {
        let why = match last {
            Some(last) if last.status == Phase::Failed => failed(last),
            _ => "Take one now, or look at its schedule.".to_owned(),
        };
        return (
            Status::Critical,
            format!(
                "The newest backup that can be relied upon is {} old, and {} is the most that may be lost. {why}",
                span(age),
                span(Duration::seconds(set.settings.rpo_s.into()))
            ),
        );
    }
    if let Some(why) = &set.drill_failure {
        return (Status::Critical, format!("Its last drill failed: {why}"));
    }
    if let Some(last) = last.filter(|last| last.status == Phase::Failed) {
        return (Status::Warning, failed(last));
    }
    let verified = green
        .copies
        .iter()
        .filter_map(|copy| copy.verified_at)
        .max();
    if verified.is_none_or(|at| now - at > VERIFIED_FOR) {
        return (
            Status::Warning,
            "Its data was not read back for seven days.".to_owned(),
        );
    }
    if let Some(lost) = green.copies.iter().find(|copy| copy.snapshot.is_none()) {
        let why = lost.failure.as_deref().unwrap_or("it was not copied yet");
        return (
            Status::Warning,
            format!("It is not at {}: {why}", lost.target_name),
        );
    }
    if let Some(took) = set
        .drill_s
        .filter(|took| *took > f64::from(set.settings.rto_s))
    {
        return (
            Status::Warning,
            format!(
                "Its last drill took {took:.0} s, longer than the {} s that a restore may take.",
                set.settings.rto_s
            ),
        );
    }
    if green.proven_at.is_none() {
        return (
            Status::Ok,
            "Backed up and read back; the next drill proves that it can be restored.".to_owned(),
        );
    }
    (
        Status::Ok,
        "Backed up, read back, and proven restorable.".to_owned(),
    )
}

fn failed(backup: &Backup) -> String {
    let why = backup.failure.as_deref().unwrap_or("it ended early");
    format!("The last backup failed: {why}")
}

/// A length of time, in its largest unit.
fn span(length: Duration) -> String {
    match length.whole_minutes() {
        ..1 => format!("{} s", length.whole_seconds()),
        minutes @ 1..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use types::backups::{Copy, SetKind};

    use super::*;
    use crate::backups::defaults;

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn set() -> Set {
        Set {
            id: 1,
            kind: SetKind::Database,
            project: "shop".to_owned(),
            service: "postgres".to_owned(),
            database: "app".to_owned(),
            settings: defaults(SetKind::Database),
            next_run: None,
            next_drill: None,
            drill_s: None,
            drilled_at: None,
            drill_failure: None,
            gone_at: None,
        }
    }

    fn backup(minutes_ago: i64, status: Phase) -> Backup {
        let at = NOW - Duration::minutes(minutes_ago);
        Backup {
            id: 1,
            set: 1,
            operation: 1,
            status,
            started_at: at,
            finished_at: Some(at),
            asked_by: "schedule".to_owned(),
            bytes_read: 1,
            bytes_added: 1,
            items: 1,
            rows: 1,
            proven_at: None,
            failure: (status == Phase::Failed).then(|| "The disk is full.".to_owned()),
            copies: vec![Copy {
                target: 1,
                target_name: "here".to_owned(),
                snapshot: Some("abc".to_owned()),
                verified_at: Some(at),
                failure: None,
            }],
        }
    }

    fn of(set: &Set, last: Option<&Backup>, green: Option<&Backup>) -> (Status, String) {
        let target = BackupTarget {
            id: 1,
            name: "here".to_owned(),
            location: "/backup".to_owned(),
            checked_at: None,
            checked_whole_at: None,
            failure: None,
            bytes: None,
            free_bytes: None,
        };
        let known = Known {
            set,
            last,
            green,
            targets: &[&target],
        };
        judge(&known, NOW)
    }

    #[test]
    fn nothing_is_green_that_was_not_read_back() {
        let good = backup(10, Phase::Succeeded);
        assert_eq!(of(&set(), Some(&good), Some(&good)).0, Status::Ok);
        assert_eq!(of(&set(), Some(&good), None).0, Status::Warning);
        assert_eq!(of(&set(), None, None).0, Status::Warning);
        let failed = backup(10, Phase::Failed);
        let (status, why) = of(&set(), Some(&failed), None);
        assert_eq!(status, Status::Critical);
        assert!(why.contains("The disk is full."), "{why}");
    }

    #[test]
    fn what_is_older_than_may_be_lost_is_critical() {
        let old = backup(121, Phase::Succeeded);
        let (status, why) = of(&set(), Some(&old), Some(&old));
        assert_eq!(status, Status::Critical);
        assert!(why.contains("2 h old"), "{why}");
        let failed = backup(5, Phase::Failed);
        let (status, _) = of(&set(), Some(&failed), Some(&backup(60, Phase::Succeeded)));
        assert_eq!(status, Status::Warning, "the one before still serves");
    }

    #[test]
    fn a_drill_that_failed_or_took_too_long_shows() {
        let good = backup(10, Phase::Succeeded);
        let mut drilled = set();
        drilled.drill_s = Some(1e6);
        assert_eq!(of(&drilled, Some(&good), Some(&good)).0, Status::Warning);
        drilled.drill_failure = Some("a table lacks rows".to_owned());
        assert_eq!(of(&drilled, Some(&good), Some(&good)).0, Status::Critical);
    }

    #[test]
    fn a_copy_that_lacks_shows() {
        let mut good = backup(10, Phase::Succeeded);
        good.copies.push(Copy {
            target: 2,
            target_name: "gdrive".to_owned(),
            snapshot: None,
            verified_at: None,
            failure: Some("it can't be reached".to_owned()),
        });
        let (status, why) = of(&set(), Some(&good), Some(&good));
        assert_eq!(status, Status::Warning);
        assert!(why.contains("gdrive"), "{why}");
    }

    #[test]
    fn what_is_switched_off_or_gone_is_not_judged() {
        let mut off = set();
        off.settings.is_enabled = false;
        assert_eq!(of(&off, None, None).0, Status::Unknown);
        let mut gone = set();
        gone.gone_at = Some(NOW);
        assert_eq!(of(&gone, None, None).0, Status::Unknown);
    }
}
