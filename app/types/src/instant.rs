//! Instants as text, RFC 3339: written by `time`; in the browser read by a tenth of the code that `time` takes to.

pub use time::serde::rfc3339::serialize;

#[cfg(not(target_arch = "wasm32"))]
pub use time::serde::rfc3339::deserialize;

/// Reads an instant.
///
/// # Errors
/// It is none.
#[cfg(target_arch = "wasm32")]
pub fn deserialize<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<time::OffsetDateTime, D::Error> {
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom("no instant"))
}

/// Instants that may lack.
pub mod option {
    pub use time::serde::rfc3339::option::serialize;

    #[cfg(not(target_arch = "wasm32"))]
    pub use time::serde::rfc3339::option::deserialize;

    /// Reads an instant that may lack.
    ///
    /// # Errors
    /// It is none.
    #[cfg(target_arch = "wasm32")]
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<Option<time::OffsetDateTime>, D::Error> {
        let text = <Option<std::borrow::Cow<'de, str>> as serde::Deserialize>::deserialize(from)?;
        let read = |text: std::borrow::Cow<'de, str>| {
            super::parse(&text).ok_or_else(|| serde::de::Error::custom("no instant"))
        };
        text.map(read).transpose()
    }
}

/// `2026-11-24T10:00:00.25Z`, or with `+01:00` in place of the `Z`, as an instant in UTC.
pub(crate) fn parse(text: &str) -> Option<time::OffsetDateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let (clock, rest) = rest.strip_prefix(['T', 't'])?.split_at_checked(8)?;
    let [year, month, day] = three(date, '-')?;
    let [hour, minute, second] = three(clock, ':')?;
    let is_digit = |letter: char| letter.is_ascii_digit();
    let (nanos, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let zone = rest.trim_start_matches(is_digit);
            let digits = rest.get(..rest.len() - zone.len())?;
            let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
            (nine.parse().ok().filter(|_| !digits.is_empty())?, zone)
        }
        None => (0, rest),
    };
    let east = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), zone) => {
            let (hours, minutes) = zone.split_once(':')?;
            let seconds = i64::from(hours.parse::<u8>().ok()?) * 3_600
                + i64::from(minutes.parse::<u8>().ok()?) * 60;
            if sign == "-" { -seconds } else { seconds }
        }
        _ => return None,
    };
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let small = |number: u16| u8::try_from(number).ok();
    let date = time::Date::from_calendar_date(i32::from(year), month, small(day)?).ok()?;
    let at = date
        .with_hms_nano(small(hour)?, small(minute)?, small(second)?, nanos)
        .ok()?;
    at.assume_utc().checked_sub(time::Duration::seconds(east))
}

fn three(text: &str, between: char) -> Option<[u16; 3]> {
    let mut parts = text.split(between).map(|part| part.parse().ok());
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, format_description::well_known::Rfc3339};

    use super::parse;

    #[test]
    fn an_instant_is_read_as_it_was_written() {
        for nanos in [
            0_i128,
            1_764_000_000_000_000_000,
            1_764_000_000_123_456_789,
            951_782_399_000_000_001,
            -1,
            253_402_300_799_999_999_999,
        ] {
            let Ok(at) = OffsetDateTime::from_unix_timestamp_nanos(nanos) else {
                unreachable!("{nanos}")
            };
            let text = at.format(&Rfc3339).unwrap_or_default();
            assert_eq!(parse(&text), Some(at), "{text}");
        }
        for text in [
            "2026-11-24T10:00:00.25Z",
            "2026-11-24T10:00:00+01:00",
            "2026-02-28T23:59:59.5-05:30",
        ] {
            assert_eq!(
                parse(text),
                OffsetDateTime::parse(text, &Rfc3339).ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2026",
            "2026-11-24",
            "2026-11-24T10:00:00",
            "2026-13-24T10:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-11-24T25:00:00Z",
            "2026-11-24 10:00:00Z",
            "2026-11-24T10:00:00.Z",
            "2026-11-24T10:00:00+1",
            "2026-11-24T10:00:00ZZ",
            "ü026-11-24T10:00:00Z",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
