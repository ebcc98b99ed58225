//! How each setting is read, and what is said of one that can't be.

use ipnet::IpNet;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use url::Url;

use super::{ConfigError, wrong};

const DATABASE: &str = "give a Postgres address, e.g. postgres://user:password@localhost/ytops \
                        (make run starts a private one when it is unset)";

/// A Postgres address that can be read.
pub fn database_url(url: String) -> Result<String, ConfigError> {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if is_postgres && store::connect_options(&url).is_ok() {
        return Ok(url);
    }
    Err(wrong("DATABASE_URL", &mask(&url), DATABASE))
}

/// A command needs the database, and none is named.
pub fn no_database() -> ConfigError {
    ConfigError {
        name: "DATABASE_URL".to_owned(),
        value: "not set".to_owned(),
        allowed: DATABASE.to_owned(),
    }
}

/// Hides the password of an address, and any parameter that is one. What is no address is hidden whole, for nobody can
/// tell where in it the password stands.
pub fn mask(url: &str) -> String {
    const HIDDEN: &str = "***";
    let Ok(mut parsed) = Url::parse(url) else {
        return HIDDEN.to_owned();
    };
    if parsed.cannot_be_a_base() {
        return HIDDEN.to_owned();
    }
    if parsed.password().is_some() && parsed.set_password(Some(HIDDEN)).is_err() {
        return HIDDEN.to_owned();
    }
    let is_secret = |name: &str| name.to_ascii_lowercase().contains("password");
    if parsed.query_pairs().any(|(name, _)| is_secret(&name)) {
        let shown: Vec<(String, String)> = parsed
            .query_pairs()
            .map(|(name, value)| {
                let value = if is_secret(&name) { HIDDEN } else { &value };
                (name.to_string(), value.to_owned())
            })
            .collect();
        parsed.query_pairs_mut().clear().extend_pairs(shown);
    }
    parsed.into()
}

/// The origin that browsers use, as they write it themselves: lower case, no default port, no trailing slash.
pub fn public_url(value: &str) -> Result<String, ConfigError> {
    let parsed = Url::parse(value).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !value.contains(char::is_whitespace)
    });
    match parsed {
        Some(url) => Ok(url.origin().ascii_serialization()),
        None => Err(wrong(
            "YTOPS_PUBLIC_URL",
            &mask(value),
            "give the address that browsers use, without a path, e.g. https://ops.example.com",
        )),
    }
}

/// An address or a network.
pub fn network(item: &str) -> Result<IpNet, ConfigError> {
    item.parse::<IpNet>()
        .or_else(|_| item.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| {
            wrong(
                "YTOPS_TRUSTED_PROXIES",
                item,
                "give addresses or networks with commas between, e.g. 127.0.0.1,10.0.0.0/8",
            )
        })
}

/// Where the Docker Engine listens.
pub fn docker_host(host: String) -> Result<String, ConfigError> {
    if host.starts_with("unix:///") || host.starts_with("tcp://") {
        return Ok(host);
    }
    Err(wrong(
        "DOCKER_HOST",
        &mask(&host),
        "give unix:///path/to/docker.sock or tcp://host:port",
    ))
}

/// A filter of the log. A word alone must be a level: the library would take a misspelt one for the name of a part, and
/// the log would say nothing else any more.
pub fn log(filter: String) -> Result<String, ConfigError> {
    let words_are_levels = filter
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && !part.contains(['=', '[']))
        .all(|word| word.parse::<u8>().is_err() && word.parse::<LevelFilter>().is_ok());
    if words_are_levels && EnvFilter::try_new(&filter).is_ok() {
        return Ok(filter);
    }
    Err(wrong(
        "YTOPS_LOG",
        &filter,
        "give off, error, warn, info, debug or trace, or levels by part, e.g. info,ops=debug",
    ))
}
