//! What one card tells, each figure by itself: a card that does not know one still tells the others.

use nvml_wrapper::{
    Device,
    enum_wrappers::device::{Clock, EccCounter, MemoryError, PcieUtilCounter, TemperatureSensor},
    enums::device::UsedGpuMemory,
    error::NvmlError,
};

/// Figures of a card; `None` where it does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// Share of time in which anything ran, 0 to 1.
    pub(crate) utilization: Option<f64>,
    /// Share of time in which memory was read or written, 0 to 1.
    pub(crate) memory_controller: Option<f64>,
    pub(crate) encoder: Option<f64>,
    pub(crate) decoder: Option<f64>,
    /// Bytes.
    pub(crate) memory_used: Option<u64>,
    pub(crate) memory_total: Option<u64>,
    /// Degrees Celsius.
    pub(crate) temperature: Option<f64>,
    /// Watts.
    pub(crate) power: Option<f64>,
    pub(crate) power_limit: Option<f64>,
    /// Hertz.
    pub(crate) clock_graphics: Option<f64>,
    pub(crate) clock_sm: Option<f64>,
    pub(crate) clock_memory: Option<f64>,
    pub(crate) clock_video: Option<f64>,
    /// The fastest fan, 0 to 1 of its greatest speed.
    pub(crate) fan: Option<f64>,
    /// Why clocks are held down, as bits of `nvmlClocksThrottleReasons`.
    pub(crate) throttle: Option<u64>,
    /// Counters since the driver was loaded.
    pub(crate) ecc_corrected: Option<u64>,
    pub(crate) ecc_uncorrected: Option<u64>,
    pub(crate) pcie_replays: Option<u64>,
    /// Bytes a second, over the last 20 ms.
    pub(crate) pcie_transmitted: Option<u64>,
    pub(crate) pcie_received: Option<u64>,
}

/// A process that computes on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// Bytes of the card's memory.
    pub(crate) memory: Option<u64>,
}

/// Reads a card; `figures` holds what was read before, of which some is kept where `all` is not set.
///
/// # Errors
/// The card is lost.
pub(crate) fn read(
    device: &Device<'_>,
    figures: &mut Figures,
    all: bool,
) -> Result<Vec<Process>, NvmlError> {
    let rates = told(device.utilization_rates())?;
    figures.utilization = rates.as_ref().map(|rates| percent(rates.gpu));
    figures.memory_controller = rates.as_ref().map(|rates| percent(rates.memory));
    let memory = told(device.memory_info())?;
    figures.memory_used = memory.as_ref().map(|memory| memory.used);
    figures.memory_total = memory.as_ref().map(|memory| memory.total);
    figures.temperature = told(device.temperature(TemperatureSensor::Gpu))?.map(f64::from);
    figures.power = told(device.power_usage())?.map(watts);
    let clock = |clock| Ok::<_, NvmlError>(told(device.clock_info(clock))?.map(hertz));
    figures.clock_graphics = clock(Clock::Graphics)?;
    figures.clock_sm = clock(Clock::SM)?;
    figures.clock_memory = clock(Clock::Memory)?;
    figures.throttle = told(device.current_throttle_reasons())?.map(|reasons| reasons.bits());
    if all {
        read_rest(device, figures)?;
    }
    let processes = told(device.running_compute_processes())?.unwrap_or_default();
    let processes = processes.into_iter().map(|process| Process {
        pid: process.pid,
        memory: match process.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(bytes),
            UsedGpuMemory::Unavailable => None,
        },
    });
    Ok(processes.collect())
}

/// What changes seldom, or takes long to ask: the driver measures the bus for 20 ms each way.
fn read_rest(device: &Device<'_>, figures: &mut Figures) -> Result<(), NvmlError> {
    figures.power_limit = told(device.enforced_power_limit())?.map(watts);
    figures.clock_video = told(device.clock_info(Clock::Video))?.map(hertz);
    figures.encoder = told(device.encoder_utilization())?.map(|read| percent(read.utilization));
    figures.decoder = told(device.decoder_utilization())?.map(|read| percent(read.utilization));
    let mut fan = None;
    for index in 0..told(device.num_fans())?.unwrap_or(0).min(16) {
        fan = told(device.fan_speed(index))?.max(fan);
    }
    figures.fan = fan.map(percent);
    let ecc = |kind| told(device.total_ecc_errors(kind, EccCounter::Volatile));
    figures.ecc_corrected = ecc(MemoryError::Corrected)?;
    figures.ecc_uncorrected = ecc(MemoryError::Uncorrected)?;
    figures.pcie_replays = told(device.pcie_replay_counter())?.map(u64::from);
    let pcie = |way| Ok::<_, NvmlError>(told(device.pcie_throughput(way))?.map(kilobytes));
    figures.pcie_transmitted = pcie(PcieUtilCounter::Send)?;
    figures.pcie_received = pcie(PcieUtilCounter::Receive)?;
    Ok(())
}

/// What a card does not know (`NotSupported`, a symbol that the driver lacks) is `None`; that it is lost is an error.
fn told<T>(result: Result<T, NvmlError>) -> Result<Option<T>, NvmlError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error @ (NvmlError::GpuLost | NvmlError::ResetRequired)) => Err(error),
        Err(_) => Ok(None),
    }
}

fn percent(value: u32) -> f64 {
    f64::from(value) / 100.0
}

fn watts(milliwatts: u32) -> f64 {
    f64::from(milliwatts) / 1_000.0
}

fn hertz(megahertz: u32) -> f64 {
    f64::from(megahertz) * 1e6
}

fn kilobytes(value: u32) -> u64 {
    u64::from(value) * 1_000
}
