use std::path::PathBuf;

use super::*;
use crate::outside::{Card, Space};

const TB: u64 = 1_000_000_000_000;

fn machine(threads: u32, gib: u64) -> Machine {
    Machine {
        threads,
        cores: threads / 2,
        memory_total_bytes: gib << 30,
        memory_available_bytes: 0,
    }
}

fn filesystem(path: &str, device: u64, size: u64, used: u64) -> Filesystem {
    Filesystem {
        path: PathBuf::from(path),
        space: Ok(Space {
            device,
            size_bytes: size,
            used_bytes: used,
            available_bytes: size - used,
        }),
    }
}

#[test]
fn processors_and_memory_are_met_at_the_very_threshold() {
    let wanted = Thresholds::default();
    assert_eq!(cpu(&Ok(machine(16, 0)), &wanted).status, Status::Ok);
    assert_eq!(cpu(&Ok(machine(15, 0)), &wanted).status, Status::Critical);
    assert_eq!(memory(&Ok(machine(1, 120)), &wanted).status, Status::Ok);
    let little = memory(&Ok(machine(1, 119)), &wanted);
    assert_eq!(little.status, Status::Critical);
    assert!(!little.hint.is_empty());
    assert_eq!(
        memory(&Err("no /proc".to_owned()), &wanted).status,
        Status::Unknown
    );
}

#[test]
fn storage_compares_size_not_what_is_used() {
    let wanted = Thresholds::default();
    let empty = [filesystem("/", 1, 12 * TB, 0)];
    assert_eq!(storage(&empty, &wanted).status, Status::Ok);
    let small_and_full = [filesystem("/", 1, 9 * TB, 9 * TB)];
    assert_eq!(storage(&small_and_full, &wanted).status, Status::Warning);
}

#[test]
fn storage_counts_each_filesystem_once() {
    let wanted = Thresholds::default();
    let same = [
        filesystem("/", 1, 6 * TB, 0),
        filesystem("/var/lib/docker", 1, 6 * TB, 0),
    ];
    let requirement = storage(&same, &wanted);
    assert_eq!(requirement.status, Status::Warning);
    assert_eq!(requirement.wanted, "10 TB (9.1 TiB) or more");
    assert_eq!(requirement.found, "5.5 TiB at /, /var/lib/docker");
    let two = [
        filesystem("/", 1, 6 * TB, 0),
        filesystem("/data", 2, 6 * TB, 0),
    ];
    assert_eq!(storage(&two, &wanted).status, Status::Ok);
    let hanging = [Filesystem {
        path: PathBuf::from("/nfs"),
        space: Err("hangs".to_owned()),
    }];
    assert_eq!(storage(&hanging, &wanted).status, Status::Unknown);
}

#[test]
fn a_gpu_is_a_card_that_can_be_asked() {
    let card = Card {
        name: "RTX 5090".to_owned(),
        ..Card::default()
    };
    let lost = Card {
        lost: Some("lost".to_owned()),
        ..card.clone()
    };
    let with = |cards: Vec<Card>| {
        Ok(Cards {
            driver: "580".to_owned(),
            cards,
        })
    };
    assert_eq!(gpu(&with(vec![card])).status, Status::Ok);
    assert_eq!(gpu(&with(vec![lost])).status, Status::Critical);
    assert_eq!(gpu(&with(vec![])).status, Status::Critical);
    assert_eq!(
        gpu(&Err(GpuError::Absent("no driver".to_owned()))).status,
        Status::Critical
    );
}

#[test]
fn a_silent_engine_fails_docker_and_leaves_the_runtime_unknown() {
    let silent = Engine::default();
    assert_eq!(docker(&silent).status, Status::Critical);
    assert_eq!(nvidia_runtime(&silent).status, Status::Unknown);
    let plain = Engine {
        version: Some("27.0".to_owned()),
        runtimes: Some(
            [
                "io.containerd.runc.v2",
                "io.containerd.runtime.v1.linux",
                "runc",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        ..Engine::default()
    };
    assert_eq!(docker(&plain).status, Status::Ok);
    let lacking = nvidia_runtime(&plain);
    assert_eq!(lacking.status, Status::Critical);
    assert_eq!(lacking.found, "not configured; has: runc");
    let with = Engine {
        runtimes: Some(vec!["nvidia".to_owned(), "runc".to_owned()]),
        ..plain
    };
    let met = nvidia_runtime(&with);
    assert_eq!(met.status, Status::Ok);
    assert_eq!(met.found, "has: nvidia, runc");
}

#[test]
fn a_warning_passes_and_the_unknown_does_not() {
    let with = |status| Requirement {
        status,
        ..compose(None)
    };
    assert!(passes(&[with(Status::Ok), with(Status::Warning)]));
    assert!(!passes(&[with(Status::Unknown)]));
    assert!(!passes(&[with(Status::Critical)]));
}
