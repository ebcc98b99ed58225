//! When it is tried again, and what is said of it.

use std::time::{Duration, Instant};

use super::{buffer::Buffer, refusal::Refusal};

/// How long the first failure is waited after, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(15);

/// How long what only a person can mend is waited for.
const FOR_A_PERSON: Duration = Duration::from_mins(1);

/// What goes on being wrong is said again after so long.
const AGAIN: Duration = Duration::from_hours(1);

/// How tries went.
#[derive(Default)]
pub struct Pace {
    failures: u32,
    since: Option<Instant>,
    said: Option<(String, Instant)>,
    is_behind: bool,
}

impl Pace {
    /// A batch was taken; gives what there is to say.
    pub fn went_well(&mut self, buffer: &Buffer) -> Option<String> {
        self.failures = 0;
        self.said = None;
        let since = self.since.take()?;
        let lost = match buffer.dropped() {
            0 => String::new(),
            lost => format!(" Since this agent started, {lost} ticks were lost to such absences."),
        };
        Some(format!(
            "The console answers again, after {} s; what was held is sent, {} ticks.{lost}",
            since.elapsed().as_secs(),
            buffer.held()
        ))
    }

    /// The host's clock is so many seconds behind what is stored of it, or is not any more; gives what there is to say.
    pub fn behind(&mut self, seconds: Option<i64>) -> Option<String> {
        let is_new = seconds.is_some() && !self.is_behind;
        self.is_behind = seconds.is_some();
        let seconds = seconds.filter(|_| is_new)?;
        Some(format!(
            "The console has samples of this host that are {seconds} s ahead of its clock, which was set back. Those that \
             are read are stored again when it is past them."
        ))
    }

    /// A batch was not taken; gives what there is to say: the same once.
    pub fn failed(&mut self, refusal: &Refusal) -> Option<String> {
        self.failures = self.failures.saturating_add(1);
        self.since.get_or_insert_with(Instant::now);
        let told = refusal.to_string();
        let is_new = self
            .said
            .as_ref()
            .is_none_or(|(said, at)| *said != told || at.elapsed() >= AGAIN);
        if !is_new {
            return None;
        }
        self.said = Some((told.clone(), Instant::now()));
        Some(told)
    }

    /// How long to wait before the next try. Many agents of one console that comes back do not all come at once.
    pub fn wait(&self, refusal: &Refusal) -> Duration {
        let most = if refusal.is_for_a_person() {
            FOR_A_PERSON
        } else {
            let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1).min(10));
            (FIRST * doubled).min(LONGEST)
        };
        most.mul_f64(rand::random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_differ_and_stay_bounded() {
        let mut pace = Pace::default();
        let away = Refusal::Unreachable("refused".to_owned());
        let mut waits = Vec::new();
        for _ in 0..40 {
            pace.failed(&away);
            waits.push(pace.wait(&away));
        }
        assert!(waits[0] <= FIRST && waits[0] >= FIRST / 2, "{waits:?}");
        let late = &waits[10..];
        assert!(
            late.iter()
                .all(|wait| (LONGEST / 2..=LONGEST).contains(wait))
        );
        assert!(late.iter().any(|wait| *wait != late[0]), "{waits:?}");
        pace.went_well(&Buffer::new("a".to_owned(), 1));
        pace.failed(&away);
        assert!(pace.wait(&away) <= FIRST);
    }

    #[test]
    fn the_same_is_said_once_and_its_end_too() {
        let mut pace = Pace::default();
        let buffer = Buffer::new("a".to_owned(), 1);
        assert_eq!(pace.went_well(&buffer), None);
        let away = Refusal::Unreachable("refused".to_owned());
        assert!(pace.failed(&away).is_some());
        assert_eq!(pace.failed(&away), None);
        assert!(
            pace.failed(&Refusal::Unreachable("other".to_owned()))
                .is_some()
        );
        assert!(pace.went_well(&buffer).is_some());
        assert_eq!(pace.went_well(&buffer), None);
        assert!(pace.failed(&away).is_some());
        for (seconds, says) in [
            (None, false),
            (Some(60), true),
            (Some(59), false),
            (None, false),
            (Some(9), true),
        ] {
            assert_eq!(pace.behind(seconds).is_some(), says, "{seconds:?}");
        }
    }
}
