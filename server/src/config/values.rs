//! How each setting is read, and what is said of one that can't be.

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use url::Url;

use super::{ConfigError, wrong};

const DATABASE: &str = "give a Postgres address, e.g. postgres://user:password@localhost/ytops \
                        (make run starts a private one when it is unset)";

/// A Postgres address that can be read.
pub fn database_url(url: String) -> Result<String, ConfigError> {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let fault = if is_postgres {
        match Url::parse(&url) {
            Err(error) => fault_of(error, &url),
            Ok(_) => match store::connect_options(&url) {
                Ok(_) => return Ok(url),
                Err(error) => format!("a part of it can't be used: {error}"),
            },
        }
    } else {
        "it does not begin with postgres://".to_owned()
    };
    let told = format!("{fault}; {DATABASE}");
    Err(wrong("DATABASE_URL", &mask(&url), &told))
}

/// What is wrong with an address, without a word of it.
fn fault_of(error: url::ParseError, url: &str) -> String {
    let fault = match error {
        url::ParseError::InvalidPort => "its port is no number from 0 to 65535",
        url::ParseError::EmptyHost => "it names no host",
        url::ParseError::IdnaError
        | url::ParseError::InvalidIpv4Address
        | url::ParseError::InvalidIpv6Address
        | url::ParseError::InvalidDomainCharacter => "its host can't be read",
        _ => "it can't be read",
    };
    // A character of the password that ends it too early looks like any of these.
    let hint = if url.contains('@') {
        " (in user and password : / ? # @ % are written %3A %2F %3F %23 %40 %25)"
    } else {
        ""
    };
    format!("{fault}{hint}")
}

/// A path that begins at the root: it means the same wherever the console is started.
pub fn whole_path(name: &str, path: String) -> Result<PathBuf, ConfigError> {
    let told = PathBuf::from(&path);
    if told.is_absolute() {
        return Ok(told);
    }
    Err(wrong(
        name,
        &path,
        "give a whole path, one that begins with /",
    ))
}

/// A command needs the database, and none is named.
pub fn no_database() -> ConfigError {
    ConfigError {
        name: "DATABASE_URL".to_owned(),
        value: "not set".to_owned(),
        allowed: DATABASE.to_owned(),
    }
}

/// A name for this host.
pub fn host(name: String) -> Result<String, ConfigError> {
    let is_word = |one: char| !one.is_control() && !one.is_whitespace();
    if (1..=253).contains(&name.chars().count()) && name.chars().all(is_word) {
        Ok(name)
    } else {
        let allowed = "give a name of 1 to 253 characters without blanks, such as gpu-1";
        Err(wrong("YTOPS_HOST", &name, allowed))
    }
}

const HIDDEN: &str = "***";

/// A value that is wrong, as it is told: a plain word hides nothing, anything else is masked.
fn shown(value: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "._-/".contains(char);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        mask(value)
    }
}

/// Hides the password of an address, and any parameter that is one. Of an address that can't be taken apart for certain
/// only scheme and host are shown; what is no address is hidden whole.
pub fn mask(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        return outline(url);
    };
    // An @ behind the host may be the one that was meant to end the password.
    let is_doubtful = [Some(parsed.path()), parsed.query(), parsed.fragment()]
        .into_iter()
        .flatten()
        .any(|part| part.contains('@'));
    if parsed.cannot_be_a_base() || is_doubtful {
        return outline(url);
    }
    if parsed.password().is_some() && parsed.set_password(Some(HIDDEN)).is_err() {
        return outline(url);
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

/// Scheme and host of an address that can't be taken apart. The password ends at the last @, unless that one stands in a
/// parameter: then nobody can tell, and the host is hidden as well.
fn outline(url: &str) -> String {
    let is_word = |text: &str, more: &str| {
        let mut chars = text.chars();
        !text.is_empty() && chars.all(|char| char.is_ascii_alphanumeric() || more.contains(char))
    };
    let Some((scheme, rest)) = url
        .split_once("://")
        .filter(|(scheme, _)| is_word(scheme, "+-."))
    else {
        return HIDDEN.to_owned();
    };
    let (user, rest) = match rest.rsplit_once('@') {
        Some((before, _)) if before.contains('?') => return format!("{scheme}://{HIDDEN}"),
        Some((_, rest)) => ("***@", rest),
        None => ("", rest),
    };
    // Not even the port: without an @ it may be a password whose host was forgotten.
    match rest.split([':', '/', '?', '#']).next() {
        Some(host) if is_word(host, "-._") => format!("{scheme}://{user}{host}/{HIDDEN}"),
        _ => format!("{scheme}://{HIDDEN}"),
    }
}

/// An address and a port.
pub fn listen(value: &str) -> Result<SocketAddr, ConfigError> {
    value.parse().map_err(|_| {
        wrong(
            "YTOPS_LISTEN",
            value,
            "give an address and a port, e.g. 127.0.0.1:3000",
        )
    })
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
            &shown(value),
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
    let is_port = host.starts_with("tcp://")
        && !host.contains(char::is_whitespace)
        && Url::parse(&host).is_ok_and(|url| {
            url.has_host()
                && url.port().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none()
        });
    if is_port || host.starts_with("unix:///") {
        return Ok(host);
    }
    Err(wrong(
        "DOCKER_HOST",
        &shown(&host),
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
