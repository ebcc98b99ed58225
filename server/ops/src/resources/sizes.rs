//! How much room samples take, and will take.

use std::path::PathBuf;

use store::samples::size::{self, Size};
use types::{
    Capability,
    samples::{Retention, SampleSizes, TierSize},
};

use super::{
    millis,
    retention::{DAY_MS, days, kept},
};
use crate::{Actor, Ops, Outcome};

/// What samples take on disk, tier by tier, and when that ends: each tier is full when its first samples are old enough to
/// leave; the disk is, should that come first, when what is free where the database lies is used up.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn sizes(ops: &Ops, actor: &Actor) -> Outcome<SampleSizes> {
    actor.may(Capability::SeeStack)?;
    let free = free_bytes(ops).await?;
    reckon(ops, free).await
}

/// What is free where the database lies, as an ordinary user may use it; `None` where that is not known here.
async fn free_bytes(ops: &Ops) -> Outcome<Option<i64>> {
    let Some(folder) = size::folder(&ops.db).await? else {
        return Ok(None);
    };
    let folder = PathBuf::from(folder);
    let filesystems = ops.outside.host.filesystems(vec![folder.clone()]).await;
    let found = filesystems.into_iter().find(|one| one.path == folder);
    let free = found.and_then(|found| Some(found.space.ok()?.available_bytes));
    Ok(free.map(|free| i64::try_from(free).unwrap_or(i64::MAX)))
}

pub(super) async fn reckon(ops: &Ops, free_bytes: Option<i64>) -> Outcome<SampleSizes> {
    let keep = kept(ops).await?;
    let sizes = size::sizes(&ops.db).await?;
    let now = millis(ops.clock.now());
    let tiers: Vec<TierSize> = sizes.iter().map(|size| forecast(size, &keep)).collect();
    let disk_full_at = free_bytes.and_then(|free| disk_full(&tiers, now, free));
    Ok(SampleSizes {
        at: now,
        tiers,
        free_bytes,
        disk_full_at,
    })
}

fn forecast(size: &Size, keep: &Retention) -> TierSize {
    let keep_days = days(keep, size.tier);
    let keep_ms = i64::from(keep_days) * DAY_MS;
    let grown_for = size
        .oldest
        .zip(size.newest)
        .map(|(oldest, newest)| newest - oldest);
    let full_bytes = grown_for.filter(|grown| *grown >= DAY_MS).map(|grown| {
        let full = i128::from(size.bytes) * i128::from(keep_ms.max(grown)) / i128::from(grown);
        i64::try_from(full).unwrap_or(i64::MAX)
    });
    TierSize {
        every_s: u32::try_from(size.tier.width() / 1_000).unwrap_or(u32::MAX),
        keep_days,
        bytes: size.bytes,
        oldest: size.oldest,
        full_at: size.oldest.map(|oldest| oldest + keep_ms),
        full_bytes,
    }
}

/// When `free` bytes are used up by tiers that each grow evenly until they are full; `None` when they never are, or when
/// one of the tiers is too young to tell.
fn disk_full(tiers: &[TierSize], now: i64, free: i64) -> Option<i64> {
    let mut growing: Vec<(i64, f64)> = Vec::new();
    for tier in tiers {
        if let (Some(full_at), Some(full)) = (tier.full_at, tier.full_bytes)
            && full_at > now
        {
            growing.push((full_at, ratio(full - tier.bytes, full_at - now)));
        }
    }
    growing.sort_by_key(|(full_at, _)| *full_at);
    let (mut at, mut free) = (now, ratio(free.max(0), 1));
    for index in 0..growing.len() {
        let speed: f64 = growing[index..].iter().map(|(_, speed)| speed).sum();
        let until = growing[index].0;
        let grown = speed * ratio(until - at, 1);
        if grown > free {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "less than the time until then"
            )]
            let more = (free / speed) as i64;
            return Some(at + more);
        }
        free -= grown;
        at = until;
    }
    None
}

#[expect(clippy::cast_precision_loss, reason = "a forecast needs no 52 bits")]
fn ratio(a: i64, b: i64) -> f64 {
    a as f64 / b as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(bytes: i64, full_at: i64, full_bytes: i64) -> TierSize {
        TierSize {
            every_s: 1,
            keep_days: 14,
            bytes,
            oldest: Some(0),
            full_at: Some(full_at),
            full_bytes: Some(full_bytes),
        }
    }

    #[test]
    fn the_disk_is_full_when_what_grows_has_used_it_up() {
        // One byte a millisecond until 1,000, and half of one until 3,000.
        let tiers = [tier(0, 1_000, 1_000), tier(500, 3_000, 2_000)];
        assert_eq!(disk_full(&tiers, 0, 150), Some(100));
        assert_eq!(disk_full(&tiers, 0, 1_500), Some(1_000));
        assert_eq!(disk_full(&tiers, 0, 1_600), Some(1_200));
        assert_eq!(disk_full(&tiers, 0, 2_500), None);
        assert_eq!(disk_full(&tiers, 3_000, 0), None, "nothing grows any more");
        assert_eq!(disk_full(&tiers, 0, 0), Some(0), "it is full now");
    }

    const DAY: i64 = DAY_MS;

    fn size(bytes: i64, oldest: i64, newest: i64) -> Size {
        Size {
            tier: store::samples::Tier::Second,
            bytes,
            oldest: Some(oldest),
            newest: Some(newest),
        }
    }

    #[test]
    fn a_tier_grows_evenly_until_its_first_samples_leave() {
        let keep = Retention::default();
        let told = forecast(&size(200, 5 * DAY, 7 * DAY), &keep);
        assert_eq!(
            (told.full_at, told.full_bytes),
            (Some(19 * DAY), Some(1_400))
        );
        // It holds as much as it ever will.
        let told = forecast(&size(1_400, 5 * DAY, 19 * DAY), &keep);
        assert_eq!(
            (told.full_at, told.full_bytes),
            (Some(19 * DAY), Some(1_400))
        );
        // What is older than it is kept now leaves soon, and makes room for what comes.
        let told = forecast(&size(2_800, 0, 28 * DAY), &keep);
        assert_eq!(
            (told.full_at, told.full_bytes),
            (Some(14 * DAY), Some(2_800))
        );
        let young = forecast(&size(200, 5 * DAY, 5 * DAY + 60_000), &keep);
        assert_eq!((young.full_at, young.full_bytes), (Some(19 * DAY), None));
    }

    #[test]
    fn all_level_off_with_the_last_tier_and_only_once_each_is_known() {
        let mut sizes = SampleSizes {
            at: 0,
            tiers: vec![tier(0, 1_000, 1_000), tier(500, 3_000, 2_000)],
            free_bytes: None,
            disk_full_at: None,
        };
        assert_eq!(sizes.levels_off(), Some((3_000, 3_000)));
        sizes.tiers.push(TierSize {
            bytes: 7,
            oldest: None,
            full_at: None,
            full_bytes: None,
            ..tier(0, 0, 0)
        });
        assert_eq!(sizes.levels_off(), Some((3_007, 3_000)));
        sizes.tiers[1].full_bytes = None;
        assert_eq!(sizes.levels_off(), None);
    }
}
