//! Reading repositories back: a share each day, all of it each week.

use backup::{Kind, restic::ReadData};
use serde::{Deserialize, Serialize};
use store::backups::targets::{self, Target};
use time::{Duration, OffsetDateTime};
use types::{access::DEFAULT_TEAM, live::Topic, operations::Kind as Does};

use super::drive::{driven, ended};
use crate::{
    Actor, Fault, Ops, Outcome,
    operations::{self, Asked, At, Ended},
};

const CHECK: &str = "Check and read back";

/// A tenth of it each day.
const SHARES: i32 = 10;

/// How often a share is read, and how often all of it.
const SHARE_EVERY: Duration = Duration::hours(24);
const WHOLE_EVERY: Duration = Duration::days(7);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Request {
    target: i64,
    is_whole: bool,
}

/// Whether a share or all of a target is due to be read; `Some(true)` for all.
pub(super) fn is_due(target: &types::backups::BackupTarget, now: OffsetDateTime) -> Option<bool> {
    let passed =
        |at: Option<OffsetDateTime>, every: Duration| at.is_none_or(|at| now - at >= every);
    if passed(target.checked_whole_at, WHOLE_EVERY) {
        return Some(true);
    }
    passed(target.checked_at, SHARE_EVERY).then_some(false)
}

/// How soon a check is tried again that failed, and one that only could not be made.
pub(super) const AGAIN: Duration = Duration::hours(1);
const AGAIN_SOON: Duration = Duration::minutes(5);

/// For how long a target may not be reached before that is its failure: two shares were not read then.
const UNREACHED_FOR: Duration = Duration::hours(48);

/// What no two operations may work on at once.
pub(super) fn subject(target: i64) -> String {
    format!("backup target {target}")
}

/// Puts a check of a target in the queue.
pub(super) async fn ask(
    tx: &mut store::PgConnection,
    ops: &Ops,
    actor: &Actor,
    target: i64,
    name: &str,
    is_whole: bool,
) -> Outcome<i64> {
    let asked = Asked {
        kind: Does::Verify,
        subject: &subject(target),
        target: name,
        team: DEFAULT_TEAM,
        request: serde_json::json!(Request { target, is_whole }),
        stages: &[CHECK],
    };
    operations::enqueue(tx, ops, actor, &asked).await
}

/// Does the check that the operation asks for.
pub(super) async fn run(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: Request = at.request()?;
    let target = targets::get(&ops.db, request.target)
        .await
        .map_err(Fault::from)?;
    let target =
        target.ok_or_else(|| Ended::Failed("The target is not there any more.".to_owned()))?;
    let checked = at
        .stage(CHECK, async {
            let bytes = check(&ops, &at, &target, request.is_whole).await;
            match bytes {
                Ok(bytes) => Ok((
                    bytes,
                    if request.is_whole {
                        "all of it".to_owned()
                    } else {
                        format!("share {} of {SHARES}", target.next_share)
                    },
                )),
                Err(error) if error.kind == Kind::Cancelled => Err(ended(&at, error)),
                Err(error) if says_nothing(&target, error.kind, ops.clock.now()) => {
                    again_soon(&ops, &target).await?;
                    Err(Ended::Failed(format!(
                        "{} It is tried again in {} minutes.",
                        error.message,
                        AGAIN_SOON.whole_minutes()
                    )))
                }
                Err(error) => {
                    note(&ops, &target, Err(&error), request.is_whole).await?;
                    Err(ended(&at, error))
                }
            }
        })
        .await?;
    note(&ops, &target, Ok(checked), request.is_whole).await?;
    Ok(())
}

async fn check(
    ops: &Ops,
    at: &At,
    target: &Target,
    is_whole: bool,
) -> Result<Option<i64>, backup::Error> {
    let restic = ops.backups.restic(&target.location).await?;
    let driven = driven(at);
    restic.unlock().await?;
    let part = u32::try_from(target.next_share.clamp(1, SHARES)).unwrap_or(1);
    let parts = SHARES.unsigned_abs();
    let read = if is_whole {
        ReadData::All
    } else {
        ReadData::Part { part, parts }
    };
    restic.check(read, &driven.control).await?;
    if is_whole {
        restic.prune(&driven.control).await?;
    }
    let size = restic
        .stored_size(&backup::restic::Filter::default())
        .await
        .ok();
    Ok(size.and_then(|size| i64::try_from(size.bytes).ok()))
}

/// Whether a failure says nothing of what lies at the target: others work in it, or it can't be reached for the moment.
fn says_nothing(target: &Target, kind: Kind, now: OffsetDateTime) -> bool {
    let was_well = target.checked_at.is_none_or(|at| now - at < UNREACHED_FOR);
    kind == Kind::Locked || kind.is_transient() && was_well
}

async fn again_soon(ops: &Ops, target: &Target) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    let asked_at = ops.clock.now() - AGAIN + AGAIN_SOON;
    targets::check_again(&mut tx, target.id, asked_at).await?;
    Ops::commit(tx).await
}

async fn note(
    ops: &Ops,
    target: &Target,
    checked: Result<Option<i64>, &backup::Error>,
    is_whole: bool,
) -> Outcome<()> {
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    match checked {
        Ok(bytes) => {
            let next = target.next_share % SHARES + 1;
            targets::checked(&mut tx, target.id, is_whole, next, bytes, now).await?;
        }
        Err(error) => {
            let is_damaged = error.kind == Kind::Damaged;
            targets::failed(&mut tx, target.id, &error.message, is_damaged, now).await?;
        }
    }
    store::changes::publish(&mut tx, Topic::Backups, "").await?;
    Ops::commit(tx).await
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use types::backups::BackupTarget;

    use super::*;

    #[test]
    fn what_passes_by_itself_is_no_fault_of_the_targets_unless_it_lasts() {
        let now = datetime!(2026-11-24 12:00 UTC);
        let target = |hours| Target {
            id: 1,
            name: "here".to_owned(),
            location: "/backup".to_owned(),
            next_share: 1,
            checked_whole_at: None,
            checked_at: Some(now - Duration::hours(hours)),
        };
        assert!(says_nothing(&target(24), Kind::Unreachable, now));
        assert!(!says_nothing(&target(48), Kind::Unreachable, now));
        assert!(says_nothing(&target(480), Kind::Locked, now));
        for kind in [Kind::Damaged, Kind::WrongPassword, Kind::NoRepository] {
            assert!(!says_nothing(&target(1), kind, now), "{kind:?}");
        }
    }

    #[test]
    fn a_share_is_due_each_day_and_all_of_it_each_week() {
        let now = datetime!(2026-11-24 12:00 UTC);
        let ago = |hours| Some(now - Duration::hours(hours));
        let due = |checked_at, checked_whole_at| {
            let target = BackupTarget {
                id: 1,
                name: "here".to_owned(),
                location: "/backup".to_owned(),
                checked_at,
                checked_whole_at,
                failure: None,
                bytes: None,
                free_bytes: None,
            };
            is_due(&target, now)
        };
        assert_eq!(due(None, None), Some(true));
        assert_eq!(due(ago(1), ago(100)), None);
        assert_eq!(due(ago(24), ago(100)), Some(false));
        assert_eq!(due(ago(1), ago(168)), Some(true));
    }
}
