//! A host made of files, and its clock.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use collect::{Collector, Options, Space, Tick};
use types::resources::Series;

/// How long a thread is waited for that will certainly answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The time between two ticks while something is waited for, on both clocks.
const STEP: Duration = Duration::from_millis(1);

/// A collector of a host made of files; the folder is removed at the end.
pub struct World {
    pub folder: PathBuf,
    pub collector: Collector,
    /// The collector's clock.
    pub now: Duration,
    /// Series that have begun and not ended.
    pub series: BTreeMap<u32, Series>,
}

/// An empty folder of its own.
pub fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("ytops-collect-{}-{next}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// All sources under `folder`, without GPUs.
pub fn options(folder: &Path) -> Options {
    let space = Space {
        size: 1_000,
        free: 400,
        available: 300,
        inodes: 10,
        inodes_free: 4,
    };
    Options {
        proc: folder.join("proc"),
        cgroups: folder.join("cgroup"),
        root: folder.join("root"),
        gpus: false,
        space: Arc::new(move |_| Ok(space)),
        ..Options::default()
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(folder(), |_| {})
    }

    pub fn with(folder: PathBuf, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = options(&folder);
        change(&mut options);
        Self {
            collector: Collector::new(&options),
            folder,
            now: Duration::ZERO,
            series: BTreeMap::new(),
        }
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(&self.folder.join(path), text);
    }

    pub fn remove(&self, path: &str) {
        let path = self.folder.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// A second later: the samples by what they measure.
    pub fn second(&mut self) -> BTreeMap<String, f64> {
        self.after(Duration::from_secs(1)).1
    }

    /// `pause` later: the tick, and its samples by what they measure. What holds for every tick is checked.
    pub fn after(&mut self, pause: Duration) -> (Tick, BTreeMap<String, f64>) {
        self.now += pause;
        let at = i64::try_from(self.now.as_millis()).unwrap();
        let tick = self.collector.tick_after(at, self.now);
        assert_eq!(tick.frame.at, at);
        for number in &tick.ended {
            assert!(
                self.series.remove(number).is_some(),
                "{number} ends, but never began"
            );
        }
        for (number, series) in &tick.began {
            let twice = self.series.values().any(|known| known.key == series.key);
            assert!(!twice, "{} began twice", label(series));
            assert!(self.series.insert(*number, series.clone()).is_none());
        }
        let mut samples = BTreeMap::new();
        for (number, value) in &tick.frame.samples {
            let label = label(&self.series[number]);
            assert!(value.is_finite() && *value >= 0.0, "{label} is {value}");
            assert!(
                samples.insert(label, *value).is_none(),
                "two samples of one series"
            );
        }
        (tick, samples)
    }

    /// Ticks, with hardly any time passing on the collector's clock, until `found` finds what it looks for.
    pub fn until<T>(
        &mut self,
        mut found: impl FnMut(&Tick, &BTreeMap<String, f64>) -> Option<T>,
    ) -> T {
        let begun = Instant::now();
        loop {
            let (tick, samples) = self.after(STEP);
            if let Some(found) = found(&tick, &samples) {
                return found;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "in vain: {samples:#?} {:#?}",
                tick.states
            );
            std::thread::sleep(STEP);
        }
    }

    pub fn prometheus(&self) -> String {
        let mut out = String::new();
        self.collector.prometheus(&mut out);
        out
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A series as one line: `name{key=value,…}`.
pub fn label(series: &Series) -> String {
    let mut label = series.key.name.clone();
    let mut before = '{';
    for (key, value) in &series.key.attributes {
        let _ = write!(label, "{before}{key}={value}");
        before = ',';
    }
    if before == ',' {
        label.push('}');
    }
    label
}

/// Whether `device` of `source` can be read, or why not; `None` where nothing is told of it.
pub fn state(tick: &Tick, source: &str, device: &str) -> Option<Result<(), String>> {
    let mut states = tick.states.iter();
    let state = states.find(|state| state.source == source && state.device == device)?;
    Some(state.reason.clone().map_or(Ok(()), Err))
}

/// Why `device` of `source` can't be read.
pub fn broken(tick: &Tick, source: &str, device: &str) -> Option<String> {
    state(tick, source, device)?.err()
}
