use std::{path::PathBuf, time::Duration};

use types::health::Check;

use super::*;
use crate::outside::{Card, ProbeError, Space};

fn thresholds() -> Thresholds {
    Thresholds::default()
}

fn postgres() -> PostgresAnswer {
    PostgresAnswer {
        connect: Duration::from_millis(3),
        query: Duration::from_millis(1),
        version: "15.14".to_owned(),
        connections: 12,
        max_connections: 100,
        ..PostgresAnswer::default()
    }
}

fn figure<'a>(check: &'a Check, name: &str) -> Option<&'a str> {
    check
        .figures
        .iter()
        .find(|figure| figure.name == name)
        .map(|figure| figure.text.as_str())
}

#[test]
fn a_database_that_answers_is_ok_with_its_figures() {
    let check = database(&postgres(), &thresholds()).check("database");
    assert_eq!((check.status, check.ok), (Status::Ok, true));
    assert_eq!(check.detail, "PostgreSQL 15.14");
    assert_eq!(check.latency_ms, Some(4.0));
    assert_eq!(figure(&check, "query"), Some("1.0 ms"));
    assert_eq!(figure(&check, "connections"), Some("12 of 100"));
    assert_eq!(figure(&check, "replication lag"), Some("no standby"));
}

#[test]
fn a_latency_has_no_more_digits_than_matter() {
    let answer = PostgresAnswer {
        connect: Duration::from_nanos(6_126_700),
        query: Duration::from_micros(1_200),
        ..postgres()
    };
    let check = database(&answer, &thresholds()).check("database");
    assert_eq!(check.latency_ms, Some(7.3));
}

#[test]
fn a_database_that_runs_out_of_connections_is_critical() {
    let at = |connections| {
        let answer = PostgresAnswer {
            connections,
            ..postgres()
        };
        database(&answer, &thresholds()).check("database")
    };
    assert_eq!(at(90).status, Status::Ok);
    let check = at(91);
    assert_eq!((check.status, check.ok), (Status::Critical, true));
    assert_eq!(check.summary, "runs out of connections");
    assert_eq!(check.detail, "91 of 100 connections are in use");
}

#[test]
fn a_lagging_standby_is_a_warning_and_one_that_is_not_shown_is_none() {
    let with = |replicas, lag| {
        let answer = PostgresAnswer {
            replicas,
            replication_lag_s: lag,
            ..postgres()
        };
        database(&answer, &thresholds()).check("database")
    };
    assert_eq!(with(1, Some(0.2)).status, Status::Ok);
    assert_eq!(with(2, Some(61.0)).status, Status::Warning);
    let hidden = with(1, None);
    assert_eq!(hidden.status, Status::Ok);
    assert_eq!(
        figure(&hidden, "replication lag"),
        Some("of one standby: not shown to this user")
    );
}

#[test]
fn slow_is_a_warning_from_just_over_the_threshold() {
    let with = |ms| {
        let answer = HttpAnswer {
            status: 200,
            latency: Duration::from_millis(ms),
            body: Vec::new(),
        };
        http(&answer, "/health", &thresholds()).check("backend")
    };
    assert_eq!(with(1_000).status, Status::Ok);
    let slow = with(1_001);
    assert_eq!((slow.status, slow.ok), (Status::Warning, true));
    assert_eq!(slow.summary, "answers slowly");
    assert_eq!(slow.detail, "1001 ms against 1000 ms allowed");
}

#[test]
fn http_is_ok_only_by_its_status() {
    let with = |status| {
        let answer = HttpAnswer {
            status,
            ..HttpAnswer::default()
        };
        http(&answer, "/health", &thresholds()).check("backend")
    };
    for status in [200, 204, 302] {
        assert!(with(status).ok, "{status}");
    }
    for status in [100, 401, 404, 500, 503, 999] {
        let check = with(status);
        assert_eq!(
            (check.status, check.ok),
            (Status::Critical, false),
            "{status}"
        );
    }
    assert_eq!(with(500).detail, "HTTP 500 at /health");
    assert!(with(404).detail.contains("Settings"));
}

#[test]
fn a_full_redis_is_a_warning_only_where_nothing_may_be_evicted() {
    let with = |used, limit, policy: &str| {
        let answer = RedisAnswer {
            version: "7.0.15".to_owned(),
            used_memory_bytes: used,
            max_memory_bytes: limit,
            policy: policy.to_owned(),
            ..RedisAnswer::default()
        };
        redis(&answer, &thresholds()).check("redis")
    };
    let full = with(Some(95), Some(100), "noeviction");
    assert_eq!((full.status, full.ok), (Status::Warning, true));
    assert_eq!(
        with(Some(90), Some(100), "noeviction").status,
        Status::Ok,
        "at the threshold"
    );
    assert_eq!(
        with(Some(95), Some(100), "allkeys-lru").status,
        Status::Ok,
        "a cache"
    );
    assert_eq!(
        figure(&with(Some(2048), Some(0), ""), "memory"),
        Some("2.0 KiB, no limit")
    );
    assert_eq!(
        figure(&with(None, None, ""), "memory"),
        None,
        "it may not be read"
    );
}

#[test]
fn every_failure_reads_as_a_sentence() {
    let cases = [
        (
            ProbeError::Unreachable("connection refused".to_owned()),
            "does not answer",
            "connection refused",
        ),
        (
            ProbeError::TimedOut(Duration::from_secs(5)),
            "does not answer",
            "no answer within 5 s",
        ),
        (
            ProbeError::TimedOut(Duration::from_nanos(4_999_998_798)),
            "does not answer",
            "no answer within 5 s",
        ),
        (
            ProbeError::TimedOut(Duration::from_millis(250)),
            "does not answer",
            "no answer within 0.3 s",
        ),
        (
            ProbeError::Refused("the password is wrong".to_owned()),
            "refuses the console",
            "the password is wrong",
        ),
        (
            ProbeError::Wrong("not HTTP".to_owned()),
            "answers wrongly",
            "not HTTP",
        ),
    ];
    for (error, summary, detail) in cases {
        let check = Finding::failed(&error).check("redis");
        assert_eq!((check.status, check.ok), (Status::Critical, false));
        assert_eq!(
            (check.summary.as_str(), check.detail.as_str()),
            (summary, detail)
        );
    }
}

#[test]
fn a_missing_gpu_is_critical_only_where_one_is_expected() {
    let absent = Err(GpuError::Absent("no NVIDIA driver found".to_owned()));
    let check = gpu(&absent, &thresholds()).check("gpu");
    assert_eq!((check.status, check.ok), (Status::Critical, false));
    assert_eq!(check.detail, "no NVIDIA driver found");
    let unexpected = Thresholds {
        expect_gpu: false,
        ..thresholds()
    };
    assert!(gpu(&absent, &unexpected).check("gpu").ok);
    let hanging = Err(GpuError::Failed("the driver does not answer".to_owned()));
    let check = gpu(&hanging, &unexpected).check("gpu");
    assert_eq!((check.status, check.ok), (Status::Unknown, false));
    let check = gpu(&hanging, &thresholds()).check("gpu");
    assert_eq!((check.status, check.ok), (Status::Critical, false));
    let empty = Ok(Cards::default());
    assert_eq!(
        gpu(&empty, &thresholds()).check("gpu").status,
        Status::Critical
    );
}

#[test]
fn a_lost_card_is_critical_beside_one_that_works() {
    let card = Card {
        name: "RTX 5090".to_owned(),
        memory_total_bytes: Some(32 << 30),
        memory_used_bytes: Some(8 << 30),
        utilization_percent: Some(91),
        ..Card::default()
    };
    let lost = Card {
        index: 1,
        lost: Some("fell off the bus".to_owned()),
        ..card.clone()
    };
    let cards = |cards| {
        Ok(Cards {
            driver: "580.95".to_owned(),
            cards,
        })
    };
    let well = gpu(&cards(vec![card.clone()]), &thresholds()).check("gpu");
    assert_eq!(well.detail, "RTX 5090 with 32.0 GiB; driver 580.95");
    assert_eq!(
        figure(&well, "card 0"),
        Some("91 % busy, 8.0 GiB of 32.0 GiB")
    );
    let check = gpu(&cards(vec![card, lost]), &thresholds()).check("gpu");
    assert_eq!((check.status, check.ok), (Status::Critical, false));
    assert_eq!(check.detail, "card 1: fell off the bus");
}

fn filesystem(path: &str, device: u64, used: u64) -> Filesystem {
    Filesystem {
        path: PathBuf::from(path),
        space: Ok(Space {
            device,
            size_bytes: 100 << 30,
            used_bytes: used << 30,
            available_bytes: (100 - used) << 30,
        }),
    }
}

#[test]
fn the_fullest_disk_counts_and_a_filesystem_is_told_once() {
    let filesystems = [
        filesystem("/", 1, 40),
        filesystem("/var/lib/docker", 1, 40),
        filesystem("/data", 2, 80),
    ];
    let check = disk(&filesystems, &thresholds()).check("disk");
    assert_eq!((check.status, check.figures.len()), (Status::Ok, 2));
    assert_eq!(
        check.detail,
        "/data: 80.0 % of 100.0 GiB used, 20.0 GiB free"
    );
    let fuller = disk(&[filesystem("/data", 2, 81)], &thresholds()).check("disk");
    assert_eq!((fuller.status, fuller.ok), (Status::Warning, true));
    let full = disk(&[filesystem("/data", 2, 100)], &thresholds()).check("disk");
    assert_eq!((full.status, full.ok), (Status::Critical, false));
}

#[test]
fn the_figures_of_a_disk_add_up() {
    let told = |used: u64, free: u64| {
        let space = Space {
            device: 1,
            size_bytes: 100 << 30,
            used_bytes: used << 30,
            available_bytes: free << 30,
        };
        let filesystem = Filesystem {
            path: PathBuf::from("/"),
            space: Ok(space),
        };
        disk(&[filesystem], &thresholds()).check("disk").detail
    };
    assert_eq!(told(19, 76), "/: 20.0 % of 95.0 GiB used, 76.0 GiB free");
    assert_eq!(
        told(10, 30),
        "/: 25.0 % of 40.0 GiB used, 30.0 GiB free (60.0 GiB of its 100.0 GiB can't be had)"
    );
}

#[test]
fn a_filesystem_that_can_not_be_read_is_unknown_not_ok() {
    let lost = Filesystem {
        path: PathBuf::from("/nfs"),
        space: Err("it hangs".to_owned()),
    };
    let check = disk(&[filesystem("/", 1, 10), lost.clone()], &thresholds()).check("disk");
    assert_eq!((check.status, check.ok), (Status::Unknown, false));
    assert_eq!(check.detail, "/nfs: it hangs");
    let worse = disk(&[filesystem("/", 1, 90), lost], &thresholds()).check("disk");
    assert_eq!((worse.status, worse.ok), (Status::Warning, false));
    assert_eq!(
        disk(&[], &thresholds()).check("disk").status,
        Status::Unknown
    );
}

#[test]
fn memory_counts_what_can_not_be_dropped() {
    let with = |available: u64| {
        let machine = Machine {
            threads: 1,
            cores: 1,
            memory_total_bytes: 100 << 30,
            memory_available_bytes: available << 30,
        };
        memory(&Ok(machine), &thresholds()).check("memory")
    };
    assert_eq!(with(10).status, Status::Ok);
    assert_eq!(with(9).status, Status::Warning);
    assert_eq!(with(9).detail, "91.0 % of 100.0 GiB used");
    let unread = memory(&Err("no /proc".to_owned()), &thresholds()).check("memory");
    assert_eq!((unread.status, unread.ok), (Status::Unknown, false));
}

#[test]
fn the_worst_concern_gives_the_summary_and_all_are_told() {
    let check = Finding::well("fine")
        .with(Status::Warning, "answers slowly", "1200 ms")
        .with(Status::Critical, "runs out of connections", "99 of 100")
        .with(Status::Critical, "is second", "and later")
        .check("database");
    assert_eq!(check.status, Status::Critical);
    assert_eq!(check.summary, "runs out of connections");
    assert_eq!(check.detail, "1200 ms; 99 of 100; and later");
}
