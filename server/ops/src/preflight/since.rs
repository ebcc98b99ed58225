//! Since when each requirement is as it is: stored, so that all consoles of a host say the same and a restart forgets
//! nothing.

use store::preflight::Standing;
use types::{
    health::Status,
    preflight::{Preflight, Thresholds},
};

use crate::{Ops, Outcome};

/// What the machine is found to have now, with since when. Where the database fails that is left out.
pub async fn examine(ops: &Ops, thresholds: &Thresholds) -> Preflight {
    let reading = store::reading::begin(&ops.db).await;
    let mut preflight = super::examine(ops, thresholds).await;
    let standings = match reading {
        Ok(reading) => keep(ops, &preflight, reading).await,
        Err(error) => Err(error.into()),
    };
    match standings {
        Ok(standings) => mark(&mut preflight, &standings),
        Err(fault) => {
            tracing::warn!(error = %fault, "Since when the machine is as it is could not be stored.");
        }
    }
    preflight
}

async fn keep(ops: &Ops, preflight: &Preflight, reading: i64) -> Outcome<Vec<Standing>> {
    let found: Vec<(&str, Status)> = preflight
        .requirements
        .iter()
        .map(|one| (one.name.as_str(), one.status))
        .collect();
    let host = ops.meters.own_host();
    let now = ops.clock.now();
    Ok(store::preflight::save(&ops.db, &host, &found, reading, now).await?)
}

/// Another console may have found another verdict since: then nothing is said of this one.
fn mark(preflight: &mut Preflight, standings: &[Standing]) {
    for one in &mut preflight.requirements {
        let standing = standings
            .iter()
            .find(|standing| standing.name == one.name && standing.status == one.status);
        one.since = standing.map(|standing| standing.since);
        one.began_before = standing.is_some_and(|standing| standing.began_before);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::sync::Arc;

    use store::PgPool;
    use time::{Duration, OffsetDateTime};
    use types::preflight::Requirement;

    use super::*;
    use crate::{Actor, outside::FixedClock, preflight::preflight};

    async fn cpu(ops: &Ops) -> Requirement {
        let preflight = preflight(ops, &Actor::system()).await.unwrap();
        preflight.requirements.into_iter().next().unwrap()
    }

    #[sqlx::test(migrations = "../../migrations")]
    async fn two_consoles_agree_and_a_restart_forgets_nothing(db: PgPool) {
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let console = |seconds| {
            let clock = FixedClock::at(start + Duration::seconds(seconds));
            Ops::new(db.clone(), Arc::new(clock))
        };
        let first = cpu(&console(0)).await;
        assert_eq!(first.status, Status::Unknown);
        assert_eq!((first.since, first.began_before), (Some(start), true));
        // Another console of the same host; the first one after a restart is no other thing.
        assert_eq!(cpu(&console(90)).await, first);
        let elsewhere = console(90);
        elsewhere.meters.set_own_host("elsewhere");
        let of_another_host = cpu(&elsewhere).await;
        assert_eq!(of_another_host.since, Some(start + Duration::seconds(90)));
    }

    #[test]
    fn a_verdict_that_is_no_longer_the_stored_one_has_no_time() {
        let mut preflight = Preflight {
            ok: false,
            requirements: vec![crate::preflight::judge::compose(None)],
        };
        let standing = |status| Standing {
            name: "compose".to_owned(),
            status,
            since: OffsetDateTime::UNIX_EPOCH,
            began_before: false,
        };
        mark(&mut preflight, &[standing(Status::Critical)]);
        assert!(preflight.requirements[0].since.is_some());
        mark(&mut preflight, &[standing(Status::Ok)]);
        assert_eq!(preflight.requirements[0].since, None);
    }
}
