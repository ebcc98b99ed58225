//! Space and inodes, mounts that come and go, and one that hangs.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use collect::{Space, space};

use crate::{
    hang,
    world::{World, broken, folder, state, write},
};

const ROOT: &str = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n";
const DATA: &str = "28 27 254:16 / /data rw,relatime - xfs /dev/vdb rw\n";
const BIND: &str = "29 27 254:16 /x /srv/deep/inside rw,relatime - xfs /dev/vdb rw\n";

fn usage(point: &str, state: &str) -> String {
    let device = if point == "/" { "/dev/vda" } else { "/dev/vdb" };
    let kind = if point == "/" { "ext4" } else { "xfs" };
    format!(
        "system.filesystem.usage{{system.device={device},system.filesystem.mountpoint={point},\
         system.filesystem.state={state},system.filesystem.type={kind}}}"
    )
}

fn told_of(samples: &BTreeMap<String, f64>, point: &str) -> Option<f64> {
    samples.get(&usage(point, "used")).copied()
}

#[test]
fn space_is_told_once_for_each_filesystem() {
    let mut world = World::new();
    world.write("proc/self/mountinfo", [ROOT, BIND, DATA].concat());
    let samples = world.until(|tick, samples| {
        (state(tick, "filesystem", "/").is_some()
            && told_of(samples, "/data").is_some()
            && told_of(samples, "/").is_some())
        .then(|| samples.clone())
    });
    let told = |state| samples[&usage("/data", state)];
    assert_eq!((told("used"), told("free"), told("reserved")).0, 600.0);
    assert_eq!((told("free"), told("reserved")), (300.0, 100.0));
    let of = |name: &str| {
        let of = |(label, value): (&String, &f64)| {
            (label.starts_with(name) && label.contains("/data")).then_some(*value)
        };
        samples.iter().find_map(of).unwrap()
    };
    assert!((of("system.filesystem.utilization") - 600.0 / 900.0).abs() < 1e-9);
    assert_eq!(of("system.filesystem.inodes.usage"), 4.0, "free");
    assert!(
        !samples.keys().any(|label| label.contains("/srv")),
        "a bind mount is no filesystem of its own"
    );
}

#[test]
fn of_many_filesystems_the_first_ones_are_read_and_that_is_said() {
    let mut world = World::new();
    let mounts = |count: usize| -> String {
        let mount = |n| format!("{n} 27 7:{n} / /m/{n} rw - ext4 /dev/loop{n} rw\n");
        (0..count).map(mount).collect()
    };
    world.write("proc/self/mountinfo", mounts(130));
    let (tick, _) = world.after(Duration::from_secs(1));
    let reason = broken(&tick, "filesystem", "").unwrap();
    assert_eq!(reason, "130 are mounted; the first 128 are read.");
    world.until(|tick, _| state(tick, "filesystem", "/m/127").map(drop));
    let (tick, _) = world.after(Duration::from_secs(1));
    assert_eq!(state(&tick, "filesystem", "/m/128"), None);
    world.write("proc/self/mountinfo", mounts(128));
    let (tick, _) = world.after(Duration::from_secs(10));
    assert_eq!(broken(&tick, "filesystem", ""), None);
}

#[test]
fn a_filesystem_that_is_unmounted_ends() {
    let mut world = World::new();
    world.write("proc/self/mountinfo", [ROOT, DATA].concat());
    world.until(|_, samples| told_of(samples, "/data"));
    world.write("proc/self/mountinfo", ROOT);
    let (tick, samples) = world.after(Duration::from_secs(10));
    assert_eq!(told_of(&samples, "/data"), None);
    assert_eq!(tick.ended.len(), 7);
    assert_eq!(state(&tick, "filesystem", "/data"), None);
    world.write("proc/self/mountinfo", [ROOT, DATA].concat());
    world.after(Duration::from_secs(10));
    world.until(|_, samples| told_of(samples, "/data"));
}

#[test]
fn a_filesystem_that_can_not_be_asked_is_a_state() {
    let folder = folder();
    write(&folder.join("proc/self/mountinfo"), [ROOT, DATA].concat());
    let mut world = World::with(folder, |options| {
        options.space = Arc::new(|path: &Path| {
            if path.ends_with("data") {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied));
            }
            Ok(Space {
                size: 8,
                free: 4,
                ..Space::default()
            })
        });
    });
    let reason = world.until(|tick, samples| {
        let reason = broken(tick, "filesystem", "/data");
        reason.filter(|_| told_of(samples, "/").is_some())
    });
    assert_eq!(
        reason,
        "The filesystem can't be asked for its space: permission denied."
    );
}

#[test]
fn a_filesystem_that_hangs_is_a_gap_and_a_state_and_stalls_nothing() {
    let folder = folder();
    let lost = folder.join("root/data");
    fs::create_dir_all(&lost).unwrap();
    write(&folder.join("proc/self/mountinfo"), [ROOT, DATA].concat());
    // The real thing where it may be mounted, and what behaves like it elsewhere.
    let fuse = hang::mount_at(&lost);
    let is_real = fuse.is_some();
    let (release, hang) = mpsc::channel::<()>();
    let hang = Mutex::new(hang);
    let mut world = World::with(folder, |options| {
        if is_real {
            options.space = Arc::new(space);
        } else {
            options.space = Arc::new(move |path: &Path| {
                if path.ends_with("data") {
                    let _ = hang.lock().unwrap().recv();
                    return Err(io::Error::from(io::ErrorKind::NotConnected));
                }
                space(path)
            });
        }
    });
    // Let go before the world ends, also where the test fails: its folder would not be removed else.
    let let_go = (fuse, release);
    world.until(|tick, samples| {
        assert_eq!(
            state(tick, "filesystem", "/data"),
            None,
            "nothing is known yet"
        );
        told_of(samples, "/")
    });
    for _ in 0..4 {
        world.second();
        world.until(|_, samples| told_of(samples, "/"));
    }
    let (tick, samples) = world.after(Duration::from_millis(1));
    assert_eq!(told_of(&samples, "/data"), None);
    let reason = broken(&tick, "filesystem", "/data").unwrap();
    assert_eq!(reason, "The filesystem does not answer.");
    assert!(world.prometheus().contains(
        "node_filesystem_device_error{device=\"/dev/vdb\",fstype=\"xfs\",mountpoint=\"/data\"} 1\n"
    ));
    drop(let_go);
    let reason = world.until(|tick, _| {
        broken(tick, "filesystem", "/data").filter(|reason| reason.contains("can't be asked"))
    });
    assert!(reason.contains("onnect"), "the server is gone: {reason}");
}
