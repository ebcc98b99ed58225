//! What a chart shows.

use std::collections::BTreeMap;

use series::{Packed, Resolution, Summary, Thinned, merge, summarise, thin, unpack};
use store::samples::{Tier, bundle, hosts, hosts::Host, read, read::Found, series::Stored};
use types::{
    Capability, Error,
    samples::{Points, Retention},
};

use super::{floor, is_hidden, millis, retention::DAY_MS, retention::kept};
use crate::{Actor, Ops, Outcome};

/// The most points of a series in one answer.
pub const MOST_POINTS: usize = 2_000;

/// The most series in one answer.
pub const MOST_SERIES: usize = 500;

/// How many series are read before others get their turn on this thread.
const AT_ONCE: usize = 32;

/// Which part of time, in milliseconds since 1970, and in how many points at most.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Its beginning.
    pub from: i64,
    /// Its end, which is not in it.
    pub to: i64,
    /// At most so many points a series.
    pub points: usize,
}

/// At most `points` points of each of the series `ids`, from `from` to before `to`, in milliseconds since 1970, at the
/// tier that fits: samples as they are where there are no more than that, otherwise least, mean and greatest over steps.
/// Everything that is stored counts, also what is not in a block yet, and what this console heard since. A series that
/// there is not, or that the actor may not see, is left out.
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
    if ids.len() > MOST_SERIES {
        let message = format!("Ask for at most {MOST_SERIES} series at once.");
        return Err(Error::field("ids", message).into());
    }
    let window = Window { from, to, points };
    check(window)?;
    let keep = kept(ops).await?;
    let mut by_host: BTreeMap<i32, Vec<Stored>> = BTreeMap::new();
    for stored in store::samples::series::get(&ops.db, ids).await? {
        if !is_hidden(actor, &stored.series) {
            by_host.entry(stored.host_id).or_default().push(stored);
        }
    }
    if by_host.is_empty() {
        return Ok(Vec::new());
    }
    let hosts = hosts::list(&ops.db).await?;
    let mut told = Vec::new();
    for host in hosts {
        let Some(series) = by_host.remove(&host.id) else {
            continue;
        };
        let found = of_series(ops, &host, &series, window, &keep).await?;
        told.extend(series.iter().zip(found).map(|(stored, thinned)| {
            Points {
                id: stored.id,
                step_ms: thinned.step,
                points: (thinned.points.iter())
                    .map(|point| (point.at, point.min, point.avg, point.max))
                    .collect(),
            }
        }));
    }
    told.sort_by_key(|points| points.id);
    Ok(told)
}

/// The points of series of one host, in the same order; the actor was asked, and the window is within its bounds.
pub(super) async fn of_series(
    ops: &Ops,
    host: &Host,
    series: &[Stored],
    window: Window,
    keep: &Retention,
) -> Outcome<Vec<Thinned>> {
    let Window { from, to, points } = window;
    let tier = tier(from, to, points, keep, millis(ops.clock.now()));
    // A span that began before the range tells of its beginning.
    let from = match tier {
        Tier::Second => from,
        _ => floor(from, tier.width()),
    };
    let mut bundles: Vec<i32> = series.iter().map(|one| bundle(one.id)).collect();
    bundles.sort_unstable();
    bundles.dedup();
    let found = read::range(&ops.db, tier, host.id, &bundles, from, to).await?;
    let opened = open(&found);
    let stored_until = opened.iter().filter_map(Opened::newest).max();
    let ids: Vec<i32> = series.iter().map(|one| one.id).collect();
    let stored_until = stored_until.unwrap_or(0).max(host.stored_until);
    let heard_after = stored_until.max(from - 1);
    let mut heard = ops.meters.tail(&host.name, &ids, heard_after);
    let mut all = Vec::with_capacity(series.len());
    for some in series.chunks(AT_ONCE) {
        for stored in some {
            let resolution = Resolution::of(&stored.series.unit);
            let heard = heard.remove(&stored.id).unwrap_or_default();
            let mut told = summaries(&opened, stored, resolution, tier, heard);
            told.retain(|one| (from..to).contains(&one.at));
            let mut thinned = thin(told, to - from, points);
            for point in &mut thinned.points {
                let mean = resolution.code(point.avg);
                point.avg = mean.map_or(point.avg, |code| resolution.value(code));
            }
            all.push(thinned);
        }
        tokio::task::yield_now().await;
    }
    Ok(all)
}

/// The window is one, and within bounds.
pub(super) fn check(window: Window) -> Result<(), Error> {
    let Window { from, to, points } = window;
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

/// A block that was found and can be read.
struct Opened<'a> {
    tier: Tier,
    bundle: Option<i32>,
    block: Packed<'a>,
}

impl Opened<'_> {
    fn tells_of(&self, id: i32) -> bool {
        self.bundle.is_none_or(|own| own == bundle(id))
    }

    /// The time of its newest sample.
    fn newest(&self) -> Option<i64> {
        let times = (self.tier == Tier::Second).then(|| self.block.times())?;
        times.last().copied()
    }
}

/// What can be read of what was found.
fn open(found: &[Found]) -> Vec<Opened<'_>> {
    let opened = found.iter().filter_map(|found| {
        let block = Packed::open(&found.block)
            .inspect_err(|error| tracing::warn!(error = %error, "A chart has a gap where a block of samples is unreadable."))
            .ok()?;
        Some(Opened {
            tier: found.tier,
            bundle: found.bundle,
            block,
        })
    });
    opened.collect()
}

/// What the blocks say of a series and what was heard after them, over spans of `tier`.
fn summaries(
    blocks: &[Opened<'_>],
    stored: &Stored,
    resolution: Resolution,
    tier: Tier,
    heard: Vec<(i64, f64)>,
) -> Vec<Summary> {
    let number = stored.id.cast_unsigned();
    let width = match tier {
        Tier::Second => 1,
        _ => tier.width(),
    };
    let mut all = Vec::new();
    for opened in blocks.iter().filter(|opened| opened.tells_of(stored.id)) {
        let block = &opened.block;
        let some = if opened.tier == Tier::Second {
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
    all.extend(heard.into_iter().map(|(at, value)| Summary::of(at, value)));
    if tier == Tier::Second {
        all
    } else {
        merge(all, width)
    }
}
