//! CPU, memory, load, pressure, disks and interfaces.

use std::time::Duration;

use crate::world::{World, broken, state};

const NET: &str = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n";

fn close(told: f64, expected: f64) -> bool {
    (told - expected).abs() < 1e-9
}

#[test]
fn cpu_is_told_in_all_by_mode_and_by_core() {
    let mut world = World::new();
    let stat = |user, idle, iowait, steal| {
        format!(
            "cpu  {user} 0 0 {idle} {iowait} 0 0 {steal}\ncpu0 {user} 0 0 {idle} {iowait} 0 0 {steal} 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n\
             intr 7\nprocesses {user}\n"
        )
    };
    world.write("proc/stat", stat(100, 100, 0, 0));
    let first = world.second();
    assert!(
        !first.keys().any(|label| label.contains("cpu.utilization")),
        "shares need two readings"
    );
    world.write("proc/stat", stat(150, 125, 15, 10));
    let told = world.second();
    let share = |attributes: &str| told[&format!("system.cpu.utilization{attributes}")];
    assert!(close(share(""), 0.6));
    assert!(close(share("{cpu.mode=user}"), 0.5));
    assert!(close(share("{cpu.mode=idle}"), 0.25));
    assert!(close(share("{cpu.mode=iowait}"), 0.15));
    assert!(close(share("{cpu.mode=steal}"), 0.1));
    assert!(close(share("{cpu.logical_number=0}"), 0.6));
    assert!(
        !told.contains_key("system.cpu.utilization{cpu.logical_number=1}"),
        "its time stands still"
    );
    assert!(close(told["system.process.created"], 50.0));
    world.write("proc/stat", "cpu  200 0 0 150 20 0 0 10\n");
    let (tick, _) = world.after(Duration::from_secs(1));
    assert_eq!(
        tick.ended.len(),
        1,
        "the core that had a series was taken out"
    );
}

#[test]
fn modes_of_cores_are_told_where_wanted() {
    let folder = crate::world::folder();
    let mut world = World::with(folder, |options| options.cores_by_mode = true);
    world.write("proc/stat", "cpu 0 0 0 0 0\ncpu0 0 0 0 0 0\n");
    world.second();
    world.write("proc/stat", "cpu 1 0 1 0 0\ncpu0 1 0 1 0 0\n");
    let told = world.second();
    assert!(close(
        told["system.cpu.utilization{cpu.logical_number=0,cpu.mode=system}"],
        0.5
    ));
}

#[test]
fn load_uptime_and_processes_are_told() {
    let mut world = World::new();
    world.write("proc/loadavg", "0.42 1.5 2 3/456 789\n");
    world.write("proc/uptime", "1234.5 99\n");
    world.write("proc/1/comm", "init");
    world.write("proc/42/comm", "other");
    world.write("proc/sys/kernel", "");
    let told = world.second();
    assert!(close(told["system.cpu.load_average.1m"], 0.42));
    assert!(close(told["system.cpu.load_average.15m"], 2.0));
    assert!(close(told["system.uptime"], 1234.5));
    assert!(close(told["system.process.count"], 2.0));
}

#[test]
fn pressure_is_the_share_of_time_and_a_kernel_without_it_is_a_state() {
    let mut world = World::new();
    let (tick, _) = world.after(Duration::from_secs(1));
    let reason = broken(&tick, "pressure", "").unwrap();
    assert!(reason.contains("CONFIG_PSI"), "{reason}");
    let cpu =
        |total: u32| format!("some avg10=0 avg60=0 avg300=0 total={total}\nfull avg10=0 total=0\n");
    world.write("proc/pressure/cpu", cpu(1_000_000));
    world.second();
    world.write("proc/pressure/cpu", cpu(1_250_000));
    let (tick, told) = world.after(Duration::from_secs(1));
    assert_eq!(state(&tick, "pressure", ""), Some(Ok(())));
    let pressure: Vec<_> = told
        .iter()
        .filter(|(label, _)| label.contains("pressure"))
        .collect();
    assert_eq!(pressure.len(), 1, "{pressure:?}: the CPU has no `full`");
    assert!(close(*pressure[0].1, 0.25));
}

#[test]
fn disks_come_go_and_wrap() {
    let mut world = World::new();
    let line = |name, reads, sectors, ms, busy| {
        format!(" 254 0 {name} {reads} 0 {sectors} {ms} 1 0 8 1 0 {busy} 0 0 0 0 0 0 0\n")
    };
    let idle = " 7 0 sr0 0 0 0 0 0 0 0 0 0 0 0\n";
    world.write("proc/diskstats", line("vda", 10, 100, 50, 5) + idle);
    world.second();
    world.write(
        "proc/diskstats",
        line("vda", 14, 108, 70, 505) + &line("vdb", 1, 1, 1, 1) + idle,
    );
    let told = world.second();
    let of = |name: &str| {
        told[&format!("system.disk.{name}{{disk.io.direction=read,system.device=vda}}")]
    };
    assert!(close(of("io"), 4_096.0));
    assert!(close(of("operations"), 4.0));
    assert!(close(of("operation_latency"), 0.005));
    assert!(close(told["system.disk.io_time{system.device=vda}"], 0.5));
    assert!(
        !told.keys().any(|label| label.contains("sr0")),
        "it was never used"
    );
    assert!(
        !told
            .keys()
            .any(|label| label.contains("operation_latency{disk.io.direction=write")),
        "nothing was written"
    );
    world.write(
        "proc/diskstats",
        line("vda", 2, 8, 1, 1) + &line("vdb", 1, 1, 1, 1),
    );
    let told = world.second();
    assert!(
        !told
            .keys()
            .any(|label| label.contains("direction=read,system.device=vda")),
        "it was reset: {told:?}"
    );
    assert!(told.contains_key("system.disk.io{disk.io.direction=read,system.device=vdb}"));
    world.write("proc/diskstats", line("vdb", 1, 1, 1, 1));
    let (tick, told) = world.after(Duration::from_secs(1));
    assert!(!told.keys().any(|label| label.contains("vda")));
    assert_eq!(
        tick.ended.len(),
        6,
        "all series of vda but the latency of writes, which never began"
    );
    world.write(
        "proc/diskstats",
        line("vdb", 1, 1, 1, 1) + &line("vda", 2, 8, 1, 1),
    );
    world.second();
    let told = world.second();
    assert!(
        told.contains_key("system.disk.io{disk.io.direction=read,system.device=vda}"),
        "it came back"
    );
}

#[test]
fn interfaces_are_told_by_direction_and_cables_of_containers_are_not() {
    let mut world = World::new();
    let dev = |received, dropped: u32| {
        format!(
            "{NET}  eth0: {received} 10 1 {dropped} 0 0 0 0 500 5 0 0 0 0 0 0\nveth1a: {received} 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n\
               br-20fac4c18fa8: {received} 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\nifb0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
        )
    };
    world.write("proc/self/net/dev", dev(1_000, 3));
    world.second();
    world.write("proc/self/net/dev", dev(5_000, 5));
    let (tick, told) = world.after(Duration::from_secs(2));
    let of = |name: &str| {
        told[&format!(
            "system.network.{name}{{network.interface.name=eth0,network.io.direction=receive}}"
        )]
    };
    assert!(close(of("io"), 2_000.0), "4000 bytes in two seconds");
    assert!(close(of("packet.dropped"), 1.0));
    assert!(close(of("errors"), 0.0));
    assert!(
        !told
            .keys()
            .any(|label| label.contains("veth") || label.contains("br-") || label.contains("ifb0"))
    );
    assert_eq!(state(&tick, "network", ""), Some(Ok(())));
    world.remove("proc/self/net/dev");
    world.write("proc/self/net/dev", dev(9_000, 5));
    assert!(!world.second().is_empty());
}

#[test]
fn another_hosts_proc_is_read_as_its_first_process_sees_it() {
    let folder = crate::world::folder();
    crate::world::write(
        &folder.join("proc/1/net/dev"),
        format!("{NET} eth7: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"),
    );
    crate::world::write(
        &folder.join("proc/self/net/dev"),
        format!("{NET} eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"),
    );
    let mut world = World::with(folder, |_| {});
    world.second();
    let told = world.second();
    assert!(told.keys().any(|label| label.contains("eth7")));
    assert!(!told.keys().any(|label| label.contains("eth0")));
}

#[test]
fn a_file_that_can_not_be_read_is_a_state_and_its_series_are_gaps() {
    let mut world = World::with(crate::world::folder(), |options| options.kept_files = 0);
    world.write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 25 kB\n");
    assert!(close(world.second()["system.memory.utilization"], 0.75));
    world.remove("proc/meminfo");
    let (tick, told) = world.after(Duration::from_secs(1));
    assert!(!told.contains_key("system.memory.utilization"));
    let reason = broken(&tick, "memory", "").unwrap();
    assert!(reason.contains("meminfo can't be read"), "{reason}");
}
