//! Which time charts are of.

use types::{
    Error,
    charts::{Asked, Range},
};

use super::super::{
    points::{Window, check},
    retention::DAY_MS,
};

/// The shortest and the longest range, in milliseconds.
const LEAST_MS: i64 = 5_000;
const MOST_MS: i64 = 5 * 366 * DAY_MS;

/// How far back may be compared with, in seconds.
const MOST_BEFORE_S: u32 = 366 * 86_400;

/// How far what is compared with goes on, in milliseconds: a page reads charts anew each minute, and moves on meanwhile.
const AHEAD_MS: i64 = 90_000;

/// The range as times, and the one that it is compared with: of a range that goes on, with what comes next.
pub fn windows(asked: &Asked, now: i64) -> Result<(Window, Option<Window>), Error> {
    let (from, to) = match asked.range {
        Range::Last(seconds) => (now - i64::from(seconds) * 1_000, now + 1),
        Range::Between(from, to) => (from, to),
    };
    let length = to.checked_sub(from).unwrap_or_default();
    if !(LEAST_MS..=MOST_MS).contains(&length) {
        return Err(Error::field(
            "range",
            "Give a range of 5 seconds to 5 years, its beginning first.",
        ));
    }
    let points = usize::from(asked.points);
    // Who asks for more years than there were since 1970 gets those.
    let from = from.max(0);
    check(Window { from, to, points }).map_err(|error| match error.of_field("to") {
        Some(message) => Error::field("range", message.to_owned()),
        None => error,
    })?;
    if asked.before_s > MOST_BEFORE_S {
        let message = format!("Compare with at most {MOST_BEFORE_S} seconds before.");
        return Err(Error::field("before_s", message));
    }
    let ago = i64::from(asked.before_s) * 1_000;
    let ahead = match asked.range {
        Range::Last(_) => AHEAD_MS.min(ago),
        Range::Between(..) => 0,
    };
    let before = Window {
        from: (from - ago).max(0),
        to: to - ago + ahead,
        // So many more that its steps stay those of the range.
        points: points + more(points, ahead, length),
    };
    let is_asked = ago > 0 && before.from < to - ago;
    Ok((Window { from, to, points }, is_asked.then_some(before)))
}

/// How many points are as long as `ahead` where `points` are as long as `length`.
fn more(points: usize, ahead: i64, length: i64) -> usize {
    /// Of what is not whole at either end.
    const ENDS: i64 = 2;
    let points = i64::try_from(points).unwrap_or(i64::MAX);
    let more = points.saturating_mul(ahead) / length.max(1);
    if ahead == 0 {
        return 0;
    }
    usize::try_from(more + ENDS).unwrap_or_default()
}
