//! Recovery plans as runbooks: what each is for, and its runs step by step.

mod plan;
mod step;

pub use plan::Plan;
use serde::{Deserialize, Serialize};
pub use step::{Act, StepKind, StepPhase};
use time::OffsetDateTime;

use crate::operations::{Progress, Stage};

/// How long a recovery may take where no backup set says otherwise, in seconds: four hours.
pub const RTO_S: i64 = 14_400;

/// The longest note or reason, in characters.
pub const LONGEST_NOTE: usize = 2_000;

/// How a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// It goes on.
    Open,
    /// Each of its steps is done, or was skipped.
    Done,
    /// Given up, for a reason.
    Abandoned,
}

impl RunPhase {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Abandoned => "abandoned",
        }
    }

    /// Reads [`RunPhase::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Abandoned]
            .into_iter()
            .find(|phase| phase.as_str() == text)
    }
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its place, from 1.
    pub place: i16,
    /// Who does it, and what it is.
    pub kind: StepKind,
    /// What is done.
    pub title: String,
    /// What that means, in a sentence or two.
    pub about: String,
    /// What it does in order, where that is more than one thing.
    pub covers: Vec<String>,
    /// The backup set that it restores.
    pub set: Option<i64>,
    /// The service that it works on; empty for all of the project.
    pub service: String,
    /// How it is.
    pub phase: StepPhase,
    /// When it was begun first.
    #[serde(with = "crate::instant::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "crate::instant::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// How often the console began it.
    pub tries: i32,
    /// Who began it, set the check mark or skipped it last.
    pub done_by: String,
    /// What they noted, or why they skipped it.
    pub note: String,
    /// What came of it, or why it failed.
    pub detail: String,
    /// The operation that does it, or did.
    pub operation: Option<i64>,
    /// The stages of that operation.
    pub stages: Vec<Stage>,
    /// How far the stage under way is.
    pub progress: Option<Progress>,
}

/// A run of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What is told of it in a list.
    pub listed: RunListed,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// The backup that a restore still to come would take, by the place of its step.
    pub would_restore: Vec<WouldRestore>,
}

impl Run {
    /// The step whose turn it is; none where the run is over.
    pub fn current(&self) -> Option<&Step> {
        let is_open = self.listed.phase == RunPhase::Open;
        self.steps
            .iter()
            .find(|step| is_open && !step.phase.is_over())
    }
}

/// The backup that a step would restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WouldRestore {
    /// The step's place.
    pub place: i16,
    /// When it was taken; none where there is no backup that can be relied upon.
    #[serde(with = "crate::instant::option")]
    pub taken_at: Option<OffsetDateTime>,
    /// It was proven restorable.
    pub is_proven: bool,
    /// When a newer one was taken that was read back and not proven.
    #[serde(with = "crate::instant::option")]
    pub newer_at: Option<OffsetDateTime>,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunListed {
    /// Its number.
    pub id: i64,
    /// The plan.
    pub plan: Plan,
    /// The compose project; empty for what is of none.
    pub project: String,
    /// What is recovered: a set's, a service's or a project's name.
    pub subject: String,
    /// The team that owns it.
    pub team: String,
    /// Nothing of the platform is changed.
    pub is_rehearsal: bool,
    /// How it is.
    pub phase: RunPhase,
    /// The longest that it may take, in seconds.
    pub rto_s: i64,
    /// Who began it.
    pub started_by: String,
    /// When.
    #[serde(with = "crate::instant")]
    pub started_at: OffsetDateTime,
    /// Who ended it.
    pub finished_by: String,
    /// When it ended.
    #[serde(with = "crate::instant::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// Why it was given up.
    pub reason: String,
}

impl RunListed {
    /// How long it took, in whole seconds; none while it goes on.
    pub fn took_s(&self) -> Option<i64> {
        Some((self.finished_at? - self.started_at).whole_seconds())
    }
}

/// What a plan can be made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What forms send.
    pub value: String,
    /// What people call it, and type to confirm.
    pub name: String,
    /// The team that owns it.
    pub team: String,
}

/// A plan on the page of plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanListed {
    /// The plan.
    pub plan: Plan,
    /// What it can be made for.
    pub subjects: Vec<Subject>,
    /// Its last run that was none of its rehearsals.
    pub last_run: Option<RunListed>,
    /// Its last rehearsal.
    pub last_rehearsal: Option<RunListed>,
    /// Its runs that go on.
    pub open: Vec<RunListed>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for plan in Plan::ALL {
            assert_eq!(Plan::parse(plan.as_str()), Some(plan));
            assert!(plan.when().ends_with('.'));
        }
        for kind in StepKind::ALL {
            assert_eq!(StepKind::parse(kind.as_str()), Some(kind));
        }
        for phase in StepPhase::ALL {
            assert_eq!(StepPhase::parse(phase.as_str()), Some(phase));
        }
        for phase in [RunPhase::Open, RunPhase::Done, RunPhase::Abandoned] {
            assert_eq!(RunPhase::parse(phase.as_str()), Some(phase));
        }
    }
}
