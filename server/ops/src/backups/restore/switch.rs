//! One database for another: what connects is stopped, they change names, and it is started again.

use backup::restore;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        drive::{driven, ended},
        writers::Writers,
    },
    START, STOP, SWITCH, VERIFY,
};
use crate::{
    Ops,
    operations::{At, Ended},
};

/// What another attempt needs to know, and an undo.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Services that were stopped, in the order in which they are started again.
    pub stopped: Writers,
}

/// Keeps what is stopped before it is: an attempt that is killed leaves to the next one what to start again. Gives what an
/// earlier attempt had kept, where one had.
pub(super) async fn remember(at: &At, writers: Writers) -> Result<Writers, Ended> {
    let mut state: State = at.state()?;
    if state.stopped.is_empty() {
        state.stopped = writers;
        at.keep(&state).await?;
    }
    Ok(state.stopped)
}

/// Stops what connects, and switches.
pub(super) async fn stop_and_switch<F>(
    ops: &Ops,
    at: &At,
    writers: &Writers,
    change: impl FnOnce(backup::Control, time::OffsetDateTime) -> F,
) -> Result<restore::Switched, Ended>
where
    F: Future<Output = Result<restore::Switched, backup::Error>>,
{
    at.stage(STOP, async {
        writers.stop(ops, at).await?;
        Ok(((), writers.named()))
    })
    .await?;
    at.stage(SWITCH, async {
        let driven = driven(at);
        let switched = change(driven.control.clone(), ops.clock.now())
            .await
            .map_err(|error| ended(at, error))?;
        let told = match switched.pause {
            Some(pause) => format!("nobody could connect for {} ms", pause.as_millis()),
            None => "an earlier attempt had switched".to_owned(),
        };
        Ok((switched, told))
    })
    .await
}

/// Starts again what was stopped, whatever became of the switch.
pub(super) async fn start_again(ops: &Ops, at: &At, writers: &Writers) -> Result<(), Ended> {
    at.last_stage(START, async {
        writers.start(ops, at).await?;
        Ok(((), writers.named()))
    })
    .await
}

/// The platform's checks, after all runs again. What they find is told, and takes nothing back.
pub(super) async fn verify(ops: &Ops, at: &At) -> Result<(), Ended> {
    at.last_stage(VERIFY, async {
        crate::health::run_checks(ops).await?;
        let health = crate::health::last(ops).await?;
        let bad: Vec<&str> = (health.checks.iter())
            .filter(|check| !check.ok)
            .map(|check| check.name.as_str())
            .collect();
        let told = if bad.is_empty() {
            "every check passed".to_owned()
        } else {
            format!("not well: {}", bad.join(", "))
        };
        Ok(((), told))
    })
    .await
}

/// How an operation ended that did what was asked, and could not start again what it had stopped.
pub(super) fn not_started(done: &str, why: Ended) -> Ended {
    match why {
        Ended::Failed(why) => Ended::Failed(format!("{done} {why}. Start it by hand.")),
        other => other,
    }
}
