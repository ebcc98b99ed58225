//! NVIDIA GPUs.

use futures::future::BoxFuture;

use super::Nowhere;

/// What the driver tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cards {
    /// The driver's version; empty when it does not tell.
    pub driver: String,
    /// Every card, by index.
    pub cards: Vec<Card>,
}

/// One card. Each figure is missing by itself where the card does not tell it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// Its index.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Why it can't be asked, e.g. that it fell off the bus.
    pub lost: Option<String>,
    /// Memory in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory in use in bytes.
    pub memory_used_bytes: Option<u64>,
    /// Share of time that it was busy, per cent.
    pub utilization_percent: Option<u32>,
    /// Its temperature in degrees Celsius.
    pub temperature_c: Option<u32>,
    /// Its draw in watts.
    pub power_w: Option<f64>,
}

/// Reads the GPUs.
pub trait Gpu: Send + Sync {
    /// Every card, or why there is no GPU data: no driver, no permission, a driver that hangs.
    fn cards(&self) -> BoxFuture<'_, Result<Cards, String>>;
}

impl Gpu for Nowhere {
    fn cards(&self) -> BoxFuture<'_, Result<Cards, String>> {
        Box::pin(async { Err("no NVIDIA driver found".to_owned()) })
    }
}
