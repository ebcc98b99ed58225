//! What a step is, how it stands, and what is done with it.

use serde::{Deserialize, Serialize};

/// Who does a step, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A person does it, and sets a check mark.
    Person,
    /// The console restores a backup set.
    Restore,
    /// The console brings services up by the compose file.
    Infrastructure,
    /// The console restarts a service.
    Restart,
    /// The console runs the platform's checks.
    Verify,
    /// The console runs the checks, and asks for the frontend through the proxy.
    Smoke,
}

impl StepKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Person,
        Self::Restore,
        Self::Infrastructure,
        Self::Restart,
        Self::Verify,
        Self::Smoke,
    ];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Restore => "restore",
            Self::Infrastructure => "infrastructure",
            Self::Restart => "restart",
            Self::Verify => "verify",
            Self::Smoke => "smoke",
        }
    }

    /// Reads [`StepKind::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it changes something of the platform, unless it is rehearsed.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Restore | Self::Infrastructure | Self::Restart)
    }
}

/// How a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepPhase {
    /// Still to come.
    Pending,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// It came to no good end: it can be tried again, or skipped.
    Failed,
    /// Left out, for a reason.
    Skipped,
}

impl StepPhase {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Skipped,
    ];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Reads [`StepPhase::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text)
    }

    /// Whether the next step may begin.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

/// What a person does with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Lets the console do it, the first time or again.
    Begin,
    /// Sets the check mark: done by hand.
    Check,
    /// Leaves it out, for a reason.
    Skip,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Begin, Self::Check, Self::Skip];

    /// The name that forms send.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Check => "check",
            Self::Skip => "skip",
        }
    }
}
