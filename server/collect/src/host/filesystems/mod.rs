//! Space and inodes of filesystems. Each is asked on a thread of its own: a lost mount hangs there and nowhere else.

mod mounts;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec};

use self::mounts::Mount;
use crate::{
    aside::Aside,
    devices::Devices,
    meter::{Meters, Metric, Value, float},
    read::{Budget, Kept},
    recorder::Recorder,
};

const SOURCE: &str = "filesystem";

/// How long a filesystem may take before that is a state; also the age up to which its last answer is recorded.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often mounts are listed where the kernel does not say that they changed.
const LIST_EVERY: Duration = Duration::from_secs(10);

/// The most filesystems that are asked, each on its thread.
const MOST: usize = 128;

const USAGE: &str = "system.filesystem.usage";
const INODES: &str = "system.filesystem.inodes.usage";

const METRICS: [Metric; 7] = [
    Metric::new("system.filesystem.limit", "By"),
    Metric::new("system.filesystem.utilization", "1"),
    Metric::new(USAGE, "By").with(&[("system.filesystem.state", "used")]),
    Metric::new(USAGE, "By").with(&[("system.filesystem.state", "free")]),
    Metric::new(USAGE, "By").with(&[("system.filesystem.state", "reserved")]),
    Metric::new(INODES, "{inode}").with(&[("system.filesystem.state", "used")]),
    Metric::new(INODES, "{inode}").with(&[("system.filesystem.state", "free")]),
];

/// What a filesystem tells of itself, in bytes and inodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// All of it.
    pub size: u64,
    /// Not used, what is reserved for root included.
    pub free: u64,
    /// Not used, for everybody.
    pub available: u64,
    /// Inodes; zero where it has no fixed number.
    pub inodes: u64,
    /// Inodes not used.
    pub inodes_free: u64,
}

/// How the space of a path is asked for.
pub type ReadSpace = Arc<dyn Fn(&Path) -> io::Result<Space> + Send + Sync>;

/// Asks the filesystem of `path` by statvfs(3). It may hang.
///
/// # Errors
/// Those of statvfs(3).
pub fn space(path: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Space {
        size: bytes(found.f_blocks),
        free: bytes(found.f_bfree),
        available: bytes(found.f_bavail),
        inodes: found.f_files,
        inodes_free: found.f_ffree,
    })
}

pub(crate) struct Filesystems {
    root: PathBuf,
    read: ReadSpace,
    mountinfo: Kept,
    listed: Option<Duration>,
    mounts: Vec<Mount>,
    mounted: Devices<Filesystem>,
}

pub(crate) struct Filesystem {
    pub(crate) mount: Mount,
    /// The last answer; `None` where there is none that is young enough.
    pub(crate) space: Option<Space>,
    meters: Meters,
    /// Its thread; `None` until one could be started.
    aside: Option<Aside<(), io::Result<Space>>>,
    /// When it was asked, and what it said.
    answered: Option<(Duration, io::Result<Space>)>,
}

impl Filesystems {
    /// `mountinfo` names mount points as they are seen from `root`.
    pub(crate) fn new(mountinfo: PathBuf, root: PathBuf, read: ReadSpace, budget: &Budget) -> Self {
        Self {
            root,
            read,
            mountinfo: Kept::new(mountinfo, budget),
            listed: None,
            mounts: Vec::new(),
            mounted: Devices::default(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Filesystem> {
        self.mounted.iter()
    }

    /// Lists what is mounted, and asks each filesystem; answers are looked for by [`Self::record`].
    pub(crate) fn ask(&mut self, buffer: &mut Vec<u8>, recorder: &mut Recorder) {
        let due = self
            .listed
            .is_none_or(|at| recorder.now.saturating_sub(at) >= LIST_EVERY);
        if due || self.mounts_changed() {
            self.listed = Some(recorder.now);
            match self.mountinfo.read(buffer) {
                Ok(()) => {
                    self.mounts = mounts::real(buffer);
                    let count = self.mounts.len();
                    self.mounts.truncate(MOST);
                    if count > MOST {
                        let reason = format!("{count} are mounted; the first {MOST} are read.");
                        recorder.states.bad(SOURCE, "", &reason);
                    } else {
                        recorder.states.good(SOURCE, "");
                    }
                }
                Err(error) => {
                    let path = self.mountinfo.path().display();
                    let reason = format!("What is mounted can't be read from {path}: {error}.");
                    recorder.states.bad(SOURCE, "", &reason);
                }
            }
            self.meet(recorder);
        }
        for filesystem in self.mounted.iter_mut() {
            filesystem.ask(&self.root, &self.read, recorder.now);
        }
    }

    /// The kernel marks the descriptor when a mount came or went.
    fn mounts_changed(&self) -> bool {
        let Some(file) = self.mountinfo.file() else {
            return false;
        };
        let mut polled = [PollFd::new(file, PollFlags::PRI)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        rustix::event::poll(&mut polled, Some(&at_once)).is_ok()
            && polled[0].revents().contains(PollFlags::ERR)
    }

    fn meet(&mut self, recorder: &mut Recorder) {
        self.mounted.begin();
        for mount in &self.mounts {
            let make = || Filesystem::new(mount.clone());
            let Some(filesystem) = self.mounted.seen(&mount.id, make) else {
                continue;
            };
            if filesystem.mount != *mount {
                filesystem.leave(recorder);
                *filesystem = Filesystem::new(mount.clone());
            }
        }
        self.mounted.finish(|mut gone| gone.leave(recorder));
    }

    pub(crate) fn record(&mut self, recorder: &mut Recorder) {
        for filesystem in self.mounted.iter_mut() {
            filesystem.record(recorder);
        }
    }
}

impl Filesystem {
    fn new(mount: Mount) -> Self {
        let meters = Meters::new(vec![
            ("system.device", mount.device.clone()),
            ("system.filesystem.mountpoint", mount.point.clone()),
            ("system.filesystem.type", mount.kind.clone()),
        ]);
        Self {
            mount,
            space: None,
            meters,
            aside: None,
            answered: None,
        }
    }

    fn ask(&mut self, root: &Path, read: &ReadSpace, now: Duration) {
        if self.aside.is_none() {
            let read = Arc::clone(read);
            let path = root.join(self.mount.point.trim_start_matches('/'));
            self.aside = Aside::start("ytops-space", move |()| read(&path)).ok();
        }
        if let Some(aside) = &mut self.aside {
            // An answer that came after the last look.
            if let Some(answer) = aside.answer() {
                self.answered = Some(answer);
            }
            aside.ask((), now);
        }
    }

    fn record(&mut self, recorder: &mut Recorder) {
        let now = recorder.now;
        let Some(aside) = &mut self.aside else {
            let reason = "No thread could be started to ask it.";
            recorder.states.bad(SOURCE, &self.mount.point, reason);
            return;
        };
        if let Some(answer) = aside.answer() {
            self.answered = Some(answer);
        }
        let hangs = aside.waiting(now) >= PATIENCE;
        let young = |at: &Duration| now.saturating_sub(*at) < PATIENCE;
        self.space = None;
        match &self.answered {
            _ if hangs => {
                let reason = "The filesystem does not answer.";
                recorder.states.bad(SOURCE, &self.mount.point, reason);
            }
            Some((at, Ok(space))) if young(at) => {
                self.space = Some(*space);
                recorder.states.good(SOURCE, &self.mount.point);
                self.meters.record(recorder, &METRICS, &values(space));
            }
            Some((_, Err(error))) => {
                let reason = format!("The filesystem can't be asked for its space: {error}.");
                recorder.states.bad(SOURCE, &self.mount.point, &reason);
            }
            // Asked a moment ago.
            _ => {}
        }
    }

    fn leave(&mut self, recorder: &mut Recorder) {
        self.meters.end(recorder);
        recorder.states.forget(SOURCE, &self.mount.point);
    }
}

fn values(space: &Space) -> [Value; 7] {
    let used = space.size.saturating_sub(space.free);
    // As `df` counts: what is reserved for root is neither used nor free.
    let usable = used.saturating_add(space.available);
    let utilization = (usable > 0).then(|| float(used) / float(usable));
    let inodes = |count: u64| Value::gauge((space.inodes > 0).then(|| float(count)));
    [
        Value::bytes(Some(space.size)),
        Value::gauge(utilization),
        Value::bytes(Some(used)),
        Value::bytes(Some(space.available)),
        Value::bytes(Some(space.free.saturating_sub(space.available))),
        inodes(space.inodes.saturating_sub(space.inodes_free)),
        inodes(space.inodes_free),
    ]
}
