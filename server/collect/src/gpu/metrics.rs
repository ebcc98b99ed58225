//! The series of a card.

use super::card::Figures;
use crate::meter::{Metric, Value};

const SPEED: &str = "hw.gpu.speed";
const THROTTLED: &str = "hw.gpu.throttled";
const ERRORS: &str = "hw.errors";

pub(crate) const METRICS: [Metric; 27] = [
    Metric::new("hw.gpu.utilization", "1"),
    Metric::new("hw.gpu.utilization", "1").with(&[("hw.gpu.task", "encoder")]),
    Metric::new("hw.gpu.utilization", "1").with(&[("hw.gpu.task", "decoder")]),
    Metric::new("hw.gpu.memory.controller.utilization", "1"),
    Metric::new("hw.gpu.memory.usage", "By"),
    Metric::new("hw.gpu.memory.limit", "By"),
    Metric::new("hw.temperature", "Cel"),
    Metric::new("hw.power", "W"),
    Metric::new("hw.power.limit", "W"),
    Metric::new(SPEED, "Hz").with(&[("hw.gpu.clock", "graphics")]),
    Metric::new(SPEED, "Hz").with(&[("hw.gpu.clock", "sm")]),
    Metric::new(SPEED, "Hz").with(&[("hw.gpu.clock", "memory")]),
    Metric::new(SPEED, "Hz").with(&[("hw.gpu.clock", "video")]),
    Metric::new("hw.fan.speed_ratio", "1"),
    Metric::new(THROTTLED, "1").with(&[("hw.gpu.throttle.reason", "sw_power_cap")]),
    Metric::new(THROTTLED, "1").with(&[("hw.gpu.throttle.reason", "hw_slowdown")]),
    Metric::new(THROTTLED, "1").with(&[("hw.gpu.throttle.reason", "sync_boost")]),
    Metric::new(THROTTLED, "1").with(&[("hw.gpu.throttle.reason", "sw_thermal_slowdown")]),
    Metric::new(THROTTLED, "1").with(&[("hw.gpu.throttle.reason", "hw_thermal_slowdown")]),
    Metric::new(THROTTLED, "1").with(&[("hw.gpu.throttle.reason", "hw_power_brake_slowdown")]),
    Metric::new(ERRORS, "{error}/s").with(&[("error.type", "corrected")]),
    Metric::new(ERRORS, "{error}/s").with(&[("error.type", "uncorrected")]),
    Metric::new(ERRORS, "{error}/s").with(&[("error.type", "pcie_replay")]),
    Metric::new(ERRORS, "{error}/s").with(&[("error.type", "xid")]),
    Metric::new("hw.gpu.io", "By/s").with(&[("network.io.direction", "transmit")]),
    Metric::new("hw.gpu.io", "By/s").with(&[("network.io.direction", "receive")]),
    // The clocks are held down by anything of the above.
    Metric::new(THROTTLED, "1"),
];

/// Names and bits of what holds clocks down and should not; idleness and a person's own setting are no throttling.
pub(crate) const THROTTLES: [(&str, u64); 6] = [
    ("sw_power_cap", 0x04),
    ("hw_slowdown", 0x08),
    ("sync_boost", 0x10),
    ("sw_thermal_slowdown", 0x20),
    ("hw_thermal_slowdown", 0x40),
    ("hw_power_brake_slowdown", 0x80),
];

/// In the order of [`METRICS`].
pub(crate) fn values(figures: &Figures, xids: u64) -> [Value; 27] {
    let throttled = |bits: u64| {
        let is_set = |reasons| f64::from(u8::from(reasons & bits != 0));
        Value::gauge(figures.throttle.map(is_set))
    };
    let [power, slowdown, boost, warm, hot, brake] = THROTTLES.map(|(_, bit)| bit);
    [
        Value::gauge(figures.utilization),
        Value::gauge(figures.encoder),
        Value::gauge(figures.decoder),
        Value::gauge(figures.memory_controller),
        Value::bytes(figures.memory_used),
        Value::bytes(figures.memory_total),
        Value::gauge(figures.temperature),
        Value::gauge(figures.power),
        Value::gauge(figures.power_limit),
        Value::gauge(figures.clock_graphics),
        Value::gauge(figures.clock_sm),
        Value::gauge(figures.clock_memory),
        Value::gauge(figures.clock_video),
        Value::gauge(figures.fan),
        throttled(power),
        throttled(slowdown),
        throttled(boost),
        throttled(warm),
        throttled(hot),
        throttled(brake),
        Value::count(figures.ecc_corrected),
        Value::count(figures.ecc_uncorrected),
        Value::count(figures.pcie_replays),
        Value::Count(xids),
        Value::bytes(figures.pcie_transmitted),
        Value::bytes(figures.pcie_received),
        throttled(power | slowdown | boost | warm | hot | brake),
    ]
}
