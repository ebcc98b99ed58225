#![expect(clippy::unwrap_used, reason = "a test may stop")]

use crate::{
    ABSENT, Corrupt, MOST_FRAMES, Packed, Packer, Resolution, Summary, merge, pack, step,
    summarise, thin, unpack,
};

/// Numbers without order, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: u64) -> u64 {
        self.roll() % most
    }

    fn step(&mut self, most: u64) -> i32 {
        i32::try_from(self.below(most)).unwrap()
    }
}

/// Columns of every kind: still, rising, noisy, sparse, with gaps, extreme.
fn column(dice: &mut Dice, frames: usize) -> Vec<i32> {
    let kind = dice.below(7);
    let mut last = dice.step(1_000);
    (0..frames)
        .map(|index| match kind {
            1 => last + i32::try_from(index).unwrap() * 3,
            2 => dice.step(100_000) - 50_000,
            3 if dice.below(50) == 0 => dice.step(5_000),
            3 => 0,
            4 if dice.below(4) == 0 => ABSENT,
            0 | 4 => last,
            5 if index % 100 < 60 => ABSENT,
            6 => *[i32::MAX, -i32::MAX, 0].get(index % 3).unwrap(),
            _ => {
                last += dice.step(7) - 3;
                last
            }
        })
        .collect()
}

fn times(dice: &mut Dice, frames: usize) -> Vec<i64> {
    let mut at = 1_795_519_763_000;
    (0..frames)
        .map(|_| {
            at += if dice.below(200) == 0 { 90_000 } else { 990 } + i64::from(dice.step(20));
            at
        })
        .collect()
}

/// Times, the columns of each series by its number, and the block of them.
type Made = (Vec<i64>, Vec<(u32, Vec<i32>)>, Vec<u8>);

fn block(dice: &mut Dice, frames: usize) -> Made {
    let times = times(dice, frames);
    let mut making = Packer::new(&times).unwrap();
    let mut number = 0;
    let columns: Vec<(u32, Vec<i32>)> = (0..=dice.below(12))
        .map(|_| {
            number += u32::try_from(dice.below(40)).unwrap() + 1;
            (number, column(dice, frames))
        })
        .filter(|(_, column)| column.iter().any(|step| *step != ABSENT))
        .collect();
    for (number, column) in &columns {
        making.add(*number, column);
    }
    let packed = making.finish().unwrap_or_default();
    (times, columns, packed)
}

#[test]
fn every_column_is_read_alone_as_it_was_written() {
    let mut dice = Dice(7);
    for frames in [1, 2, 10, 23, 24, 95, 96, 180, 900, 3_600] {
        for _ in 0..20 {
            let (times, columns, packed) = block(&mut dice, frames);
            if columns.is_empty() {
                continue;
            }
            let opened = Packed::open(&packed).unwrap();
            assert_eq!(opened.times(), times);
            let numbers: Vec<u32> = columns.iter().map(|(number, _)| *number).collect();
            assert_eq!(opened.series().collect::<Vec<_>>(), numbers);
            for (number, column) in &columns {
                assert_eq!(opened.column(*number).unwrap().as_ref(), Some(column));
            }
            assert_eq!(opened.column(100_000).unwrap(), None);
        }
    }
}

#[test]
fn a_damaged_block_is_refused() {
    let mut dice = Dice(11);
    for _ in 0..60 {
        let (_, columns, packed) = block(&mut dice, 300);
        if columns.is_empty() {
            continue;
        }
        for _ in 0..40 {
            let mut damaged = packed.clone();
            let at = usize::try_from(dice.below(packed.len() as u64)).unwrap();
            damaged[at] ^= 1 << dice.below(8);
            assert!(Packed::open(&damaged).is_err());
            assert!(Packed::open(&packed[..at]).is_err());
        }
    }
    assert_eq!(Packed::open(&[]).unwrap_err(), Corrupt("it ends early"));
}

/// What a checksum would have kept out: made-up contents end as an error or as columns of the length that was told.
#[test]
fn nothing_that_a_block_says_makes_this_stop_or_take_memory() {
    let mut dice = Dice(13);
    for round in 0..400 {
        let (_, _, packed) = block(&mut dice, [5, 60, 400][round % 3]);
        for _ in 0..20 {
            let mut content = packed.get(4..).unwrap_or_default().to_vec();
            if content.is_empty() {
                continue;
            }
            for _ in 0..=dice.below(4) {
                let at = usize::try_from(dice.below(content.len() as u64)).unwrap();
                content[at] = u8::try_from(dice.below(256)).unwrap();
            }
            let Ok(opened) = Packed::read(&content) else {
                continue;
            };
            assert!(opened.times().len() <= MOST_FRAMES);
            for number in opened.series().collect::<Vec<_>>() {
                if let Ok(Some(column)) = opened.column(number) {
                    assert_eq!(column.len(), opened.times().len());
                }
                let _ = unpack(&opened, number / 4, Resolution::of("1"));
            }
        }
    }
}

#[test]
fn what_stands_still_costs_nothing_and_regular_times_neither() {
    let times: Vec<i64> = (0..3_600).map(|second| second * 1_000).collect();
    let mut making = Packer::new(&times).unwrap();
    for number in 1..=64 {
        making.add(number, &[42; 3_600]);
    }
    let packed = making.finish().unwrap();
    assert!(packed.len() < 64 * 8, "{}", packed.len());
}

#[test]
fn a_step_is_as_fine_as_the_meter() {
    for (unit, value, error) in [
        ("1", 0.5, 0.0),
        ("1", 0.0001, 0.0),
        ("1", 0.0342, 0.0),
        ("1", 0.97, 0.0),
        ("1", 0.974_4, 0.000_5),
        ("By", 56_123_456_789.0, 56_123_456_789.0 / 4_096.0),
        ("By", 4_095.0, 0.0),
        ("By/s", 123_456.7, 250.0),
        ("Hz", 1.41e9, 0.0),
        ("{process}", 99_999.0, 0.0),
        ("{thread}", 0.44, 0.0),
        ("{cpu}", 0.007, 0.0),
        ("{cpu}", 63.25, 0.0),
        ("Cel", -40.5, 0.0),
        ("W", 71.3, 0.0),
    ] {
        let resolution = Resolution::of(unit);
        let kept = resolution.value(resolution.code(value).unwrap());
        assert!((kept - value).abs() <= error, "{unit} {value}: {kept}");
    }
    for value in [f64::NAN, f64::INFINITY] {
        assert_eq!(Resolution::of("1").code(value), None);
    }
}

#[test]
fn a_mean_of_little_work_is_not_nothing() {
    let resolution = Resolution::of("{cpu}");
    let samples = [0.004, 0.009, 0.0074, 0.003];
    let steps = samples.map(|value| resolution.code(value).unwrap());
    let told = summarise(&[0, 1_000, 2_000, 3_000], &steps, resolution, 60_000);
    let packed = pack(&[(1, resolution, told)]).unwrap();
    let kept = unpack(&Packed::open(&packed).unwrap(), 1, resolution).unwrap();
    assert!((kept[0].mean - 0.00585).abs() <= 0.001, "{kept:?}");
    assert!((kept[0].max - 0.009).abs() < 1e-9, "{kept:?}");
}

#[test]
fn steps_rise_with_the_value_and_stay_what_they_are() {
    for unit in ["1", "By", "By/s", "s", "{x}/s", "{x}", "{cpu}"] {
        let resolution = Resolution::of(unit);
        let mut last = -1.0;
        let greatest = resolution.code(1e11).unwrap();
        assert_eq!(resolution.value(0).to_bits(), 0);
        for code in (0..60_000).chain((60_000..greatest).step_by(9_991)) {
            let value = resolution.value(code.min(greatest));
            assert!(code > greatest || value > last, "{unit} {code}");
            last = value;
            let again = (resolution.code(value), resolution.code(-value));
            let code = code.min(greatest);
            assert_eq!(again, (Some(code), Some(-code)), "{unit} {value}");
        }
        assert!(resolution.code(f64::MAX).is_some() && resolution.value(i32::MAX) > 0.0);
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

#[test]
fn a_summary_is_what_brute_force_finds() {
    let mut dice = Dice(17);
    let resolution = Resolution::of("{x}");
    for _ in 0..40 {
        let times = times(&mut dice, 2_000);
        let column: Vec<i32> = column(&mut dice, 2_000)
            .iter()
            .map(|step| (*step).clamp(ABSENT, 100_000))
            .map(|step| if step < -100_000 { ABSENT } else { step })
            .collect();
        let minutes = summarise(&times, &column, resolution, 60_000);
        let mut total = 0;
        for minute in &minutes {
            let values: Vec<f64> = times
                .iter()
                .zip(&column)
                .filter(|(at, step)| **at / 60_000 * 60_000 == minute.at && **step != ABSENT)
                .map(|(_, step)| resolution.value(*step))
                .collect();
            let count = u32::try_from(values.len()).unwrap();
            let mean = values.iter().sum::<f64>() / f64::from(count);
            assert!(close(minute.mean, mean), "{} {mean}", minute.mean);
            let min = values.iter().copied().fold(f64::INFINITY, f64::min);
            let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert!(close(minute.min, min) && close(minute.max, max));
            assert_eq!(minute.count, count);
            total += values.len();
        }
        let there = column.iter().filter(|step| **step != ABSENT).count();
        assert_eq!(total, there, "every sample is in one minute");
        let hours = merge(minutes, 3_600_000);
        let straight = summarise(&times, &column, resolution, 3_600_000);
        assert_eq!(hours.len(), straight.len());
        for (hour, straight) in hours.iter().zip(&straight) {
            assert_eq!((hour.at, hour.count), (straight.at, straight.count));
            assert!(close(hour.mean, straight.mean));
        }
    }
}

#[test]
fn packed_summaries_are_the_summaries_to_a_step() {
    let mut dice = Dice(19);
    let resolution = Resolution::of("1");
    let times = times(&mut dice, 9_000);
    let series: Vec<(u32, Resolution, Vec<Summary>)> = (1..20)
        .map(|number| {
            let column: Vec<i32> = column(&mut dice, 9_000)
                .iter()
                .map(|step| (*step).clamp(ABSENT, 10_000))
                .collect();
            (
                number,
                resolution,
                summarise(&times, &column, resolution, 60_000),
            )
        })
        .collect();
    let packed = pack(&series).unwrap();
    let opened = Packed::open(&packed).unwrap();
    for (number, _, summaries) in &series {
        let read = unpack(&opened, *number, resolution).unwrap();
        assert_eq!(read.len(), summaries.len());
        for (read, written) in read.iter().zip(summaries) {
            assert_eq!((read.at, read.count), (written.at, written.count));
            assert_eq!(resolution.code(read.mean), resolution.code(written.mean));
            assert_eq!(resolution.code(read.min), resolution.code(written.min));
            assert_eq!(resolution.code(read.max), resolution.code(written.max));
        }
    }
    assert_eq!(unpack(&opened, 99, resolution).unwrap(), []);
}

#[test]
fn a_chart_gets_no_more_points_than_it_asked_for_and_keeps_peaks_and_gaps() {
    let mut dice = Dice(23);
    for points in [2, 10, 300, 500] {
        for seconds in [1, 60, 599, 3_600, 30_000] {
            let from = 1_795_519_763_000 + i64::from(dice.step(100_000));
            let samples: Vec<Summary> = (0..seconds)
                .filter(|second| !(second % 4_000 > 3_000 && seconds > 10_000))
                .map(|second| Summary::of(from + second * 1_000, f64::from(dice.step(1_000))))
                .collect();
            let length = seconds * 1_000;
            let thinned = thin(samples.clone(), length, points);
            assert!(thinned.points.len() <= points, "{seconds} {points}");
            let greatest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
            assert!(close(
                greatest(&mut thinned.points.iter().map(|point| point.max)),
                greatest(&mut samples.iter().map(|sample| sample.max)),
            ));
            for pair in thinned.points.windows(2) {
                let apart = pair[1].at - pair[0].at;
                assert!(apart >= thinned.step);
                let gap = apart > thinned.step * 3 / 2;
                assert!(!gap || seconds > 10_000, "no gap where none was: {pair:?}");
            }
            if seconds > 10_000 && points == 500 {
                let gaps = thinned
                    .points
                    .windows(2)
                    .filter(|pair| pair[1].at - pair[0].at > thinned.step * 3 / 2);
                assert_eq!(gaps.count(), 7);
            }
        }
    }
    assert_eq!(step(365 * 86_400_000, 500), 18 * 3_600_000);
    assert_eq!(step(0, 0), 1_000);
}
