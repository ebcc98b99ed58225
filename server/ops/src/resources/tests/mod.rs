#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod charts;
mod gaps;
mod kept;
mod marks;
mod seen;
mod tiers;
mod writing;

use std::{collections::BTreeMap, sync::Arc};

use store::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};
use types::{
    resources::{Frame, Series, SeriesKey},
    samples::Points,
};

use super::{Writer, millis, points};
use crate::{
    Actor, Ops,
    outside::{Clock, FixedClock},
};

/// When every test begins: a little before the hour tier's blocks are made.
const START: OffsetDateTime = datetime!(2026-11-19 12:00 UTC);

const HOST: &str = "gpu-1";

/// A console whose clock the test owns, what its collector sends, and all that it ever sent.
struct World {
    ops: Ops,
    clock: Arc<FixedClock>,
    writer: Writer,
    /// By series.
    sent: BTreeMap<u32, Vec<(i64, f64)>>,
    dice: u64,
}

impl World {
    fn new(db: &PgPool) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let mut world = Self {
            ops: Ops::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>),
            clock,
            writer: Writer::default(),
            sent: BTreeMap::new(),
            dice: 7,
        };
        world.name_all();
        world
    }

    /// The collector names its series, as it does when it begins.
    fn name_all(&mut self) {
        for number in 0..3 {
            self.writer.name(HOST, number, series(number));
        }
    }

    /// The console ended without a word, and began anew.
    fn killed(&mut self) {
        self.writer = Writer::default();
        self.name_all();
    }

    fn now(&self) -> i64 {
        millis(self.ops.clock.now())
    }

    fn sample(&mut self, number: u32) -> f64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let noise = self.dice >> 33;
        match number {
            0 => f64::from(u32::try_from(noise % 10_000).unwrap()) / 10_000.0,
            1 => f64::from(u32::try_from(noise % 5).unwrap()),
            _ => 42.0,
        }
    }

    /// Lets time pass and sends `count` frames, one each `every`; returns nothing, remembers everything.
    fn send(&mut self, count: usize, every: Duration) {
        for _ in 0..count {
            self.clock.advance(every);
            let at = self.now() + i64::try_from(self.dice % 7).unwrap() * 10;
            let samples: Vec<(u32, f64)> = (0..3).map(|n| (n, self.sample(n))).collect();
            for (number, value) in &samples {
                self.sent.entry(*number).or_default().push((at, *value));
            }
            self.writer.take(HOST, &Frame { at, samples }, self.now());
        }
    }

    /// One frame at `at`, which is not remembered.
    fn send_at(&mut self, at: i64) {
        let samples = vec![(0, 0.5), (1, 1.0), (2, 1.0)];
        self.writer.take(HOST, &Frame { at, samples }, self.now());
    }

    async fn flush(&mut self) {
        self.writer.flush(&self.ops).await.unwrap();
    }

    /// The number that the database gave to a series.
    async fn id(&self, number: u32) -> i32 {
        let name = series(number).key.name;
        let system = Actor::system();
        let query = super::SeriesQuery::all(HOST, Some(&name));
        let listed = super::series(&self.ops, &system, query).await;
        listed.unwrap().series[0].id
    }

    async fn chart(&self, number: u32, from: i64, to: i64, most: usize) -> Points {
        let ids = [self.id(number).await];
        let charts = points(&self.ops, &Actor::system(), &ids, from, to, most).await;
        charts.unwrap().remove(0)
    }

    /// Every sample from `from` on, an hour at a time.
    async fn stored(&self, number: u32, mut from: i64) -> Vec<(i64, f64)> {
        let mut stored = Vec::new();
        while from <= self.now() {
            let to = from + 1_800_000;
            let chart = self.chart(number, from, to, 2_000).await;
            stored.extend(chart.points.iter().map(|(at, _, avg, _)| (*at, *avg)));
            from = to;
        }
        stored
    }

    fn sent(&self, number: u32) -> &[(i64, f64)] {
        &self.sent[&number]
    }
}

fn series(number: u32) -> Series {
    let (name, unit) = [
        ("system.cpu.utilization", "1"),
        ("system.processes.count", "{process}"),
        ("container.memory.usage", "By"),
    ][number as usize];
    Series {
        key: SeriesKey {
            name: name.to_owned(),
            attributes: BTreeMap::from([("cpu".to_owned(), "0".to_owned())]),
        },
        unit: unit.to_owned(),
    }
}

/// The same times, and values that are the same to what a meter of shares resolves.
fn same(found: &[(i64, f64)], sent: &[(i64, f64)]) -> bool {
    found.len() == sent.len()
        && found
            .iter()
            .zip(sent)
            .all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= 0.000_81)
}

const SECOND: Duration = Duration::SECOND;
