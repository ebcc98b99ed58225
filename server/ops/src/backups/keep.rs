//! Which backups of a set are kept.

use std::collections::BTreeSet;

use store::backups::taken::Kept;
use time::{Date, Duration, OffsetDateTime};
use types::backups::Keep;

/// The numbers of those that no rule keeps. `all` has the newest first. The newest one always stays, and so does the newest
/// that was proven restorable: no rule takes away the last one that is known to help.
pub fn to_forget(all: &[Kept], keep: &Keep, now: OffsetDateTime) -> Vec<i64> {
    let mut kept: BTreeSet<i64> = BTreeSet::new();
    kept.extend(all.first().map(|one| one.id));
    kept.extend(all.iter().find(|one| one.is_proven).map(|one| one.id));
    let since = now - Duration::days(keep.within_days.into());
    kept.extend(
        (all.iter())
            .filter(|one| keep.within_days > 0 && one.started_at >= since)
            .map(|one| one.id),
    );
    kept.extend(newest_of_each(all, keep.daily, |date| {
        (date.year(), date.ordinal())
    }));
    kept.extend(newest_of_each(all, keep.weekly, |date| {
        let (year, week, _) = date.to_iso_week_date();
        (year, week.into())
    }));
    kept.extend(newest_of_each(all, keep.monthly, |date| {
        (date.year(), u8::from(date.month()).into())
    }));
    all.iter()
        .map(|one| one.id)
        .filter(|id| !kept.contains(id))
        .collect()
}

/// The newest one of each of the newest `most` periods that have any.
fn newest_of_each(all: &[Kept], most: u32, period: impl Fn(Date) -> (i32, u16)) -> Vec<i64> {
    let mut last = None;
    let mut found = Vec::new();
    for one in all {
        if found.len() >= most as usize {
            break;
        }
        let of = period(one.started_at.date());
        if last.replace(of) != Some(of) {
            found.push(one.id);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    /// One every `hours`, the newest first, numbered from 0.
    fn every(hours: i64, count: i64) -> Vec<Kept> {
        let one = |id| Kept {
            id,
            label: id.to_string(),
            started_at: NOW - Duration::hours(id * hours),
            is_proven: false,
        };
        (0..count).map(one).collect()
    }

    const NONE: Keep = Keep {
        within_days: 0,
        daily: 0,
        weekly: 0,
        monthly: 0,
    };

    fn kept(all: &[Kept], keep: Keep) -> Vec<i64> {
        let gone = to_forget(all, &keep, NOW);
        all.iter()
            .map(|one| one.id)
            .filter(|id| !gone.contains(id))
            .collect()
    }

    #[test]
    fn all_of_the_last_days_stay() {
        let hourly = every(1, 100);
        let keep = Keep {
            within_days: 2,
            ..NONE
        };
        assert_eq!(kept(&hourly, keep).len(), 49);
    }

    #[test]
    fn the_newest_of_each_day_week_and_month_stays() {
        let all = every(6, 4 * 100);
        let daily = kept(&all, Keep { daily: 3, ..NONE });
        // Noon of today, and the last ones of the two days before.
        assert_eq!(daily, [0, 3, 7]);
        let weekly = kept(&all, Keep { weekly: 4, ..NONE });
        assert_eq!(weekly.len(), 4);
        let monthly = kept(
            &all,
            Keep {
                monthly: 12,
                ..NONE
            },
        );
        assert_eq!(monthly.len(), 4, "there are four months");
    }

    #[test]
    fn the_last_proven_one_stays_whatever_the_rules() {
        let mut all = every(24, 30);
        all[20].is_proven = true;
        all[25].is_proven = true;
        assert_eq!(kept(&all, Keep { daily: 1, ..NONE }), [0, 20]);
        assert_eq!(kept(&all, NONE), [0, 20], "and so does the newest");
        assert!(to_forget(&[], &NONE, NOW).is_empty());
    }
}
