//! How a service last ended, and whether that is still a warning.

use time::Duration;
use types::deployment::{LastEnd, State};

use super::assemble::Parts;
use crate::outside::Container;

/// For so long it is a warning that a service has crashed, though it runs again.
const CRASH_WARNS: Duration = Duration::minutes(15);

/// An end that a container tells by more than this after the last one that is known is another one.
const SAME_END: Duration = Duration::seconds(5);

/// How the service last ended, with `facts` of its worst container. Where that has ended, another container's end and an
/// end before that one are none of this.
pub(super) fn last_end(
    parts: &Parts,
    project: &str,
    name: &str,
    facts: &Container,
) -> Option<LastEnd> {
    let key = (project.to_owned(), name.to_owned());
    let end = parts.ends.get(&key)?;
    let has_ended = !matches!(facts.state, State::Running | State::Paused);
    let is_older = facts
        .finished_at
        .is_some_and(|finished_at| finished_at - end.at > SAME_END);
    if has_ended && (end.container_id != facts.id || is_older) {
        return None;
    }
    let mut end = LastEnd {
        at: end.at,
        exit_code: end.exit_code,
        oom_killed: end.oom_killed,
        is_deliberate: end.is_deliberate,
        is_warning: false,
    };
    let is_recent = parts.now.is_some_and(|now| now - end.at < CRASH_WARNS);
    end.is_warning = facts.state == State::Running && end.is_crash() && is_recent;
    Some(end)
}
