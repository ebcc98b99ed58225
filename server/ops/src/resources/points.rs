//! What a chart shows.

use std::collections::BTreeMap;

use series::{Packed, Resolution, Summary, merge, summarise, thin, unpack};
use store::samples::{Tier, bundle, read, read::Found, series::Stored};
use types::{
    Capability, Error,
    samples::{Points, Retention},
};

use super::{floor, is_hidden, millis, retention::DAY_MS, retention::kept};
use crate::{Actor, Ops, Outcome};

/// The most points of a series in one answer.
pub const MOST_POINTS: usize = 2_000;

/// The most series in one answer.
const MOST_SERIES: usize = 100;

/// At most `points` points of each of the series `ids`, from `from` to before `to`, in milliseconds since 1970, at the
/// tier that fits: samples as they are where there are no more than that, otherwise least, mean and greatest over steps.
/// Everything that is stored counts, also what is not in a block yet. A series that there is not, or that the actor may
/// not see, is left out.
///
/// # Errors
/// The actor may not see the stack; `Invalid` for `ids`, `to` or `points`; the database failed.
pub async fn points(
    ops: &Ops,
    actor: &Actor,
    ids: &[i32],
    from: i64,
    to: i64,
    points: usize,
) -> Outcome<Vec<Points>> {
    actor.may(Capability::SeeStack)?;
    check(ids, from, to, points)?;
    let keep = kept(ops).await?;
    let tier = tier(from, to, points, &keep, millis(ops.clock.now()));
    let mut bundles: BTreeMap<(i32, i32), Vec<Stored>> = BTreeMap::new();
    for stored in store::samples::series::get(&ops.db, ids).await? {
        if !is_hidden(actor, &stored.series) {
            let place = (stored.host_id, bundle(stored.id));
            bundles.entry(place).or_default().push(stored);
        }
    }
    // A span that began before the range tells of its beginning.
    let from = floor(
        from,
        if tier == Tier::Second {
            1
        } else {
            tier.width()
        },
    );
    let mut charts = Vec::new();
    for ((host, bundle), series) in bundles {
        let found = read::range(&ops.db, tier, host, bundle, from, to).await?;
        let opened = open(&found);
        for stored in series {
            let resolution = Resolution::of(&stored.series.unit);
            let mut all = summaries(&opened, &stored, resolution, tier);
            all.retain(|one| (from..to).contains(&one.at));
            let thinned = thin(all, to - from, points);
            let round = |value| {
                resolution
                    .code(value)
                    .map_or(value, |code| resolution.value(code))
            };
            charts.push(Points {
                id: stored.id,
                step_ms: thinned.step,
                points: (thinned.points.iter())
                    .map(|point| (point.at, point.min, round(point.avg), point.max))
                    .collect(),
            });
        }
        tokio::task::yield_now().await;
    }
    Ok(charts)
}

fn check(ids: &[i32], from: i64, to: i64, points: usize) -> Result<(), Error> {
    if ids.len() > MOST_SERIES {
        return Err(Error::field(
            "ids",
            format!("Ask for at most {MOST_SERIES} series at once."),
        ));
    }
    let is_range = from >= 0 && from < to && to <= 1 << 52;
    if !is_range {
        return Err(Error::field(
            "to",
            "Give a time after the one that the range begins with.",
        ));
    }
    if !(2..=MOST_POINTS).contains(&points) {
        return Err(Error::field(
            "points",
            format!("Give a number from 2 to {MOST_POINTS}."),
        ));
    }
    Ok(())
}

/// The coarsest tier that still has a summary for every step, or one that reaches back to where the range begins.
fn tier(from: i64, to: i64, points: usize, keep: &Retention, now: i64) -> Tier {
    let step = series::step(to - from, points);
    let reaches = |days: u32| from >= now - i64::from(days) * DAY_MS;
    if step < Tier::Minute.width() && reaches(keep.second_days) {
        Tier::Second
    } else if step < Tier::Hour.width() && reaches(keep.minute_days) {
        Tier::Minute
    } else {
        Tier::Hour
    }
}

/// What can be read of what was found.
fn open(found: &[Found]) -> Vec<(Tier, Packed<'_>)> {
    let opened = found.iter().filter_map(|found| {
        Packed::open(&found.block)
            .inspect_err(|error| tracing::warn!(error = %error, "A chart has a gap where a block of samples is unreadable."))
            .ok()
            .map(|block| (found.tier, block))
    });
    opened.collect()
}

/// What the blocks say of a series, over spans of `tier`.
fn summaries(
    blocks: &[(Tier, Packed<'_>)],
    stored: &Stored,
    resolution: Resolution,
    tier: Tier,
) -> Vec<Summary> {
    let number = stored.id.cast_unsigned();
    let mut all = Vec::new();
    for (of, block) in blocks {
        let some = if *of == Tier::Second {
            let width = if tier == Tier::Second {
                1
            } else {
                tier.width()
            };
            block.column(number).map(|column| {
                let steps = column.unwrap_or_default();
                summarise(block.times(), &steps, resolution, width)
            })
        } else {
            unpack(block, number, resolution)
        };
        match some {
            Ok(some) => all.extend(some),
            Err(error) => {
                tracing::warn!(series = stored.id, error = %error, "A chart has a gap where samples are unreadable.");
            }
        }
    }
    if tier == Tier::Second {
        all
    } else {
        merge(all, tier.width())
    }
}
