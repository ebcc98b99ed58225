//! The one sentence, and what stands behind it.

use serde::{Deserialize, Serialize};

use crate::{OffsetDateTime, health::Status};

/// What the time of a problem is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// It began then.
    #[default]
    Since,
    /// It was so already then, when that was first seen.
    Before,
    /// It happened then, and is over.
    At,
}

impl When {
    /// Of what began at a time, or before it.
    pub const fn began(before: bool) -> Self {
        if before { Self::Before } else { Self::Since }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// How bad.
    pub status: Status,
    /// What, e.g. `backend is unhealthy`.
    pub text: String,
    /// Since when.
    #[serde(with = "crate::instant::option")]
    pub since: Option<OffsetDateTime>,
    /// What `since` tells: `since`, `before` or `at`.
    #[serde(default)]
    pub when: When,
    /// The page that shows it, e.g. `/deployment/ytempire/backend`.
    pub href: String,
}

/// What the overview page and the header show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// The worst of all.
    pub status: Status,
    /// Everything that is wrong: the engine, then services, checks and backups, then what the machine lacks; of each the worst
    /// first, and of those the newest.
    pub problems: Vec<Problem>,
    /// What to do about the first problem, where the console knows: a sentence with the line that fixes it.
    pub what_to_do: Option<String>,
    /// Services that should run.
    pub services: u32,
    /// Services that run as their compose files say and are healthy (or have no health check), and those that have done
    /// what they had to.
    pub services_well: u32,
    /// Checks that answered well.
    pub checks_ok: u32,
    /// Checks in all.
    pub checks: u32,
    /// When the engine was last read.
    #[serde(with = "crate::instant::option")]
    pub as_of: Option<OffsetDateTime>,
    /// When the last good backup was taken, of the backup set whose last good one is the oldest; none where a set has none.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub last_backup: Option<OffsetDateTime>,
    /// How the backup sets are: the worst of them; none where there is no set.
    #[serde(default)]
    pub backups: Option<Status>,
}

/// The most parts that the one sentence names.
const NAMED: usize = 3;

/// The one sentence: whether all is well and, if not, what is wrong. Since when is left to the page.
///
/// It never says well while anything is unknown.
pub fn sentence(overview: &Overview) -> String {
    if !overview.problems.is_empty() {
        let texts: Vec<&str> = overview
            .problems
            .iter()
            .map(|problem| problem.text.as_str())
            .collect();
        return format!("{}.", list(&texts));
    }
    let Overview {
        services,
        services_well,
        checks,
        checks_ok,
        ..
    } = *overview;
    if overview.status != Status::Ok || services_well < services || checks_ok < checks {
        return format!(
            "{services_well} of {services} services run and {checks_ok} of {checks} checks answer; the rest is unknown."
        );
    }
    if checks == 0 {
        return "Nothing is known yet: no check has run.".to_owned();
    }
    match services {
        0 => "No service was found; every check answers.".to_owned(),
        1 => "All is well: the one service runs and every check answers.".to_owned(),
        _ => format!(
            "All is well: {services_well} of {services} services run and every check answers."
        ),
    }
}

fn list(texts: &[&str]) -> String {
    match texts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        _ if texts.len() > NAMED => {
            let more = texts.len() - NAMED;
            let rest = if more == 1 {
                "thing needs"
            } else {
                "things need"
            };
            format!(
                "{}, and {more} more {rest} a look",
                texts[..NAMED].join(", ")
            )
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Overview {
        Overview {
            status: Status::Ok,
            problems: Vec::new(),
            what_to_do: None,
            services: 6,
            services_well: 6,
            checks_ok: 8,
            checks: 8,
            as_of: Some(OffsetDateTime::UNIX_EPOCH),
            last_backup: None,
            backups: None,
        }
    }

    fn with(texts: &[&str]) -> Overview {
        let problems = texts.iter().map(|text| Problem {
            status: Status::Critical,
            text: (*text).to_owned(),
            since: None,
            when: When::Since,
            href: String::new(),
        });
        Overview {
            status: Status::Critical,
            problems: problems.collect(),
            ..well()
        }
    }

    #[test]
    fn all_is_well_only_when_everything_is_known_and_well() {
        assert_eq!(
            sentence(&well()),
            "All is well: 6 of 6 services run and every check answers."
        );
        let unsure = [
            Overview::default(),
            Overview {
                status: Status::Unknown,
                ..well()
            },
            Overview {
                services_well: 5,
                ..well()
            },
            Overview {
                checks_ok: 7,
                ..well()
            },
            Overview {
                checks: 0,
                checks_ok: 0,
                ..well()
            },
            with(&["n8n is unknown"]),
        ];
        for overview in unsure {
            let text = sentence(&overview);
            assert!(!text.contains("well"), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            (vec!["backend is unhealthy"], "backend is unhealthy."),
            (
                vec!["backend is unhealthy", "redis does not answer"],
                "backend is unhealthy and redis does not answer.",
            ),
            (
                vec!["a is down", "b is down", "c is down"],
                "a is down, b is down and c is down.",
            ),
            (
                vec!["a is down", "b is down", "c is down", "d is down"],
                "a is down, b is down, c is down, and 1 more thing needs a look.",
            ),
        ];
        for (texts, expected) in cases {
            assert_eq!(sentence(&with(&texts)), expected);
        }
    }
}
