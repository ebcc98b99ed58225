//! When a schedule runs: five fields of cron, in a time zone.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use time::OffsetDateTime;
use types::Error;

/// A schedule that can be read.
#[derive(Clone, Debug)]
pub struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The fields can't be read; why, in a sentence.
    Fields(String),
    /// There is no such time zone.
    Zone(String),
    /// It can be read, and is never due: such as the 30th of February.
    Never,
}

impl Wrong {
    /// The field of the form that it is about.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Fields(_) | Self::Never => "schedule",
            Self::Zone(_) => "time_zone",
        }
    }

    /// What is wrong and what is allowed, in a sentence.
    pub fn message(&self) -> String {
        match self {
            Self::Fields(why) => {
                format!(
                    "{why} Write minute, hour, day, month and weekday, such as 15 * * * * for every hour."
                )
            }
            Self::Zone(name) => {
                format!("There is no time zone {name}. Write one such as Europe/Berlin, or UTC.")
            }
            Self::Never => "It is never due. Choose a day that there is.".to_owned(),
        }
    }
}

/// The longest expression that is looked at.
const LONGEST: usize = 100;

impl Schedule {
    /// Reads the five fields of `cron`, to be understood in `zone`.
    ///
    /// # Errors
    /// What is wrong with either.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, Wrong> {
        let zone = zone.trim();
        let found = (!zone.is_empty() && zone.len() <= 60)
            .then(|| TimeZone::get(zone).ok())
            .flatten();
        let zone = found.ok_or_else(|| Wrong::Zone(zone.chars().take(60).collect()))?;
        let cron = cron.trim();
        if cron.len() > LONGEST {
            return Err(Wrong::Fields(format!(
                "It is longer than {LONGEST} letters."
            )));
        }
        let fields = cron.split_whitespace().count();
        if fields != 5 && !cron.starts_with('@') {
            return Err(Wrong::Fields(format!("It has {fields} of five fields.")));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(cron).map_err(|error| {
            let why = error.to_string();
            Wrong::Fields(format!("{}.", why.trim_end_matches('.')))
        })?;
        let schedule = Self { cron, zone };
        if schedule.next(OffsetDateTime::UNIX_EPOCH).is_none() {
            return Err(Wrong::Never);
        }
        Ok(schedule)
    }

    /// When it runs first after `after`; `None` when it does not in the next years. Of an hour that the clocks repeat it
    /// runs once, and in one that they leave out at its end.
    pub fn next(&self, after: OffsetDateTime) -> Option<OffsetDateTime> {
        let after = Timestamp::from_second(after.unix_timestamp()).ok()?;
        let after: Zoned = after.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&after, false).ok()?;
        OffsetDateTime::from_unix_timestamp(next.timestamp().as_second()).ok()
    }

    /// A time in its zone, such as `Tue 24 Nov 03:00`.
    fn told(&self, at: OffsetDateTime) -> String {
        let at = Timestamp::from_second(at.unix_timestamp()).unwrap_or_default();
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%a %-d %b %H:%M").to_string()
    }
}

/// How many runs are told of a schedule that is being typed.
const TOLD: usize = 3;

/// When a schedule runs next, in a sentence, for whoever is typing it; an empty one is for by hand alone.
///
/// # Errors
/// `Invalid` names what is wrong with it.
pub fn next_runs(cron: &str, zone: &str, now: OffsetDateTime) -> Result<String, Error> {
    if cron.trim().is_empty() {
        return Ok("By hand alone.".to_owned());
    }
    let schedule = Schedule::parse(cron, zone)
        .map_err(|wrong| Error::field(wrong.field(), wrong.message()))?;
    let mut runs = Vec::new();
    let mut after = now;
    while runs.len() < TOLD
        && let Some(next) = schedule.next(after)
    {
        runs.push(schedule.told(next));
        after = next;
    }
    Ok(format!("Next: {}.", runs.join(", then ")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use time::macros::datetime;

    use super::*;

    fn next(cron: &str, zone: &str, after: OffsetDateTime) -> OffsetDateTime {
        Schedule::parse(cron, zone).unwrap().next(after).unwrap()
    }

    #[test]
    fn what_is_typed_is_told_in_its_own_zone() {
        let now = datetime!(2026-11-24 00:30 UTC);
        assert_eq!(
            next_runs("0 3 * * *", "Europe/Berlin", now),
            Ok("Next: Tue 24 Nov 03:00, then Wed 25 Nov 03:00, then Thu 26 Nov 03:00.".to_owned())
        );
        assert_eq!(next_runs(" ", "", now), Ok("By hand alone.".to_owned()));
        let wrong = next_runs("0 3 * *", "UTC", now).unwrap_err();
        assert!(wrong.of_field("schedule").is_some());
        let wrong = next_runs("0 3 * * *", "Mars", now).unwrap_err();
        assert!(wrong.of_field("time_zone").is_some());
    }

    #[test]
    fn a_schedule_is_understood_in_its_zone() {
        let after = datetime!(2026-11-24 00:30 UTC);
        assert_eq!(
            next("0 3 * * *", "UTC", after),
            datetime!(2026-11-24 03:00 UTC)
        );
        assert_eq!(
            next("0 3 * * *", "Europe/Berlin", after),
            datetime!(2026-11-24 02:00 UTC)
        );
        assert_eq!(
            next("15 * * * *", "Asia/Kolkata", after),
            datetime!(2026-11-24 00:45 UTC)
        );
        assert_eq!(
            next(
                "*/20 9-17 * * mon-fri",
                "UTC",
                datetime!(2026-11-27 18:00 UTC)
            ),
            datetime!(2026-11-30 09:00 UTC)
        );
        assert_eq!(
            next("@daily", "UTC", after),
            datetime!(2026-11-25 00:00 UTC)
        );
    }

    #[test]
    fn clocks_that_are_changed_neither_double_a_run_nor_lose_it() {
        // In Berlin the hour from two to three is left out on the 28th of March, and comes twice on the 31st of October.
        let in_spring = next(
            "30 2 * * *",
            "Europe/Berlin",
            datetime!(2027-03-27 12:00 UTC),
        );
        assert_eq!(in_spring.date(), datetime!(2027-03-28 00:00 UTC).date());
        let first = next(
            "30 2 * * *",
            "Europe/Berlin",
            datetime!(2027-10-30 12:00 UTC),
        );
        let second = next("30 2 * * *", "Europe/Berlin", first);
        assert_eq!(first, datetime!(2027-10-31 00:30 UTC));
        assert_eq!(second, datetime!(2027-11-01 01:30 UTC));
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let wrong = |cron: &str, zone: &str| Schedule::parse(cron, zone).unwrap_err();
        assert_eq!(wrong("0 3 * * *", "Europe/Nowhere").field(), "time_zone");
        assert_eq!(wrong("0 3 * * *", "").field(), "time_zone");
        assert_eq!(wrong("0 3 * * *", "../../etc/passwd").field(), "time_zone");
        for cron in [
            "",
            "0 3 * *",
            "0 3 * * * *",
            "61 * * * *",
            "a b c d e",
            "0 25 * * *",
        ] {
            let wrong = wrong(cron, "UTC");
            assert_eq!(wrong.field(), "schedule", "{cron}");
            assert!(wrong.message().contains("minute, hour"), "{cron}");
        }
        assert_eq!(wrong("0 0 30 2 *", "UTC"), Wrong::Never);
        assert_eq!(wrong(&"1,".repeat(200), "UTC").field(), "schedule");
    }
}
