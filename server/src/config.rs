//! Settings: `ytops.toml`, then the environment, which wins. A wrong one stops the start and says what is allowed.

mod names;
mod values;

use std::{
    ffi::OsStr,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use serde::Deserialize;

pub use values::mask;

/// The file looked for in the working directory unless `YTOPS_CONFIG` names another.
const DEFAULT_FILE: &str = "ytops.toml";

/// Where the console listens unless told otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// The key's file in the folder for files, unless another is named.
const KEY_FILE: &str = "secret.key";

/// What backups need in the folder for files, unless another is named.
const BACKUP_DIR: &str = "backups";

/// Everything the console is told from outside. It can't be printed: it holds passwords.
#[derive(Clone)]
pub struct Config {
    /// The Postgres that holds all state; none where it is not set, which not every command needs.
    pub database_url: Option<String>,
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
    /// The name under which this host's samples are stored.
    pub host: String,
    /// Where the console keeps what its backups need: the repositories' password, its own repository, restic's cache, files
    /// on their way.
    pub backup_dir: PathBuf,
    /// rclone's settings, for targets that rclone reaches; none for rclone's own place.
    pub rclone_config: Option<PathBuf>,
    /// Where the host's root stands, for a console in a container; its procfs and its cgroups are looked for under it.
    pub host_root: PathBuf,
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
#[derive(Default, Deserialize)]
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
    host: Option<String>,
    host_root: Option<String>,
    backup_dir: Option<String>,
    rclone_config: Option<String>,
}

impl Config {
    /// Reads file and environment.
    ///
    /// # Errors
    /// The first setting that can't be used.
    pub fn load() -> Result<Self, ConfigError> {
        names::check(std::env::vars_os())?;
        let env = |name: &str| text(name, std::env::var_os(name).as_deref());
        let file = read_file(env(names::SETTINGS_FILE)?.as_deref())?;
        Self::from_parts(file, env)
    }

    fn from_parts(
        file: File,
        env: impl Fn(&str) -> Result<Option<String>, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let default = Self::default();
        let database_url = env("DATABASE_URL")?.or(file.database_url);
        let listen = match env("YTOPS_LISTEN")?.or(file.listen) {
            Some(address) => values::listen(&address)?,
            None => default.listen,
        };
        let public_url = env("YTOPS_PUBLIC_URL")?
            .or(file.public_url)
            .unwrap_or_else(|| format!("http://{listen}"));
        let proxies = match env("YTOPS_TRUSTED_PROXIES")? {
            Some(list) => list.split(',').map(|item| item.trim().to_owned()).collect(),
            None => file.trusted_proxies.unwrap_or_default(),
        };
        let trusted_proxies = proxies
            .iter()
            .filter(|item| !item.is_empty())
            .map(|item| values::network(item))
            .collect::<Result<_, _>>()?;
        let data_dir = env("YTOPS_DATA_DIR")?
            .or(file.data_dir)
            .map_or(default.data_dir, PathBuf::from);
        let secret_key_file = env("YTOPS_SECRET_KEY_FILE")?
            .or(file.secret_key)
            .map_or_else(|| data_dir.join(KEY_FILE), PathBuf::from);
        let backup_dir = match env("YTOPS_BACKUP_DIR")?.or(file.backup_dir) {
            Some(path) => values::whole_path("YTOPS_BACKUP_DIR", path)?,
            None => std::path::absolute(data_dir.join(BACKUP_DIR))
                .unwrap_or_else(|_| data_dir.join(BACKUP_DIR)),
        };
        let rclone_config = env("YTOPS_RCLONE_CONFIG")?
            .or(file.rclone_config)
            .map(|path| values::whole_path("YTOPS_RCLONE_CONFIG", path))
            .transpose()?;
        let docker_host = env("DOCKER_HOST")?.or(file.docker_host);
        let log = env("YTOPS_LOG")?.or(file.log);
        let host = env("YTOPS_HOST")?.or(file.host);
        let host_root = env("YTOPS_HOST_ROOT")?.or(file.host_root);
        Ok(Self {
            database_url: database_url.map(values::database_url).transpose()?,
            data_dir,
            secret_key_file,
            backup_dir,
            rclone_config,
            listen,
            public_url: values::public_url(&public_url)?,
            trusted_proxies,
            docker_host: docker_host.map(values::docker_host).transpose()?,
            log: values::log(log.unwrap_or(default.log))?,
            host: host.map_or(Ok(default.host), values::host)?,
            host_root: host_root.map_or(default.host_root, PathBuf::from),
        })
    }

    /// The database, for what can't do without.
    ///
    /// # Errors
    /// None is set.
    pub fn database(&self) -> Result<&str, ConfigError> {
        self.database_url.as_deref().ok_or_else(values::no_database)
    }

    /// What is told where the folder for logs and other files can't be used.
    pub fn unusable_data_dir(&self, error: &std::io::Error) -> ConfigError {
        wrong(
            "YTOPS_DATA_DIR",
            &self.data_dir.display().to_string(),
            &format!("give a folder that ytops can make and write to ({error})"),
        )
    }

    /// What is told where the file with the key can't be read, or holds none.
    pub fn unusable_key_file(&self, error: &std::io::Error) -> ConfigError {
        wrong(
            "YTOPS_SECRET_KEY_FILE",
            &self.secret_key_file.display().to_string(),
            &format!(
                "give a file that ytops can read, with a key of 64 hexadecimal digits, or a place where it can make one \
                 ({error})"
            ),
        )
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
                names::SETTINGS_FILE,
                name,
                &format!("the file can't be read: {error}"),
            ));
        }
    };
    let wrong_at = |place: usize, told: &str| {
        let line = text
            .get(..place)
            .map_or(0, |before| before.matches('\n').count() + 1);
        wrong(names::SETTINGS_FILE, name, &format!("line {line}: {told}"))
    };
    if let Some((place, told)) = names::unknown_key(&text) {
        return Err(wrong_at(place, &told));
    }
    // The error of the parser would quote the line, which may hold a password: only its place and reason go out.
    toml::from_str(&text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        wrong_at(place, error.message())
    })
}

/// A variable's text; an empty one is as good as none.
fn text(name: &str, value: Option<&OsStr>) -> Result<Option<String>, ConfigError> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match value.to_str() {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(wrong(
            name,
            &mask(&value.to_string_lossy()),
            "give UTF-8 text; it holds bytes that are none",
        )),
    }
}

fn wrong(name: &str, value: &str, allowed: &str) -> ConfigError {
    ConfigError {
        name: name.to_owned(),
        value: format!("\"{value}\""),
        allowed: allowed.to_owned(),
    }
}

/// What holds where nothing is set.
impl Default for Config {
    fn default() -> Self {
        let data_dir = PathBuf::from(default_data_dir());
        Self {
            database_url: None,
            secret_key_file: data_dir.join(KEY_FILE),
            backup_dir: data_dir.join(BACKUP_DIR),
            rclone_config: None,
            data_dir,
            listen: DEFAULT_LISTEN,
            public_url: format!("http://{DEFAULT_LISTEN}"),
            trusted_proxies: Vec::new(),
            docker_host: None,
            log: "info".to_owned(),
            host: kernel_name(),
            host_root: PathBuf::from("/"),
        }
    }
}

/// The host's name as its kernel has it.
fn kernel_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    values::host(name.trim().to_owned()).unwrap_or_else(|_| "localhost".to_owned())
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
mod tests;
