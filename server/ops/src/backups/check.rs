//! Bounds of what is set of a backup set.

use types::{
    Error, FieldError,
    backups::{Keep, SetKind, SetSettings},
};

use super::schedule::Schedule;
use crate::identity::check::Fields;

/// The most paths, and the most excludes.
const MOST_PATHS: usize = 50;

/// The longest path.
const LONGEST_PATH: usize = 1_000;

/// What no backup is to read: it is made by the kernel, and some of it never ends.
const UNREADABLE: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];

/// What was given, as it is stored, and its schedule.
///
/// # Errors
/// `Invalid` names every field that is refused.
pub fn settings(
    given: &SetSettings,
    kind: SetKind,
) -> Result<(SetSettings, Option<Schedule>), Error> {
    let mut fields = Fields::default();
    let mut refused: Vec<FieldError> = Vec::new();
    let mut refuse = |field: &str, message: String| {
        refused.push(FieldError {
            field: field.to_owned(),
            message,
        });
    };
    let name = fields.name("name", &given.name);
    let team = fields.team_name("team", &given.team);
    let schedule = match given.schedule.trim() {
        "" => None,
        text => match Schedule::parse(text, &given.time_zone) {
            Ok(schedule) => Some(schedule),
            Err(wrong) => {
                refuse(wrong.field(), wrong.message());
                None
            }
        },
    };
    keep(&given.keep, &mut refuse);
    if !(60..=31_622_400).contains(&given.rpo_s) {
        refuse("rpo_s", "Give a time from a minute to a year.".to_owned());
    }
    if !(1..=2_678_400).contains(&given.rto_s) {
        refuse("rto_s", "Give a time from a second to a month.".to_owned());
    }
    if given.checksum_up_to > 1 << 50 {
        refuse("checksum_up_to", "Give at most a pebibyte.".to_owned());
    }
    if given.targets.is_empty() || given.targets.len() > 10 {
        refuse(
            "targets",
            "Choose one target at least, and ten at the most.".to_owned(),
        );
    }
    let paths = if kind.is_database() {
        Vec::new()
    } else {
        paths(&given.paths, &mut refuse)
    };
    let excludes = lines(&given.excludes);
    if excludes.len() > MOST_PATHS || excludes.iter().any(|one| !is_line(one)) {
        refuse(
            "excludes",
            format!("Give at most {MOST_PATHS} patterns, each on a line of its own."),
        );
    }
    if let Err(Error::Invalid { fields }) = fields.done() {
        refused.extend(fields);
    }
    if !refused.is_empty() {
        return Err(Error::Invalid { fields: refused });
    }
    let stored = SetSettings {
        name,
        team,
        is_enabled: given.is_enabled,
        schedule: given.schedule.trim().to_owned(),
        time_zone: given.time_zone.trim().to_owned(),
        paths,
        excludes,
        ..given.clone()
    };
    Ok((stored, schedule))
}

fn keep(keep: &Keep, refuse: &mut impl FnMut(&str, String)) {
    for (field, value, most) in [
        ("within_days", keep.within_days, 3_660),
        ("daily", keep.daily, 3_660),
        ("weekly", keep.weekly, 520),
        ("monthly", keep.monthly, 120),
    ] {
        if value > most {
            refuse(field, format!("Give a number up to {most}."));
        }
    }
    if [keep.within_days, keep.daily, keep.weekly, keep.monthly] == [0; 4] {
        refuse(
            "within_days",
            "Nothing would be kept. Give a number above 0 here or in one of the others.".to_owned(),
        );
    }
}

fn paths(given: &[String], refuse: &mut impl FnMut(&str, String)) -> Vec<String> {
    let paths = lines(given);
    if paths.is_empty() || paths.len() > MOST_PATHS {
        refuse(
            "paths",
            format!(
                "Give one path at least, and {MOST_PATHS} at the most, each on a line of its own."
            ),
        );
    }
    for path in &paths {
        let is_whole = path.starts_with('/') && path.split('/').all(|part| part != "..");
        if !is_whole || !is_line(path) {
            refuse(
                "paths",
                format!("Give whole paths that begin with /, of at most {LONGEST_PATH} letters."),
            );
            break;
        }
        let is_unreadable = |kept: &&str| path == *kept || path.starts_with(&format!("{kept}/"));
        if path == "/" || UNREADABLE.iter().any(is_unreadable) {
            refuse(
                "paths",
                format!("{path} can't be backed up as files. Name the folders in it that matter."),
            );
            break;
        }
    }
    paths
}

fn lines(given: &[String]) -> Vec<String> {
    let lines = given.iter().map(|line| line.trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

fn is_line(text: &str) -> bool {
    text.len() <= LONGEST_PATH && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;
    use crate::backups::defaults;

    fn folder() -> SetSettings {
        SetSettings {
            name: "videos".to_owned(),
            paths: vec![" /opt/ytempire/videos ".to_owned(), String::new()],
            targets: vec![1],
            ..defaults(SetKind::Directory)
        }
    }

    #[test]
    fn what_is_left_of_blanks_is_stored() {
        let (stored, schedule) = settings(&folder(), SetKind::Directory).unwrap();
        assert_eq!(stored.paths, ["/opt/ytempire/videos"]);
        assert!(schedule.is_some());
        let by_hand = SetSettings {
            schedule: " ".to_owned(),
            ..folder()
        };
        assert!(settings(&by_hand, SetKind::Directory).unwrap().1.is_none());
        // A database has no paths, whatever is sent.
        let (stored, _) = settings(&folder(), SetKind::Database).unwrap();
        assert!(stored.paths.is_empty());
    }

    #[test]
    fn every_field_that_is_refused_is_named() {
        let wrong = SetSettings {
            name: String::new(),
            schedule: "every hour".to_owned(),
            keep: Keep {
                within_days: 0,
                daily: 0,
                weekly: 0,
                monthly: 0,
            },
            rpo_s: 1,
            rto_s: 0,
            targets: Vec::new(),
            paths: vec!["relative".to_owned()],
            excludes: vec!["a\nb".to_owned()],
            ..folder()
        };
        let error = settings(&wrong, SetKind::Directory).unwrap_err();
        for field in [
            "name",
            "schedule",
            "within_days",
            "rpo_s",
            "rto_s",
            "targets",
            "paths",
            "excludes",
        ] {
            assert!(error.of_field(field).is_some(), "{field}");
        }
    }

    #[test]
    fn what_the_kernel_makes_is_no_folder_to_back_up() {
        for path in ["/", "/proc", "/sys/class", "/dev/sda", "/opt/../proc"] {
            let wrong = SetSettings {
                paths: vec![path.to_owned()],
                ..folder()
            };
            let error = settings(&wrong, SetKind::Directory).unwrap_err();
            assert!(error.of_field("paths").is_some(), "{path}");
        }
        let fine = SetSettings {
            paths: vec!["/process".to_owned()],
            ..folder()
        };
        assert!(settings(&fine, SetKind::Directory).is_ok());
    }
}
