//! Settings: `ytops.toml`, then the environment, which wins. A wrong one stops the start and says what is allowed.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use ipnet::IpNet;
use serde::Deserialize;

/// The file looked for in the working directory unless `YTOPS_CONFIG` names another.
const DEFAULT_FILE: &str = "ytops.toml";

/// Everything the console is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Postgres that holds all state.
    pub database_url: String,
    /// Where logs and other files go.
    pub data_dir: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address that browsers use, without a trailing slash.
    pub public_url: String,
    /// Networks whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The Docker Engine; none for the platform's default socket.
    pub docker_host: Option<String>,
    /// The log's level filter, e.g. `info` or `info,ops=debug`.
    pub log: String,
    /// The file with the key that seals secrets.
    pub secret_key_file: PathBuf,
}

/// A setting that can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}: {allowed}")]
pub struct ConfigError {
    /// The setting's name.
    pub name: String,
    /// What it is set to, secrets masked.
    pub value: String,
    /// What is allowed.
    pub allowed: String,
}

/// The settings file: the same names in lower case without the prefix.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database_url: Option<String>,
    data_dir: Option<String>,
    listen: Option<String>,
    public_url: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    docker_host: Option<String>,
    log: Option<String>,
    #[serde(rename = "secret_key_file")]
    secret_key: Option<String>,
}

impl Config {
    /// Reads file and environment.
    ///
    /// # Errors
    /// The first setting that can't be used.
    pub fn load() -> Result<Self, ConfigError> {
        let path = std::env::var("YTOPS_CONFIG").ok();
        let file = read_file(path.as_deref())?;
        Self::from_parts(file, |name| {
            std::env::var(name).ok().filter(|value| !value.is_empty())
        })
    }

    fn from_parts(file: File, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let database_url = database_url(env("DATABASE_URL").or(file.database_url))?;
        let listen_text = env("YTOPS_LISTEN")
            .or(file.listen)
            .unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let listen: SocketAddr = parse(
            "YTOPS_LISTEN",
            &listen_text,
            "give an address and a port, e.g. 127.0.0.1:3000",
        )?;
        let public_url = public_url(
            env("YTOPS_PUBLIC_URL")
                .or(file.public_url)
                .unwrap_or_else(|| format!("http://{listen}")),
        )?;
        let proxies = match env("YTOPS_TRUSTED_PROXIES") {
            Some(list) => list.split(',').map(|item| item.trim().to_owned()).collect(),
            None => file.trusted_proxies.unwrap_or_default(),
        };
        let trusted_proxies = proxies
            .iter()
            .filter(|item| !item.is_empty())
            .map(|item| network(item))
            .collect::<Result<_, _>>()?;
        let data_dir: PathBuf = env("YTOPS_DATA_DIR")
            .or(file.data_dir)
            .unwrap_or_else(default_data_dir)
            .into();
        let secret_key_file = env("YTOPS_SECRET_KEY_FILE")
            .or(file.secret_key)
            .map_or_else(|| data_dir.join("secret.key"), PathBuf::from);
        Ok(Self {
            database_url,
            data_dir,
            listen,
            public_url,
            trusted_proxies,
            docker_host: docker_host(env("DOCKER_HOST").or(file.docker_host))?,
            log: env("YTOPS_LOG")
                .or(file.log)
                .unwrap_or_else(|| "info".to_owned()),
            secret_key_file,
        })
    }

    /// Browsers reach the console over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn read_file(path: Option<&str>) -> Result<File, ConfigError> {
    let name = path.unwrap_or(DEFAULT_FILE);
    let text = match std::fs::read_to_string(name) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_none() => {
            return Ok(File::default());
        }
        Err(error) => {
            return Err(wrong(
                "YTOPS_CONFIG",
                name,
                &format!("the file can't be read: {error}"),
            ));
        }
    };
    // The error of the parser would quote the line, which may hold a password: only its place and reason go out.
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| {
            text.get(..span.start)
                .map_or(0, |before| before.matches('\n').count() + 1)
        });
        wrong(
            "YTOPS_CONFIG",
            name,
            &format!("line {line}: {}", error.message()),
        )
    })
}

fn wrong(name: &str, value: &str, allowed: &str) -> ConfigError {
    ConfigError {
        name: name.to_owned(),
        value: format!("\"{value}\""),
        allowed: allowed.to_owned(),
    }
}

fn parse<T: FromStr>(name: &str, value: &str, allowed: &str) -> Result<T, ConfigError> {
    value.parse().map_err(|_| wrong(name, value, allowed))
}

fn database_url(value: Option<String>) -> Result<String, ConfigError> {
    const ALLOWED: &str = "give a Postgres address, e.g. postgres://user:password@localhost/ytops \
                           (make run starts a private one when it is unset)";
    let Some(url) = value else {
        return Err(ConfigError {
            name: "DATABASE_URL".to_owned(),
            value: "not set".to_owned(),
            allowed: ALLOWED.to_owned(),
        });
    };
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if is_postgres && store::connect_options(&url).is_ok() {
        return Ok(url);
    }
    Err(wrong("DATABASE_URL", &mask(&url), ALLOWED))
}

/// Hides what stands between the scheme's user name and the `@`, and any `password=` parameter.
pub fn mask(url: &str) -> String {
    let mut masked = url.to_owned();
    if let Some(at) = url.rfind('@') {
        let start = url.find("://").map_or(0, |scheme| scheme + 3);
        let user_end = url
            .get(start..at)
            .and_then(|part| part.find(':'))
            .map(|colon| start + colon);
        if let (Some(colon), Some(rest)) = (user_end, url.get(at..)) {
            masked = format!("{}:***{rest}", url.get(..colon).unwrap_or_default());
        } else if url.find("://").is_none() {
            "***".clone_into(&mut masked);
        }
    }
    if let Some(start) = masked.to_ascii_lowercase().find("password=") {
        masked.truncate(start + "password=".len());
        masked.push_str("***");
    }
    masked
}

fn public_url(value: String) -> Result<String, ConfigError> {
    let trimmed = value.trim_end_matches('/');
    let host = trimmed
        .strip_prefix("https://")
        .or_else(|| trimmed.strip_prefix("http://"))
        .filter(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']));
    match host {
        Some(_) => Ok(trimmed.to_ascii_lowercase()),
        None => Err(wrong(
            "YTOPS_PUBLIC_URL",
            &value,
            "give the address that browsers use, without a path, e.g. https://ops.example.com",
        )),
    }
}

fn network(item: &str) -> Result<IpNet, ConfigError> {
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

fn docker_host(value: Option<String>) -> Result<Option<String>, ConfigError> {
    match value {
        None => Ok(None),
        Some(host) if host.starts_with("unix:///") || host.starts_with("tcp://") => Ok(Some(host)),
        Some(host) => Err(wrong(
            "DOCKER_HOST",
            &host,
            "give unix:///path/to/docker.sock or tcp://host:port",
        )),
    }
}

fn default_data_dir() -> String {
    match std::env::var("HOME") {
        Ok(home) if !home.is_empty() && home != "/root" && home != "/" => {
            format!("{home}/.local/share/ytops")
        }
        _ => "/var/lib/ytops".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::from_parts(File::default(), |name| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        })
    }

    const DB: (&str, &str) = ("DATABASE_URL", "postgres://ytops:secret@localhost/ytops");

    #[test]
    fn a_missing_database_says_what_is_allowed() {
        let error = load(&[])
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            error.starts_with("DATABASE_URL is not set: give a Postgres address"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_setting_names_itself_and_masks_the_password() {
        let error = load(&[("DATABASE_URL", "mysql://ytops:secret@localhost/ytops")])
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            error.contains("mysql://ytops:***@localhost/ytops"),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn every_wrong_setting_is_refused_by_name() {
        for (name, value) in [
            ("YTOPS_LISTEN", "localhost"),
            ("YTOPS_PUBLIC_URL", "ops.example.com"),
            ("YTOPS_PUBLIC_URL", "https://ops.example.com/path"),
            ("YTOPS_TRUSTED_PROXIES", "10.0.0.0/99"),
            ("DOCKER_HOST", "npipe://x"),
        ] {
            let error = load(&[DB, (name, value)]).err().map(|error| error.name);
            assert_eq!(error.as_deref(), Some(name), "{value}");
        }
    }

    #[test]
    fn defaults_fit_a_first_start() {
        let config = load(&[DB]).ok();
        assert_eq!(
            config.as_ref().map(|c| c.public_url.as_str()),
            Some("http://127.0.0.1:3000")
        );
        assert!(config.is_some_and(|c| !c.is_https() && c.trusted_proxies.is_empty()));
    }

    #[test]
    fn the_key_stands_with_the_data_unless_told_otherwise() {
        let file = |pairs: &[(&str, &str)]| {
            let config = load(pairs).ok()?;
            Some(config.secret_key_file.display().to_string())
        };
        let data = ("YTOPS_DATA_DIR", "/srv/ytops");
        assert_eq!(file(&[DB, data]).as_deref(), Some("/srv/ytops/secret.key"));
        let named = [DB, data, ("YTOPS_SECRET_KEY_FILE", "/etc/ytops/key")];
        assert_eq!(file(&named).as_deref(), Some("/etc/ytops/key"));
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let config = load(&[DB, ("YTOPS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).ok();
        assert_eq!(config.map(|c| c.trusted_proxies.len()), Some(2));
    }
}
