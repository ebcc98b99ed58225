//! Disks, interfaces and filesystems in `node_exporter`'s names.

use super::text::{Family, Kind};
use crate::{
    host::{Host, disks, filesystems::Filesystem, network},
    meter::float,
    parse::text,
};

/// Milliseconds.
const MS: f64 = 1e-3;
#[expect(clippy::cast_precision_loss, reason = "512 is exact")]
const SECTOR: f64 = disks::SECTOR as f64;

/// Name, column of /proc/diskstats after the device's name, what one step of it is in the unit.
const DISK: [(&str, usize, f64); 17] = [
    ("node_disk_reads_completed_total", 0, 1.0),
    ("node_disk_reads_merged_total", 1, 1.0),
    ("node_disk_read_bytes_total", 2, SECTOR),
    ("node_disk_read_time_seconds_total", 3, MS),
    ("node_disk_writes_completed_total", 4, 1.0),
    ("node_disk_writes_merged_total", 5, 1.0),
    ("node_disk_written_bytes_total", 6, SECTOR),
    ("node_disk_write_time_seconds_total", 7, MS),
    ("node_disk_io_now", 8, 1.0),
    ("node_disk_io_time_seconds_total", 9, MS),
    ("node_disk_io_time_weighted_seconds_total", 10, MS),
    ("node_disk_discards_completed_total", 11, 1.0),
    ("node_disk_discards_merged_total", 12, 1.0),
    ("node_disk_discarded_sectors_total", 13, 1.0),
    ("node_disk_discard_time_seconds_total", 14, MS),
    ("node_disk_flush_requests_total", 15, 1.0),
    ("node_disk_flush_requests_time_seconds_total", 16, MS),
];

/// The columns of /proc/net/dev.
const NETWORK: [&str; 16] = [
    "node_network_receive_bytes_total",
    "node_network_receive_packets_total",
    "node_network_receive_errs_total",
    "node_network_receive_drop_total",
    "node_network_receive_fifo_total",
    "node_network_receive_frame_total",
    "node_network_receive_compressed_total",
    "node_network_receive_multicast_total",
    "node_network_transmit_bytes_total",
    "node_network_transmit_packets_total",
    "node_network_transmit_errs_total",
    "node_network_transmit_drop_total",
    "node_network_transmit_fifo_total",
    "node_network_transmit_colls_total",
    "node_network_transmit_carrier_total",
    "node_network_transmit_compressed_total",
];

pub(super) fn write(host: &Host, out: &mut String) {
    let disks: Vec<_> = disks::counters(&host.diskstats.bytes)
        .map(|(name, counters, found)| (text(name), counters, found))
        .collect();
    for (name, column, scale) in DISK {
        let kind = match name {
            "node_disk_io_now" => Kind::Gauge,
            _ => Kind::Counter,
        };
        let mut family = Family::new(out, name, kind, "A column of /proc/diskstats.");
        for (device, counters, found) in &disks {
            let value = (column < *found).then(|| float(counters[column]) * scale);
            family.sample(&[("device", device)], value);
        }
    }
    let interfaces: Vec<_> = network::counters(&host.net_dev.bytes)
        .map(|(name, counters)| (text(name), counters))
        .collect();
    for (column, name) in NETWORK.into_iter().enumerate() {
        let mut family = Family::new(out, name, Kind::Counter, "A column of /proc/net/dev.");
        for (device, counters) in &interfaces {
            family.sample(&[("device", device)], Some(float(counters[column])));
        }
    }
    filesystems(host, out);
}

type Figure = fn(&Filesystem) -> Option<f64>;

fn filesystems(host: &Host, out: &mut String) {
    let families: [(&str, &str, Figure); 7] = [
        (
            "node_filesystem_avail_bytes",
            "Space that everybody can use.",
            |fs| Some(float(fs.space?.available)),
        ),
        (
            "node_filesystem_device_error",
            "Whether it can't be asked.",
            |fs| Some(f64::from(u8::from(fs.space.is_none()))),
        ),
        ("node_filesystem_files", "Inodes.", |fs| {
            Some(float(fs.space?.inodes))
        }),
        ("node_filesystem_files_free", "Inodes not used.", |fs| {
            Some(float(fs.space?.inodes_free))
        }),
        ("node_filesystem_free_bytes", "Space not used.", |fs| {
            Some(float(fs.space?.free))
        }),
        (
            "node_filesystem_readonly",
            "Whether it is mounted read-only.",
            |fs| Some(f64::from(u8::from(fs.mount.read_only))),
        ),
        ("node_filesystem_size_bytes", "Space in all.", |fs| {
            Some(float(fs.space?.size))
        }),
    ];
    for (name, help, figure) in families {
        let mut family = Family::new(out, name, Kind::Gauge, help);
        for filesystem in host.filesystems.iter() {
            let mount = &filesystem.mount;
            let labels = [
                ("device", mount.device.as_str()),
                ("fstype", &mount.kind),
                ("mountpoint", &mount.point),
            ];
            family.sample(&labels, figure(filesystem));
        }
    }
}
