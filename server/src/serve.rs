//! Serving: the database brought up to date, the loops started, requests answered until a signal, then a drain.

use std::{future::IntoFuture, path::PathBuf, sync::Arc, time::Duration};

use axum::serve::ListenerExt;
use ops::{Ops, outside::Outside, secrets::Seal};
use tokio::{net::TcpListener, signal::unix::SignalKind, sync::watch};

use crate::{
    adapters::{DockerEngine, LinuxHost, NvmlGpu, SystemClock, TcpProbe, key_file},
    config::Config,
    http, reconcile,
};

/// How long open requests may take to end after a signal.
const DRAIN: Duration = Duration::from_secs(8);

/// Where Docker keeps images, volumes and logs unless told otherwise; looked at where it is there.
const DOCKER_DATA: &str = "/var/lib/docker";

/// Why serving could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database failed.
    #[error("{0}")]
    Store(#[from] store::StoreError),
    /// The address is taken or not ours.
    #[error("YTOPS_LISTEN is \"{address}\": {error}")]
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

/// The tools of a console with `config`.
///
/// # Errors
/// The database's address can't be read.
pub fn tools(config: &Config) -> Result<Ops, ServeError> {
    let db = store::connect(&config.database_url)?;
    let data_paths = vec![config.data_dir.clone(), PathBuf::from(DOCKER_DATA)];
    let outside = Outside {
        host: Arc::new(LinuxHost::new(data_paths)),
        gpu: Arc::new(NvmlGpu::default()),
        containers: Arc::new(
            DockerEngine::new(config.docker_host.as_deref()).map_err(std::io::Error::other)?,
        ),
        probe: Arc::new(TcpProbe),
    };
    Ok(Ops::new(db, Arc::new(SystemClock))
        .with(outside)
        .with_seal(seal(config)))
}

/// The key that is there. Without one, or with a file that can't be read, the console goes on: what needs no secret works.
fn seal(config: &Config) -> Seal {
    let file = &config.secret_key_file;
    let name = file.display().to_string();
    match key_file::read(file) {
        Ok(Some(key)) => Seal::with_key(key, &name),
        Ok(None) => Seal::without_key(&name),
        Err(error) => {
            tracing::error!(file = name, error = %error, "The key file can't be read.");
            Seal::without_key(&name)
        }
    }
}

/// Makes the key at the first start, seals what an older console stored in clear, and says what the key does not open.
/// No new key is made beside values that another one sealed: the file may only be missing for now.
async fn with_sealed_secrets(ops: Ops, config: &Config) -> Result<Ops, ServeError> {
    let failed = |fault: ops::Fault| std::io::Error::other(fault.to_string());
    let file = &config.secret_key_file;
    let mut ops = ops;
    let found = ops::secrets::review(&ops).await.map_err(failed)?;
    if !ops.seal.has_key() && found.sealed == 0 && !file.exists() {
        match key_file::make(file) {
            Ok(key) => ops = ops.with_seal(Seal::with_key(key, &file.display().to_string())),
            Err(error) => {
                tracing::error!(file = %file.display(), error = %error, "No key file could be made.");
            }
        }
    }
    if found.unreadable > 0 {
        tracing::error!(
            file = ops.seal.file(),
            unreadable = found.unreadable,
            "Sealed secrets can't be opened: the key file is missing or another one. Put back the one that they were \
             sealed with; without it, reset the second factors and set the addresses of checks again."
        );
    }
    if ops.seal.has_key() && found.clear > 0 {
        ops::secrets::seal_clear(&ops).await.map_err(failed)?;
        tracing::info!(
            secrets = found.clear,
            "Secrets that stood in clear were sealed."
        );
    }
    Ok(ops)
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// The address can't be listened on, or the schema can't be brought up to date.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let ops = tools(&config)?;
    store::migrate(&ops.db).await?;
    let ops = with_sealed_secrets(ops, &config).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| ServeError::Listen {
            address: config.listen,
            error,
        })?;
    let (stopping, stop) = watch::channel(false);
    let router = http::router(&ops, &config, stop.clone())?;
    let loops = reconcile::spawn_all(&ops);
    announce(&ops, &config).await;
    // Pages leave in several small writes; without this each waits for a delayed acknowledgement.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(error = %error, "TCP_NODELAY was refused.");
        }
    });
    let mut drained = stop;
    let server = axum::serve(
        listener,
        router.into_make_service_with_connect_info::<std::net::SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        let _ = drained.wait_for(|stopping| *stopping).await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return ended.map_err(std::io::Error::other)?.map_err(ServeError::Io),
        () = signalled() => {}
    }
    tracing::info!("Stopping: no new requests, open ones may finish.");
    let _ = stopping.send(true);
    drop(loops);
    if tokio::time::timeout(DRAIN, server).await.is_err() {
        tracing::warn!("Some requests did not finish in time and were cut.");
    }
    ops.db.close().await;
    Ok(())
}

/// Says where the console is and, while there is no account, how to make the first.
async fn announce(ops: &Ops, config: &Config) {
    match ops::identity::setup::link::create(ops).await {
        Ok(Some(token)) => println!(
            "Make the first account here, once, within 24 hours: {}/setup?token={token}",
            config.public_url
        ),
        Ok(None) => {}
        Err(fault) => tracing::error!(error = %fault, "No set-up link could be made."),
    }
    println!("ytops serves {}", config.public_url);
    tracing::info!(listen = %config.listen, public_url = %config.public_url, "The console is up.");
}

async fn signalled() {
    let mut signals = Vec::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        match tokio::signal::unix::signal(kind) {
            Ok(signal) => signals.push(signal),
            Err(error) => tracing::error!(error = %error, "A signal can't be listened for."),
        }
    }
    let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures::future::select_all(waits).await;
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use std::net::SocketAddr;

    use sqlx::PgPool;

    use super::*;

    fn config(file: PathBuf) -> Config {
        Config {
            database_url: String::new(),
            data_dir: std::env::temp_dir(),
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: "http://127.0.0.1:3000".to_owned(),
            trusted_proxies: Vec::new(),
            docker_host: None,
            log: "off".to_owned(),
            secret_key_file: file,
        }
    }

    async fn started(db: &PgPool, config: &Config) -> Ops {
        let ops = Ops::new(db.clone(), Arc::new(SystemClock)).with_seal(seal(config));
        with_sealed_secrets(ops, config).await.unwrap()
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn a_key_is_made_at_the_first_start_and_never_beside_what_another_sealed(db: PgPool) {
        let folder = std::env::temp_dir().join(format!("ytops-start-{}", ops::trace_id()));
        let own = config(folder.join("own/secret.key"));
        sqlx::query(
            "INSERT INTO setting (key, value, updated_at, updated_by)
             VALUES ('verification.targets', '{\"redis\": \"redis://:p@h:6379\"}', now(), 'cto')",
        )
        .execute(&db)
        .await
        .unwrap();
        let first = started(&db, &own).await;
        assert!(first.seal.has_key() && own.secret_key_file.exists());
        let found = ops::secrets::review(&first).await.unwrap();
        assert_eq!((found.sealed, found.unreadable, found.clear), (1, 0, 0));
        // The next start reads it; one that finds no file, or another one, goes on without opening anything.
        let again = started(&db, &own).await;
        assert_eq!(ops::secrets::review(&again).await.unwrap().unreadable, 0);
        let lost = config(folder.join("lost/secret.key"));
        let without = started(&db, &lost).await;
        assert!(!without.seal.has_key() && !lost.secret_key_file.exists());
        key_file::make(&lost.secret_key_file).unwrap();
        let other = started(&db, &lost).await;
        assert_eq!(ops::secrets::review(&other).await.unwrap().unreadable, 1);
        assert_eq!(ops::secrets::review(&again).await.unwrap().unreadable, 0);
        std::fs::write(&lost.secret_key_file, "rubbish").unwrap();
        assert!(!started(&db, &lost).await.seal.has_key());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
