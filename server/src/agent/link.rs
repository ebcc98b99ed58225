//! The way to the console: one connection that is kept, over TLS.

use std::{io, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use types::agent::{Batch, Receipt};

use super::{options::Options, refusal::Refusal};

/// How long a connection may take, TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// The largest answer that is read.
const MOST_BYTES: usize = 64 * 1024;

/// The way to the console.
pub struct Link {
    options: Options,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Link {
    /// Not connected yet.
    pub const fn new(options: Options) -> Self {
        Self {
            options,
            open: None,
        }
    }

    /// Forgets the connection, whatever state it is in.
    pub fn disconnect(&mut self) {
        self.open = None;
    }

    /// Sends a batch and reads what became of it.
    pub async fn post(&mut self, batch: &Batch) -> Result<Receipt, Refusal> {
        let body = serde_json::to_vec(batch)
            .map_err(|error| Refusal::Strange(format!("a batch can't be written: {error}")))?;
        let body = Bytes::from(body);
        // A connection that was kept may have been closed just now; a batch may come twice.
        if self.open.is_some()
            && let Ok(answer) = self.exchange(body.clone()).await
        {
            return answer;
        }
        self.open = Some(self.connect().await?);
        self.exchange(body).await?
    }

    /// The outer error is of the connection.
    async fn exchange(&mut self, body: Bytes) -> Result<Result<Receipt, Refusal>, Refusal> {
        // Whatever ends this early leaves no connection behind that is amid a request.
        let mut open = self.open.take().ok_or_else(|| broken("it was closed"))?;
        let request = self.request(body).map_err(broken)?;
        let asking = async {
            open.ready().await?;
            open.send_request(request).await
        };
        let answer = timeout(ANSWER, asking)
            .await
            .map_err(|_elapsed| broken("no answer within 10 s"))?
            .map_err(broken)?;
        let told = timeout(ANSWER, read(answer))
            .await
            .map_err(|_elapsed| broken("no whole answer within 10 s"))?;
        self.open = Some(open);
        Ok(told)
    }

    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let Options {
            path,
            authority,
            token,
            ..
        } = &self.options;
        Request::post(path)
            .header(header::HOST, authority)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                concat!("ytops-agent/", env!("CARGO_PKG_VERSION")),
            )
            .body(Full::new(body))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Refusal> {
        let Options {
            server, port, tls, ..
        } = &self.options;
        let connecting = async {
            let socket = TcpStream::connect((server.as_str(), *port)).await?;
            socket.set_nodelay(true)?;
            let Some(tls) = tls else {
                return shake(socket).await;
            };
            let name = ServerName::try_from(server.clone()).map_err(io::Error::other)?;
            let connector = TlsConnector::from(Arc::clone(tls));
            shake(connector.connect(name, socket).await?).await
        };
        timeout(CONNECT, connecting)
            .await
            .map_err(|_elapsed| broken("no connection within 5 s"))?
            .map_err(|error| broken(explained(&error)))
    }
}

/// Speaks HTTP over a connection, which ends when what it gives is dropped.
async fn shake(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> io::Result<SendRequest<Full<Bytes>>> {
    let (open, connection) = http1::handshake(TokioIo::new(io))
        .await
        .map_err(io::Error::other)?;
    // How it ended is heard by who asks next.
    tokio::spawn(async move { connection.await.ok() });
    Ok(open)
}

async fn read(answer: Response<Incoming>) -> Result<Receipt, Refusal> {
    let status = answer.status().as_u16();
    let location = answer
        .headers()
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) => return Err(broken(error)),
    };
    if status != 200 {
        return Err(Refusal::of(status, location.as_deref(), &body));
    }
    serde_json::from_slice(&body)
        .map_err(|_| Refusal::Strange("its answer is none to samples".to_owned()))
}

fn broken(why: impl ToString) -> Refusal {
    Refusal::Unreachable(why.to_string())
}

/// A certificate that is not trusted is what a person can do something about.
fn explained(error: &io::Error) -> String {
    use rustls::{CertificateError as Why, Error::InvalidCertificate};
    let of_tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(InvalidCertificate(why)) = of_tls else {
        return error.to_string();
    };
    match why {
        Why::UnknownIssuer => {
            "its certificate is of an authority that is not trusted; name a private one's by --ca FILE"
        }
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "its certificate is for another name; give the one that it is for to --join"
        }
        Why::Expired
        | Why::ExpiredContext { .. }
        | Why::NotValidYet
        | Why::NotValidYetContext { .. } => {
            "its certificate is not valid now: renew it, or see to this host's clock"
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own, which can't stand for a server: let the authority sign one for it"
        }
        other => return format!("its certificate is not trusted ({other})"),
    }
    .to_owned()
}
