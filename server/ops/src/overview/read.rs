//! The overview as it stands now.

use types::{Capability, overview::Overview, preflight::Preflight};

use super::assemble::assemble;
use crate::{Actor, Ops, Outcome, backups, deployment, health, preflight};

/// What is wrong and how much runs. Whoever acts for one team sees what that team has.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn overview(ops: &Ops, actor: &Actor) -> Outcome<Overview> {
    actor.may(Capability::SeeStack)?;
    let stack = deployment::stack(ops, actor).await?;
    let mut health = health::last(ops).await?;
    if actor.is_confined() {
        // Of the checks those of the services they see.
        let services = stack.projects.iter().flat_map(|project| &project.services);
        let seen: Vec<String> = services
            .map(|service| format!("{}/{}", service.project, service.name))
            .collect();
        health.checks.retain(|check| seen.contains(&check.service));
    }
    // Whoever acts for one team learns nothing of the machine.
    let preflight = if actor.is_confined() {
        Preflight::default()
    } else {
        preflight::last(ops, stack.engine.reachable).await?
    };
    let mut sets = backups::seen(ops).await?.to_vec();
    sets.retain(|set| actor.sees_team(&set.settings.team));
    let now = ops.clock.now();
    Ok(assemble(&stack, &health, &preflight, &sets, now))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::sync::Arc;

    use store::PgPool;
    use time::OffsetDateTime;
    use types::{health::Status, overview::sentence};

    use super::*;
    use crate::outside::FixedClock;

    #[sqlx::test(migrations = "../../migrations")]
    async fn a_console_that_knows_nothing_yet_says_so(db: PgPool) {
        let clock = FixedClock::at(OffsetDateTime::UNIX_EPOCH);
        let ops = Ops::new(db, Arc::new(clock));
        let overview = overview(&ops, &Actor::system()).await.unwrap();
        assert_eq!(overview.status, Status::Critical);
        assert_eq!(overview.problems[0].href, "/deployment");
        assert_eq!(
            overview.problems.len(),
            11,
            "the engine, every check, and what the machine lacks and what is not known of it"
        );
        assert!(!sentence(&overview).contains("well"));
    }
}
