//! Joins parts to blocks of a tier's span, and makes the minute and the hour tier of them.

use store::{
    PgConnection, StoreError,
    samples::{
        Block, Tier, blocks,
        hosts::{self, Host},
        series,
    },
};

use super::{floor, pack};
use crate::{Fault, Ops, Outcome};

/// A host that sent nothing for so long is brought to an end: its last hours get their summaries before the samples are
/// old enough to be forgotten.
const QUIET_MS: i64 = 2 * 24 * 3_600_000;

/// True when an hour has ended since the last time.
pub const fn is_due(host: &Host) -> bool {
    floor(host.stored_until, Tier::Second.span()) > host.second_until
}

/// Joins the parts of each hour that has ended and makes its blocks of the minute tier, and at noon and midnight those of
/// the hour tier: all in one transaction. Does nothing where nothing has ended.
pub async fn settle(ops: &Ops, id: i32) -> Outcome<Host> {
    let mut tx = ops.begin().await?;
    let mut host = hosts::lock(&mut tx, id).await?;
    if is_due(&host) {
        let end = floor(host.stored_until, Tier::Second.span());
        settle_until(&mut tx, &mut host, end).await?;
        hosts::mark(&mut tx, &host).await?;
        Ops::commit(tx).await?;
    }
    Ok(host)
}

/// Brings hosts that sent nothing for two days to an end. Samples that they would still send of the half day in which
/// they went silent are refused from then on.
///
/// # Errors
/// The database failed.
pub async fn settle_quiet(ops: &Ops) -> Outcome<()> {
    let now = super::millis(ops.clock.now());
    for host in hosts::list(&ops.db).await? {
        if is_quiet(&host, now) {
            let mut tx = ops.begin().await?;
            let mut host = hosts::lock(&mut tx, host.id).await?;
            if is_quiet(&host, now) {
                pack::adopt(&mut tx, &host).await?;
                let end = floor(host.stored_until, Tier::Minute.span()) + Tier::Minute.span();
                settle_until(&mut tx, &mut host, end).await?;
                host.stored_until = end - 1;
                hosts::mark(&mut tx, &host).await?;
                Ops::commit(tx).await?;
            }
        }
    }
    Ok(())
}

const fn is_quiet(host: &Host, now: i64) -> bool {
    host.stored_until < now - QUIET_MS && host.hour_until <= host.stored_until
}

/// Brings every tier up to `end`, which is a full hour: the hour tier by half days, as many small blocks would cost more
/// than they tell.
async fn settle_until(db: &mut PgConnection, host: &mut Host, end: i64) -> Outcome<()> {
    join_parts(db, host, Tier::Second, host.second_until, end).await?;
    host.second_until = end;
    if end > host.minute_until {
        let from = host.minute_until;
        summarise(db, host, Tier::Minute, from, end).await?;
        host.minute_until = end;
        join_parts(db, host, Tier::Minute, from, end).await?;
    }
    let end = floor(end, Tier::Minute.span());
    if end > host.hour_until {
        let from = host.hour_until;
        summarise(db, host, Tier::Hour, from, end).await?;
        host.hour_until = end;
        join_parts(db, host, Tier::Hour, from, end).await?;
    }
    Ok(())
}

/// One block of each span that ended between `from` and `until` instead of several. Where one of them can't be read, all
/// stay as they are.
async fn join_parts(
    db: &mut PgConnection,
    host: &Host,
    tier: Tier,
    from: i64,
    until: i64,
) -> Outcome<()> {
    let (from, end) = (floor(from, tier.span()), floor(until, tier.span()));
    if from == end {
        return Ok(());
    }
    for bundle in blocks::bundles(db, tier, host.id, from, end).await? {
        let parts = blocks::between(db, tier, host.id, bundle, from, end).await?;
        let named = host.clone();
        let joined: Vec<Block> = aside(move || {
            let spans =
                parts.chunk_by(|a, b| floor(a.from, tier.span()) == floor(b.from, tier.span()));
            spans
                .filter(|parts| parts.len() > 1)
                .filter_map(|parts| pack::join(&named, parts))
                .collect()
        })
        .await?;
        for block in joined {
            blocks::remove(db, tier, host.id, bundle, block.from, block.until).await?;
            blocks::insert(db, tier, host.id, bundle, &block).await?;
        }
    }
    Ok(())
}

/// The summaries by `tier` from `from` to `end`.
async fn summarise(
    db: &mut PgConnection,
    host: &Host,
    tier: Tier,
    from: i64,
    end: i64,
) -> Outcome<()> {
    let finer = if tier == Tier::Hour {
        Tier::Minute
    } else {
        Tier::Second
    };
    for bundle in blocks::bundles(db, finer, host.id, from, end).await? {
        let units = series::units(&mut *db, host.id, bundle).await?;
        let found = blocks::between(db, finer, host.id, bundle, from, end).await?;
        let named = host.clone();
        let made = aside(move || pack::coarser(&named, &found, tier, &units)).await?;
        for block in made {
            blocks::insert(db, tier, host.id, bundle, &block).await?;
        }
    }
    Ok(())
}

/// A bundle takes tens of milliseconds: too long for a thread that answers requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Fault::Store(StoreError::Corrupt(error.to_string())))
}
