//! The collector: what the host, its containers and its GPUs tell of themselves, once a second.
//!
//! [`Collector::tick`] reads everything and hands out one frame of samples, the series that came and went, and which
//! sources can't be read and why. It never waits for what may hang: filesystems and the NVIDIA driver are asked on
//! threads of their own. [`Collector::prometheus`] writes the same reading in the names of the Prometheus exporters.
//! What is measured is listed in docs/resources.md.

mod aside;
mod containers;
mod devices;
mod gauges;
mod gpu;
mod host;
mod meter;
mod parse;
mod prometheus;
mod read;
mod recorder;
mod states;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use types::resources::{Frame, GpuError, Series, SourceState};

use self::{
    containers::Containers, gauges::Gauges, gpu::Gpus, host::Host, read::Budget, recorder::Recorder,
};
pub use self::{
    containers::{Container, ContainerReading},
    host::filesystems::{ReadSpace, Space, space},
};

/// Where the collector reads, and what.
#[derive(Clone)]
pub struct Options {
    /// Where procfs is mounted; the host's, such as `/host/proc`, for a console in a container.
    pub proc: PathBuf,
    /// Where cgroups are mounted.
    pub cgroups: PathBuf,
    /// What mount points are looked for under; `/host` where the host's root is mounted there.
    pub root: PathBuf,
    /// Look for NVIDIA GPUs.
    pub gpus: bool,
    /// Another NVML library than the system's `libnvidia-ml.so.1`.
    pub nvml: Option<OsString>,
    /// A series for each core and mode, rather than one for each core.
    pub cores_by_mode: bool,
    /// How many descriptors are kept open at most; files beyond are opened anew for each reading.
    pub kept_files: usize,
    /// How filesystems are asked for their space.
    pub space: ReadSpace,
}

impl Default for Options {
    /// This host, its GPUs included.
    fn default() -> Self {
        Self {
            proc: PathBuf::from("/proc"),
            cgroups: PathBuf::from("/sys/fs/cgroup"),
            root: PathBuf::from("/"),
            gpus: true,
            nvml: None,
            cores_by_mode: false,
            kept_files: 256,
            space: Arc::new(space),
        }
    }
}

/// What one tick found.
#[derive(Clone, Debug)]
pub struct Tick {
    /// The samples.
    pub frame: Frame,
    /// Series that ended since the last tick, by number. To be looked at before `began`: a device that was replaced
    /// ends and begins series of the same key.
    pub ended: Vec<u32>,
    /// Series that began since the last tick, with their numbers.
    pub began: Vec<(u32, Series)>,
    /// What can be read and what not, in order of source and device; the same list as before while nothing changed.
    pub states: Arc<Vec<SourceState>>,
    /// XID errors since the last tick.
    pub errors: Vec<GpuError>,
}

/// Reads the host, its containers and its GPUs.
pub struct Collector {
    started: Instant,
    host: Host,
    containers: Containers,
    gpus: Gpus,
    gauges: Gauges,
    recorder: Recorder,
}

impl Collector {
    /// Reads nothing yet.
    pub fn new(options: &Options) -> Self {
        let budget = Budget::new(options.kept_files);
        Self {
            started: Instant::now(),
            host: Host::new(options, &budget),
            containers: Containers::new(options, &budget),
            gpus: Gpus::new(options),
            gauges: Gauges::default(),
            recorder: Recorder::default(),
        }
    }

    /// Watches these containers and no others, from the next tick on.
    pub fn set_containers(&mut self, containers: Vec<Container>) {
        self.containers.set(containers, &mut self.recorder);
    }

    /// The engine's figures of containers by id, for the next tick. They are taken where a cgroup does not tell. A limit
    /// that is the machine's memory is none: so the engine tells that there is none.
    pub fn set_engine_stats(&mut self, mut stats: Vec<(String, ContainerReading)>) {
        let total = self.host.memory_total();
        for (_, reading) in &mut stats {
            let limit = reading.memory_limit;
            reading.memory_limit = limit.filter(|limit| total.is_some_and(|total| *limit < total));
        }
        self.containers.set_engine(stats);
    }

    /// Values that others measured, such as how long a check took. They stand in each frame until they are told anew, for
    /// 90 s at the most; those that are not told again end.
    pub fn set_gauges(&mut self, told: Vec<(Series, f64)>) {
        self.gauges.set(told, &mut self.recorder);
    }

    /// Containers of which nothing is known but what the engine tells: their cgroups can't be seen here.
    pub fn without_cgroup(&self) -> impl Iterator<Item = &Container> {
        self.containers.without_cgroup()
    }

    /// Reads everything; `at` is the time in milliseconds since 1970. To be called once a second; rates are by a clock
    /// of its own that never jumps.
    pub fn tick(&mut self, at: i64) -> Tick {
        self.tick_after(at, self.started.elapsed())
    }

    /// As [`Self::tick`], `elapsed` after the collector began; for tests, which own the clock.
    pub fn tick_after(&mut self, at: i64, elapsed: Duration) -> Tick {
        let recorder = &mut self.recorder;
        recorder.now = elapsed;
        recorder.states.begin(at);
        let mut errors = Vec::new();
        // First what other threads answer: most have by the time the rest is read.
        self.gpus.ask(elapsed);
        self.host.ask(recorder);
        self.host.record(recorder);
        self.containers.record(recorder);
        self.host.filesystems.record(recorder);
        self.gpus.record(&self.containers, &mut errors, recorder);
        self.gauges.record(recorder);
        let room = recorder.samples.len() + 16;
        Tick {
            frame: Frame {
                at,
                samples: std::mem::replace(&mut recorder.samples, Vec::with_capacity(room)),
            },
            ended: std::mem::take(&mut recorder.ended),
            began: std::mem::take(&mut recorder.began),
            states: recorder.states.all(),
            errors,
        }
    }

    /// Appends the last reading in Prometheus' text format, in the names of `node_exporter`, `nvidia_gpu_exporter` and
    /// cAdvisor.
    pub fn prometheus(&self, out: &mut String) {
        prometheus::write(&self.host, &self.containers, &self.gpus, out);
    }
}
