//! How runs and steps go on.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::runbooks::{Plan, RunListed, StepPhase};

use super::{NewRun, NewStep, get};
use crate::StoreError;

/// Begins a run; gives its number.
///
/// # Errors
/// [`super::ONE_OPEN`] where one of the plan is open in the project; the database failed.
pub async fn insert(
    db: &mut PgConnection,
    run: &NewRun<'_>,
    steps: &[NewStep],
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let id = sqlx::query_scalar!(
        "INSERT INTO runbook_run (plan, project, subject, team, is_rehearsal, rto_s, started_by, started_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        run.plan.as_str(),
        run.project,
        run.subject,
        run.team,
        run.is_rehearsal,
        run.rto_s,
        run.started_by,
        now
    )
    .fetch_one(&mut *db)
    .await?;
    for (place, step) in (1_i16..).zip(steps) {
        sqlx::query!(
            "INSERT INTO runbook_step (run_id, place, kind, title, about, covers, set_id, service)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            place,
            step.kind.as_str(),
            step.title,
            step.about,
            &step.covers,
            step.set,
            step.service
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(id)
}

/// Holds a run until the transaction ends, so that one thing at a time is done with it; gives it.
///
/// # Errors
/// The database failed.
pub async fn lock(db: &mut PgConnection, id: i64) -> Result<Option<RunListed>, StoreError> {
    sqlx::query!("SELECT id FROM runbook_run WHERE id = $1 FOR UPDATE", id)
        .fetch_optional(&mut *db)
        .await?;
    get(db, id).await
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// The phases out of which it may go there.
    pub from: &'a [StepPhase],
    /// The phase that it goes to.
    pub to: StepPhase,
    /// Who does it; none leaves whoever did.
    pub by: Option<&'a str>,
    /// A note, or a reason; none leaves what was noted.
    pub note: Option<&'a str>,
    /// What came of it; none leaves what was told.
    pub detail: Option<&'a str>,
}

/// Moves a step; false where it was not in one of the phases, or is not the one whose turn it is.
///
/// # Errors
/// The database failed.
pub async fn move_step(
    db: impl PgExecutor<'_>,
    run: i64,
    place: i16,
    step: Move<'_>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let from: Vec<String> = step
        .from
        .iter()
        .map(|phase| phase.as_str().to_owned())
        .collect();
    let begins = step.to == StepPhase::Running;
    let moved = sqlx::query!(
        "UPDATE runbook_step s
         SET phase = $4,
             started_at = CASE WHEN $4 = 'pending' THEN started_at ELSE coalesce(started_at, $5) END,
             tried_at = CASE WHEN $6 THEN $5 ELSE tried_at END,
             finished_at = CASE WHEN $4 IN ('pending', 'running') THEN NULL ELSE $5 END,
             tries = tries + CASE WHEN $6 THEN 1 ELSE 0 END,
             operation_id = CASE WHEN $6 THEN NULL ELSE operation_id END,
             done_by = coalesce($7, done_by), note = coalesce($8, note), detail = coalesce($9, detail)
         WHERE s.run_id = $1 AND s.place = $2 AND s.phase = ANY($3)
           AND NOT EXISTS (SELECT FROM runbook_step b
                           WHERE b.run_id = $1 AND b.place < $2 AND b.phase NOT IN ('done', 'skipped'))",
        run,
        place,
        &from,
        step.to.as_str(),
        now,
        begins,
        step.by,
        step.note,
        step.detail
    )
    .execute(db)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Notes the operation that does a step.
///
/// # Errors
/// The database failed.
pub async fn link(
    db: impl PgExecutor<'_>,
    run: i64,
    place: i16,
    operation: i64,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE runbook_step SET operation_id = $3, phase = 'running', finished_at = NULL
         WHERE run_id = $1 AND place = $2 AND phase IN ('running', 'failed') AND operation_id IS NULL",
        run,
        place,
        operation
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a run up; false where it is over.
///
/// # Errors
/// The database failed.
pub async fn abandon(
    db: impl PgExecutor<'_>,
    run: i64,
    by: &str,
    reason: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE runbook_run SET phase = 'abandoned', finished_by = $2, reason = $3, finished_at = $4
         WHERE id = $1 AND phase = 'open'",
        run,
        by,
        reason,
        now
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes down what became of the operations of steps that are under way, of steps whose console ended before their operation
/// was asked for (they were begun before `before`), and ends runs all of whose steps are over. Gives the runs that moved.
///
/// # Errors
/// The database failed.
pub async fn follow(
    db: &mut PgConnection,
    before: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Vec<i64>, StoreError> {
    let mut moved = sqlx::query_scalar!(
        "UPDATE runbook_step s
         SET phase = CASE o.phase WHEN 'succeeded' THEN 'done' ELSE 'failed' END, finished_at = o.finished_at,
             detail = left(CASE o.phase
                 WHEN 'succeeded' THEN coalesce((SELECT string_agg(g.name || ': ' || g.detail, '; ' ORDER BY g.place)
                     FROM operation_stage g WHERE g.operation_id = o.id AND g.detail <> ''), '')
                 WHEN 'cancelled' THEN 'It was cancelled.'
                 ELSE coalesce(o.failure, '') END, 2000)
         FROM operation o
         WHERE s.phase = 'running' AND o.id = s.operation_id AND o.finished_at IS NOT NULL
         RETURNING s.run_id"
    )
    .fetch_all(&mut *db)
    .await?;
    let interrupted = sqlx::query_scalar!(
        "UPDATE runbook_step SET phase = 'failed', finished_at = $2, detail = 'The console ended before it was begun.'
         WHERE phase = 'running' AND operation_id IS NULL AND tried_at < $1 RETURNING run_id",
        before,
        now
    )
    .fetch_all(&mut *db)
    .await?;
    moved.extend(interrupted);
    let ended = sqlx::query_scalar!(
        "UPDATE runbook_run r
         SET phase = 'done',
             finished_at = (SELECT coalesce(max(s.finished_at), $1) FROM runbook_step s WHERE s.run_id = r.id),
             finished_by = (SELECT coalesce(max(s.done_by), '') FROM runbook_step s WHERE s.run_id = r.id
                            AND s.place = (SELECT max(place) FROM runbook_step l WHERE l.run_id = r.id))
         WHERE r.phase = 'open'
           AND NOT EXISTS (SELECT FROM runbook_step s WHERE s.run_id = r.id AND s.phase NOT IN ('done', 'skipped'))
         RETURNING r.id",
        now
    )
    .fetch_all(&mut *db)
    .await?;
    moved.extend(ended);
    moved.sort_unstable();
    moved.dedup();
    Ok(moved)
}

/// The open rehearsal of a plan in a project, which makes way for a run that is none.
///
/// # Errors
/// The database failed.
pub async fn open_rehearsal(
    db: impl PgExecutor<'_>,
    plan: Plan,
    project: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM runbook_run WHERE plan = $1 AND project = $2 AND is_rehearsal AND phase = 'open'",
        plan.as_str(),
        project
    )
    .fetch_optional(db)
    .await?)
}
