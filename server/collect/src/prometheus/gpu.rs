//! GPUs in the names of `nvidia_gpu_exporter`, the exporter on port 9835.

use super::text::{Family, Kind};
use crate::{
    containers::Containers,
    gpu::{Gpus, card::Figures, driver::Card},
    meter::float,
};

type Figure = fn(&Figures) -> Option<f64>;

const GAUGES: [(&str, &str, Figure); 18] = [
    (
        "nvidia_smi_utilization_gpu_ratio",
        "Share of time in which anything ran.",
        |card| card.utilization,
    ),
    (
        "nvidia_smi_utilization_memory_ratio",
        "Share of time in which memory was accessed.",
        |card| card.memory_controller,
    ),
    (
        "nvidia_smi_utilization_encoder_ratio",
        "Use of the encoder.",
        |card| card.encoder,
    ),
    (
        "nvidia_smi_utilization_decoder_ratio",
        "Use of the decoder.",
        |card| card.decoder,
    ),
    ("nvidia_smi_memory_total_bytes", "Memory in all.", |card| {
        card.memory_total.map(float)
    }),
    ("nvidia_smi_memory_used_bytes", "Memory used.", |card| {
        card.memory_used.map(float)
    }),
    ("nvidia_smi_temperature_gpu", "Degrees Celsius.", |card| {
        card.temperature
    }),
    ("nvidia_smi_power_draw_watts", "Power.", |card| card.power),
    (
        "nvidia_smi_enforced_power_limit_watts",
        "Limit of power.",
        |card| card.power_limit,
    ),
    (
        "nvidia_smi_clocks_current_graphics_clock_hz",
        "Clock of graphics.",
        |card| card.clock_graphics,
    ),
    (
        "nvidia_smi_clocks_current_sm_clock_hz",
        "Clock of multiprocessors.",
        |card| card.clock_sm,
    ),
    (
        "nvidia_smi_clocks_current_memory_clock_hz",
        "Clock of memory.",
        |card| card.clock_memory,
    ),
    (
        "nvidia_smi_clocks_current_video_clock_hz",
        "Clock of video.",
        |card| card.clock_video,
    ),
    ("nvidia_smi_fan_speed_ratio", "The fastest fan.", |card| {
        card.fan
    }),
    (
        "nvidia_smi_ecc_errors_corrected_volatile_total",
        "ECC errors corrected.",
        |card| card.ecc_corrected.map(float),
    ),
    (
        "nvidia_smi_ecc_errors_uncorrected_volatile_total",
        "ECC errors not corrected.",
        |card| card.ecc_uncorrected.map(float),
    ),
    (
        "nvidia_smi_pcie_throughput_tx_bytes_per_second",
        "Sent over PCIe.",
        |card| card.pcie_transmitted.map(float),
    ),
    (
        "nvidia_smi_pcie_throughput_rx_bytes_per_second",
        "Received over PCIe.",
        |card| card.pcie_received.map(float),
    ),
];

/// Names and bits of `nvmlClocksThrottleReasons`.
const THROTTLES: [(&str, u64); 8] = [
    ("nvidia_smi_clocks_throttle_reasons_gpu_idle", 0x01),
    (
        "nvidia_smi_clocks_throttle_reasons_applications_clocks_setting",
        0x02,
    ),
    ("nvidia_smi_clocks_throttle_reasons_sw_power_cap", 0x04),
    ("nvidia_smi_clocks_throttle_reasons_hw_slowdown", 0x08),
    ("nvidia_smi_clocks_throttle_reasons_sync_boost", 0x10),
    (
        "nvidia_smi_clocks_throttle_reasons_sw_thermal_slowdown",
        0x20,
    ),
    (
        "nvidia_smi_clocks_throttle_reasons_hw_thermal_slowdown",
        0x40,
    ),
    (
        "nvidia_smi_clocks_throttle_reasons_hw_power_brake_slowdown",
        0x80,
    ),
];

pub(super) fn write(gpus: &Gpus, containers: &Containers, out: &mut String) {
    let cards: Vec<(&str, &Card)> = gpus
        .cards
        .iter()
        .filter(|card| card.lost.is_none())
        .map(|card| (short(&card.uuid), card))
        .collect();
    info(gpus, &cards, out);
    for (name, help, figure) in GAUGES {
        let mut family = Family::new(out, name, Kind::Gauge, help);
        for (uuid, card) in &cards {
            family.sample(&[("uuid", uuid)], figure(&card.figures));
        }
    }
    for (name, bit) in THROTTLES {
        let mut family = Family::new(
            out,
            name,
            Kind::Gauge,
            "Whether clocks are held down by it.",
        );
        for (uuid, card) in &cards {
            let is_set = |reasons| f64::from(u8::from(reasons & bit != 0));
            family.sample(&[("uuid", uuid)], card.figures.throttle.map(is_set));
        }
    }
    let mut family = Family::new(
        out,
        "nvidia_smi_compute_apps",
        Kind::Gauge,
        "Processes that compute.",
    );
    for (uuid, card) in &cards {
        family.sample(&[("uuid", uuid)], Some(float(card.processes.len() as u64)));
    }
    processes(gpus, containers, &cards, out);
    let help = "PCIe packets that were sent again.";
    let mut family = Family::new(out, "nvidia_smi_pcie_replays_total", Kind::Counter, help);
    for (uuid, card) in &cards {
        family.sample(&[("uuid", uuid)], card.figures.pcie_replays.map(float));
    }
    let help = "XID errors since the collector began.";
    let mut family = Family::new(out, "nvidia_smi_xid_errors_total", Kind::Counter, help);
    for ((uuid, xid), count) in &gpus.xids {
        let labels = [("uuid", short(uuid)), ("xid", &xid.to_string())];
        family.sample(&labels, Some(float(*count)));
    }
}

/// Those of a container have its name; those of none that is watched have an empty one.
fn processes(gpus: &Gpus, containers: &Containers, cards: &[(&str, &Card)], out: &mut String) {
    let name = "nvidia_smi_container_compute_apps";
    let help = "Processes that compute, by container.";
    let mut family = Family::new(out, name, Kind::Gauge, help);
    for (uuid, card) in cards {
        for (container, count, _) in gpus.processes.of_card(card, containers) {
            let container = container.map_or("", |container| container.name.as_str());
            let labels = [("uuid", *uuid), ("name", container)];
            family.sample(&labels, Some(float(count)));
        }
    }
}

fn info(gpus: &Gpus, cards: &[(&str, &Card)], out: &mut String) {
    let help = "Always 1: who the card is.";
    let mut family = Family::new(out, "nvidia_smi_gpu_info", Kind::Gauge, help);
    for (uuid, card) in cards {
        let labels = [
            ("uuid", *uuid),
            ("name", &card.model),
            ("driver_version", &gpus.version),
            ("index", &card.index.to_string()),
        ];
        family.sample(&labels, Some(1.0));
    }
}

/// The exporter leaves out the prefix that all have.
fn short(uuid: &str) -> &str {
    uuid.strip_prefix("GPU-").unwrap_or(uuid)
}
