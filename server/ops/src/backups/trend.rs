//! How much would have been lost, and how long a restore would have taken, over time.

use store::backups::trend::{self, Moment};
use time::{Duration, OffsetDateTime};
use types::backups::{Trend, TrendDay};

use super::list;
use crate::{Actor, Ops, Outcome};

/// As many days are told.
const DAYS: i32 = 90;

/// What was taken longer before them is not looked for.
const BEFORE: Duration = Duration::days(60);

/// The last ninety days of a set.
///
/// # Errors
/// There is no such set that the actor may see; the database failed.
pub async fn trend(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Trend> {
    let set = list::stored(ops, actor, id).await?;
    let now = ops.clock.now();
    let since = now - Duration::days(DAYS.into());
    let moments = trend::moments(&ops.db, id, since - BEFORE).await?;
    Ok(Trend {
        set: id,
        days: days(&moments, now),
        drills: trend::drills(&ops.db, &list::subject(id), since).await?,
        rpo_s: set.settings.rpo_s.into(),
        rto_s: set.settings.rto_s.into(),
    })
}

/// The greatest ages of each day, from the first one that has a backup.
fn days(moments: &[Moment], now: OffsetDateTime) -> Vec<TrendDay> {
    let taken: Vec<_> = moments
        .iter()
        .map(|one| (one.finished_at, one.started_at))
        .collect();
    let proven: Vec<_> = moments
        .iter()
        .filter_map(|one| Some((one.proven_at?, one.started_at)))
        .collect();
    let ends = (0..DAYS)
        .rev()
        .map(|back| now - Duration::days(back.into()));
    let days = ends.map(|at| TrendDay {
        at,
        taken_s: greatest(&taken, at),
        proven_s: greatest(&proven, at),
    });
    days.skip_while(|day| day.taken_s.is_none()).collect()
}

/// The greatest age of the newest of `all` in the day before `end`: each is there from its first instant on, and holds what
/// was at its second.
fn greatest(all: &[(OffsetDateTime, OffsetDateTime)], end: OffsetDateTime) -> Option<i64> {
    let start = end - Duration::days(1);
    let newest_before = |at: OffsetDateTime| {
        let there = all.iter().filter(|(from, _)| *from < at);
        there.map(|(_, of)| *of).max()
    };
    // It grows until another one comes: just before each that comes, and at the end.
    let ends = all
        .iter()
        .map(|(from, _)| *from)
        .filter(|from| *from > start && *from <= end)
        .chain([end]);
    ends.filter_map(|at| Some((at - newest_before(at)?).whole_seconds()))
        .max()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn hours(hours: i64) -> OffsetDateTime {
        NOW - Duration::hours(hours)
    }

    #[test]
    fn a_day_is_told_by_its_worst_moment() {
        let moment = |ago, proven: Option<i64>| Moment {
            started_at: hours(ago),
            finished_at: hours(ago) + Duration::minutes(30),
            proven_at: proven.map(hours),
        };
        let moments = [moment(60, Some(50)), moment(40, None), moment(10, Some(2))];
        let told: Vec<_> = days(&moments, NOW)
            .into_iter()
            .map(|day| (day.taken_s, day.proven_s))
            .collect();
        let (hour, half) = (3_600, 1_800);
        assert_eq!(
            told,
            [
                // The first came within that day, and nothing was there before it.
                (Some(12 * hour), Some(12 * hour)),
                (Some(20 * hour + half), Some(36 * hour)),
                (Some(30 * hour + half), Some(58 * hour)),
            ]
        );
        assert!(days(&[], NOW).is_empty());
    }
}
