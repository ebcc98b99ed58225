//! The thread that reads the meters.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};

use collect::{Collector, Container, Options};
use ops::outside::Clock;

use super::Shared;
use crate::{adapters::SystemClock, config::Config};

/// From one reading to the next.
const EVERY: Duration = Duration::from_secs(1);

/// What the thread is told.
enum Told {
    Containers(Vec<Container>),
    Stop,
}

/// Reads once a second until it is dropped.
pub struct Ticking(Sender<Told>);

impl Ticking {
    /// Begins to read what the settings name.
    pub fn start(config: &Config, shared: &Arc<Shared>) -> io::Result<Self> {
        let options = Options {
            proc: config.host_root.join("proc"),
            cgroups: config.host_root.join("sys/fs/cgroup"),
            root: config.host_root.clone(),
            ..Options::default()
        };
        let (tell, told) = channel();
        let shared = Arc::clone(shared);
        std::thread::Builder::new()
            .name("collector".to_owned())
            .spawn(move || tick(Collector::new(&options), &shared, &told))?;
        Ok(Self(tell))
    }

    /// Watches these containers and no others.
    pub fn watch(&self, containers: Vec<Container>) {
        // A thread that has ended watches nothing.
        let _ = self.0.send(Told::Containers(containers));
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        let _ = self.0.send(Told::Stop);
    }
}

fn tick(mut collector: Collector, shared: &Shared, told: &Receiver<Told>) {
    let mut due = Instant::now();
    loop {
        match told.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Told::Containers(containers)) => collector.set_containers(containers),
            Ok(Told::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let now = SystemClock.now().unix_timestamp_nanos() / 1_000_000;
                let tick = collector.tick(i64::try_from(now).unwrap_or(i64::MAX));
                for error in &tick.errors {
                    super::say(&format!(
                        "The NVIDIA driver reported an error of {}: {}.",
                        error.uuid,
                        ops::resources::xid::told(error.xid).0
                    ));
                }
                shared.buffer().push(tick);
                shared.read.notify_one();
                due += EVERY;
                // A second that a reading took too long for is left out.
                if due < Instant::now() {
                    due = Instant::now() + EVERY;
                }
            }
        }
    }
}
