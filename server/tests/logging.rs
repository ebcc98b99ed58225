//! The console's own log: a line's shape, and panics as lines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use server::logging;
use tracing_subscriber::layer::SubscriberExt;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines that the log has of what `happens`.
fn log_of(happens: impl FnOnce()) -> Vec<Value> {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::registry().with(logging::lines(move || writer.clone()));
    tracing::subscriber::with_default(subscriber, happens);
    let bytes = kept.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_line_has_its_members_and_the_trace_id_of_its_request() {
    let lines = log_of(|| {
        tracing::info!(count = 7, "Outside.");
        let request = tracing::error_span!("request", trace_id = "0123456789abcdef");
        let _in_request = request.enter();
        let inner = tracing::error_span!("step", name = "a\"b");
        let _in_step = inner.enter();
        tracing::warn!(path = "a\nb", "Inside.");
        tracing::error!(trace_id = "its own", "Named by hand.");
    });
    let [outside, inside, named] = lines.as_slice() else {
        panic!("{lines:#?}");
    };
    let members: Vec<&String> = outside.as_object().unwrap().keys().collect();
    for member in [
        "timestamp",
        "level",
        "service",
        "message",
        "trace_id",
        "count",
    ] {
        assert!(
            members.iter().any(|name| *name == member),
            "{member}: {outside}"
        );
    }
    let timestamp = outside["timestamp"].as_str().unwrap();
    assert!(
        timestamp.ends_with('Z') && timestamp.contains('T'),
        "{timestamp}"
    );
    assert_eq!(outside["level"], "INFO");
    assert_eq!(outside["service"], "ytops");
    assert_eq!(outside["message"], "Outside.");
    assert_eq!(outside["count"], 7);
    assert_eq!(outside["trace_id"], Value::Null);
    assert_eq!(inside["trace_id"], "0123456789abcdef");
    assert_eq!(inside["path"], "a\nb");
    assert_eq!(named["trace_id"], "its own");
}

#[test]
fn a_panic_is_a_line() {
    logging::log_panics();
    let lines = log_of(|| {
        let request = tracing::error_span!("request", trace_id = "0123456789abcdef");
        let _in_request = request.enter();
        let caught = std::panic::catch_unwind(|| std::panic::panic_any("it\nbroke".to_owned()));
        assert!(caught.is_err());
    });
    let [line] = lines.as_slice() else {
        panic!("{lines:#?}");
    };
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["panic"], "it\nbroke");
    assert_eq!(line["trace_id"], "0123456789abcdef");
    assert!(
        line["place"].as_str().unwrap().contains("logging.rs"),
        "{line}"
    );
}
