//! The way to the engine, and what to say when there is none.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use bollard::errors::Error as BollardError;
use hyper::{
    Request, Response, Uri,
    body::{Body, Incoming},
    client::conn::http1,
    header::{HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use ops::outside::EngineError;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

/// Where the engine listens unless `DOCKER_HOST` says otherwise.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// After so long a silence the other side of a TCP connection is asked whether it is there; it has as long again to say so.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The longest message of the engine's that is passed on, in characters.
const LONGEST_MESSAGE: usize = 500;

/// Where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Socket(PathBuf),
    Tcp(String),
}

/// Makes a connection for every request.
#[derive(Debug)]
pub struct Connector {
    place: Place,
    /// `DOCKER_HOST` was set, so a wrong place may be a wrong setting.
    set: bool,
}

/// Why a request had no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection.
    #[error("{0}")]
    Connect(io::Error),
    /// The connection broke, or what came over it is not HTTP.
    #[error("{0}")]
    Http(#[from] hyper::Error),
    /// The request itself can't be sent.
    #[error("{0}")]
    Request(#[from] hyper::http::Error),
}

/// As bollard's own error.
pub fn to_bollard(error: SendError) -> BollardError {
    match error {
        SendError::Connect(err) => BollardError::IOError { err },
        SendError::Http(err) => BollardError::HyperResponseError { err },
        SendError::Request(err) => BollardError::HttpClientError { err },
    }
}

impl Connector {
    /// Reads `unix:///path` or `tcp://host:port`; none is the default socket.
    pub fn parse(host: Option<&str>) -> Result<Self, String> {
        let place = match host {
            None => Place::Socket(PathBuf::from(DEFAULT_SOCKET)),
            Some(host) => match (host.strip_prefix("unix://"), host.strip_prefix("tcp://")) {
                (Some(path), _) if path.starts_with('/') => Place::Socket(PathBuf::from(path)),
                (_, Some(address)) if address.contains(':') => {
                    Place::Tcp(address.trim_end_matches('/').to_owned())
                }
                _ => return Err("give unix:///path/to/docker.sock or tcp://host:port".to_owned()),
            },
        };
        Ok(Self {
            place,
            set: host.is_some(),
        })
    }

    /// Sends one request over a connection of its own; dropping the answer's body ends the connection.
    pub async fn send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, SendError>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        match &self.place {
            Place::Socket(path) => {
                send_over(self.connect(UnixStream::connect(path)).await?, request).await
            }
            Place::Tcp(address) => {
                send_over(self.connect(connect_tcp(address)).await?, request).await
            }
        }
    }

    async fn connect<S>(
        &self,
        connecting: impl Future<Output = io::Result<S>>,
    ) -> Result<S, SendError> {
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(connected) => connected.map_err(SendError::Connect),
            Err(_elapsed) => Err(SendError::Connect(io::ErrorKind::TimedOut.into())),
        }
    }

    /// What an error of bollard's means.
    pub fn explain(&self, error: &BollardError) -> EngineError {
        match error {
            BollardError::DockerResponseServerError {
                status_code,
                message,
            } => refused(*status_code, message),
            BollardError::IOError { err } => self.unreachable(err),
            BollardError::RequestTimeoutError => self.too_slow(),
            BollardError::HyperResponseError { .. } => self.broken(),
            other => EngineError::Refused {
                message: short(&format!(
                    "The Docker Engine answered what can't be read: {other}"
                )),
            },
        }
    }

    /// What a failure to send means.
    pub fn explain_send(&self, error: &SendError) -> EngineError {
        match error {
            SendError::Connect(error) => self.unreachable(error),
            SendError::Http(_) | SendError::Request(_) => self.broken(),
        }
    }

    /// It took the request and let it lie.
    pub fn too_slow(&self) -> EngineError {
        EngineError::Unreachable {
            reason: format!(
                "The Docker Engine at {} does not answer in time.",
                self.shown()
            ),
            hint: "Look at its log: sudo journalctl -u docker".to_owned(),
        }
    }

    /// The connection ended before the answer did.
    pub fn broken(&self) -> EngineError {
        EngineError::Unreachable {
            reason: format!(
                "The connection to the Docker Engine at {} broke off.",
                self.shown()
            ),
            hint: self.start_hint(),
        }
    }

    fn unreachable(&self, error: &io::Error) -> EngineError {
        let place = self.shown();
        let (reason, hint) = match (&self.place, error.kind()) {
            (Place::Socket(_), io::ErrorKind::NotFound) if !self.set && !is_installed() => (
                "Docker is not installed on this machine.".to_owned(),
                "Install it: sudo apt-get install docker.io docker-compose".to_owned(),
            ),
            (Place::Socket(_), io::ErrorKind::NotFound) => (
                format!("The Docker Engine is not running: there is no socket at {place}."),
                self.start_hint(),
            ),
            (Place::Socket(_), io::ErrorKind::PermissionDenied) => (
                format!("The console may not open {place}."),
                format!(
                    "Let it: sudo usermod -aG docker {}, then start the console again",
                    user()
                ),
            ),
            (_, io::ErrorKind::ConnectionRefused) => (
                format!("The Docker Engine is not running: nothing listens at {place}."),
                self.start_hint(),
            ),
            (_, io::ErrorKind::TimedOut) => return self.too_slow(),
            (_, kind) => (
                format!("The Docker Engine at {place} can't be reached: {kind}."),
                self.start_hint(),
            ),
        };
        EngineError::Unreachable { reason, hint }
    }

    fn start_hint(&self) -> String {
        match &self.place {
            Place::Socket(path) if path == Path::new(DEFAULT_SOCKET) => {
                "Start it: sudo systemctl start docker".to_owned()
            }
            _ => "Start the engine that listens there, or set DOCKER_HOST to where one does."
                .to_owned(),
        }
    }

    fn shown(&self) -> String {
        match &self.place {
            Place::Socket(path) => path.display().to_string(),
            Place::Tcp(address) => address.clone(),
        }
    }
}

/// A connection that notices when the other side is gone without a word: the stream of events may be silent for hours.
async fn connect_tcp(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(KEEPALIVE / 3)
        .with_retries(3);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

async fn send_over<S, B>(stream: S, request: Request<B>) -> Result<Response<Incoming>, SendError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let (mut parts, body) = request.into_parts();
    // A server is asked for a path; the host goes into its header.
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse::<Uri>().map_err(hyper::http::Error::from)?;
    parts
        .headers
        .insert(HOST, HeaderValue::from_static("docker"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends when the answer was read or dropped; its failure shows in the answer.
    tokio::spawn(async move { connection.await.ok() });
    Ok(sender
        .send_request(Request::from_parts(parts, body))
        .await?)
}

/// The engine's answer with a status that is no success.
pub fn refused(status: u16, message: &str) -> EngineError {
    match status {
        404 => EngineError::NotFound,
        _ => EngineError::Refused {
            message: short(message.trim()),
        },
    }
}

fn short(message: &str) -> String {
    message.chars().take(LONGEST_MESSAGE).collect()
}

fn is_installed() -> bool {
    [
        "/usr/bin",
        "/usr/sbin",
        "/usr/local/bin",
        "/usr/local/sbin",
        "/snap/bin",
    ]
    .iter()
    .any(|folder| Path::new(folder).join("dockerd").exists())
}

fn user() -> String {
    std::env::var("USER")
        .ok()
        .filter(|user| !user.is_empty())
        .unwrap_or_else(|| "\"$USER\"".to_owned())
}

#[cfg(test)]
mod tests;
