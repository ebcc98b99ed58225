//! Runs of recovery plans and their steps.

mod moves;
mod read;

pub use self::{
    moves::{Move, abandon, follow, insert, link, lock, move_step, open_rehearsal},
    read::{Filter, get, list, steps},
};

/// The index that lets one run of a plan be open in a project.
pub const ONE_OPEN: &str = "runbook_run_one_open";

/// A run that begins.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// The plan.
    pub plan: types::runbooks::Plan,
    /// The compose project; empty for what is of none.
    pub project: &'a str,
    /// What is recovered, for people.
    pub subject: &'a str,
    /// The team that owns it.
    pub team: &'a str,
    /// Nothing of the platform is changed.
    pub is_rehearsal: bool,
    /// The longest that it may take, in seconds.
    pub rto_s: i64,
    /// Who begins it.
    pub started_by: &'a str,
}

/// A step of a run that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// Who does it, and what it is.
    pub kind: types::runbooks::StepKind,
    /// What is done.
    pub title: String,
    /// What that means.
    pub about: String,
    /// What it does in order, where that is more than one thing.
    pub covers: Vec<String>,
    /// The backup set that it restores.
    pub set: Option<i64>,
    /// The service that it works on; empty for all of the project.
    pub service: String,
}
