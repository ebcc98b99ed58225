//! What a tick costs: `cost [ticks] [containers] [milliseconds between ticks]` (60, 0 and 100 where not given).
//!
//! With containers, a tree of cgroups of version 2 is made for that many of them in a temporary folder; without, the
//! containers that run on this host are found by their cgroups. CPU time is that of the whole process, of all its
//! threads.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use collect::{Collector, Container, Options};
use rustix::time::{ClockId, clock_gettime};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1).map(|argument| argument.parse());
    let mut argument = |or: u64| arguments.next().and_then(Result::ok).unwrap_or(or);
    let (ticks, containers, pause) = (argument(60).max(1), argument(0), argument(100));
    let mut options = Options::default();
    let folder = env::temp_dir().join(format!("ytops-cost-{}", std::process::id()));
    let list = if containers > 0 {
        options.cgroups.clone_from(&folder);
        make(&folder, containers)?
    } else {
        find(&options.cgroups)
    };
    println!("containers       {}", list.len());
    let mut collector = Collector::new(&options);
    collector.set_containers(list);
    // The first ticks open files and find containers.
    let mut series = 0;
    for at in 0..3 {
        series += collector.tick(at).began.len();
        thread::sleep(Duration::from_millis(pause));
    }
    let (mut samples, mut in_tick, begun) = (0, 0.0, cpu_ms());
    for at in 0..ticks {
        let before = cpu_ms();
        let tick = collector.tick(i64::try_from(at).unwrap_or_default());
        in_tick += cpu_ms() - before;
        samples = tick.frame.samples.len();
        series += tick.began.len();
        thread::sleep(Duration::from_millis(pause));
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let count = ticks as f64;
    println!("series           {series}");
    println!("samples a tick   {samples}");
    println!("CPU in a tick    {:.3} ms", in_tick / count);
    println!(
        "CPU of all       {:.3} ms a tick",
        (cpu_ms() - begun) / count
    );
    println!("resident         {} kB", resident().unwrap_or_default());
    let mut text = String::new();
    let before = cpu_ms();
    collector.prometheus(&mut text);
    println!(
        "/metrics         {:.3} ms, {} bytes",
        cpu_ms() - before,
        text.len()
    );
    if containers > 0 {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53 nanoseconds")]
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn container(id: String) -> Container {
    Container {
        name: format!("cost-{}-1", id.get(..4).unwrap_or_default()),
        project: "cost".to_owned(),
        service: id.get(..4).unwrap_or_default().to_owned(),
        id,
    }
}

/// Containers that run here: folders that are named by an id.
fn find(cgroups: &Path) -> Vec<Container> {
    let mut ids = Vec::new();
    let mut folders: Vec<PathBuf> = [cgroups.join("memory"), cgroups.to_owned()].into();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let mut runs = name.split(|letter: char| !letter.is_ascii_hexdigit());
            match runs.find(|run| run.len() == 64) {
                Some(id) => ids.push(id.to_owned()),
                None => folders.push(entry.path()),
            }
        }
    }
    ids.sort();
    ids.dedup();
    ids.into_iter().map(container).collect()
}

/// Files as long as those of a busy container; the pid of this process gives them a network.
fn make(folder: &Path, count: u64) -> io::Result<Vec<Container>> {
    let pid = format!("{}\n", std::process::id());
    let stat = "some_field 123456789\n".repeat(45) + "inactive_file 4096\n";
    let files = [
        (
            "cpu.stat",
            "usage_usec 123456789\nuser_usec 1\nsystem_usec 1\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n",
        ),
        ("memory.current", "123456789\n"),
        ("memory.stat", stat.as_str()),
        ("memory.max", "max\n"),
        (
            "memory.events",
            "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n",
        ),
        (
            "io.stat",
            "254:0 rbytes=4096 wbytes=4096 rios=1 wios=1 dbytes=0 dios=0\n",
        ),
        ("pids.current", "7\n"),
        ("cgroup.procs", pid.as_str()),
    ];
    fs::create_dir_all(folder)?;
    fs::write(folder.join("cgroup.controllers"), "cpu io memory pids\n")?;
    let mut list = Vec::new();
    for number in 0..count {
        let id = format!("{number:04x}{}", "a".repeat(60));
        let group = folder.join(format!("system.slice/docker-{id}.scope"));
        fs::create_dir_all(&group)?;
        for (name, text) in files {
            fs::write(group.join(name), text)?;
        }
        list.push(container(id));
    }
    Ok(list)
}
