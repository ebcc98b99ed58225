#![expect(clippy::unwrap_used, reason = "a test may stop")]
use std::path::PathBuf;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use super::*;

/// An engine of two containers that hangs on the second.
struct HalfStuck(PathBuf);

const WELL: &str = "aaaaaaaaaaaa";
const STUCK: &str = "bbbbbbbbbbbb";
const LABELS: &str =
    r#""Labels":{"com.docker.compose.project":"p","com.docker.compose.service":"s"}"#;

impl HalfStuck {
    fn start() -> Self {
        let path = std::env::temp_dir().join(format!("ytops-{}.sock", ops::trace_id()));
        let listener = UnixListener::bind(&path).unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream));
            }
        });
        Self(path)
    }
}

impl Drop for HalfStuck {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn answer(stream: UnixStream) {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await.unwrap();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    if path.contains(STUCK) {
        std::future::pending::<()>().await;
    }
    let body = if path.starts_with("/containers/json") {
        let listed = [WELL, STUCK]
            .map(|id| format!(r#"{{"Id":"{id}","Names":["/n-{id}"],"Image":"i:1",{LABELS}}}"#));
        format!("[{}]", listed.join(","))
    } else {
        format!(r#"{{"Id":"{WELL}","State":{{"Status":"running"}},"Config":{{{LABELS}}}}}"#)
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let answer = [head, body].concat();
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.flush().await;
}

#[tokio::test]
async fn a_container_that_it_hangs_on_says_nothing_of_the_engine() {
    let half_stuck = HalfStuck::start();
    let host = format!("unix://{}", half_stuck.0.display());
    let mut engine = DockerEngine::new(Some(&host)).unwrap();
    engine.inspect = Duration::from_millis(200);
    let listing = engine.list().await.unwrap();
    assert_eq!(listing.containers.len(), 1);
    assert_eq!(listing.containers[0].id, WELL);
    let unreadable = &listing.unreadable[0];
    assert_eq!(
        (unreadable.id.as_str(), unreadable.service.as_str()),
        (STUCK, "s")
    );
    assert_eq!(unreadable.name, format!("n-{STUCK}"));
    assert_eq!(engine.inspect(STUCK).await, Err(EngineError::TimedOut));
    assert_eq!(engine.stats(STUCK).await, Err(EngineError::TimedOut));
    let stopped = engine.operate(STUCK, Operation::Stop).await;
    assert_eq!(stopped, Err(EngineError::TimedOut));
}
