//! The key that secrets are sealed with, at a console's start.

use ops::{Ops, secrets::Seal};

use super::ServeError;
use crate::{
    adapters::key_file,
    config::{Config, ConfigError},
};

/// The key that is there. Without one the console goes on: what needs no secret works.
///
/// # Errors
/// There is a file, and it can't be read or holds no key.
pub fn seal(config: &Config) -> Result<Seal, ConfigError> {
    let file = &config.secret_key_file;
    let name = file.display().to_string();
    match key_file::read(file) {
        Ok(Some(key)) => Ok(Seal::with_key(key, &name)),
        Ok(None) => Ok(Seal::without_key(&name)),
        Err(error) => Err(config.unusable_key_file(&error)),
    }
}

/// Makes the key at the first start, seals what an older console stored in clear, and says what the key does not open.
/// No new key is made beside values that another one sealed: the file may only be missing for now.
///
/// # Errors
/// The database failed, or the file can't be made.
pub async fn ready(ops: &Ops, config: &Config) -> Result<(), ServeError> {
    let failed = |fault: ops::Fault| std::io::Error::other(fault.to_string());
    let file = &config.secret_key_file;
    let found = ops::secrets::review(ops).await.map_err(failed)?;
    if !ops.seal.has_key() && found.sealed == 0 && !file.exists() {
        let made = key_file::make(file).map_err(|error| config.unusable_key_file(&error))?;
        ops.seal.learn(made);
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
        ops::secrets::seal_clear(ops).await.map_err(failed)?;
        tracing::info!(
            secrets = found.clear,
            "Secrets that stood in clear were sealed."
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use std::{path::PathBuf, sync::Arc};

    use sqlx::PgPool;

    use super::*;
    use crate::adapters::SystemClock;

    fn config(file: PathBuf) -> Config {
        Config {
            secret_key_file: file,
            ..Config::default()
        }
    }

    async fn started(db: &PgPool, config: &Config) -> Ops {
        let ops = Ops::new(db.clone(), Arc::new(SystemClock)).with_seal(seal(config).unwrap());
        ready(&ops, config).await.unwrap();
        ops
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
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
