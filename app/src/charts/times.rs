//! Times along an axis, in the zone of whoever reads them.

use std::fmt::Write as _;

use time::OffsetDateTime;

/// What is added to an instant to read it in a zone, in milliseconds, at the instant in milliseconds since 1970.
#[derive(Clone, Copy)]
pub struct Zone(pub fn(i64) -> i64);

/// Nobody's zone: UTC.
pub const UTC: Zone = Zone(|_| 0);

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const STEPS: [i64; 24] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    31 * DAY,
    92 * DAY,
    366 * DAY,
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The step of an axis of at most `wanted` labels.
fn step(span: i64, wanted: i64) -> i64 {
    let fits = |step: &&i64| span / **step <= wanted.max(1);
    STEPS.iter().find(fits).copied().unwrap_or(366 * DAY)
}

/// Instants from `from` to `to` with their labels, at most `wanted`, where clocks show round times.
pub fn ticks(from: i64, to: i64, wanted: i64, zone: Zone) -> Vec<(i64, String)> {
    let step = step(to - from, wanted);
    let local = from + (zone.0)(from);
    let mut ticks = Vec::new();
    let mut place = if step < DAY {
        up(local, step)
    } else {
        day(local, step)
    };
    while ticks.len() < 64 {
        // The zone's offset may change within the range.
        let at = place - (zone.0)(place - (zone.0)(from));
        if at > to {
            break;
        }
        if at >= from {
            ticks.push((at, label(place, step)));
        }
        place = if step < DAY {
            place + step
        } else {
            day(place + 1, step)
        };
    }
    ticks
}

const fn up(at: i64, step: i64) -> i64 {
    at.div_euclid(step) * step + if at.rem_euclid(step) == 0 { 0 } else { step }
}

/// The next midnight, from `at` on, at which an axis of `step` has a label. Days are counted within their month, months
/// within their year: labels stay where they are while the range moves.
fn day(at: i64, step: i64) -> i64 {
    let mut midnight = up(at, DAY);
    for _ in 0..800 {
        let date = civil(midnight).date();
        let is_first = date.day() == 1;
        let month = u8::from(date.month()) - 1;
        let is_it = match step / DAY {
            1 => true,
            2 => date.day() % 2 == 1 && date.day() < 31,
            5 => date.day() % 5 == 1 && date.day() < 31,
            10 => date.day() % 10 == 1 && date.day() < 31,
            31 => is_first,
            92 => is_first && month.is_multiple_of(3),
            _ => is_first && month == 0,
        };
        if is_it {
            break;
        }
        midnight += DAY;
    }
    midnight
}

fn civil(local: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(local.div_euclid(SECOND))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn label(local: i64, step: i64) -> String {
    let at = civil(local);
    let (hour, minute, second) = at.to_hms();
    match step {
        _ if step >= 31 * DAY => format!("{} {}", month(at), at.year()),
        _ if step >= DAY || (hour, minute, second) == (0, 0, 0) => {
            format!("{} {}", at.day(), month(at))
        }
        _ if step < MINUTE => format!("{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{hour:02}:{minute:02}"),
    }
}

fn month(at: OffsetDateTime) -> &'static str {
    MONTHS
        .get(usize::from(u8::from(at.month()) - 1))
        .copied()
        .unwrap_or_default()
}

/// `14:02:03`; with its day before it where the range is longer than one: `24 Nov 14:02:03`.
pub fn instant(at: i64, span: i64, zone: Zone) -> String {
    let at = civil(at + (zone.0)(at));
    let (hour, minute, second) = at.to_hms();
    match span {
        _ if span > 60 * DAY => format!(
            "{} {} {} {hour:02}:{minute:02}",
            at.day(),
            month(at),
            at.year()
        ),
        _ if span > 20 * HOUR => format!("{} {} {hour:02}:{minute:02}", at.day(), month(at)),
        _ => format!("{hour:02}:{minute:02}:{second:02}"),
    }
}

/// The two ends of a range, each with its day: `24 Nov 14:02 to 24 Nov 15:00`, to the second where one of them is not at a
/// whole minute, with the year where the range is long.
pub fn range(from: i64, to: i64, zone: Zone) -> String {
    let is_whole = |at: i64| at.rem_euclid(MINUTE) < SECOND;
    let has_seconds = !is_whole(from) || !is_whole(to);
    let at = |at: i64| {
        let mut text = instant(at, (to - from).max(DAY), zone);
        if has_seconds {
            let (_, _, second) = civil(at + (zone.0)(at)).to_hms();
            let _ = write!(text, ":{second:02}");
        }
        text
    };
    format!("{} to {}", at(from), at(to))
}

/// `2026-11-24T14:02:03Z`, with thousandths of a second where there are some.
pub fn machine(at: i64) -> String {
    let (ms, at) = (at.rem_euclid(SECOND), civil(at));
    let (hour, minute, second) = at.to_hms();
    let ms = if ms == 0 {
        String::new()
    } else {
        format!(".{ms:03}")
    };
    let date = at.date();
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{ms}Z")
}

/// `2026-11-24T14:02:03`, as a field for date and time wants it, in the zone.
pub fn field(at: i64, zone: Zone) -> String {
    let at = civil(at + (zone.0)(at));
    let (hour, minute, second) = at.to_hms();
    format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}",
        at.year(),
        u8::from(at.month()),
        at.day()
    )
}

/// Reads [`field`] back, as UTC; a browser leaves seconds out where they are none. None where it is something else.
pub fn read_field(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":")];
    let is_field = separators
        .into_iter()
        .all(|(at, separator)| text.get(at..=at) == Some(separator));
    let (month, day) = (
        u8::try_from(number(5..7)?).ok()?,
        u8::try_from(number(8..10)?).ok()?,
    );
    let month = time::Month::try_from(month).ok()?;
    let date = time::Date::from_calendar_date(i32::from(number(0..4)?), month, day).ok()?;
    let (hour, minute) = (
        u8::try_from(number(11..13)?).ok()?,
        u8::try_from(number(14..16)?).ok()?,
    );
    let second = match text.get(16..) {
        None | Some("") => 0,
        Some(rest) => rest.strip_prefix(':')?.get(..2)?.parse().ok()?,
    };
    let at = date.with_hms(hour, minute, second).ok()?.assume_utc();
    is_field.then(|| at.unix_timestamp() * SECOND)
}
