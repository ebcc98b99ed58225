//! What an agent is told on its command line.

use std::{fs, io::Read, net::IpAddr, path::PathBuf, sync::Arc};

use clap::Args;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::{Host, Url};

use crate::config::Config;

/// Where the call is, below the console's address.
const CALL: &str = "api/v1/samples";

/// Where distributions keep the certificates of public authorities.
const PUBLIC: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// The longest token that is read; real ones have 70 characters.
const LONGEST_TOKEN: usize = 200;

/// How an agent is started.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The console's address, such as `https://ops.example.com`
    #[arg(long, env = "YTOPS_JOIN", value_name = "URL")]
    join: String,
    /// A token of the role agent (`ytops token add --role agent`); all users of this host can see it here, so rather set
    /// `YTOPS_TOKEN`, or keep it in a file
    #[arg(long, env = "YTOPS_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A file that holds the token
    #[arg(long, env = "YTOPS_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The certificate of a private authority, in PEM; others are not trusted then
    #[arg(long, env = "YTOPS_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The name under which samples are stored; `YTOPS_HOST`, or this host's own, when it is not given
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Send token and samples unencrypted, to another host than this one
    #[arg(long)]
    insecure_http: bool,
}

/// An argument that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{name} {told}")]
pub struct Unusable {
    name: String,
    told: String,
}

impl Unusable {
    pub(super) fn new(name: &str, told: &str) -> Self {
        Self {
            name: name.to_owned(),
            told: told.to_owned(),
        }
    }
}

/// Arguments that were looked at. Can't be printed: they hold the token.
pub struct Options {
    /// The console's address as it was given.
    pub url: String,
    /// The host to connect to.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// The header `Host`.
    pub authority: String,
    /// The path of the call.
    pub path: String,
    /// The token.
    pub token: String,
    /// How this host is called.
    pub host: String,
    /// Certificates to trust; `None` for a console that is asked without TLS.
    pub tls: Option<Arc<ClientConfig>>,
}

impl Options {
    /// Looks at the arguments and reads the files that they name.
    pub fn of(arguments: Arguments, config: &Config) -> Result<Self, Unusable> {
        let url = url(&arguments.join, arguments.insecure_http)?;
        let token = token(arguments.token, arguments.token_file)?;
        let host = arguments.host.unwrap_or_else(|| config.host.clone());
        if !ops::resources::is_host(&host) {
            return Err(Unusable::new(
                "--host",
                "takes a name of 1 to 253 characters without blanks, such as gpu-2",
            ));
        }
        let tls = match (url.scheme(), &arguments.ca) {
            ("https", file) => Some(tls(file.as_ref())?),
            (_, None) => None,
            (_, Some(_)) => {
                return Err(Unusable::new(
                    "--ca",
                    "is for an address that begins with https://",
                ));
            }
        };
        let missing = || Unusable::new("--join", "needs a host, such as https://ops.example.com");
        let server = match url.host().ok_or_else(missing)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let port = url.port_or_known_default().ok_or_else(missing)?;
        let name = url.host_str().unwrap_or_default();
        let authority = url
            .port()
            .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Ok(Self {
            server,
            port,
            authority,
            path: format!("{}/{CALL}", url.path().trim_end_matches('/')),
            token,
            host,
            tls,
            url: arguments.join,
        })
    }
}

/// The console's address: over TLS, unless it is this very host or somebody said that it may be read on the way.
fn url(text: &str, insecure: bool) -> Result<Url, Unusable> {
    let wrong = |told: &str| Unusable::new("--join", told);
    let url = Url::parse(text)
        .map_err(|_| wrong("takes the console's address, such as https://ops.example.com"))?;
    let extra = url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some();
    if extra {
        return Err(wrong("takes an address without user, query and fragment"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if insecure || is_here(&url) => Ok(url),
        "http" => Err(wrong(
            "is unencrypted: whoever is on the way could read the token and send in this host's name. Give an address that \
             begins with https://, or say --insecure-http",
        )),
        _ => Err(wrong("takes an address that begins with https://")),
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

fn token(given: Option<String>, file: Option<PathBuf>) -> Result<String, Unusable> {
    let (name, text) = match (given.filter(|token| !token.is_empty()), file) {
        (Some(_), Some(_)) => {
            return Err(Unusable::new(
                "--token",
                "and --token-file name two tokens; give one",
            ));
        }
        (Some(token), None) => ("the token".to_owned(), token),
        (None, Some(path)) => {
            let name = format!("--token-file {}", path.display());
            let mut text = String::new();
            // A file that has no end is read no further.
            let limit = LONGEST_TOKEN as u64 * 2;
            let read =
                fs::File::open(&path).and_then(|file| file.take(limit).read_to_string(&mut text));
            if let Err(error) = read {
                return Err(Unusable::new(&name, &format!("can't be read: {error}")));
            }
            (name, text)
        }
        (None, None) => {
            return Err(Unusable::new(
                "--token",
                "is missing: set YTOPS_TOKEN, or YTOPS_TOKEN_FILE to a file that holds it. The console's host makes one: \
                 ytops token add --role agent --name … --days … --host …",
            ));
        }
    };
    let token = text.trim();
    let is_one = (1..=LONGEST_TOKEN).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_one {
        return Err(Unusable::new(
            &name,
            "holds no token: those begin with ytops_",
        ));
    }
    Ok(token.to_owned())
}

/// TLS 1.2 and 1.3, with the authorities of `file` or the public ones.
fn tls(file: Option<&PathBuf>) -> Result<Arc<ClientConfig>, Unusable> {
    let files: Vec<PathBuf> = match file {
        Some(file) => vec![file.clone()],
        None => PUBLIC.iter().map(PathBuf::from).collect(),
    };
    let mut roots = RootCertStore::empty();
    let mut failed = String::new();
    for path in files {
        match CertificateDer::pem_file_iter(&path) {
            // Some of a distribution's are older than the standard; they are left out.
            Ok(found) => {
                roots.add_parsable_certificates(found.filter_map(Result::ok));
            }
            Err(error) => failed = error.to_string(),
        }
        if !roots.is_empty() {
            break;
        }
    }
    if roots.is_empty() {
        return Err(match file {
            Some(path) => Unusable::new(
                &format!("--ca {}", path.display()),
                &format!("holds no certificate in PEM {failed}"),
            ),
            None => Unusable::new(
                "--ca",
                "is missing, and this host has no certificates of public authorities: install ca-certificates",
            ),
        });
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Unusable::new("--join", &format!("can't be asked by TLS: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
