//! The driver's library, opened once, and opened again where it failed.

use std::{ffi::OsString, sync::Arc, time::Duration};

use nvml_wrapper::{Nvml, error::NvmlError};

use super::{
    card::{self, Figures, Process},
    events::Events,
};

/// The pauses before the library is opened again, growing.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What changes seldom is read at one reading in so many.
const SELDOM: u64 = 5;

/// One reading of all cards.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The cards in the driver's order, or why there are none: a sentence.
    pub(crate) cards: Result<Vec<Card>, String>,
    /// XID errors since the last reading: a card's UUID and the number.
    pub(crate) xids: Vec<(String, u64)>,
    /// The driver's version, such as `580.95.05`.
    pub(crate) version: String,
    /// Before this there is nothing new to learn: the driver is not there.
    pub(crate) again_at: Duration,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Card {
    pub(crate) index: u32,
    /// Empty where it was lost before it could tell.
    pub(crate) uuid: String,
    pub(crate) model: String,
    pub(crate) figures: Figures,
    pub(crate) processes: Vec<Process>,
    /// Why it can't be read.
    pub(crate) lost: Option<String>,
}

/// Lives on a thread of its own: any call of the library may hang.
pub(crate) struct Driver {
    library: Option<OsString>,
    opened: Option<Opened>,
    /// Cards as they were last read, by index; a lost one no longer tells who it is.
    cards: Vec<Card>,
    reason: String,
    /// When to open again, where it is not open or a card is lost.
    again_at: Duration,
    pause: Duration,
}

struct Opened {
    // In this order: the events' thread ends before the library closes.
    events: Option<Events>,
    /// Errors of events that were waited for before.
    late: Vec<(String, u64)>,
    nvml: Arc<Nvml>,
    version: String,
    readings: u64,
}

impl Driver {
    pub(crate) fn new(library: Option<OsString>) -> Self {
        Self {
            library,
            opened: None,
            cards: Vec::new(),
            reason: String::new(),
            again_at: Duration::ZERO,
            pause: FIRST_PAUSE,
        }
    }

    /// Reads all cards.
    pub(crate) fn read(&mut self, now: Duration) -> Answer {
        if self.opened.is_none() && now >= self.again_at {
            self.open(now);
        }
        let Some(opened) = &mut self.opened else {
            return Answer {
                cards: Err(self.reason.clone()),
                xids: Vec::new(),
                version: String::new(),
                again_at: self.again_at,
            };
        };
        let version = opened.version.clone();
        let mut xids = opened.xids();
        let cards = match opened.read(&mut self.cards) {
            Ok(()) => {
                xids.extend(self.look_for_lost(now));
                Ok(self.cards.clone())
            }
            // It worked before: the driver was unloaded or updated underneath.
            Err(error) => {
                xids.extend(self.close());
                self.fail(&error, now);
                Err(self.reason.clone())
            }
        };
        Answer {
            again_at: self.opened.as_ref().map_or(self.again_at, |_| now),
            cards,
            xids,
            version,
        }
    }

    fn open(&mut self, now: Duration) {
        let opened = match &self.library {
            Some(library) => Nvml::builder().lib_path(library).init(),
            None => Nvml::init(),
        };
        match opened {
            Ok(nvml) => {
                let nvml = Arc::new(nvml);
                self.opened = Some(Opened {
                    events: Events::start(Arc::clone(&nvml)).ok(),
                    late: Vec::new(),
                    version: nvml.sys_driver_version().unwrap_or_default(),
                    nvml,
                    readings: 0,
                });
            }
            Err(error) => self.fail(&error, now),
        }
    }

    fn fail(&mut self, error: &NvmlError, now: Duration) {
        self.reason = explain(error);
        self.again_at = now + self.pause;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Closes the library; returns the errors that came until then.
    fn close(&mut self) -> Vec<(String, u64)> {
        let Some(mut opened) = self.opened.take() else {
            return Vec::new();
        };
        opened.end_events();
        opened.xids()
    }

    /// A card that was lost is seen again only by a library that is opened anew. Returns the errors that came until it was
    /// closed.
    fn look_for_lost(&mut self, now: Duration) -> Vec<(String, u64)> {
        if self.cards.iter().all(|card| card.lost.is_none()) {
            self.pause = FIRST_PAUSE;
            self.again_at = now + self.pause;
        } else if now >= self.again_at {
            let late = self.close();
            self.open(now);
            self.again_at = now + self.pause;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            return late;
        }
        Vec::new()
    }
}

impl Opened {
    /// The errors since the last call.
    fn xids(&mut self) -> Vec<(String, u64)> {
        let mut xids = std::mem::take(&mut self.late);
        xids.extend(self.events.iter().flat_map(Events::take));
        xids
    }

    /// Waits for events no more; those that came until then are told all the same.
    fn end_events(&mut self) {
        let late = self.events.take().map(Events::end);
        self.late.extend(late.into_iter().flatten());
    }

    fn read(&mut self, cards: &mut Vec<Card>) -> Result<(), NvmlError> {
        let all = self.readings.is_multiple_of(SELDOM);
        self.readings = self.readings.wrapping_add(1);
        if all && self.events.as_ref().is_none_or(Events::has_ended) {
            self.end_events();
            self.events = Events::start(Arc::clone(&self.nvml)).ok();
        }
        let count = self.nvml.device_count()?;
        cards.resize_with(count as usize, Card::default);
        for (card, index) in cards.iter_mut().zip(0..) {
            let read = self.nvml.device_by_index(index).and_then(|device| {
                let is_new = card.uuid.is_empty() || card.lost.is_some();
                if is_new {
                    card.uuid = device.uuid()?;
                    card.model = device.name().unwrap_or_default();
                }
                card::read(&device, &mut card.figures, all || is_new)
            });
            card.index = index;
            card.lost = None;
            card.processes = read.unwrap_or_else(|error| {
                card.figures = Figures::default();
                card.lost = Some(format!("The card can't be read: {error}."));
                Vec::new()
            });
        }
        Ok(())
    }
}

fn explain(error: &NvmlError) -> String {
    match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => {
            "No NVIDIA driver was found: its library libnvidia-ml.so.1 is not installed.".to_owned()
        }
        NvmlError::DriverNotLoaded => {
            "No NVIDIA driver was found: its kernel module is not loaded.".to_owned()
        }
        NvmlError::FailedToLoadSymbol(_) => {
            "The NVIDIA driver's library lacks what is needed: a newer driver has it.".to_owned()
        }
        NvmlError::NoPermission => {
            "The NVIDIA driver refuses this user: /dev/nvidiactl must be open to it.".to_owned()
        }
        NvmlError::LibRmVersionMismatch => {
            "The NVIDIA driver was updated, but its old kernel module is still loaded: reboot the host.".to_owned()
        }
        error => format!("The NVIDIA driver fails: {error}."),
    }
}
