//! Serving: the address taken, the database brought up to date, the loops started, requests answered until a signal,
//! then a drain.

mod announce;
mod answer;
mod key;

use std::{convert::Infallible, path::PathBuf, sync::Arc, time::Duration};

use answer::Limits;
use ops::{
    Ops,
    backups::{OwnDatabase, Place},
    outside::{Host, Outside},
};
use store::{PgPool, StoreError};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{
    adapters::{DockerCompose, DockerEngine, LinuxHost, NvmlGpu, SystemClock, TcpProbe},
    config::{Config, ConfigError},
    http, reconcile,
};

/// How long open requests, and operations on services that outlive theirs, may take to end after a signal. With those
/// below a stop takes less than ten seconds.
const DRAIN: Duration = Duration::from_secs(6);

/// How long operations may take to write that they were not waited for, the newest samples to be stored, and the
/// database's connections to be closed; each.
const CLOSE: Duration = Duration::from_secs(1);

/// How long the threads may take to leave what they are at, once nothing waits for it any more.
pub const LEAVE: Duration = Duration::from_millis(500);

/// How soon a database that is away is asked again: at first, and at the most.
const AGAIN: Duration = Duration::from_millis(250);
const AGAIN_AT_MOST: Duration = Duration::from_secs(5);

/// Where Docker keeps images, volumes and logs unless told otherwise; looked at where it is there.
const DOCKER_DATA: &str = "/var/lib/docker";

/// Why serving could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A setting can't be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The database can't be reached.
    #[error("the database at {place} does not answer: start it, or set DATABASE_URL to where it is{}", reason(.error))]
    Away {
        /// Where it should be.
        place: String,
        /// What the driver says.
        error: StoreError,
    },
    /// The database is there, its tables are not.
    #[error("the database lacks tables that this program needs: run ytops migrate")]
    Unmigrated,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The address is taken or not ours.
    #[error("YTOPS_LISTEN is \"{address}\": {}", refused(.error))]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's reason.
        error: std::io::Error,
    },
    /// The built site is not there.
    #[error("the site is missing: {0}; run make build")]
    Site(String),
    /// Anything else of the operating system's.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl ServeError {
    /// Of a failed call to the database.
    pub fn of(db: &PgPool, error: StoreError) -> Self {
        if error.is_unavailable() {
            let place = store::entered(db).place();
            Self::Away { place, error }
        } else {
            Self::Store(error)
        }
    }
}

/// What the driver says of a database that is away, where it says more than that.
fn reason(error: &StoreError) -> String {
    if error.is_silence() {
        String::new()
    } else {
        format!(" ({error})")
    }
}

/// Why an address can't be listened on, and what to do.
fn refused(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program listens there, maybe a console; stop it, or set YTOPS_LISTEN to a port that is free"
                .to_owned()
        }
        std::io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; set YTOPS_LISTEN to one that it has, such as 127.0.0.1:3000".to_owned()
        }
        _ => error.to_string(),
    }
}

/// The tools of a console with `config`.
///
/// # Errors
/// No database is set, or the engine's address or the key file can't be used.
pub fn tools(config: &Config) -> Result<Ops, ServeError> {
    tools_over(store::connect(config.database()?)?, config)
}

/// The same on a database that answers and whose schema is up to date.
///
/// # Errors
/// It does not answer, or is not.
pub async fn migrated_tools(config: &Config) -> Result<Ops, ServeError> {
    let ops = tools(config)?;
    match store::is_migrated(&ops.db).await {
        Ok(true) => Ok(ops),
        Ok(false) => Err(ServeError::Unmigrated),
        Err(error) => Err(ServeError::of(&ops.db, error)),
    }
}

/// The tools over a given database.
///
/// # Errors
/// The engine's address or the key file can't be used.
pub fn tools_over(db: PgPool, config: &Config) -> Result<Ops, ServeError> {
    let data_paths = vec![config.data_dir.clone(), PathBuf::from(DOCKER_DATA)];
    let host = Arc::new(LinuxHost::new(data_paths));
    let compose = DockerCompose::new(
        Arc::clone(&host) as Arc<dyn Host>,
        config.docker_host.clone(),
    );
    let outside = Outside {
        host,
        gpu: Arc::new(NvmlGpu::default()),
        containers: Arc::new(
            DockerEngine::new(config.docker_host.as_deref()).map_err(std::io::Error::other)?,
        ),
        probe: Arc::new(TcpProbe),
        compose: Arc::new(compose),
    };
    let backups = place(&db, config);
    let ops = Ops::new(db, Arc::new(SystemClock))
        .with(outside)
        .with_backups(backups)
        .with_seal(key::seal(config)?);
    ops.meters.set_own_host(&config.host);
    Ok(ops)
}

/// What backups need on this machine, for what works while the database is away or absent.
///
/// # Errors
/// No database is set.
pub fn place_of(config: &Config) -> Result<Place, ServeError> {
    Ok(place(&store::connect(config.database()?)?, config))
}

/// What backups need on this machine, the way into the console's own database included.
fn place(db: &PgPool, config: &Config) -> Place {
    let entered = store::entered(db);
    let own = OwnDatabase::new(
        entered.host,
        entered.port,
        entered.user,
        entered.password,
        entered.database,
    );
    let folder = config.backup_dir.clone();
    Place::new(folder, config.rclone_config.clone(), Some(own))
}

/// Serves until SIGTERM or SIGINT. A database that is away is waited for: until it is there, pages say so.
///
/// # Errors
/// The address can't be listened on, or the schema can't be brought up to date.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let ops = tools(&config)?;
    // Before anyone can see that it is there: who then asks it to stop is heard.
    let mut signals = signals();
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| ServeError::Listen {
            address: config.listen,
            error,
        })?;
    let (stopping, stop) = watch::channel(false);
    let (up, ready) = watch::channel(false);
    let router = http::router(&ops, &config, stop.clone(), ready)?;
    let mut server = tokio::spawn(answer::answer(listener, router, stop, Limits::STANDARD));
    tokio::select! {
        ended = &mut server => return ended.map_err(|error| std::io::Error::other(error).into()),
        failed = work(&ops, &config, &up) => {
            server.abort();
            return failed.map(|never| match never {});
        }
        () = any_of(&mut signals) => {}
    }
    tracing::info!("Stopping: no new requests, open ones may finish.");
    let _ = stopping.send(true);
    let drained = async {
        let _ = (&mut server).await;
        ops.under_way.ended().await;
    };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("Some requests or operations did not finish in time and were cut.");
        server.abort();
    }
    ops.under_way.give_up();
    if tokio::time::timeout(CLOSE, ops.under_way.ended())
        .await
        .is_err()
    {
        tracing::warn!("How some operations ended is not in the audit log.");
    }
    if tokio::time::timeout(CLOSE, ops::resources::finish(&ops))
        .await
        .is_err()
    {
        tracing::warn!("The newest samples were not stored in time.");
    }
    if tokio::time::timeout(CLOSE, ops.db.close()).await.is_err() {
        tracing::warn!("The database did not take leave in time.");
    }
    Ok(())
}

/// Brings the database up to date, runs the loops and says where the console is. Ends with an error or not at all;
/// dropped, the loops stop.
async fn work(
    ops: &Ops,
    config: &Config,
    up: &watch::Sender<bool>,
) -> Result<Infallible, ServeError> {
    let _reading = reconcile::spawn_reading(ops, config);
    migrate(&ops.db).await?;
    key::ready(ops, config).await?;
    let _ = up.send(true);
    let _loops = reconcile::spawn_all(ops);
    announce::announce(ops, config).await;
    std::future::pending().await
}

/// Brings the schema up to date as soon as the database answers.
async fn migrate(db: &PgPool) -> Result<(), ServeError> {
    let mut wait = AGAIN;
    loop {
        let error = match store::migrate(db).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_unavailable() => error,
            Err(error) => return Err(error.into()),
        };
        // Once an outage.
        if wait == AGAIN {
            let place = store::entered(db).place();
            tracing::warn!(error = %error, place, "The database does not answer; the console starts when it does.");
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(AGAIN_AT_MOST);
    }
}

/// What asks the console to stop, heard from this call on.
pub(crate) fn signals() -> Vec<Signal> {
    let mut signals = Vec::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        match signal(kind) {
            Ok(signal) => signals.push(signal),
            Err(error) => tracing::error!(error = %error, "A signal can't be listened for."),
        }
    }
    signals
}

pub(crate) async fn any_of(signals: &mut [Signal]) {
    if signals.is_empty() {
        return std::future::pending().await;
    }
    let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures::future::select_all(waits).await;
}
