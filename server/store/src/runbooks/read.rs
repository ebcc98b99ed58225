//! Runs and their steps, read.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::runbooks::{Plan, RunListed, RunPhase, Step, StepKind, StepPhase};

use crate::StoreError;

struct RunRow {
    id: i64,
    plan: String,
    project: String,
    subject: String,
    team: String,
    is_rehearsal: bool,
    phase: String,
    rto_s: i64,
    started_by: String,
    started_at: OffsetDateTime,
    finished_by: String,
    finished_at: Option<OffsetDateTime>,
    reason: String,
}

impl TryFrom<RunRow> for RunListed {
    type Error = StoreError;

    fn try_from(row: RunRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            plan: Plan::parse(&row.plan).ok_or_else(|| corrupt("plan", &row.plan))?,
            project: row.project,
            subject: row.subject,
            team: row.team,
            is_rehearsal: row.is_rehearsal,
            phase: RunPhase::parse(&row.phase).ok_or_else(|| corrupt("phase", &row.phase))?,
            rto_s: row.rto_s,
            started_by: row.started_by,
            started_at: row.started_at,
            finished_by: row.finished_by,
            finished_at: row.finished_at,
            reason: row.reason,
        })
    }
}

fn corrupt(what: &str, text: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} of a runbook {text}"))
}

/// Which runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// This one alone.
    pub only: Option<i64>,
    /// Of this plan.
    pub plan: Option<Plan>,
    /// Rehearsals, or none of them.
    pub is_rehearsal: Option<bool>,
    /// Those that are open.
    pub is_open: bool,
    /// Of one of these teams.
    pub teams: Option<&'a [String]>,
}

/// Runs, the newest first.
///
/// # Errors
/// The database failed.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: Filter<'_>,
    limit: i64,
) -> Result<Vec<RunListed>, StoreError> {
    let rows = sqlx::query_as!(
        RunRow,
        "SELECT id, plan, project, subject, team, is_rehearsal, phase, rto_s, started_by, started_at, finished_by, finished_at,
                reason
         FROM runbook_run
         WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR plan = $2)
           AND ($3::boolean IS NULL OR is_rehearsal = $3) AND (NOT $4::boolean OR phase = 'open')
           AND ($5::text[] IS NULL OR team = ANY($5))
         ORDER BY id DESC LIMIT $6",
        filter.only,
        filter.plan.map(Plan::as_str),
        filter.is_rehearsal,
        filter.is_open,
        filter.teams,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(RunListed::try_from).collect()
}

/// One run.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<RunListed>, StoreError> {
    let filter = Filter {
        only: Some(id),
        ..Filter::default()
    };
    Ok(list(db, filter, 1).await?.pop())
}

/// The steps of a run, in order; without the stages of their operations.
///
/// # Errors
/// The database failed.
pub async fn steps(db: &mut PgConnection, run: i64) -> Result<Vec<Step>, StoreError> {
    let rows = sqlx::query!(
        "SELECT place, kind, title, about, covers, set_id, service, phase, started_at, finished_at, tries, done_by, note, detail,
                operation_id
         FROM runbook_step WHERE run_id = $1 ORDER BY place",
        run
    )
    .fetch_all(db)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Step {
            place: row.place,
            kind: StepKind::parse(&row.kind).ok_or_else(|| corrupt("kind of a step", &row.kind))?,
            title: row.title,
            about: row.about,
            covers: row.covers,
            set: row.set_id,
            service: row.service,
            phase: StepPhase::parse(&row.phase)
                .ok_or_else(|| corrupt("phase of a step", &row.phase))?,
            started_at: row.started_at,
            finished_at: row.finished_at,
            tries: row.tries,
            done_by: row.done_by,
            note: row.note,
            detail: row.detail,
            operation: row.operation_id,
            stages: Vec::new(),
            progress: None,
        })
    });
    read.collect()
}
