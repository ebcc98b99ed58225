//! GPUs by the real wrapper, over a library that stands in for NVIDIA's: see `fake_nvml.c`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use collect::Container;

use crate::world::{World, broken, folder, state};

const ID: &str = "3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73";

/// A world with the stand-in, which does what `control` says.
fn fake(control: &str) -> World {
    let folder = folder();
    let library = build(&folder);
    fs::write(folder.join("control"), control).unwrap();
    World::with(folder, |options| {
        options.gpus = true;
        options.nvml = Some(library.into_os_string());
    })
}

/// Each test has a library of its own, so that they do not share its state.
fn build(folder: &Path) -> PathBuf {
    let library = folder.join("fake-libnvidia-ml.so");
    let built = Command::new("gcc")
        .args(["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&library)
        .arg(format!(
            "-DCONTROL=\"{}\"",
            folder.join("control").display()
        ))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/collector/fake_nvml.c"
        ))
        .status()
        .unwrap();
    assert!(built.success());
    library
}

fn log(world: &World, what: &str) -> usize {
    let log = fs::read_to_string(world.folder.join("control.log")).unwrap();
    log.lines().filter(|line| *line == what).count()
}

/// The samples of the first tick that has any of `card`.
fn card(world: &mut World, card: usize) -> BTreeMap<String, f64> {
    world.until(|_, samples| {
        samples
            .contains_key(&of(card, "hw.temperature", ""))
            .then(|| samples.clone())
    })
}

fn of(card: usize, name: &str, more: &str) -> String {
    format!(
        "{name}{{{more}hw.id=GPU-0000000{card}-0000-0000-0000-000000000000,hw.name=GPU {card},hw.type=gpu}}"
    )
}

#[test]
fn two_cards_tell_their_figures_each_by_itself() {
    let mut world = fake("cards=2");
    let told = card(&mut world, 0);
    let sample = |card, name: &str, more: &str| told.get(&of(card, name, more)).copied();
    assert_eq!(sample(0, "hw.gpu.utilization", ""), Some(0.4));
    assert_eq!(sample(1, "hw.gpu.utilization", ""), Some(0.41));
    assert_eq!(
        sample(0, "hw.gpu.memory.usage", ""),
        Some(f64::from(1 << 30) * 8.0)
    );
    assert_eq!(
        sample(0, "hw.gpu.memory.limit", ""),
        Some(f64::from(1 << 30) * 32.0)
    );
    assert_eq!(sample(0, "hw.temperature", ""), Some(61.0));
    assert_eq!(sample(0, "hw.power", ""), Some(312.5));
    assert_eq!(sample(1, "hw.power", ""), None, "it does not tell");
    assert_eq!(sample(0, "hw.power.limit", ""), Some(575.0));
    assert_eq!(
        sample(0, "hw.gpu.speed", "hw.gpu.clock=memory,"),
        Some(2.002e9)
    );
    assert_eq!(
        sample(0, "hw.fan.speed_ratio", ""),
        Some(0.31),
        "the fastest"
    );
    let throttled = |reason: &str| {
        let reason = format!("hw.gpu.throttle.reason={reason},");
        sample(0, "hw.gpu.throttled", &reason)
    };
    assert_eq!(throttled("sw_power_cap"), Some(1.0));
    assert_eq!(throttled("hw_thermal_slowdown"), Some(1.0));
    assert_eq!(throttled("hw_slowdown"), Some(0.0));
    assert!(
        !told.keys().any(|label| label.contains("encoder")),
        "the library lacks that symbol"
    );
    let pcie: Vec<f64> = told
        .iter()
        .filter(|(label, _)| label.starts_with("hw.gpu.io"))
        .map(|(_, value)| *value)
        .collect();
    assert_eq!(pcie, [200_000.0, 100_000.0, 200_000.0, 100_000.0]);
    let text = world.prometheus();
    for line in [
        "nvidia_smi_utilization_gpu_ratio{uuid=\"00000001-0000-0000-0000-000000000000\"} 0.41",
        "nvidia_smi_power_draw_watts{uuid=\"00000000-0000-0000-0000-000000000000\"} 312.5",
        "nvidia_smi_clocks_throttle_reasons_sw_power_cap{uuid=\"00000000-0000-0000-0000-000000000000\"} 1",
        "nvidia_smi_ecc_errors_corrected_volatile_total{uuid=\"00000000-0000-0000-0000-000000000000\"} 3",
        "nvidia_smi_pcie_replays_total{uuid=\"00000000-0000-0000-0000-000000000000\"} 5",
        "nvidia_smi_gpu_info{uuid=\"00000000-0000-0000-0000-000000000000\",name=\"NVIDIA GeForce RTX 5090\",\
         driver_version=\"580.95.05\",index=\"0\"} 1",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
    }
    for _ in 0..5 {
        world.now += Duration::from_secs(1);
        card(&mut world, 1);
    }
    assert_eq!(log(&world, "init"), 1, "the library stays open");
}

#[test]
fn no_card_is_a_state() {
    let mut world = fake("cards=0");
    let reason = world.until(|tick, _| broken(tick, "gpu", ""));
    assert_eq!(reason, "The NVIDIA driver works, but lists no GPU.");
}

#[test]
fn a_driver_that_is_not_loaded_is_a_state_and_is_tried_again_ever_more_seldom() {
    let mut world = fake("init=9");
    let reason = world.until(|tick, _| broken(tick, "gpu", ""));
    assert_eq!(
        reason,
        "No NVIDIA driver was found: its kernel module is not loaded."
    );
    for _ in 0..40 {
        world.second();
        // The driver's thread answers before the next second.
        for _ in 0..3 {
            world.after(Duration::from_millis(1));
            std::thread::yield_now();
        }
    }
    let tries = log(&world, "init");
    assert!((2..=6).contains(&tries), "at 0, 2, 6, 14 and 30 s: {tries}");
    world.write("control", "cards=1");
    world.now += Duration::from_mins(1);
    let told = card(&mut world, 0);
    assert_eq!(told[&of(0, "hw.gpu.utilization", "")], 0.4);
    let (tick, _) = world.after(Duration::from_millis(1));
    assert_eq!(state(&tick, "gpu", ""), Some(Ok(())));
}

#[test]
fn no_library_is_a_state() {
    let mut world = World::with(folder(), |options| {
        options.gpus = true;
        options.nvml = Some("/nowhere/libnvidia-ml.so.1".into());
    });
    let reason = world.until(|tick, _| broken(tick, "gpu", ""));
    assert_eq!(
        reason,
        "No NVIDIA driver was found: its library libnvidia-ml.so.1 is not installed."
    );
    assert!(
        world
            .prometheus()
            .lines()
            .all(|line| !line.contains("nvidia"))
    );
}

#[test]
fn a_card_lost_in_flight_is_a_gap_beside_the_others_and_is_seen_when_it_is_back() {
    let mut world = fake("cards=2");
    card(&mut world, 1);
    world.write("control", "cards=2 lost=1");
    let reason = world.until(|tick, samples| {
        let reason = broken(tick, "gpu", "1")?;
        assert!(!samples.contains_key(&of(1, "hw.temperature", "")));
        samples
            .contains_key(&of(0, "hw.temperature", ""))
            .then_some(reason)
    });
    assert!(reason.contains("fell off the bus"), "{reason}");
    let (tick, _) = world.after(Duration::from_millis(1));
    assert_eq!(state(&tick, "gpu", "0"), Some(Ok(())));
    assert!(tick.ended.is_empty(), "a gap, not the end");
    world.write("control", "cards=2");
    world.now += Duration::from_secs(5);
    card(&mut world, 1);
    let (tick, _) = world.after(Duration::from_millis(1));
    assert_eq!(state(&tick, "gpu", "1"), Some(Ok(())));
    assert!(log(&world, "init") >= 2, "it was opened anew");
    assert_eq!(
        log(&world, "init"),
        log(&world, "shutdown") + 1,
        "and closed before"
    );
}

#[test]
fn a_card_that_is_no_longer_listed_ends_and_is_missed() {
    let mut world = fake("cards=2");
    card(&mut world, 1);
    world.write("control", "cards=1");
    let reason = world.until(|tick, _| broken(tick, "gpu", "1"));
    assert_eq!(reason, "The NVIDIA driver no longer lists the card.");
    assert!(
        !world.series.values().any(|series| series
            .key
            .attributes
            .values()
            .any(|value| value == "GPU 1"))
    );
}

#[test]
fn a_driver_that_goes_away_is_opened_again() {
    let mut world = fake("cards=1");
    card(&mut world, 0);
    world.write("control", "cards=1 driver=1");
    let reason = world.until(|tick, _| broken(tick, "gpu", ""));
    assert!(reason.starts_with("The NVIDIA driver fails"), "{reason}");
    world.write("control", "cards=1");
    world.now += Duration::from_mins(1);
    card(&mut world, 0);
}

#[test]
fn a_call_that_hangs_is_a_state_and_stalls_no_tick() {
    let mut world = fake("cards=1");
    card(&mut world, 0);
    world.write("control", "cards=1 hang=1");
    // What was asked before may still come.
    world.until(|_, samples| samples.is_empty().then_some(()));
    let mut reason = None;
    for _ in 0..8 {
        let (tick, samples) = world.after(Duration::from_secs(1));
        reason = broken(&tick, "gpu", "");
        assert!(reason.is_none() || !samples.keys().any(|label| label.starts_with("hw.")));
    }
    assert_eq!(reason.unwrap(), "The NVIDIA driver does not answer.");
    assert!(!world.prometheus().contains("nvidia_smi_utilization"));
    world.write("control", "cards=1");
    card(&mut world, 0);
    let (tick, _) = world.after(Duration::from_millis(1));
    assert_eq!(state(&tick, "gpu", ""), Some(Ok(())));
}

#[test]
fn xid_errors_are_told_once_and_counted() {
    let mut world = fake("cards=1");
    card(&mut world, 0);
    world.write("control", "cards=1 xid=79 seq=1");
    let seen = world.until(|tick, _| tick.errors.first().cloned());
    assert_eq!((seen.xid, seen.card.as_str()), (79, "GPU 0"));
    assert!(seen.uuid.starts_with("GPU-00000000"));
    let line =
        "nvidia_smi_xid_errors_total{uuid=\"00000000-0000-0000-0000-000000000000\",xid=\"79\"} 1\n";
    assert!(world.prometheus().contains(line));
    world.write("control", "cards=1 xid=31 seq=2");
    let seen = world.until(|tick, _| tick.errors.first().cloned());
    assert_eq!(seen.xid, 31);
    assert!(world.prometheus().contains(line), "it is counted once");
}

#[test]
fn processes_are_told_by_container() {
    let mut world = fake("cards=2 pid=77");
    world.write(
        "proc/77/cgroup",
        format!("0::/system.slice/docker-{ID}.scope\n"),
    );
    world.write("proc/78/cgroup", "0::/user.slice\n");
    world.collector.set_containers(vec![Container {
        id: ID.to_owned(),
        project: "shop".to_owned(),
        service: "model".to_owned(),
        name: "shop-model-1".to_owned(),
    }]);
    let told = card(&mut world, 0);
    let memory: Vec<_> = told
        .iter()
        .filter(|(label, _)| label.starts_with("hw.gpu.process.memory.usage"))
        .map(|(label, bytes)| (label.contains("container.name=shop-model-1"), *bytes))
        .collect();
    let gib = f64::from(1 << 30);
    assert_eq!(memory, [(true, gib), (false, 2.0 * gib)]);
    let text = world.prometheus();
    for name in ["shop-model-1", ""] {
        let line = format!(
            "nvidia_smi_container_compute_apps{{uuid=\"00000000-0000-0000-0000-000000000000\",name=\"{name}\"}} 1\n"
        );
        assert!(text.contains(&line), "{text}");
    }
    world.write("control", "cards=2");
    world.until(|_, samples| {
        let computes = samples
            .keys()
            .any(|label| label.starts_with("hw.gpu.process"));
        (!computes && samples.contains_key(&of(0, "hw.temperature", ""))).then_some(())
    });
    assert!(
        !world
            .series
            .values()
            .any(|series| series.key.name.starts_with("hw.gpu.process")),
        "they ended"
    );
}

/// On a machine with a card this reads it; elsewhere it is told why there is none.
#[test]
fn the_systems_own_library_tells_cards_or_a_reason() {
    let mut world = World::with(folder(), |options| options.gpus = true);
    let (reason, cards) = world.until(|tick, samples| {
        let reason = state(tick, "gpu", "")?;
        Some((
            reason,
            samples
                .keys()
                .filter(|label| label.starts_with("hw.gpu.memory.usage"))
                .count(),
        ))
    });
    match reason {
        Err(reason) => assert!(
            reason.ends_with('.') && reason.contains("NVIDIA"),
            "{reason}"
        ),
        Ok(()) => assert!(cards > 0),
    }
}
