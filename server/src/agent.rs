//! `ytops agent`: reads this host's meters once a second and sends what they say to a console elsewhere.
//!
//! What the console has not stored yet is held, so that neither a console that starts anew nor a network that is cut
//! loses anything for a quarter of an hour.

mod buffer;
mod containers;
mod link;
mod options;
mod pace;
mod refusal;
mod ticks;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};
use types::agent::Receipt;

pub use self::options::{Arguments, Unusable};
use self::{
    buffer::{Buffer, Sent},
    link::Link,
    options::Options,
    pace::Pace,
    ticks::Ticking,
};
use crate::{config::Config, serve};

/// How long what is not sent yet may take after SIGTERM; with the end of the threads that is less than two seconds.
const FLUSH: Duration = Duration::from_millis(1_200);

/// How long a console that took not all of a batch is left alone.
const BUSY: Duration = Duration::from_secs(1);

/// What was read, shared by who reads and who sends.
struct Shared {
    buffer: Mutex<Buffer>,
    /// Something was read.
    read: Notify,
}

impl Shared {
    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        // Each change leaves the buffer whole.
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads and sends until SIGTERM or SIGINT.
///
/// # Errors
/// An argument can't be used; the text says what is allowed. What the console or the network refuses is told and tried
/// again.
pub async fn run(arguments: Arguments, config: &Config) -> Result<(), Unusable> {
    let options = Options::of(arguments, config)?;
    let mut signals = serve::signals();
    let shared = Arc::new(Shared {
        buffer: Mutex::new(Buffer::new(options.host.clone(), rand::random())),
        read: Notify::new(),
    });
    let ticking = Ticking::start(config, &shared)
        .map_err(|error| Unusable::new("this host", &format!("can't be read: {error}")))?;
    say(&format!(
        "{} sends to {} as {}.",
        env!("CARGO_PKG_VERSION"),
        options.url,
        options.host
    ));
    let mut link = Link::new(options);
    tokio::select! {
        () = send(&shared, &mut link) => {}
        () = containers::watch(config, &ticking) => {}
        () = serve::any_of(&mut signals) => {}
    }
    drop(ticking);
    // The request that was cut off is sent again.
    link.disconnect();
    if timeout(FLUSH, flush(&shared, &mut link)).await.is_err() {
        say("What was read last could not be sent in time.");
    }
    Ok(())
}

/// Sends what is read, for ever.
async fn send(shared: &Shared, link: &mut Link) {
    let mut pace = Pace::default();
    loop {
        let (batch, behind) = {
            let buffer = shared.buffer();
            (buffer.batch(), buffer.behind_s())
        };
        if let Some(told) = pace.behind(behind) {
            say(&told);
        }
        let Some((batch, sent)) = batch else {
            shared.read.notified().await;
            continue;
        };
        match link.post(&batch).await {
            Ok(receipt) => {
                if let Some(told) = pace.went_well(&shared.buffer()) {
                    say(&told);
                }
                if heard(shared, &sent, receipt) {
                    tokio::time::sleep(BUSY).await;
                }
            }
            Err(refusal) => {
                if let Some(told) = pace.failed(&refusal) {
                    say(&told);
                }
                tokio::time::sleep(pace.wait(&refusal)).await;
            }
        }
    }
}

/// True where the console has more to do than it can.
fn heard(shared: &Shared, sent: &Sent, receipt: Receipt) -> bool {
    shared.buffer().heard(sent, receipt);
    // A console that forgets a session with its first batch is asked no faster than it is told.
    if receipt.is_known {
        receipt.taken_until < sent.until
    } else {
        sent.begins
    }
}

/// Sends what is left, once.
async fn flush(shared: &Shared, link: &mut Link) {
    loop {
        let batch = shared.buffer().batch();
        let Some((batch, sent)) = batch else { return };
        match link.post(&batch).await {
            Ok(receipt) if !heard(shared, &sent, receipt) => {}
            _ => return,
        }
    }
}

/// A line for who runs it: the journal, mostly.
fn say(told: &str) {
    eprintln!("ytops agent: {told}");
}
