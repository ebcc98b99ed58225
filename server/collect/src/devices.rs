//! Devices that come and go between two readings.

/// What is kept of each device, in the order in which they are read.
#[derive(Debug)]
pub(crate) struct Devices<T> {
    list: Vec<Device<T>>,
    round: u64,
    /// Where the next device stood the last time.
    next: usize,
}

#[derive(Debug)]
struct Device<T> {
    name: Vec<u8>,
    kept: T,
    round: u64,
}

impl<T> Default for Devices<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            round: 0,
            next: 0,
        }
    }
}

impl<T> Devices<T> {
    /// A reading begins.
    pub(crate) fn begin(&mut self) {
        self.round += 1;
        self.next = 0;
    }

    /// What is kept of the device `name`, made by `make` where it is new; `None` where this reading saw it already.
    pub(crate) fn seen(&mut self, name: &[u8], make: impl FnOnce() -> T) -> Option<&mut T> {
        let is_next = self
            .list
            .get(self.next)
            .is_some_and(|device| device.name == name);
        let index = if is_next {
            self.next
        } else {
            let known = self.list.iter().position(|device| device.name == name);
            known.unwrap_or_else(|| {
                self.list.push(Device {
                    name: name.to_vec(),
                    kept: make(),
                    round: 0,
                });
                self.list.len() - 1
            })
        };
        self.next = index + 1;
        let device = self.list.get_mut(index)?;
        let is_first = std::mem::replace(&mut device.round, self.round) != self.round;
        is_first.then_some(&mut device.kept)
    }

    /// The reading is over: takes out what was not seen, and gives it to `gone`.
    pub(crate) fn finish(&mut self, mut gone: impl FnMut(T)) {
        let round = self.round;
        if self.list.iter().all(|device| device.round == round) {
            return;
        }
        for device in std::mem::take(&mut self.list) {
            if device.round == round {
                self.list.push(device);
            } else {
                gone(device.kept);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.list.iter().map(|device| &device.kept)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.list.iter_mut().map(|device| &mut device.kept)
    }
}
