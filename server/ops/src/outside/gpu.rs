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

/// Why there is no GPU data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GpuError {
    /// There is no NVIDIA driver, so there is no card to be used.
    #[error("{0}")]
    Absent(String),
    /// There is one that could not be asked: it hangs, fails, or refuses the console.
    #[error("{0}")]
    Failed(String),
}

/// Reads the GPUs.
pub trait Gpu: Send + Sync {
    /// Every card, or why there is no GPU data.
    fn cards(&self) -> BoxFuture<'_, Result<Cards, GpuError>>;
}

impl Gpu for Nowhere {
    fn cards(&self) -> BoxFuture<'_, Result<Cards, GpuError>> {
        Box::pin(async { Err(GpuError::Absent("no NVIDIA driver found".to_owned())) })
    }
}
