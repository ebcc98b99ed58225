//! Runs and steps in words.

use types::runbooks::{Run, RunListed, RunPhase, Step, StepKind, StepPhase};

use crate::components::{format, status::Tone};

/// A length of time in seconds, as a clock that runs against a limit of hours.
pub fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    if seconds < 3_600 {
        return format!("{} min {} s", seconds / 60, seconds % 60);
    }
    format!("{} h {} min", seconds / 3_600, seconds / 60 % 60)
}

/// How a run stands against its time: its tone and words.
pub fn verdict(run: &RunListed) -> (Tone, String) {
    let rto = format::duration(run.rto_s);
    match (run.phase, run.took_s()) {
        (RunPhase::Done, Some(took)) if took <= run.rto_s => {
            (Tone::Ok, format!("{} of {rto}", clock(took)))
        }
        (RunPhase::Done, Some(took)) => (Tone::Warn, format!("{}, beyond {rto}", clock(took))),
        (RunPhase::Abandoned, _) => (Tone::Warn, "given up".to_owned()),
        _ => (Tone::Unk, "goes on".to_owned()),
    }
}

/// How a step stands: its tone and word.
pub const fn phase(phase: StepPhase) -> (Tone, &'static str) {
    match phase {
        StepPhase::Pending => (Tone::Unk, "to come"),
        StepPhase::Running => (Tone::Unk, "under way"),
        StepPhase::Done => (Tone::Ok, "done"),
        StepPhase::Failed => (Tone::Crit, "failed"),
        StepPhase::Skipped => (Tone::Warn, "skipped"),
    }
}

/// What the button of a step says.
pub const fn button(step: &Step, is_rehearsal: bool) -> &'static str {
    if matches!(step.phase, StepPhase::Failed) {
        return "Try again";
    }
    match (step.kind, is_rehearsal) {
        (StepKind::Person, _) => "Done",
        (StepKind::Restore, true) => "Run the drill",
        (StepKind::Restore, false) => "Restore it now",
        (StepKind::Infrastructure | StepKind::Restart, true) => "Show what would be done",
        (StepKind::Infrastructure, false) => "Bring it up now",
        (StepKind::Restart, false) => "Restart it now",
        (StepKind::Verify, _) => "Run the checks",
        (StepKind::Smoke, _) => "Run the smoke tests",
    }
}

/// How many of a run's steps are over, in words.
pub fn far(run: &Run) -> String {
    let over = run.steps.iter().filter(|step| step.phase.is_over()).count();
    format!("{over} of {} steps", run.steps.len())
}

#[cfg(test)]
mod tests {
    use types::runbooks::Plan;

    use super::*;

    #[test]
    fn a_run_is_told_against_its_time() {
        let start = time::OffsetDateTime::UNIX_EPOCH;
        let mut run = RunListed {
            id: 1,
            plan: Plan::DataLoss,
            project: String::new(),
            subject: "videos".to_owned(),
            team: "platform".to_owned(),
            is_rehearsal: true,
            phase: RunPhase::Done,
            rto_s: 14_400,
            started_by: String::new(),
            started_at: start,
            finished_by: String::new(),
            finished_at: Some(start + time::Duration::seconds(754)),
            reason: String::new(),
        };
        assert_eq!(verdict(&run), (Tone::Ok, "12 min 34 s of 4 h".to_owned()));
        run.finished_at = Some(start + time::Duration::seconds(20_000));
        assert_eq!(
            verdict(&run),
            (Tone::Warn, "5 h 33 min, beyond 4 h".to_owned())
        );
        run.phase = RunPhase::Abandoned;
        assert_eq!(verdict(&run).1, "given up");
        assert_eq!(clock(-1), "0 min 0 s");
    }
}
