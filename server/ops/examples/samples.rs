//! Measures how samples are stored: `samples DATABASE_URL RECORDING [HOURS]` on an empty database.
//!
//! It plays a recording of a host through the writer, over and over until HOURS (25) are full, and prints the bytes and
//! the time that a sample took.
//!
//! A recording has a line `S number name unit key=value,…` for each series and, for each second, a line
//! `F milliseconds number:value …`.

#![expect(clippy::unwrap_used, reason = "a tool of developers may stop")]

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use ops::{Actor, Ops, outside::FixedClock, resources};
use store::PgPool;
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
    let (named, frames) = read(&fs::read_to_string(&arguments[2]).unwrap());
    let hours = arguments.get(3).map_or(25, |hours| hours.parse().unwrap());
    play(&db, &named, &frames, hours).await;
}

/// Series and frames of a recording.
fn read(text: &str) -> (Vec<Series>, Vec<Frame>) {
    let (mut named, mut frames) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "S" => named.push(Series {
                key: SeriesKey {
                    name: words[2].to_owned(),
                    attributes: pairs(words[4], ',', '=')
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                        .collect(),
                },
                unit: words[3].to_owned(),
            }),
            "F" => frames.push(Frame {
                at: words[1].parse().unwrap(),
                samples: pairs(line, ' ', ':')
                    .filter_map(|(number, value)| Some((number.parse().ok()?, value.parse().ok()?)))
                    .collect(),
            }),
            _ => {}
        }
    }
    (named, frames)
}

fn pairs(text: &str, between: char, within: char) -> impl Iterator<Item = (&str, &str)> {
    text.split(between)
        .filter_map(move |one| one.split_once(within))
}

async fn play(db: &PgPool, named: &[Series], frames: &[Frame], hours: i64) {
    let ops = ops_at(db, START + 10_000 * DAY);
    let mut writer = resources::Writer::default();
    for (number, series) in named.iter().enumerate() {
        writer.name("recorded", u32::try_from(number).unwrap(), series.clone());
    }
    let (first, last) = (frames[0].at, frames[frames.len() - 1].at);
    println!(
        "recording: {} series, {} frames over {} minutes",
        named.len(),
        frames.len(),
        (last - first) / 60_000
    );
    let (mut taken, mut flushing, mut taking) = (0, Duration::ZERO, Duration::ZERO);
    let mut longest = Duration::ZERO;
    let began = cpu();
    let mut shift = START - first;
    'all: loop {
        for (index, frame) in frames.iter().enumerate() {
            let mut frame = frame.clone();
            frame.at += shift;
            if frame.at > START + hours * HOUR {
                break 'all;
            }
            let before = Instant::now();
            writer.take("recorded", &frame, frame.at);
            taking += before.elapsed();
            taken = writer.counts().taken;
            if index % 10 == 9 {
                let before = Instant::now();
                writer.flush(&ops).await.unwrap();
                flushing += before.elapsed();
                longest = longest.max(before.elapsed());
            }
            // The database does so by itself, but not a hundred times as fast as usual.
            if index % 300 == 299 {
                store::samples::size::vacuum(db).await.unwrap();
            }
        }
        shift += last - first + 1_000;
    }
    writer.flush(&ops).await.unwrap();
    let used = cpu() - began;
    println!("{taken} samples; {:?}", writer.counts());
    println!(
        "take {} ns/sample, flush {} ns/sample (longest {longest:?}), CPU of this process {:.0} ns/sample",
        per(taking, taken),
        per(flushing, taken),
        used * 1e9 / number(taken)
    );
    store::samples::size::vacuum(db).await.unwrap();
    let sizes = resources::sizes(&ops, &Actor::system()).await.unwrap();
    let total: i64 = sizes.tiers.iter().map(|tier| tier.bytes).sum();
    for tier in &sizes.tiers {
        println!(
            "tier of {} s: {} bytes, {:.4} bytes/sample",
            tier.every_s,
            tier.bytes,
            number(tier.bytes.unsigned_abs()) / number(taken)
        );
    }
    println!(
        "all: {:.4} bytes/sample",
        number(total.unsigned_abs()) / number(taken)
    );
}

fn ops_at(db: &PgPool, at: i64) -> Ops {
    let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).unwrap();
    Ops::new(db.clone(), Arc::new(FixedClock::at(now)))
}

fn per(time: Duration, count: u64) -> u128 {
    time.as_nanos() / u128::from(count.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn number(n: u64) -> f64 {
    n as f64
}

/// Seconds of processor that this process used.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit(')').next().unwrap();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap() / 100.0)
        .sum()
}
