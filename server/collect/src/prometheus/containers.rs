//! Containers in cAdvisor's names.

use super::text::{Family, Kind};
use crate::{
    containers::{ContainerReading, Containers},
    meter::float,
};

type Figure = fn(&ContainerReading) -> Option<f64>;

/// The labels are cAdvisor's, without those of images.
pub(super) fn write(containers: &Containers, out: &mut String) {
    let families: [(&str, Kind, &str, Figure); 11] = [
        (
            "container_cpu_usage_seconds_total",
            Kind::Counter,
            "CPU time.",
            |read| Some(float(read.cpu_ns?) / 1e9),
        ),
        (
            "container_cpu_cfs_throttled_seconds_total",
            Kind::Counter,
            "Time in which it was held back by its CPU limit.",
            |read| Some(float(read.throttled_ns?) / 1e9),
        ),
        (
            "container_memory_usage_bytes",
            Kind::Gauge,
            "Memory, page cache included.",
            |read| read.memory.map(float),
        ),
        (
            "container_memory_working_set_bytes",
            Kind::Gauge,
            "Memory without the page cache that can be dropped.",
            |read| read.working_set.map(float),
        ),
        (
            "container_spec_memory_limit_bytes",
            Kind::Gauge,
            "Limit of memory; 0 without one.",
            |read| Some(float(read.memory.and(read.memory_limit.or(Some(0)))?)),
        ),
        (
            "container_oom_events_total",
            Kind::Counter,
            "Processes killed for memory.",
            |read| read.oom_kills.map(float),
        ),
        (
            "container_network_receive_bytes_total",
            Kind::Counter,
            "Bytes received.",
            |read| read.received.map(float),
        ),
        (
            "container_network_transmit_bytes_total",
            Kind::Counter,
            "Bytes sent.",
            |read| read.transmitted.map(float),
        ),
        (
            "container_fs_reads_bytes_total",
            Kind::Counter,
            "Bytes read from block devices.",
            |read| read.read.map(float),
        ),
        (
            "container_fs_writes_bytes_total",
            Kind::Counter,
            "Bytes written to block devices.",
            |read| read.written.map(float),
        ),
        (
            "container_threads",
            Kind::Gauge,
            "Processes and threads.",
            |read| read.pids.map(float),
        ),
    ];
    for (name, kind, help, figure) in families {
        let mut family = Family::new(out, name, kind, help);
        for watched in containers.iter() {
            let container = &watched.container;
            let labels = [
                ("id", container.id.as_str()),
                ("name", &container.name),
                (
                    "container_label_com_docker_compose_project",
                    &container.project,
                ),
                (
                    "container_label_com_docker_compose_service",
                    &container.service,
                ),
            ];
            family.sample(&labels, watched.reading.as_ref().and_then(figure));
        }
    }
}
