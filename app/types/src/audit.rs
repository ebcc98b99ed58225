//! The audit log as pages and the API see it.

use serde::{Deserialize, Serialize};

use crate::{FieldError, OffsetDateTime, instant, text::is_plain};

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditResult {
    /// It was done.
    Success,
    /// It was tried and failed.
    Failure,
    /// It was not allowed.
    Refused,
}

impl AuditResult {
    /// The name used in the database and in filters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Refused => "refused",
        }
    }

    /// Reads [`AuditResult::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Success, Self::Failure, Self::Refused]
            .into_iter()
            .find(|result| result.as_str() == text)
    }
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Grows by one for every entry.
    pub id: i64,
    /// When it happened.
    #[serde(with = "crate::instant")]
    pub at: OffsetDateTime,
    /// Who: a user's e-mail, `token:` and a token's name, `system`, or the e-mail that an unknown caller gave.
    pub actor: String,
    /// The verb, e.g. `service.restart`.
    pub action: String,
    /// On what, e.g. `service ytempire/backend`.
    pub target: String,
    /// The team the target belongs to.
    pub team: Option<String>,
    /// From which address.
    pub address: String,
    /// With which program.
    pub user_agent: String,
    /// How it ended.
    pub result: AuditResult,
    /// More, without secrets.
    pub detail: serde_json::Value,
}

/// What to look for in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Part of the actor's name.
    pub actor: String,
    /// Part of the action.
    pub action: String,
    /// Part of the target.
    pub target: String,
    /// `success`, `failure`, `refused` or empty for all.
    pub result: String,
    /// Not before this time; empty for any.
    #[serde(default)]
    pub since: String,
    /// Only before this time; empty for any.
    #[serde(default)]
    pub until: String,
    /// Entries before this id; none for the newest.
    pub before: Option<i64>,
}

impl AuditFilter {
    /// [`Self::since`] as an instant.
    pub fn since_at(&self) -> Option<OffsetDateTime> {
        instant_of(&self.since)
    }

    /// [`Self::until`] as an instant.
    pub fn until_at(&self) -> Option<OffsetDateTime> {
        instant_of(&self.until)
    }

    /// What can't be looked for, field by field: text of more than 200 characters, or that is none, a result that there is
    /// not, a time that is none, an end before the beginning, an id that there can't be.
    pub fn refused(&self) -> Vec<FieldError> {
        let mut refused = Vec::new();
        let mut refuse = |field: &str, message: &str| {
            refused.push(FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        };
        for (field, text) in [
            ("actor", &self.actor),
            ("action", &self.action),
            ("target", &self.target),
        ] {
            if text.trim().chars().nth(200).is_some() {
                refuse(field, "Use at most 200 characters.");
            } else if text.contains(char::REPLACEMENT_CHARACTER) {
                // What bytes that are no UTF-8 are read as.
                refuse(field, "This is no readable text. Type it anew.");
            } else if !is_plain(text.trim()) {
                refuse(field, "Leave out control characters.");
            }
        }
        if !self.result.is_empty() && AuditResult::parse(&self.result).is_none() {
            refuse("result", "Choose success, failure or refused.");
        }
        for (field, text, at) in [
            ("since", &self.since, self.since_at()),
            ("until", &self.until, self.until_at()),
        ] {
            if !text.trim().is_empty() && at.is_none() {
                refuse(field, "Give a time, like 2026-11-24T10:00:00Z.");
            }
        }
        if let (Some(since), Some(until)) = (self.since_at(), self.until_at())
            && until <= since
        {
            refuse("until", "Give a time after the beginning.");
        }
        if self.before.is_some_and(|id| id < 1) {
            refuse("before", "Give the number of an entry.");
        }
        refused
    }
}

/// The time that a filter names: RFC 3339, or without a zone, as a form has it, in UTC.
fn instant_of(text: &str) -> Option<OffsetDateTime> {
    // A plus that is not written %2B arrives as a blank.
    let text = text.trim().replace(' ', "+");
    match text.len() {
        16 => instant::parse(&format!("{text}:00Z")),
        19 => instant::parse(&format!("{text}Z")),
        _ => instant::parse(&text),
    }
}

/// A page of the log, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Give this as `before` for the next page.
    pub next: Option<i64>,
}

/// What a walk along the chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Chain {
    /// Every entry is as it was written.
    Whole {
        /// How many there are.
        entries: i64,
        /// The last entry's hash in hexadecimal; kept elsewhere, it tells a log that was rewritten as a whole.
        head: String,
    },
    /// The first entry that is not as it was written.
    Broken {
        /// The entry's id.
        id: i64,
        /// What is wrong there.
        reason: ChainBreak,
    },
}

/// What is wrong with a link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChainBreak {
    /// The entry's content does not match its hash.
    Changed,
    /// The entry is gone though later ones are there.
    Missing,
    /// The entry does not follow the one before it.
    OutOfOrder,
    /// The log ends before the entry that was written last.
    CutOff,
    /// The entry was added past the end, by something other than the console.
    PastTheEnd,
    /// What is known of the log's end does not match its last entry, or is gone.
    HeadChanged,
}

impl ChainBreak {
    /// What is wrong, in words that follow "entry n".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Changed => "was changed after it was written",
            Self::Missing => "is missing",
            Self::OutOfOrder => "does not follow the entry before it",
            Self::CutOff => {
                "is missing, and so is all that followed: the log was cut off at the end"
            }
            Self::PastTheEnd => "was added past the log's end by something other than the console",
            Self::HeadChanged => "is not the end that the log remembers",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_that_can_not_be_looked_for_is_named() {
        let filter = AuditFilter {
            actor: "a\u{fffd}".to_owned(),
            action: "\0".to_owned(),
            target: "x".repeat(201),
            result: "maybe".to_owned(),
            since: "x".to_owned(),
            until: "\u{fffd}".to_owned(),
            before: Some(0),
        };
        let refused = filter.refused();
        let fields: Vec<&str> = refused.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "actor", "action", "target", "result", "since", "until", "before"
            ]
        );
        let fine = AuditFilter {
            actor: " Zoë ".to_owned(),
            result: "refused".to_owned(),
            before: Some(1),
            ..AuditFilter::default()
        };
        assert_eq!(fine.refused(), []);
    }

    fn between(since: &str, until: &str) -> AuditFilter {
        AuditFilter {
            since: since.to_owned(),
            until: until.to_owned(),
            ..AuditFilter::default()
        }
    }

    #[test]
    fn a_time_is_read_as_programs_and_forms_write_it() {
        let four = OffsetDateTime::from_unix_timestamp(1_764_000_000).ok();
        assert!(four.is_some());
        for text in [
            "2025-11-24T16:00:00Z",
            "2025-11-24T16:00:00.000Z",
            "2025-11-24T17:00:00+01:00",
            "2025-11-24T17:00:00 01:00",
            "2025-11-24T16:00:00",
            " 2025-11-24T16:00 ",
        ] {
            assert_eq!(between(text, "").since_at(), four, "{text}");
            assert_eq!(between(text, "").refused(), [], "{text}");
        }
        assert_eq!(between("", "").since_at(), None);
        assert_eq!(between("", "").refused(), []);
    }

    #[test]
    fn what_is_no_time_or_no_range_is_refused_by_its_field() {
        let long = "2".repeat(10_000);
        for (since, until, field) in [
            ("yesterday", "", "since"),
            ("", "2025-11-24", "until"),
            ("", "2025-13-24T16:00", "until"),
            ("2025-11-24T16:00Z", "", "since"),
            ("üüüüüüüü", "", "since"),
            (long.as_str(), "", "since"),
            ("2025-11-24T16:00", "2025-11-24T16:00:00Z", "until"),
            ("2025-11-24T16:00", "2025-11-24T15:00", "until"),
        ] {
            let refused = between(since, until).refused();
            let fields: Vec<&str> = refused.iter().map(|one| one.field.as_str()).collect();
            assert_eq!(fields, [field], "{since:.40} {until}");
        }
    }
}
