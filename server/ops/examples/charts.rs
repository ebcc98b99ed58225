//! Measures how long charts take: `charts DATABASE_URL [FOLDER]`.
//!
//! It fills in a year of 200 made-up series where they are not there yet, as much of it unsettled as there can be, and
//! prints how long a chart of one of them takes; of each range one answer goes to FOLDER as JSON.

#![expect(clippy::unwrap_used, reason = "a tool of developers may stop")]

use std::{collections::BTreeMap, fs, sync::Arc, time::Instant};

use ops::{Actor, Ops, outside::FixedClock, resources};
use series::{ABSENT, Packer, Resolution, summarise};
use store::{
    PgPool,
    samples::{Block, Tier, blocks, bundle, hosts, series as names},
};
use time::OffsetDateTime;
use types::resources::{Frame, Series, SeriesKey};

/// A midnight at which the blocks of every tier begin.
const START: i64 = 2_073 * 10 * DAY;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let db = store::connect(&arguments[1]).unwrap();
    store::migrate(&db).await.unwrap();
    charts(&db, arguments.get(2).map(String::as_str)).await;
}

fn ops_at(db: &PgPool, at: i64) -> Ops {
    let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).unwrap();
    Ops::new(db.clone(), Arc::new(FixedClock::at(now)))
}

/// A year of 200 series, and charts of them.
async fn charts(db: &PgPool, folder: Option<&str>) {
    // As much as can be waiting for its summaries.
    let now = START + 370 * DAY + 12 * HOUR - 10_000;
    let known = names::live(db, "filled").await.unwrap();
    let mut ids: Vec<i32> = known.iter().map(|one| one.id).collect();
    if ids.is_empty() {
        ids = fill(db, START + 370 * DAY).await;
        open(db, now).await;
    }
    let ops = ops_at(db, now);
    for (name, range) in [
        ("5 min", 300_000),
        ("1 h", HOUR),
        ("6 h", 6 * HOUR),
        ("1 d", DAY),
        ("7 d", 7 * DAY),
        ("30 d", 30 * DAY),
        ("90 d", 90 * DAY),
        ("1 y", 365 * DAY),
    ] {
        let mut times = Vec::new();
        let mut text = String::new();
        for round in 0..300 {
            let id = ids[round * 37 % ids.len()];
            let before = Instant::now();
            let charts =
                resources::points(&ops, &Actor::system(), &[id], now - range, now, 500).await;
            times.push(before.elapsed());
            text = serde_json::to_string(&charts.unwrap()).unwrap();
        }
        times.sort();
        println!(
            "{name}: p50 {:?}, p99 {:?}, {} bytes of JSON",
            times[150],
            times[297],
            text.len()
        );
        if let Some(folder) = folder {
            fs::write(format!("{folder}/{}.json", name.replace(' ', "-")), text).unwrap();
        }
    }
}

fn made_up(number: usize) -> Series {
    Series {
        key: SeriesKey {
            name: "made.up".to_owned(),
            attributes: BTreeMap::from([("number".to_owned(), number.to_string())]),
        },
        unit: ["1", "By/s", "By", "{process}"][number % 4].to_owned(),
    }
}

/// Noise around a slow wave, as a busy machine's.
fn value(number: usize, second: i64, dice: &mut u64) -> f64 {
    *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    let noise = number_of(*dice >> 40) / 16_777_216.0;
    #[expect(clippy::cast_precision_loss, reason = "a day has few seconds")]
    let wave = ((second % 86_400) as f64 / 86_400.0 * std::f64::consts::TAU)
        .sin()
        .mul_add(0.3, 0.5);
    [
        wave + noise * 0.2,
        wave * 1e6 + noise * 5e5,
        wave * 8e9 + noise * 1e6,
        noise * 20.0,
    ][number % 4]
}

const fn number_of(n: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "24 bits")]
    let number = n as f64;
    number
}

async fn fill(db: &PgPool, end: i64) -> Vec<i32> {
    let mut tx = db.begin().await.unwrap();
    let id = hosts::ensure(&mut tx, "filled").await.unwrap();
    let mut host = hosts::lock(&mut tx, id).await.unwrap();
    let all: Vec<Series> = (0..200).map(made_up).collect();
    let ids = names::register(&mut tx, host.id, &all).await.unwrap();
    for (tier, days) in [(Tier::Second, 14), (Tier::Minute, 365), (Tier::Hour, 370)] {
        let mut from = (end - days * DAY) / tier.span() * tier.span();
        while from < end {
            let numbered: Vec<(usize, i32)> = ids.iter().copied().enumerate().collect();
            for series in numbered.chunk_by(|a, b| bundle(a.1) == bundle(b.1)) {
                let block = made(tier, from, series);
                blocks::insert(&mut tx, tier, host.id, bundle(series[0].1), &block)
                    .await
                    .unwrap();
            }
            from += tier.span();
        }
    }
    host.stored_until = end - 1;
    (host.second_until, host.minute_until, host.hour_until) = (end, end, end);
    hosts::mark(&mut tx, &host).await.unwrap();
    tx.commit().await.unwrap();
    ids
}

/// A block of a tier; a summary is made of four samples, which is enough to look like one.
fn made(tier: Tier, from: i64, series: &[(usize, i32)]) -> Block {
    let mut dice = from.unsigned_abs();
    let every = if tier == Tier::Second {
        1_000
    } else {
        tier.width() / 4
    };
    let times: Vec<i64> = (0..tier.span() / every).map(|n| from + n * every).collect();
    let columns = series.iter().map(|(number, id)| {
        let resolution = Resolution::of(&made_up(*number).unit);
        let steps: Vec<i32> = (times.iter())
            .map(|at| {
                resolution
                    .code(value(*number, at / 1_000, &mut dice))
                    .unwrap_or(ABSENT)
            })
            .collect();
        (id.cast_unsigned(), resolution, steps)
    });
    let block = if tier == Tier::Second {
        let mut packer = Packer::new(&times).unwrap();
        for (id, _, steps) in columns {
            packer.add(id, &steps);
        }
        packer.finish()
    } else {
        let summaries: Vec<_> = columns
            .map(|(id, of, steps)| (id, of, summarise(&times, &steps, of, tier.width())))
            .collect();
        series::pack(&summaries)
    };
    let until = from + tier.span() - tier.width();
    Block {
        from,
        until,
        block: block.unwrap(),
    }
}

/// The newest minutes, as the writer leaves them.
async fn open(db: &PgPool, now: i64) {
    let ops = ops_at(db, now);
    let mut writer = resources::Writer::default();
    for number in 0..200 {
        writer.name("filled", u32::try_from(number).unwrap(), made_up(number));
    }
    let mut dice = 1;
    let from = now / DAY * DAY;
    for second in 0..(now - from) / 1_000 {
        let at = from + second * 1_000;
        let samples = (0..200)
            .map(|number| {
                (
                    u32::try_from(number).unwrap(),
                    value(number, at / 1_000, &mut dice),
                )
            })
            .collect();
        writer.take("filled", &Frame { at, samples }, at);
        if second % 10 == 9 {
            writer.flush(&ops).await.unwrap();
        }
    }
}
