use std::{collections::BTreeMap, sync::Arc};

use store::PgPool;
use time::Duration;
use types::{
    Error, Role,
    charts::{Asked, Charts, Range, Subject, View},
    health::Status,
    preflight::Thresholds,
    resources::{Frame, GpuError, Series, SeriesKey, SourceState},
};

use super::START;
use crate::{
    Actor, Caller, Fault, Ops, Outcome, Who,
    outside::{Clock, FixedClock},
    preflight,
    resources::{self, Taken, finish, millis},
};

/// Name, unit and attributes of a series.
type Sketch = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// Series of a host with two filesystems and a container.
const SERIES: [Sketch; 7] = [
    ("system.cpu.utilization", "1", &[("cpu.mode", "user")]),
    ("system.cpu.utilization", "1", &[("cpu.mode", "idle")]),
    (
        "system.memory.usage",
        "By",
        &[("system.memory.state", "used")],
    ),
    ("system.memory.limit", "By", &[]),
    (
        "system.filesystem.utilization",
        "1",
        &[("system.filesystem.mountpoint", "/")],
    ),
    (
        "system.filesystem.utilization",
        "1",
        &[("system.filesystem.mountpoint", "/data")],
    ),
    (
        "container.cpu.usage",
        "{cpu}",
        &[("container.name", "shop-web-1")],
    ),
];

struct World {
    ops: Ops,
    clock: Arc<FixedClock>,
}

impl World {
    async fn new(db: &PgPool) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let ops = Ops::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>);
        ops.meters.set_own_host("own");
        let began: Vec<(u32, Series)> = (0..).zip(SERIES.map(series)).collect();
        ops.meters.begin("own", &began);
        let world = Self { ops, clock };
        world.send(30);
        finish(&world.ops).await;
        world
    }

    fn now(&self) -> i64 {
        millis(self.ops.clock.now())
    }

    /// So many seconds, in each of which every series has its number tenths.
    fn send(&self, count: u32) {
        for _ in 0..count {
            self.clock.advance(Duration::SECOND);
            let samples = (0..7_u32).map(|number| (number, f64::from(number) / 10.0));
            let frame = Frame {
                at: self.now(),
                samples: samples.collect(),
            };
            assert_eq!(self.ops.meters.take("own", frame, true), Taken::Taken);
        }
    }

    async fn ask(&self, actor: &Actor, view: View, range: Range, before_s: u32) -> Outcome<Charts> {
        let asked = Asked {
            subject: Subject::Host {
                name: String::new(),
                view,
            },
            range,
            points: 300,
            before_s,
        };
        resources::charts(&self.ops, actor, &asked).await
    }

    async fn overview(&self) -> Charts {
        let all = self
            .ask(&Actor::system(), View::Overview, Range::Last(60), 0)
            .await;
        all.unwrap()
    }
}

fn series((name, unit, attributes): Sketch) -> Series {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Series {
        key: SeriesKey {
            name: name.to_owned(),
            attributes: attributes.collect::<BTreeMap<_, _>>(),
        },
        unit: unit.to_owned(),
    }
}

fn confined() -> Actor {
    Actor {
        who: Who::Token { id: 1 },
        name: "token".to_owned(),
        role: Role::Viewer,
        teams: vec!["platform".to_owned()],
        caller: Caller::default(),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_overview_shows_what_is_measured_with_its_limits(db: PgPool) {
    let world = World::new(&db).await;
    let system = Actor::system();
    let thresholds = Thresholds {
        max_cpu_usage: 0.65,
        max_disk_usage: 0.7,
        ..Thresholds::default()
    };
    let manager = Actor {
        role: Role::Cto,
        ..system.clone()
    };
    preflight::set_thresholds(&world.ops, &manager, thresholds)
        .await
        .unwrap();
    world.send(3);
    let told = world.overview().await;
    assert_eq!(
        (told.host.as_str(), told.newest),
        ("own", Some(world.now()))
    );
    assert_eq!(told.own, "own");
    assert_eq!(told.hosts[0].newest, Some(world.now()));
    let ids: Vec<&str> = told.charts.iter().map(|chart| chart.id.as_str()).collect();
    assert_eq!(ids, ["cpu", "memory", "filesystems"]);
    let [cpu, memory, filesystems] = &told.charts[..] else {
        unreachable!()
    };
    assert_eq!(cpu.lines.len(), 1, "idleness is no use");
    assert!(cpu.is_stacked && cpu.most == Some(1.0));
    assert_eq!(cpu.limits[0].label, "threshold 65 %");
    // Thirty stored, three heard since, none twice.
    let points = &memory.lines[0].points;
    assert_eq!((points.mean.len(), points.step), (33, 1_000));
    assert_eq!(points.times[0], millis(START) + 1_000);
    assert!(points.times[1..].iter().all(|after| *after == 1_000));
    assert_eq!(
        (memory.unit.as_str(), memory.most),
        ("By", Some(0.0)),
        "a limit of less than half a byte"
    );
    let labels: Vec<&str> = filesystems
        .lines
        .iter()
        .map(|line| line.label.as_str())
        .collect();
    assert_eq!(labels, ["/", "/data"]);
    assert_eq!(filesystems.limits[0].label, "threshold 70 %");
}

#[sqlx::test(migrations = "../../migrations")]
async fn whoever_acts_for_one_team_gets_no_charts_of_containers(db: PgPool) {
    let world = World::new(&db).await;
    let range = Range::Last(60);
    let seen = world
        .ask(&Actor::system(), View::Containers, range, 0)
        .await
        .unwrap();
    assert_eq!(seen.charts[0].lines[0].label, "shop-web-1");
    let hidden = world
        .ask(&confined(), View::Containers, range, 0)
        .await
        .unwrap();
    assert_eq!(hidden.charts, []);
    let machine = world.ask(&confined(), View::Cpu, range, 0).await.unwrap();
    assert_eq!(machine.charts.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_time_before_is_told_with_the_times_of_now(db: PgPool) {
    let world = World::new(&db).await;
    world.clock.advance(Duration::seconds(86_400 - 30));
    world.send(30);
    let told = world
        .ask(&Actor::system(), View::Cpu, Range::Last(30), 86_400)
        .await
        .unwrap();
    let line = &told.charts[0].lines[0];
    let before = line.before.as_ref().unwrap();
    assert_eq!((before.mean.len(), line.points.mean.len()), (30, 30));
    assert_eq!(before.times, line.points.times);
    let none = world.overview().await;
    assert_eq!(none.charts[0].lines[0].before, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_time_before_goes_on_where_the_range_does(db: PgPool) {
    let world = World::new(&db).await;
    world.clock.advance(Duration::seconds(86_400 - 30));
    world.send(10);
    let now = world.now();
    for (range, expected) in [
        (Range::Last(10), 30),
        (Range::Between(now - 10_000, now + 1), 10),
    ] {
        let told = world.ask(&Actor::system(), View::Cpu, range, 86_400).await;
        let line = told.unwrap().charts.remove(0).lines.remove(0);
        let before = line.before.unwrap();
        assert_eq!(line.points.times.len(), 10, "{range:?}");
        assert_eq!(before.times.len(), expected, "{range:?}");
        assert_eq!(before.times[..10], line.points.times);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_makes_no_sense_is_refused_by_field(db: PgPool) {
    let world = World::new(&db).await;
    let now = world.now();
    let wrong = [
        (Range::Last(4), 0, "range"),
        (Range::Last(u32::MAX), 0, "range"),
        (Range::Between(now, now - 60_000), 0, "range"),
        (Range::Between(now, now), 0, "range"),
        (Range::Between(i64::MIN, i64::MAX), 0, "range"),
        (Range::Between(i64::MAX - 60_000, i64::MAX), 0, "range"),
        (Range::Last(60), u32::MAX, "before_s"),
    ];
    for (range, before_s, field) in wrong {
        let told = world
            .ask(&Actor::system(), View::Cpu, range, before_s)
            .await;
        let named = match told {
            Err(Fault::Told(error)) => error.of_field(field).is_some(),
            _ => false,
        };
        assert!(named, "{range:?}");
    }
    for points in [0, 1, 2_001] {
        let asked = Asked {
            subject: Subject::Host {
                name: String::new(),
                view: View::Cpu,
            },
            range: Range::Last(60),
            points,
            before_s: 0,
        };
        let told = resources::charts(&world.ops, &Actor::system(), &asked).await;
        assert!(
            matches!(told, Err(Fault::Told(Error::Invalid { .. }))),
            "{points}"
        );
    }
    let asked = Asked {
        subject: Subject::Host {
            name: "none".to_owned(),
            view: View::Cpu,
        },
        range: Range::Last(60),
        points: 100,
        before_s: 0,
    };
    let told = resources::charts(&world.ops, &Actor::system(), &asked).await;
    assert!(matches!(told, Err(Fault::Told(Error::NotFound { .. }))));
    let early = Range::Between(-5_000, 60_000);
    assert_eq!(
        world
            .ask(&Actor::system(), View::Cpu, early, 86_400)
            .await
            .unwrap()
            .from,
        0
    );
    let years = Range::Last(5 * 365 * 86_400);
    let told = world
        .ask(&Actor::system(), View::Overview, years, 0)
        .await
        .unwrap();
    assert_eq!(told.charts.len(), 3);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_happened_and_what_cant_be_read_is_told(db: PgPool) {
    let world = World::new(&db).await;
    let mut db = db.acquire().await.unwrap();
    for (second, action, exit_code) in
        [(5, "die", Some(1)), (7, "start", None), (90, "start", None)]
    {
        let event = store::engine_events::NewEvent {
            at: START + Duration::seconds(second),
            time_nano: second,
            container_id: "c".to_owned(),
            project: "shop".to_owned(),
            service: "web".to_owned(),
            action: action.to_owned(),
            exit_code,
            image: String::new(),
            detail: String::new(),
        };
        store::engine_events::add(&mut db, &event).await.unwrap();
    }
    let state = |source: &str, device: &str, reason: Option<&str>| SourceState {
        source: source.to_owned(),
        device: device.to_owned(),
        reason: reason.map(str::to_owned),
        since: 5,
    };
    let gpu = state("gpu", "", Some("There is no NVIDIA driver."));
    let states = vec![
        state("container", "shop-web-1", Some("It has no cgroup.")),
        state("cpu", "", None),
        gpu.clone(),
    ];
    world.ops.meters.set_states("own", Arc::new(states));
    let told = world.overview().await;
    let marks: Vec<(i64, &str)> = told
        .marks
        .iter()
        .map(|mark| (mark.at - millis(START), mark.text.as_str()))
        .collect();
    assert_eq!(marks, [(5_000, "web failed and restarted")]);
    assert_eq!(told.unreadable.len(), 2);
    let hidden = world
        .ask(&confined(), View::Overview, Range::Last(60), 0)
        .await
        .unwrap();
    assert_eq!((hidden.marks, hidden.unreadable), (vec![], vec![gpu]));
    let cpu = world
        .ask(&Actor::system(), View::Cpu, Range::Last(60), 0)
        .await
        .unwrap();
    assert_eq!(cpu.unreadable, []);
    // This concerns every view.
    let clock = state("clock", "", Some("It was set back by 60 s."));
    (world.ops.meters).set_states("own", Arc::new(vec![clock.clone()]));
    let cpu = world
        .ask(&Actor::system(), View::Cpu, Range::Last(60), 0)
        .await
        .unwrap();
    assert_eq!(cpu.unreadable, [clock]);
}

fn error(card: u32, xid: u64) -> GpuError {
    GpuError {
        uuid: format!("GPU-{card}"),
        card: format!("GPU {card}"),
        xid,
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn errors_of_gpus_are_marks(db: PgPool) {
    let mut world = World::new(&db).await;
    let start = millis(START);
    let note = |at: i64, errors: &[GpuError]| {
        (world.ops.meters).note_errors("own", start + at, errors.to_vec());
    };
    note(1_000, &[error(0, 79), error(1, 31), error(0, 79)]);
    note(20_000, &[error(0, 31)]);
    for at in 0..200 {
        note(22_000 + at, &[error(0, 9_999)]);
    }
    // They wait while the database is away, and are stored once.
    let here = std::mem::replace(&mut world.ops.db, store::nowhere().await);
    finish(&world.ops).await;
    world.ops.db = here;
    finish(&world.ops).await;
    world
        .ops
        .meters
        .note_errors("own", start + 1_000, vec![error(0, 79)]);
    world
        .ops
        .meters
        .note_errors("gpu-2", start + 1_000, vec![error(0, 48)]);
    finish(&world.ops).await;
    let told = world.overview().await;
    let marks: Vec<_> = (told.marks.iter())
        .map(|mark| (mark.at - start, mark.text.as_str(), mark.status))
        .collect();
    let page = "memory page fault, mostly a program's error (XID 31)";
    let (first, later) = (format!("GPU 1: {page}"), format!("GPU 0: {page}"));
    let many = "GPU 0: XID 9999, as NVIDIA's list explains, 200 times";
    assert_eq!(
        marks,
        [
            (1_000, "GPU 0: fell off the bus (XID 79)", Status::Critical),
            (1_000, first.as_str(), Status::Warning),
            (20_000, later.as_str(), Status::Warning),
            (22_000, many, Status::Warning),
        ]
    );
    assert_eq!(told.marks[0].href, "/resources?view=gpus");
    let asked = Asked {
        subject: Subject::Host {
            name: "gpu-2".to_owned(),
            view: View::Gpus,
        },
        range: Range::Last(60),
        points: 100,
        before_s: 0,
    };
    let other = resources::charts(&world.ops, &Actor::system(), &asked)
        .await
        .unwrap();
    assert_eq!(other.marks.len(), 1, "those of the host itself");
    assert_eq!(other.marks[0].href, "/resources?view=gpus&host=gpu-2");
    assert_eq!((other.host.as_str(), other.own.as_str()), ("gpu-2", "own"));
    // They go with the samples.
    world.clock.advance(Duration::days(6 * 365));
    resources::forget(&world.ops).await.unwrap();
    let left = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM gpu_error");
    assert_eq!(left.fetch_one(&db).await.unwrap(), 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_host_that_has_nothing_yet_has_no_charts(db: PgPool) {
    let clock = Arc::new(FixedClock::at(START)) as Arc<dyn Clock>;
    let world = Ops::new(db, clock);
    let asked = Asked {
        subject: Subject::Host {
            name: String::new(),
            view: View::Overview,
        },
        range: Range::default(),
        points: 300,
        before_s: 0,
    };
    let told = resources::charts(&world, &Actor::system(), &asked)
        .await
        .unwrap();
    assert_eq!(
        (told.host.as_str(), told.newest, told.charts.len()),
        ("localhost", None, 0)
    );
}
