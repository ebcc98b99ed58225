//! Containers by cgroups of both versions, and by the engine's figures.

use std::time::Duration;

use collect::{Container, ContainerReading};

use crate::world::{World, broken, folder, state};

const ID: &str = "3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73";
const NEXT: &str = "a44b514e47a623e4ee954a5a3d3504d4f5817a8186a18f86f343fed961c9d331";

fn container(id: &str) -> Container {
    Container {
        id: id.to_owned(),
        project: "shop".to_owned(),
        service: "web".to_owned(),
        name: "shop-web-1".to_owned(),
    }
}

/// What tells the series of that container from others.
const SHOP: &str = "container.name=shop-web-1";
const OF: &str = "service.name=web,service.namespace=shop}";

fn label(name: &str) -> String {
    format!("container.{name}{{{SHOP},{OF}")
}

fn v2(world: &World, group: &str, cpu_us: u64, written: u64) {
    world.write("cgroup/cgroup.controllers", "cpu io memory pids\n");
    let write = |name: &str, text: String| world.write(&format!("cgroup/{group}/{name}"), text);
    write(
        "cpu.stat",
        format!(
            "usage_usec {cpu_us}\nnr_throttled 3\nthrottled_usec {}\n",
            cpu_us / 2
        ),
    );
    write("memory.current", "10000\n".to_owned());
    write(
        "memory.stat",
        "anon 5\ninactive_file 4000\nactive_file 7\n".to_owned(),
    );
    write("memory.max", "20000\n".to_owned());
    write("memory.events", "low 0\noom 9\noom_kill 2\n".to_owned());
    write(
        "io.stat",
        format!("254:0 rbytes=5 wbytes={written} rios=1\n"),
    );
    write("pids.current", "7\n".to_owned());
    write("cgroup.procs", "0\n77\n78\n".to_owned());
}

fn net(world: &World, received: u32) {
    let dev = format!(
        "lo: {received}7 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\neth0: {received} 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\neth1: 1 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0\n"
    );
    world.write("proc/77/net/dev", dev);
}

#[test]
fn version_2_tells_everything_wherever_the_group_lies() {
    for group in [
        format!("system.slice/docker-{ID}.scope"),
        format!("docker/{ID}"),
        format!("some.slice/deep/er/cri-containerd-{ID}.scope"),
    ] {
        let mut world = World::new();
        v2(&world, &group, 1_000_000, 100);
        net(&world, 1_000);
        world.collector.set_containers(vec![container(ID)]);
        let told = world.second();
        assert_eq!(told[&label("memory.usage")], 10_000.0, "{group}");
        assert_eq!(told[&label("memory.working_set")], 6_000.0);
        assert_eq!(told[&label("memory.limit")], 20_000.0);
        assert_eq!(told[&label("pids.count")], 7.0);
        v2(&world, &group, 2_000_000, 4_196);
        net(&world, 3_000);
        let (tick, told) = world.after(Duration::from_secs(2));
        assert_eq!(told[&label("cpu.usage")], 0.5);
        assert_eq!(told[&label("cpu.throttled_time")], 0.25);
        assert_eq!(told[&label("memory.oom_kills")], 0.0);
        let disk = format!("container.disk.io{{{SHOP},disk.io.direction=write,{OF}");
        assert_eq!(told[&disk], 2_048.0);
        let network = format!("container.network.io{{{SHOP},network.io.direction=receive,{OF}");
        assert_eq!(told[&network], 1_000.0, "without the loopback");
        assert_eq!(state(&tick, "container", "shop-web-1"), Some(Ok(())));
        assert_eq!(world.collector.without_cgroup().count(), 0);
    }
}

#[test]
fn version_1_tells_the_same() {
    let mut world = World::new();
    let write = |world: &World, cpu_ns: u64, read: u64| {
        let write = |name: &str, text: String| {
            let (controller, file) = name.split_once('/').unwrap();
            world.write(&format!("cgroup/{controller}/docker/{ID}/{file}"), text);
        };
        write("cpu,cpuacct/cpuacct.usage", format!("{cpu_ns}\n"));
        write(
            "cpu,cpuacct/cpu.stat",
            format!("nr_periods 5\nnr_throttled 1\nthrottled_time {cpu_ns}\n"),
        );
        write("memory/memory.usage_in_bytes", "10000\n".to_owned());
        write(
            "memory/memory.stat",
            "inactive_file 1\ntotal_inactive_file 4000\n".to_owned(),
        );
        write(
            "memory/memory.limit_in_bytes",
            "9223372036854771712\n".to_owned(),
        );
        write(
            "memory/memory.oom_control",
            "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n".to_owned(),
        );
        let io = format!("8:0 Read {read}\n8:0 Write 3\n8:16 Read 1\nTotal 5\n");
        write("blkio/blkio.throttle.io_service_bytes_recursive", io);
        write("pids/pids.current", "7\n".to_owned());
    };
    write(&world, 1_000_000_000, 100);
    world.collector.set_containers(vec![container(ID)]);
    world.second();
    write(&world, 1_500_000_000, 612);
    let told = world.second();
    assert_eq!(told[&label("cpu.usage")], 0.5);
    assert_eq!(told[&label("cpu.throttled_time")], 0.5);
    assert_eq!(told[&label("memory.working_set")], 6_000.0);
    assert_eq!(told[&label("pids.count")], 7.0);
    let disk = format!("container.disk.io{{{SHOP},disk.io.direction=read,{OF}");
    assert_eq!(told[&disk], 512.0);
    assert!(!told.contains_key(&label("memory.limit")), "it has none");
    assert!(
        !told.keys().any(|label| label.contains("container.network")),
        "no process was seen"
    );
}

#[test]
fn a_container_that_vanishes_is_a_gap_and_counts_anew_when_it_is_back() {
    // A file of a cgroup fails once the cgroup is gone; one of these stands for it where it is opened each time.
    let mut world = World::with(folder(), |options| options.kept_files = 0);
    let group = format!("system.slice/docker-{ID}.scope");
    v2(&world, &group, 9_000_000, 0);
    world.collector.set_containers(vec![container(ID)]);
    world.second();
    assert!(world.second().contains_key(&label("cpu.usage")));
    world.remove(&format!("cgroup/{group}"));
    let (tick, told) = world.after(Duration::from_secs(1));
    assert!(!told.keys().any(|label| label.starts_with("container.")));
    let reason = broken(&tick, "container", "shop-web-1").unwrap();
    assert!(reason.contains("no cgroup"), "{reason}");
    v2(&world, &group, 20_000_000, 0);
    let told = world.second();
    assert_eq!(told[&label("memory.usage")], 10_000.0);
    assert!(
        !told.contains_key(&label("cpu.usage")),
        "the first reading has no rate"
    );
    v2(&world, &group, 20_500_000, 0);
    assert_eq!(world.second()[&label("cpu.usage")], 0.5);
}

#[test]
fn series_go_on_when_a_container_is_made_anew_and_end_with_it() {
    let mut world = World::new();
    v2(&world, &format!("docker/{ID}"), 9_000_000, 0);
    world.collector.set_containers(vec![container(ID)]);
    world.second();
    world.second();
    let before: Vec<u32> = world.series.keys().copied().collect();
    v2(&world, &format!("docker/{NEXT}"), 9_500_000, 0);
    world.collector.set_containers(vec![container(NEXT)]);
    let (tick, told) = world.after(Duration::from_secs(1));
    assert!(tick.ended.is_empty());
    assert!(
        !told.contains_key(&label("cpu.usage")),
        "two containers have no rate between them"
    );
    let after: Vec<u32> = world.series.keys().copied().collect();
    assert_eq!(before, after);
    world.collector.set_containers(Vec::new());
    let (tick, _) = world.after(Duration::from_secs(1));
    assert_eq!(tick.ended.len(), before.len());
    assert_eq!(state(&tick, "container", "shop-web-1"), None);
}

#[test]
fn without_cgroups_the_engine_tells() {
    let mut world = World::new();
    world.collector.set_containers(vec![container(ID)]);
    let (tick, _) = world.after(Duration::from_secs(1));
    let reason = broken(&tick, "container", "").unwrap();
    assert!(reason.contains("No cgroups are mounted"), "{reason}");
    assert_eq!(world.collector.without_cgroup().count(), 1);
    let reading = |cpu_ns| ContainerReading {
        cpu_ns: Some(cpu_ns),
        memory: Some(4_096),
        ..ContainerReading::default()
    };
    world.collector.set_engine_stats(vec![
        (ID.to_owned(), reading(0)),
        (NEXT.to_owned(), reading(0)),
    ]);
    assert_eq!(world.second()[&label("memory.usage")], 4_096.0);
    let (tick, told) = world.after(Duration::from_secs(1));
    assert!(!told.contains_key(&label("memory.usage")), "told once");
    assert_eq!(
        state(&tick, "container", "shop-web-1"),
        Some(Ok(())),
        "the engine is not that quick"
    );
    assert!(
        world
            .prometheus()
            .contains("container_memory_usage_bytes{id=\"3fc3")
    );
    world
        .collector
        .set_engine_stats(vec![(ID.to_owned(), reading(1_000_000_000))]);
    assert_eq!(
        world.second()[&label("cpu.usage")],
        0.5,
        "a second of CPU in two"
    );
    let (tick, _) = world.after(Duration::from_secs(11));
    assert!(
        broken(&tick, "container", "shop-web-1").is_some(),
        "the engine fell silent"
    );
}

#[test]
fn a_limit_that_the_engine_tells_is_one_below_the_machines_memory() {
    let mut world = World::new();
    world.write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 25 kB\n");
    world.collector.set_containers(vec![container(ID)]);
    world.second();
    for (limit, told) in [(102_400, None), (51_200, Some(51_200.0))] {
        let reading = ContainerReading {
            memory_limit: Some(limit),
            ..ContainerReading::default()
        };
        let stats = vec![(ID.to_owned(), reading)];
        world.collector.set_engine_stats(stats);
        let found = world.second().get(&label("memory.limit")).copied();
        assert_eq!(found, told, "{limit}");
    }
}

#[test]
fn ids_that_are_no_ids_find_nothing() {
    let mut world = World::new();
    v2(&world, "docker/x", 1, 1);
    let odd = ["", "x", "../docker/x", "docker/x"].map(|id| Container {
        name: format!("odd {id}"),
        ..container(id)
    });
    world.collector.set_containers(odd.into());
    let told = world.second();
    assert!(
        !told.keys().any(|label| label.starts_with("container.")),
        "{told:?}"
    );
}
