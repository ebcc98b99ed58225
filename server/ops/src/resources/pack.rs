//! Blocks made of blocks.

use std::collections::BTreeMap;

use series::{ABSENT, Packed, Packer, Resolution, Summary};
use store::{
    PgConnection,
    samples::{Block, Tier, blocks, bundle, hosts::Host, open},
};

use super::{floor, unreadable};
use crate::Outcome;

/// Makes blocks of what is open of a host. What can't be read is lost.
pub async fn adopt(db: &mut PgConnection, host: &Host) -> Outcome<()> {
    let taken = open::take(db, host.id).await?;
    let span = Tier::Second.span();
    for hour in taken.chunk_by(|a, b| floor(a.from, span) == floor(b.from, span)) {
        let (times, columns) = columns(host, hour);
        let columns: Vec<_> = columns.into_iter().collect();
        for columns in columns.chunk_by(|a, b| bundle_of(a.0) == bundle_of(b.0)) {
            if let Some(block) = pack(&times, columns) {
                let bundle = bundle_of(columns[0].0);
                blocks::insert(db, Tier::Second, host.id, bundle, &block).await?;
            }
        }
    }
    Ok(())
}

const fn bundle_of(series: u32) -> i32 {
    bundle(series.cast_signed())
}

/// One block of several that follow each other; `None` when one of them can't be read, or all don't fit one.
pub fn join(host: &Host, parts: &[Block]) -> Option<Block> {
    if parts.iter().any(|part| Packed::open(&part.block).is_err()) {
        return None;
    }
    let (times, columns) = columns(host, parts);
    pack(&times, &columns.into_iter().collect::<Vec<_>>())
}

/// All samples of blocks that follow each other, by series.
fn columns(host: &Host, parts: &[Block]) -> (Vec<i64>, BTreeMap<u32, Vec<i32>>) {
    let opened: Vec<_> = (parts.iter())
        .filter_map(|part| Some((part.from, open_block(host, part)?)))
        .collect();
    let count = opened.iter().map(|(_, part)| part.times().len()).sum();
    let mut times = Vec::with_capacity(count);
    let mut columns = BTreeMap::new();
    for (from, part) in &opened {
        let start = times.len();
        times.extend_from_slice(part.times());
        for number in part.series() {
            let column = part.column(number);
            let steps = column.inspect_err(|error| unreadable(host, *from, *error));
            if let Ok(Some(steps)) = steps {
                let joined = columns.entry(number).or_insert_with(|| vec![ABSENT; count]);
                joined[start..start + steps.len()].copy_from_slice(&steps);
            }
        }
    }
    (times, columns)
}

fn open_block<'a>(host: &Host, block: &'a Block) -> Option<Packed<'a>> {
    Packed::open(&block.block)
        .inspect_err(|error| unreadable(host, block.from, *error))
        .ok()
}

fn pack(times: &[i64], columns: &[(u32, Vec<i32>)]) -> Option<Block> {
    let mut packer = Packer::new(times)?;
    for (number, steps) in columns {
        packer.add(*number, steps);
    }
    Some(Block {
        from: *times.first()?,
        until: *times.last()?,
        block: packer.finish()?,
    })
}

/// The summaries by `tier` of the series of a bundle, in blocks of the tier's span, of blocks of the finer tier.
pub fn coarser(host: &Host, finer: &[Block], tier: Tier, units: &[(i32, String)]) -> Vec<Block> {
    let opened: Vec<_> = (finer.iter())
        .filter_map(|block| Some((block.from, open_block(host, block)?)))
        .collect();
    let mut spans: BTreeMap<i64, Vec<(u32, Resolution, Vec<Summary>)>> = BTreeMap::new();
    for (id, unit) in units {
        let (number, resolution) = (id.cast_unsigned(), Resolution::of(unit));
        let mut found = Vec::new();
        for (from, block) in &opened {
            match summaries(block, tier, number, resolution) {
                Ok(some) => found.extend(some),
                Err(error) => unreadable(host, *from, error),
            }
        }
        let summaries = series::merge(found, tier.width());
        for span in summaries.chunk_by(|a, b| floor(a.at, tier.span()) == floor(b.at, tier.span()))
        {
            let span_of = spans.entry(floor(span[0].at, tier.span())).or_default();
            span_of.push((number, resolution, span.to_vec()));
        }
    }
    let packed = spans.into_values().filter_map(|series| {
        let ats = series.iter().flat_map(|(_, _, summaries)| summaries);
        let (from, until) = ats.fold((i64::MAX, i64::MIN), |(from, until), one| {
            (from.min(one.at), until.max(one.at))
        });
        Some(Block {
            from,
            until,
            block: series::pack(&series)?,
        })
    });
    packed.collect()
}

/// What a block of the next finer tier says of a series, over spans of `tier` already where it holds samples: they are
/// many.
fn summaries(
    block: &Packed<'_>,
    tier: Tier,
    number: u32,
    resolution: Resolution,
) -> Result<Vec<Summary>, series::Corrupt> {
    if tier == Tier::Hour {
        return series::unpack(block, number, resolution);
    }
    let steps = block.column(number)?.unwrap_or_default();
    Ok(series::summarise(
        block.times(),
        &steps,
        resolution,
        tier.width(),
    ))
}
