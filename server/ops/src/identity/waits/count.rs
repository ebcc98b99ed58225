//! How a count of failures grows, fades, and makes its key wait.

use store::sign_in_failures::Tally;
use time::{Duration, OffsetDateTime};

/// From how many failures on a key waits how long.
pub const TABLE: [(i32, Duration); 7] = [
    (7, Duration::minutes(1)),
    (10, Duration::minutes(5)),
    (13, Duration::minutes(15)),
    (16, Duration::hours(1)),
    (19, Duration::hours(4)),
    (22, Duration::hours(12)),
    (25, Duration::hours(24)),
];
/// After so long without a failure a count is forgotten.
pub const QUIET: Duration = Duration::hours(24);
/// Counts that have caused no wait yet fade by one in this time.
const FADE: Duration = Duration::hours(1);
/// Failures of one account within [`ACCOUNT_WINDOW`], from whatever addresses, before unknown devices wait.
pub const ACCOUNT_FAILURES: i32 = 50;
/// See [`ACCOUNT_FAILURES`].
pub const ACCOUNT_WINDOW: Duration = Duration::hours(1);
/// How long unknown devices wait for an account that is attacked from many addresses.
pub const ACCOUNT_WAIT: Duration = Duration::hours(4);

/// The wait after so many failures.
pub fn wait_after(failures: i32) -> Option<Duration> {
    TABLE
        .iter()
        .rev()
        .find(|(from, _)| failures >= *from)
        .map(|(_, wait)| *wait)
}

fn is_account(key: &str) -> bool {
    key.starts_with("account:")
}

/// The tally after one more failure.
pub fn failed(tally: &Tally, now: OffsetDateTime) -> Tally {
    let (before, window_started_at, wait): (i32, _, fn(i32) -> Option<Duration>) =
        if is_account(&tally.key) {
            match tally.window_started_at {
                Some(started) if now - started < ACCOUNT_WINDOW => {
                    (tally.failures, Some(started), account_wait)
                }
                _ => (0, Some(now), account_wait),
            }
        } else {
            (remembered(tally, now), None, wait_after)
        };
    let failures = before.saturating_add(1);
    Tally {
        key: tally.key.clone(),
        failures,
        window_started_at,
        last_failure_at: now,
        blocked_until: wait(failures).map(|wait| now + wait),
    }
}

/// What is left of a count at `now`.
fn remembered(tally: &Tally, now: OffsetDateTime) -> i32 {
    let quiet = now - tally.last_failure_at;
    if quiet >= QUIET {
        return 0;
    }
    if wait_after(tally.failures).is_some() {
        return tally.failures;
    }
    let faded = i32::try_from(quiet.whole_seconds() / FADE.whole_seconds()).unwrap_or(i32::MAX);
    tally.failures.saturating_sub(faded).max(0)
}

fn account_wait(failures: i32) -> Option<Duration> {
    (failures > ACCOUNT_FAILURES).then_some(ACCOUNT_WAIT)
}

/// The tally without the try that was counted at `at`.
pub fn taken_back(tally: Tally, at: OffsetDateTime, before: Option<&Tally>) -> Tally {
    if let Some(before) = before
        && tally == failed(before, at)
    {
        // Nobody else was counted since. The whole of it, not one failure less: the count after the try has faded by
        // the quiet before it, which would be taken off once more at the next try.
        return before.clone();
    }
    let failures = (tally.failures - 1).max(0);
    let wait = if is_account(&tally.key) {
        account_wait(failures)
    } else {
        wait_after(failures)
    };
    Tally {
        failures,
        // A success must not keep old failures from being forgotten.
        last_failure_at: match before {
            Some(before) if tally.last_failure_at == at => before.last_failure_at,
            _ => tally.last_failure_at,
        },
        blocked_until: tally.blocked_until.filter(|_| wait.is_some()),
        ..tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn fresh(key: &str) -> Tally {
        Tally {
            key: key.to_owned(),
            failures: 0,
            window_started_at: None,
            last_failure_at: START,
            blocked_until: None,
        }
    }

    #[test]
    fn the_table_from_the_first_to_the_last() {
        let minutes: Vec<i64> = (0..30)
            .map(|failures| wait_after(failures).unwrap_or_default().whole_minutes())
            .collect();
        let mut expected = vec![0; 7];
        for wait in [1, 5, 15, 60, 240, 720] {
            expected.extend([wait; 3]);
        }
        expected.extend([1_440; 5]);
        assert_eq!(minutes, expected);
    }

    #[test]
    fn counts_grow_through_their_waits_and_end_with_a_quiet_day() {
        let mut tally = fresh("pair:a@b|203.0.113.9");
        let mut now = START;
        for failures in 1..=25 {
            tally = failed(&tally, now);
            assert_eq!(tally.failures, failures);
            assert_eq!(
                tally.blocked_until.map(|until| until - now),
                wait_after(failures)
            );
            now = tally.blocked_until.unwrap_or(now);
        }
        assert_eq!(
            failed(&tally, now).failures,
            1,
            "the last wait was a quiet day"
        );
    }

    #[test]
    fn a_few_failures_fade() {
        let mut tally = fresh("address:203.0.113.9");
        for _ in 0..6 {
            tally = failed(&tally, START);
        }
        assert_eq!(failed(&tally, START + Duration::minutes(59)).failures, 7);
        assert_eq!(failed(&tally, START + Duration::hours(2)).failures, 5);
        let tally = failed(&tally, START);
        assert_eq!(
            failed(&tally, START + Duration::hours(23)).failures,
            8,
            "a wait does not fade"
        );
    }

    #[test]
    fn an_account_waits_after_fifty_in_an_hour_and_not_after_fifty_in_two() {
        let mut tally = fresh("account:a@b");
        for _ in 0..50 {
            tally = failed(&tally, START);
            assert_eq!(tally.blocked_until, None);
        }
        let later = failed(&tally, START + Duration::hours(1));
        assert_eq!((later.failures, later.blocked_until), (1, None));
        let over = failed(&tally, START + Duration::minutes(59));
        assert_eq!(
            over.blocked_until,
            Some(START + Duration::minutes(59) + ACCOUNT_WAIT)
        );
    }

    #[test]
    fn a_success_leaves_no_trace_on_the_address() {
        let mut tally = fresh("address:203.0.113.9");
        for _ in 0..6 {
            tally = failed(&tally, START);
        }
        let now = START + Duration::minutes(10);
        let counted = failed(&tally, now);
        assert!(counted.blocked_until.is_some());
        assert_eq!(taken_back(counted, now, Some(&tally)), tally);
    }

    #[test]
    fn quiet_hours_fade_a_count_once_however_many_succeed_after_them() {
        let mut tally = fresh("address:203.0.113.9");
        for _ in 0..6 {
            tally = failed(&tally, START);
        }
        for minute in 0..5 {
            let now = START + Duration::hours(2) + Duration::minutes(minute);
            tally = taken_back(failed(&tally, now), now, Some(&tally));
        }
        assert_eq!(failed(&tally, START + Duration::hours(2)).failures, 5);
    }

    #[test]
    fn a_failure_beside_a_success_stays() {
        let before = fresh("address:203.0.113.9");
        let other = failed(&failed(&before, START), START);
        assert_eq!(taken_back(other, START, Some(&before)).failures, 1);
    }
}
