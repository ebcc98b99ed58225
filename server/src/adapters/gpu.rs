//! NVIDIA GPUs by NVML, which is loaded at run time: no driver is a state, not a fault.

use std::{
    ffi::OsString,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use nvml_wrapper::{Nvml, enum_wrappers::device::TemperatureSensor, error::NvmlError};
use ops::{
    aside::{Asides, Late},
    outside::{Card, Cards, Gpu, GpuError},
};

/// How long the driver is waited for; a card that falls off the bus can block it for minutes.
const PATIENCE: Duration = Duration::from_secs(3);

/// The GPUs of this machine. The library is opened at the first question and kept.
pub struct NvmlGpu {
    /// Another library than the system's; for tests.
    library: Option<OsString>,
    opened: Arc<Mutex<Option<Nvml>>>,
    /// One question at a time.
    asking: Asides<()>,
}

impl Default for NvmlGpu {
    fn default() -> Self {
        Self::new(None)
    }
}

impl NvmlGpu {
    /// GPUs by the system's library, or by `library`.
    pub fn new(library: Option<OsString>) -> Self {
        Self {
            library,
            opened: Arc::default(),
            asking: Asides::default(),
        }
    }
}

impl Gpu for NvmlGpu {
    fn cards(&self) -> BoxFuture<'_, Result<Cards, GpuError>> {
        Box::pin(async {
            let (library, opened) = (self.library.clone(), Arc::clone(&self.opened));
            let read = self
                .asking
                .run((), PATIENCE, move || read(library, &opened));
            read.await.unwrap_or_else(|late| {
                Err(GpuError::Failed(match late {
                    Late::TimedOut => format!(
                        "the NVIDIA driver does not answer within {} s",
                        PATIENCE.as_secs()
                    ),
                    Late::StillWaiting => "the NVIDIA driver still does not answer".to_owned(),
                }))
            })
        })
    }
}

fn read(library: Option<OsString>, opened: &Mutex<Option<Nvml>>) -> Result<Cards, GpuError> {
    let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
    let nvml = match opened.take() {
        Some(nvml) => nvml,
        None => open(library).map_err(|error| explain(&error))?,
    };
    // Put back only where it works: a driver that was updated underneath is opened anew.
    let count = nvml.device_count().map_err(|error| explain(&error))?;
    let cards = Cards {
        driver: nvml.sys_driver_version().unwrap_or_default(),
        cards: (0..count).map(|index| card(&nvml, index)).collect(),
    };
    *opened = Some(nvml);
    Ok(cards)
}

fn open(library: Option<OsString>) -> Result<Nvml, NvmlError> {
    match library {
        Some(library) => Nvml::builder().lib_path(&library).init(),
        None => Nvml::init(),
    }
}

/// Every figure by itself: a card that does not tell one (`NotSupported`, a missing symbol) still tells the others.
fn card(nvml: &Nvml, index: u32) -> Card {
    let mut card = Card {
        index,
        ..Card::default()
    };
    let device = match nvml.device_by_index(index) {
        Ok(device) => device,
        Err(error) => {
            card.lost = Some(error.to_string());
            return card;
        }
    };
    card.name = device.name().unwrap_or_default();
    match device.memory_info() {
        Ok(memory) => {
            card.memory_total_bytes = Some(memory.total);
            card.memory_used_bytes = Some(memory.used);
        }
        Err(error @ (NvmlError::GpuLost | NvmlError::ResetRequired)) => {
            card.lost = Some(error.to_string());
            return card;
        }
        Err(_) => {}
    }
    card.utilization_percent = device.utilization_rates().ok().map(|rates| rates.gpu);
    card.temperature_c = device.temperature(TemperatureSensor::Gpu).ok();
    card.power_w = device
        .power_usage()
        .ok()
        .map(|milliwatts| f64::from(milliwatts) / 1_000.0);
    card
}

fn explain(error: &NvmlError) -> GpuError {
    let absent = |why: &str| GpuError::Absent(format!("no NVIDIA driver found: {why}"));
    match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => {
            absent("its library libnvidia-ml.so.1 is not installed")
        }
        NvmlError::DriverNotLoaded => absent("its kernel module is not loaded"),
        NvmlError::FailedToLoadSymbol(_) => {
            GpuError::Failed("the NVIDIA driver's library lacks what is needed".to_owned())
        }
        NvmlError::NoPermission => {
            GpuError::Failed("the NVIDIA driver refuses the console's user".to_owned())
        }
        error => GpuError::Failed(format!("the NVIDIA driver fails: {error}")),
    }
}

#[cfg(test)]
mod tests;
