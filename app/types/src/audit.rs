//! The audit log as pages and the API see it.

use serde::{Deserialize, Serialize};

use crate::{FieldError, OffsetDateTime, text::is_plain};

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
    /// Entries before this id; none for the newest.
    pub before: Option<i64>,
}

impl AuditFilter {
    /// What can't be looked for, field by field: text of more than 200 characters, or that is none, a result that there is
    /// not, an id that there can't be.
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
        if self.before.is_some_and(|id| id < 1) {
            refuse("before", "Give the number of an entry.");
        }
        refused
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
            before: Some(0),
        };
        let refused = filter.refused();
        let fields: Vec<&str> = refused.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["actor", "action", "target", "result", "before"]);
        let fine = AuditFilter {
            actor: " Zoë ".to_owned(),
            result: "refused".to_owned(),
            before: Some(1),
            ..AuditFilter::default()
        };
        assert_eq!(fine.refused(), []);
    }
}
