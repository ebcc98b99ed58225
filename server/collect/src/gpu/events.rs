//! XID errors: the driver's numbered events, such as a card that fell off the bus.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use nvml_wrapper::{Nvml, bitmasks::event::EventTypes, enums::event::XidError, error::NvmlError};

/// How long one wait for events lasts, in milliseconds; closing the library waits as long.
const WAIT_MS: u32 = 1_000;

/// `XidError::Unknown` stands for this number.
const UNKNOWN: u64 = 999;

/// Waits for events on a thread of its own.
pub(crate) struct Events {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    seen: Receiver<(String, u64)>,
}

impl Events {
    /// # Errors
    /// The system starts no further thread.
    pub(crate) fn start(nvml: Arc<Nvml>) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (see, seen) = mpsc::channel();
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("ytops-xid".to_owned())
            .stack_size(256 << 10)
            .spawn(move || {
                // A driver without events, or one that is gone: the thread ends, and is tried again later.
                let _ = wait(&nvml, &stopped, &see);
            })?;
        Ok(Self {
            stop,
            thread: Some(thread),
            seen,
        })
    }

    /// The events since the last call: a card's UUID and the XID.
    pub(crate) fn take(&self) -> Vec<(String, u64)> {
        self.seen.try_iter().collect()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends the waiting; returns the events that came until then.
    pub(crate) fn end(mut self) -> Vec<(String, u64)> {
        self.join();
        self.take()
    }

    /// Waits for the thread: the library closes only when nobody uses it.
    fn join(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.join();
    }
}

fn wait(nvml: &Nvml, stop: &AtomicBool, see: &Sender<(String, u64)>) -> Result<(), NvmlError> {
    let mut set = nvml.create_event_set()?;
    for index in 0..nvml.device_count()? {
        let Ok(device) = nvml.device_by_index(index) else {
            continue;
        };
        let wanted = EventTypes::CRITICAL_XID_ERROR;
        if device
            .supported_event_types()
            .is_ok_and(|types| types.contains(wanted))
        {
            set = device
                .register_events(wanted, set)
                .map_err(|error| error.error)?;
        }
    }
    while !stop.load(Ordering::Relaxed) {
        let event = match set.wait(WAIT_MS) {
            Ok(event) => event,
            Err(NvmlError::Timeout) => continue,
            Err(error) => return Err(error),
        };
        let xid = match event.event_data {
            Some(XidError::Value(xid)) => xid,
            Some(XidError::Unknown) => UNKNOWN,
            None => continue,
        };
        let uuid = event.device.uuid().unwrap_or_default();
        if see.send((uuid, xid)).is_err() {
            break;
        }
    }
    Ok(())
}
