//! `AUTH`, `PING` and `INFO` in RESP2.

use std::time::Instant;

use ops::outside::{Address, ProbeError, RedisAnswer, Secret};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::connect;

/// The longest line of an answer, in bytes.
const MAX_LINE: u64 = 4 << 10;

/// The longest `INFO`, in bytes; a real one is some 6 KiB.
const MAX_BULK: usize = 256 << 10;

/// What the server replied.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Simple(String),
    /// The first word of an error. The rest could repeat what was sent, the password included.
    Error(String),
    Bulk(String),
}

/// Signs in where there is a login, pings, reads what it tells of itself.
pub async fn ask(
    at: &Address,
    login: Option<&(String, Secret)>,
) -> Result<RedisAnswer, ProbeError> {
    let begun = Instant::now();
    let mut stream = BufReader::new(connect(at).await?);
    if let Some((user, password)) = login {
        let words = match user.as_str() {
            "" => vec!["AUTH", password.expose()],
            user => vec!["AUTH", user, password.expose()],
        };
        if let Reply::Error(code) = call(&mut stream, &words).await? {
            // A server without a password answers ERR; that it lets everyone in is not this check's concern.
            if code != "ERR" {
                return Err(refused(&code));
            }
        }
    }
    match call(&mut stream, &["PING"]).await? {
        Reply::Simple(text) if text == "PONG" => {}
        Reply::Error(code) => return Err(refused(&code)),
        _ => return Err(foreign()),
    }
    let mut answer = RedisAnswer {
        latency: begun.elapsed(),
        ..RedisAnswer::default()
    };
    for section in ["server", "memory"] {
        // A user that may not read it still pinged.
        if let Reply::Bulk(info) = call(&mut stream, &["INFO", section]).await? {
            read_info(&info, &mut answer);
        }
    }
    Ok(answer)
}

async fn call(stream: &mut BufReader<TcpStream>, words: &[&str]) -> Result<Reply, ProbeError> {
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        request.extend_from_slice(word.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    stream.write_all(&request).await.map_err(|_error| cut())?;
    let line = line(stream).await?;
    let (kind, rest) = line.split_at_checked(1).ok_or_else(foreign)?;
    match kind {
        "+" => Ok(Reply::Simple(rest.to_owned())),
        "-" => Ok(Reply::Error(code(rest))),
        "$" => {
            let length: usize = rest.parse().map_err(|_error| foreign())?;
            if length > MAX_BULK {
                return Err(foreign());
            }
            let mut bulk = vec![0; length + 2];
            stream.read_exact(&mut bulk).await.map_err(|_error| cut())?;
            bulk.truncate(length);
            Ok(Reply::Bulk(String::from_utf8_lossy(&bulk).into_owned()))
        }
        _ => Err(foreign()),
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Result<String, ProbeError> {
    let mut line = Vec::new();
    stream
        .take(MAX_LINE)
        .read_until(b'\n', &mut line)
        .await
        .map_err(|_error| cut())?;
    if line.is_empty() {
        return Err(cut());
    }
    let line = line.strip_suffix(b"\r\n").ok_or_else(foreign)?;
    String::from_utf8(line.to_vec()).map_err(|_error| foreign())
}

/// `NOAUTH Authentication required.` is `NOAUTH`.
fn code(error: &str) -> String {
    error
        .chars()
        .take_while(char::is_ascii_uppercase)
        .take(20)
        .collect()
}

fn read_info(info: &str, answer: &mut RedisAnswer) {
    for (name, value) in info.lines().filter_map(|line| line.split_once(':')) {
        match name {
            "redis_version" => answer.version = value.chars().take(40).collect(),
            "used_memory" => answer.used_memory_bytes = value.parse().ok(),
            "maxmemory" => answer.max_memory_bytes = value.parse().ok(),
            "maxmemory_policy" => answer.policy = value.chars().take(40).collect(),
            _ => {}
        }
    }
}

fn refused(code: &str) -> ProbeError {
    match code {
        "NOAUTH" => ProbeError::Refused(
            "it wants a password; set the address with one in Settings".to_owned(),
        ),
        "WRONGPASS" => ProbeError::Refused("the password is wrong".to_owned()),
        "LOADING" => ProbeError::Wrong("it is still loading its data".to_owned()),
        "DENIED" => ProbeError::Refused("it is protected and lets only its own host in".to_owned()),
        code => ProbeError::Wrong(format!("it answers with error {code}")),
    }
}

fn foreign() -> ProbeError {
    ProbeError::Wrong("it does not speak Redis' protocol".to_owned())
}

fn cut() -> ProbeError {
    ProbeError::Wrong("the connection was closed without an answer".to_owned())
}
