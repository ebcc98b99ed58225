//! How much room samples take, and will take.

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
/// leave; the disk is, should that come first, when `free_bytes` are used up.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn sizes(ops: &Ops, actor: &Actor, free_bytes: Option<i64>) -> Outcome<SampleSizes> {
    actor.may(Capability::SeeStack)?;
    let keep = kept(ops).await?;
    let sizes = size::sizes(&ops.db).await?;
    let now = millis(ops.clock.now());
    let tiers: Vec<TierSize> = sizes.iter().map(|size| forecast(size, &keep)).collect();
    let disk_full_at = free_bytes.and_then(|free| disk_full(&tiers, now, free));
    Ok(SampleSizes {
        tiers,
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
    }
}
