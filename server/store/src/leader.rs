//! One of several consoles on a database runs a loop: the one that holds the loop's advisory lock.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use crate::StoreError;

/// A database that does not answer for this long has lost the lock, as far as its holder can know.
const PATIENCE: Duration = Duration::from_secs(5);

/// The loops that only one console runs. The numbers are the locks' keys and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loop {
    /// Reads the Docker Engine.
    Deployment = 1,
    /// Runs the checks.
    Health = 2,
    /// Forgets what is too old.
    Housekeeping = 3,
    /// Takes backups, checks and restores them.
    Backups = 4,
}

/// The first key of the locks by which consoles agree who stores the samples of a host.
const OF_HOSTS: i32 = 7_868;

/// The first key of all others: the console's own, so that other programs on this database do not collide.
pub const OF_LOOPS: i32 = 7_867;

/// The lock is held while this lives and its connection stands.
#[derive(Debug)]
pub struct Leadership(PgConnection);

/// Tries to become the one console that runs `which`; `None` when another one is.
///
/// The lock lives in a connection of its own, outside the pool, so that it ends with the process, the connection or
/// the [`Leadership`], whichever ends first.
///
/// # Errors
/// The database can't be reached, or does not answer in time.
pub async fn lead(db: &PgPool, which: Loop) -> Result<Option<Leadership>, StoreError> {
    within(acquire(db, OF_LOOPS, which as i32)).await
}

/// Tries to become the one console that stores the samples of `host`; `None` when another one is. Should two names ever
/// have one number, one of the hosts is stored by none: there are four thousand million.
///
/// # Errors
/// As [`lead`].
pub async fn lead_host(db: &PgPool, host: &str) -> Result<Option<Leadership>, StoreError> {
    within(acquire(db, OF_HOSTS, number(host))).await
}

/// FNV-1a, which is the same in every version of the program.
fn number(name: &str) -> i32 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.cast_signed()
}

async fn within<T>(asking: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_elapsed| Err(StoreError::timed_out()))
}

async fn acquire(db: &PgPool, of: i32, which: i32) -> Result<Option<Leadership>, StoreError> {
    let mut connection = db.connect_options().as_ref().clone().connect().await?;
    let held = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_lock($1, $2) AS "held!""#,
        of,
        which
    )
    .fetch_one(&mut connection)
    .await?;
    if held {
        Ok(Some(Leadership(connection)))
    } else {
        connection.close().await?;
        Ok(None)
    }
}

impl Leadership {
    /// Makes sure that the lock is still held; to be asked before every turn of the loop.
    ///
    /// # Errors
    /// The connection is lost, and with it the lock.
    pub async fn confirm(&mut self) -> Result<(), StoreError> {
        tokio::time::timeout(PATIENCE, self.0.ping())
            .await
            .map_err(|_elapsed| StoreError::timed_out())??;
        Ok(())
    }

    /// Lets another console lead at once.
    ///
    /// # Errors
    /// The connection was lost already; the lock is free in either case.
    pub async fn resign(self) -> Result<(), StoreError> {
        tokio::time::timeout(PATIENCE, self.0.close())
            .await
            .map_err(|_elapsed| StoreError::timed_out())??;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[sqlx::test(migrations = false)]
    async fn one_leads_until_it_resigns_or_is_gone(db: PgPool) {
        let mut first = lead(&db, Loop::Health).await.unwrap().unwrap();
        assert!(lead(&db, Loop::Health).await.unwrap().is_none());
        assert!(lead(&db, Loop::Deployment).await.unwrap().is_some());
        first.confirm().await.unwrap();
        first.resign().await.unwrap();

        let mut second = free(&db).await;
        let pid = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()")
            .fetch_one(&mut second.0)
            .await
            .unwrap();
        sqlx::query("SELECT pg_terminate_backend($1)")
            .bind(pid)
            .execute(&db)
            .await
            .unwrap();
        assert!(second.confirm().await.is_err());
        free(&db).await;
    }

    #[sqlx::test(migrations = false)]
    async fn each_host_has_a_console_of_its_own(db: PgPool) {
        let first = lead_host(&db, "gpu-1").await.unwrap().unwrap();
        assert!(lead_host(&db, "gpu-1").await.unwrap().is_none());
        assert!(lead_host(&db, "gpu-2").await.unwrap().is_some());
        first.resign().await.unwrap();
    }

    #[test]
    fn a_host_keeps_its_number() {
        assert_eq!(number(""), 0x811c_9dc5_u32.cast_signed());
        assert_eq!(number("foobar"), 0xbf9c_f968_u32.cast_signed());
    }

    /// It takes connections and says nothing: a database that is frozen.
    #[tokio::test]
    async fn a_silent_database_is_given_up() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://x@{}/x", silent.local_addr().unwrap());
        let db = crate::connect(&url).unwrap();
        let error = lead(&db, Loop::Health).await.unwrap_err();
        assert!(error.is_unavailable(), "{error}");
    }

    /// The server frees a lock just after the connection closed, so this asks until it is free.
    async fn free(db: &PgPool) -> Leadership {
        tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                if let Some(leadership) = lead(db, Loop::Health).await.unwrap() {
                    return leadership;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap()
    }
}
