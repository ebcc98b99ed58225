//! The engine's event stream, a JSON document a line.

use std::{collections::VecDeque, sync::Arc};

use futures::{StreamExt, stream};
use hyper::body::Incoming;
use ops::outside::{ContainerEvent, Pieces};
use serde::Deserialize;

use super::{connect::Connector, facts::nullable, read};

/// A longer line is skipped; what happened is read from the container itself. In bytes.
const LONGEST_LINE: usize = 1 << 20;

/// The verbs that change what is shown. `health_status` stands for every verdict; the engine would tell of every probe
/// (`exec_create`, `exec_start`, `exec_die`) too.
const VERBS: &str = r#"["create","start","restart","stop","kill","die","oom","pause","unpause","destroy","rename","update","health_status"]"#;

/// What to ask the engine for.
pub fn path(since_nano: i64) -> String {
    let filters = format!(
        r#"{{"type":["container"],"label":["com.docker.compose.project"],"event":{VERBS}}}"#
    );
    let encoded: String = filters
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let (seconds, nanos) = (
        since_nano.div_euclid(1_000_000_000),
        since_nano.rem_euclid(1_000_000_000),
    );
    format!("/events?since={seconds}.{nanos:09}&filters={encoded}")
}

/// Events as they come, an error when the engine goes away.
pub fn events(body: Incoming, connector: Arc<Connector>) -> Pieces<ContainerEvent> {
    let chunks = read::chunks(body).boxed();
    let state = (chunks, Lines::default(), VecDeque::new(), false);
    Box::pin(stream::unfold(
        state,
        move |(mut chunks, mut lines, mut ready, ended)| {
            let connector = Arc::clone(&connector);
            async move {
                loop {
                    if let Some(event) = ready.pop_front() {
                        return Some((Ok(event), (chunks, lines, ready, ended)));
                    }
                    if ended {
                        return None;
                    }
                    match chunks.next().await {
                        Some(Ok(chunk)) => lines.take(&chunk, &mut ready),
                        // The engine does not end the stream while it lives.
                        Some(Err(_)) | None => {
                            return Some((Err(connector.broken()), (chunks, lines, ready, true)));
                        }
                    }
                }
            }
        },
    ))
}

/// Cuts lines and reads them; holds at most one line of bounded length.
#[derive(Debug, Default)]
struct Lines {
    line: Vec<u8>,
    too_long: bool,
}

impl Lines {
    fn take(&mut self, bytes: &[u8], ready: &mut VecDeque<ContainerEvent>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let ends = part.ends_with(b"\n");
            if self.line.len() + part.len() > LONGEST_LINE {
                self.too_long = true;
                self.line = Vec::new();
            }
            if !self.too_long {
                self.line.extend_from_slice(part);
            }
            if ends {
                if self.too_long || !self.line.trim_ascii().is_empty() {
                    ready.push_back(parse(&self.line));
                }
                self.line.clear();
                self.too_long = false;
            }
        }
    }
}

/// An event of no container tells that something happened that can't be read.
fn parse(line: &[u8]) -> ContainerEvent {
    serde_json::from_slice::<Message>(line)
        .map(ContainerEvent::from)
        .unwrap_or_default()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Message {
    action: String,
    #[serde(deserialize_with = "nullable")]
    actor: Actor,
    #[serde(rename = "timeNano")]
    time_nano: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Actor {
    #[serde(rename = "ID")]
    id: String,
    #[serde(deserialize_with = "nullable")]
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attributes {
    #[serde(rename = "com.docker.compose.project")]
    project: String,
    #[serde(rename = "com.docker.compose.service")]
    service: String,
    #[serde(rename = "exitCode")]
    exit_code: String,
    image: String,
    name: String,
}

impl From<Message> for ContainerEvent {
    fn from(message: Message) -> Self {
        let attributes = message.actor.attributes;
        Self {
            time_nano: message.time_nano,
            container_id: message.actor.id,
            project: attributes.project,
            service: attributes.service,
            action: message.action,
            exit_code: attributes.exit_code.parse().ok(),
            image: attributes.image,
            name: attributes.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIE: &str = r#"{"status":"die","id":"abc","Type":"container","Action":"die","Actor":{"ID":"abc","Attributes":{"com.docker.compose.project":"p","com.docker.compose.service":"s","exitCode":"137","image":"i:1","name":"p_s_1"}},"scope":"local","time":1,"timeNano":1000000002}"#;

    fn read(wire: &[u8], size: usize) -> Vec<ContainerEvent> {
        let (mut lines, mut ready) = (Lines::default(), VecDeque::new());
        for bytes in wire.chunks(size) {
            lines.take(bytes, &mut ready);
        }
        ready.into()
    }

    #[test]
    fn an_event_is_read_wherever_the_bytes_are_cut() {
        let wire = format!("{DIE}\n{DIE}\n");
        for size in [1, 3, 100, wire.len()] {
            let events = read(wire.as_bytes(), size);
            assert_eq!(events.len(), 2);
            assert_eq!(events[0].container_id, "abc");
            assert_eq!(
                (events[0].exit_code, events[0].time_nano),
                (Some(137), 1_000_000_002)
            );
            assert_eq!(
                (events[0].project.as_str(), events[0].service.as_str()),
                ("p", "s")
            );
        }
    }

    #[test]
    fn a_line_too_long_or_unreadable_is_told_as_an_event_of_no_container() {
        let wire = [
            &vec![b'{'; LONGEST_LINE + 1][..],
            b"\nnot json\n",
            DIE.as_bytes(),
            b"\n",
        ]
        .concat();
        let events = read(&wire, 8_192);
        assert_eq!(events.len(), 3);
        assert!(events[0].container_id.is_empty() && events[1].container_id.is_empty());
        assert_eq!(events[2].action, "die");
    }

    #[test]
    fn probes_are_not_asked_for() {
        assert!(!path(0).contains("exec"));
        assert!(path(1_000_000_005).starts_with("/events?since=1.000000005&filters=%7B%22type%22"));
    }
}
