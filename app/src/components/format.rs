//! Figures as people read them: always with their unit, never more digits than matter.

use time::OffsetDateTime;

use crate::charts::units::decimal;

/// What stands where a figure is not known.
pub const UNKNOWN: &str = "–";

/// `1536` is `1.5 KiB`; binary steps, as memory is sold and limited.
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    scaled(bytes as f64, 1_024.0, &UNITS)
}

/// `1200.0` is `1.2 kB/s`; decimal steps, as networks and disks are measured.
pub fn rate(bytes_per_second: f64) -> String {
    const UNITS: [&str; 5] = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];
    scaled(bytes_per_second, 1_000.0, &UNITS)
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    if !value.is_finite() || value < 0.0 {
        return UNKNOWN.to_owned();
    }
    let (mut value, mut unit) = (value, 0);
    // 999.95 would be rounded to "1000.0": it is the next unit's already.
    while value >= step - 0.05 && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    let unit = units.get(unit).copied().unwrap_or_default();
    if unit == units.first().copied().unwrap_or_default() || value >= 99.95 {
        format!("{} {unit}", whole(value))
    } else {
        format!("{} {unit}", tenths(value))
    }
}

/// Rounded to a whole number. Tables have figures by the thousands: this takes a fraction of what `{:.0}` takes, which
/// gets any number exactly right to any digit.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it is about what people read"
)]
pub fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Not negative, rounded to one digit, as quickly.
fn tenths(value: f64) -> String {
    let tenths = whole(value * 10.0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `0.834` is `83 %`.
pub fn percent(share: f64) -> String {
    if share.is_finite() {
        format!("{} %", whole(share * 100.0))
    } else {
        UNKNOWN.to_owned()
    }
}

/// Per cent of one core as cores: `330.0` is `3.3`; less than one in hundredths, `4.0` is `0.04`, for most services take
/// little.
pub fn cores(cpu_percent: f64) -> String {
    match cpu_percent {
        _ if !cpu_percent.is_finite() || cpu_percent < 0.0 => UNKNOWN.to_owned(),
        ..99.5 => hundredths(cpu_percent / 100.0),
        _ => tenths(cpu_percent / 100.0),
    }
}

/// Not negative, rounded to two digits.
fn hundredths(value: f64) -> String {
    let hundredths = whole(value * 100.0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A limit in cores without needless digits: `2.0` is `2`, `0.25` is `0.25`.
pub fn core_limit(cores: f64) -> String {
    hundredths(cores)
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// `0.42` is `0.4 ms`, `412.0` is `412 ms`, `2500.0` is `2.5 s`.
pub fn milliseconds(ms: f64) -> String {
    match ms {
        _ if !ms.is_finite() || ms < 0.0 => UNKNOWN.to_owned(),
        _ if ms < 9.95 => format!("{} ms", tenths(ms)),
        _ if ms < 999.5 => format!("{} ms", whole(ms)),
        _ => format!("{} s", tenths(ms / 1_000.0)),
    }
}

/// `71.4` is `71 °C`.
pub fn celsius(degrees: f64) -> String {
    if degrees.is_finite() {
        format!("{} °C", whole(degrees))
    } else {
        UNKNOWN.to_owned()
    }
}

/// Dollars with cents, or with the digits that a fraction of a cent needs.
pub fn dollars(amount: f64) -> String {
    match amount {
        _ if !amount.is_finite() => UNKNOWN.to_owned(),
        _ if amount != 0.0 && amount.abs() < 0.01 => format!("${}", decimal(amount, 4)),
        _ => format!("${}", decimal(amount, 2)),
    }
}

/// A length of time by its largest unit: `260` seconds is `4 min`, a week `7 d`.
pub fn duration(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..172_800 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

/// A length of time that is still to come, to the nearest of its largest unit: what ends three days from a moment ago ends
/// in three.
fn to_come(seconds: i64) -> String {
    let unit = match seconds {
        ..3_600 => 60,
        3_600..172_800 => 3_600,
        _ => 86_400,
    };
    duration((seconds + unit / 2) / unit * unit)
}

/// How long `at` lies back from `now`; what is about to be counts as now.
pub fn ago(at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (now - at).whole_seconds() {
        ..-90 => format!("in {}", to_come((at - now).whole_seconds())),
        -90..5 => "just now".to_owned(),
        seconds => format!("{} ago", duration(seconds)),
    }
}

/// `2026-11-24 01:32:58 UTC`.
pub fn utc(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    let (hour, minute, second) = at.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", at.date())
}

/// RFC 3339 in UTC, to the second: the `datetime` attribute of a `<time>`.
pub fn machine(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    let (hour, minute, second) = at.to_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", at.date())
}

/// `01:32:58`, UTC.
pub fn time_of_day(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_offset(time::UtcOffset::UTC).to_hms();
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// `Tue, 24 Nov 2026`, in UTC.
pub fn day(at: OffsetDateTime) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = at.to_offset(time::UtcOffset::UTC).date();
    let name = |names: &[&'static str], at: u8| names.get(usize::from(at)).copied().unwrap_or("");
    format!(
        "{}, {} {} {}",
        name(&DAYS, date.weekday().number_days_from_monday()),
        date.day(),
        name(&MONTHS, u8::from(date.month()) - 1),
        date.year()
    )
}

/// The part of an image's digest that tells it from others: twelve digits without `sha256:`.
pub fn short_digest(digest: &str) -> &str {
    let digits = digest.rsplit_once(':').map_or(digest, |(_, digits)| digits);
    digits.get(..12).unwrap_or(digits)
}

/// `1 service`, `2 services`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `gpu is lost` is `Gpu is lost`. Of ASCII letters alone: the tables of the others would weigh on every page.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        std::iter::once(first.to_ascii_uppercase())
            .chain(letters)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_the_unit_that_fits() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(1_024), "1.0 KiB");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(7_623_567_360), "7.1 GiB");
        assert_eq!(bytes(171_798_691_840), "160 GiB");
        assert_eq!(bytes(u64::MAX), "16777216 TiB");
    }

    #[test]
    fn rates_are_decimal() {
        assert_eq!(rate(0.0), "0 B/s");
        assert_eq!(rate(999.97), "1.0 kB/s");
        assert_eq!(rate(12_340_000.0), "12.3 MB/s");
        assert_eq!(rate(f64::NAN), UNKNOWN);
        assert_eq!(rate(-1.0), UNKNOWN);
    }

    #[test]
    fn shares_and_cores() {
        assert_eq!(percent(0.834), "83 %");
        assert_eq!(cores(330.0), "3.3");
        assert_eq!(cores(99.6), "1.0");
        assert_eq!(cores(99.4), "0.99");
        assert_eq!(cores(4.2), "0.04");
        assert_eq!(cores(0.0), "0.00");
        assert_eq!(cores(f64::NAN), UNKNOWN);
        assert_eq!(cores(-1.0), UNKNOWN);
        assert_eq!(core_limit(2.0), "2");
        assert_eq!(core_limit(0.5), "0.5");
        assert_eq!(core_limit(0.25), "0.25");
        assert_eq!(celsius(71.4), "71 °C");
        assert_eq!(dollars(3.618), "$3.62");
        assert_eq!(dollars(0.0042), "$0.0042");
        assert_eq!(dollars(0.0), "$0.00");
    }

    #[test]
    fn latencies() {
        assert_eq!(milliseconds(0.42), "0.4 ms");
        assert_eq!(milliseconds(412.3), "412 ms");
        assert_eq!(milliseconds(999.9), "1.0 s");
    }

    #[test]
    fn durations_round_down() {
        assert_eq!(duration(-5), "0 s");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(60), "1 min");
        assert_eq!(duration(3_599), "59 min");
        assert_eq!(duration(172_799), "47 h");
        assert_eq!(duration(172_800), "2 d");
    }

    #[test]
    fn instants_lie_back_or_ahead() {
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000);
        assert_eq!(ago(now, now), "just now");
        assert_eq!(ago(now + time::Duration::seconds(3), now), "just now");
        assert_eq!(ago(now - time::Duration::minutes(4), now), "4 min ago");
        assert_eq!(ago(now + time::Duration::hours(3), now), "in 3 h");
    }

    #[test]
    fn instants_are_written_in_utc() {
        let at = OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(1_795_483_978);
        let elsewhere =
            at.to_offset(time::UtcOffset::from_hms(5, 30, 0).unwrap_or(time::UtcOffset::UTC));
        assert_eq!(utc(elsewhere), "2026-11-24 01:32:58 UTC");
        assert_eq!(machine(elsewhere), "2026-11-24T01:32:58Z");
        assert_eq!(time_of_day(elsewhere), "01:32:58");
        assert_eq!(day(elsewhere), "Tue, 24 Nov 2026");
    }

    #[test]
    fn digests_are_cut() {
        assert_eq!(short_digest("sha256:9f2c1e0011223344"), "9f2c1e001122");
        assert_eq!(short_digest("abc"), "abc");
        assert_eq!(short_digest(""), "");
    }

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!(capitalised("gpu is lost"), "Gpu is lost");
        assert_eq!(capitalised("über uns"), "über uns");
        assert_eq!(capitalised(""), "");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(count(1, "service", "services"), "1 service");
        assert_eq!(count(0, "service", "services"), "0 services");
    }
}
