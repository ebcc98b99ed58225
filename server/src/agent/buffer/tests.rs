#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop"
)]

use std::collections::BTreeMap;

use types::resources::{Frame, Series, SeriesKey};

use super::*;

fn series(number: u32) -> (u32, Series) {
    let key = SeriesKey {
        name: format!("test.{number}"),
        attributes: BTreeMap::new(),
    };
    let unit = "1".to_owned();
    (number, Series { key, unit })
}

fn tick(at: i64, numbers: std::ops::Range<u32>) -> Tick {
    Tick {
        frame: Frame {
            at,
            samples: numbers.map(|number| (number, f64::from(number))).collect(),
        },
        ended: Vec::new(),
        began: Vec::new(),
        states: Arc::default(),
        errors: Vec::new(),
    }
}

/// A console that takes what is sent, and stores when it is told to.
#[derive(Default)]
struct Console {
    session: Option<u32>,
    taken: Vec<i64>,
    stored_until: i64,
    named: Vec<u32>,
    ended: Vec<u32>,
}

impl Console {
    /// Everything that the buffer has to send.
    fn drain(&mut self, buffer: &mut Buffer) {
        for round in 0.. {
            assert!(round < 1_000, "it goes on for ever");
            let Some((batch, sent)) = buffer.batch() else {
                return;
            };
            assert!(serde_json::to_vec(&batch).unwrap().len() < 1024 * 1024);
            let receipt = self.take(batch);
            buffer.heard(&sent, receipt);
        }
    }

    fn take(&mut self, batch: Batch) -> Receipt {
        let newest = self
            .taken
            .last()
            .copied()
            .unwrap_or(0)
            .max(self.stored_until);
        if !batch.begins && self.session != Some(batch.session) {
            return Receipt {
                is_known: false,
                taken_until: self.stored_until,
                stored_until: self.stored_until,
            };
        }
        if batch.begins {
            self.named.clear();
            self.session = Some(batch.session);
        }
        self.named.extend(batch.named.iter().map(|one| one.number));
        for tick in batch.ticks {
            assert!(
                tick.numbers
                    .iter()
                    .all(|number| self.named.contains(number))
            );
            if tick.at > newest {
                self.taken.push(tick.at);
            }
            self.ended.extend(tick.ended);
        }
        Receipt {
            is_known: true,
            taken_until: self
                .taken
                .last()
                .copied()
                .unwrap_or(0)
                .max(self.stored_until),
            stored_until: self.stored_until,
        }
    }

    fn killed(&mut self) {
        self.session = None;
        self.taken.retain(|at| *at <= self.stored_until);
    }
}

fn filled(ticks: i64) -> Buffer {
    let mut buffer = Buffer::new("a".to_owned(), 1);
    for number in 1..=ticks {
        let mut one = tick(number * 1_000, 0..3);
        if number == 1 {
            one.began = (0..3).map(series).collect();
        }
        buffer.push(one);
    }
    buffer
}

#[test]
fn a_console_that_starts_anew_gets_what_it_had_not_stored_once_and_in_order() {
    let (mut buffer, mut console) = (filled(100), Console::default());
    console.drain(&mut buffer);
    assert_eq!(buffer.held(), 100, "nothing is stored yet");
    console.stored_until = 40_000;
    buffer.push(tick(101_000, 0..3));
    console.drain(&mut buffer);
    assert_eq!(buffer.held(), 61);
    console.stored_until = 50_000;
    console.killed();
    buffer.push(tick(102_000, 0..3));
    console.drain(&mut buffer);
    let all: Vec<i64> = (1..=102).map(|number| number * 1_000).collect();
    assert_eq!(console.taken, all);
    assert_eq!(buffer.held(), 52);
    assert_eq!(buffer.dropped(), 0);
}

fn error() -> GpuError {
    GpuError {
        uuid: "GPU-1".to_owned(),
        card: "GPU 0".to_owned(),
        xid: 79,
    }
}

#[test]
fn errors_of_gpus_outlive_their_tick() {
    let mut buffer = filled(1);
    let mut one = tick(2_000, 0..3);
    one.errors = vec![error()];
    buffer.push(one);
    // The clock was set back.
    buffer.push(tick(1_500, 0..3));
    assert_eq!(buffer.ticks.back().unwrap().errors.len(), 1);
    // The console is away for long.
    for at in 2..1_000 {
        buffer.push(tick(at * 1_000, 0..3));
    }
    assert_eq!(*buffer.ticks.front().unwrap().errors, [error()]);
}

#[test]
fn errors_of_gpus_go_with_their_tick_and_so_many_at_once() {
    let mut buffer = filled(1);
    for at in [2, 3] {
        let mut one = tick(at * 1_000, 0..3);
        one.errors = vec![error(); 150];
        buffer.push(one);
    }
    let (batch, _) = buffer.batch().unwrap();
    let errors: Vec<usize> = batch.ticks.iter().map(|tick| tick.errors.len()).collect();
    assert_eq!(errors, [0, 150, 50]);
}

#[test]
fn a_batch_whose_answer_was_lost_is_sent_again_and_does_not_count_twice() {
    let (mut buffer, mut console) = (filled(3), Console::default());
    let (batch, _lost) = buffer.batch().unwrap();
    console.take(batch.clone());
    assert_eq!(buffer.batch().unwrap().0, batch);
    console.drain(&mut buffer);
    assert_eq!(console.taken, [1_000, 2_000, 3_000]);
}

#[test]
fn a_quarter_of_an_hour_is_held_and_what_was_dropped_is_counted() {
    let mut buffer = filled(1);
    let mut gone = tick(2_000, 0..2);
    gone.ended.push(2);
    buffer.push(gone);
    for number in 3..=1_000 {
        buffer.push(tick(number * 1_000, 0..2));
    }
    assert_eq!((buffer.held(), buffer.dropped()), (900, 100));
    let mut console = Console::default();
    console.drain(&mut buffer);
    assert_eq!(console.taken.len(), 900);
    assert_eq!(console.taken[0], 101_000);
    assert_eq!(
        console.ended,
        [2],
        "that it ended is not lost with the tick"
    );
    console.stored_until = 1_000_000;
    buffer.push(tick(1_001_000, 0..2));
    console.drain(&mut buffer);
    assert_eq!(buffer.names.len(), 2);
    assert_eq!(buffer.samples, 2);
}

#[test]
fn many_and_long_names_go_in_parts_that_fit_into_a_body() {
    let mut buffer = Buffer::new("a".to_owned(), 1);
    let mut first = tick(1_000, 0..20_500);
    first.began = (0..20_500)
        .map(|number| {
            let (number, mut one) = series(number);
            let value = "v".repeat(950);
            one.key.attributes.insert("key".to_owned(), value);
            (number, one)
        })
        .collect();
    buffer.push(first);
    let mut console = Console::default();
    console.drain(&mut buffer);
    assert_eq!(console.taken, [1_000]);
    assert_eq!(console.named.len(), 20_500);
}

#[test]
fn a_clock_that_is_set_back_takes_back_what_was_ahead_of_it() {
    let mut buffer = filled(2);
    let mut ahead = tick(9_000_000, 0..3);
    ahead.ended.push(2);
    buffer.push(ahead);
    buffer.push(tick(3_000, 0..2));
    let mut console = Console::default();
    console.drain(&mut buffer);
    assert_eq!(console.taken, [1_000, 2_000, 3_000]);
    assert_eq!(console.ended, [2]);
}

#[test]
fn a_clock_behind_what_is_stored_is_told_and_what_it_times_is_not_held_for_ever() {
    let mut buffer = filled(2);
    let mut console = Console {
        stored_until: 60_000,
        ..Console::default()
    };
    console.drain(&mut buffer);
    for number in 3..=1_000 {
        assert_eq!(
            buffer.behind_s(),
            (number > 3 && number < 57).then_some(61 - number)
        );
        buffer.push(tick(number * 1_000, 0..3));
        console.drain(&mut buffer);
    }
    assert_eq!(console.taken.len(), 940);
    assert_eq!(buffer.dropped(), 0);
}

#[test]
fn times_are_multiples_so_that_what_is_stored_is_known_again() {
    let mut buffer = filled(1);
    buffer.push(tick(2_009, 0..3));
    let mut console = Console {
        stored_until: 2_000,
        ..Console::default()
    };
    console.drain(&mut buffer);
    assert_eq!(buffer.held(), 0);
}

#[test]
fn states_are_told_when_they_change_and_to_each_console() {
    let mut buffer = filled(1);
    let mut console = Console::default();
    let told = |buffer: &Buffer| buffer.batch().map(|(batch, _)| batch.states.is_some());
    assert_eq!(told(&buffer), Some(true));
    console.drain(&mut buffer);
    let states = Arc::clone(&buffer.states);
    let with = |at, states: &Arc<Vec<SourceState>>| Tick {
        states: Arc::clone(states),
        ..tick(at, 0..3)
    };
    buffer.push(with(2_000, &states));
    assert_eq!(told(&buffer), Some(false));
    console.drain(&mut buffer);
    buffer.push(with(3_000, &Arc::default()));
    assert_eq!(told(&buffer), Some(true));
    console.drain(&mut buffer);
    let states = Arc::clone(&buffer.states);
    console.killed();
    buffer.push(with(4_000, &states));
    let (batch, sent) = buffer.batch().unwrap();
    let receipt = console.take(batch);
    buffer.heard(&sent, receipt);
    assert_eq!(told(&buffer), Some(true));
}
