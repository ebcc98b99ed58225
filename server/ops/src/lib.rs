//! The use-cases, a folder a feature.
//!
//! Every use-case takes an [`Actor`] and the [`Ops`] it works with, checks the capability, and does its change, its
//! audit row and its notice to open pages in one transaction. Pages and the REST API enter here alike.

pub mod actor;
pub mod aside;
pub mod audit;
pub mod backups;
pub mod deployment;
pub mod fault;
pub mod health;
pub mod identity;
pub mod live;
pub mod operations;
pub mod outside;
pub mod overview;
pub mod pace;
pub mod preflight;
pub mod resources;
pub mod runbooks;
pub mod secrets;

use std::sync::Arc;

pub use actor::{Actor, Caller, Who};
pub use fault::{Fault, Outcome};
use store::{PgPool, Postgres, StoreError, Transaction};

use crate::{
    identity::Passwords,
    outside::{Clock, Outside},
};

/// What use-cases work with; cheap to clone.
#[derive(Clone)]
pub struct Ops {
    /// The one database.
    pub db: PgPool,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Changes as they are heard of, for open pages.
    pub live: live::Hub,
    /// The adapters to the outside world.
    pub outside: Outside,
    /// The stack as it was last read from the database.
    pub stack: deployment::Cache,
    /// Operations on services that are under way.
    pub under_way: deployment::UnderWay,
    /// The round of checks that is under way.
    pub rounds: health::Rounds,
    /// What the machine was last found to have.
    pub machine: preflight::Examined,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Seals secrets before they reach the database.
    pub seal: secrets::Seal,
    /// What the console keeps for backups on its own machine.
    pub backups: backups::Place,
    /// The backup sets as they were last read.
    pub sets: backups::Seen,
    /// What was refused lately and is in the log.
    pub refusals: audit::Refusals,
    /// What this console hears of hosts.
    pub meters: resources::Meters,
    /// The agents that send samples of other hosts.
    pub agents: resources::Agents,
}

impl Ops {
    /// A new set of tools over `db`, with an outside world where nothing answers and a key that ends with the process.
    pub fn new(db: PgPool, clock: Arc<dyn Clock>) -> Self {
        let live = live::Hub::new();
        Self {
            db,
            meters: resources::Meters::new(Arc::clone(&clock)),
            clock,
            stack: deployment::Cache::new(&live),
            outside: Outside::none(),
            under_way: deployment::UnderWay::default(),
            rounds: health::Rounds::default(),
            machine: preflight::Examined::default(),
            passwords: Passwords::standard(),
            seal: secrets::Seal::of_process(),
            backups: backups::Place::none(),
            sets: backups::Seen::new(&live),
            live,
            agents: resources::Agents::default(),
            refusals: audit::Refusals::default(),
        }
    }

    /// The same tools with a place for backups.
    #[must_use]
    pub fn with_backups(self, backups: backups::Place) -> Self {
        Self { backups, ..self }
    }

    /// The same tools with `outside`.
    #[must_use]
    pub fn with(self, outside: Outside) -> Self {
        Self { outside, ..self }
    }

    /// The same tools with the console's own key.
    #[must_use]
    pub fn with_seal(self, seal: secrets::Seal) -> Self {
        Self { seal, ..self }
    }

    /// The same tools with another cost of passwords.
    #[must_use]
    pub fn with_passwords(self, passwords: Passwords) -> Self {
        Self { passwords, ..self }
    }

    /// A transaction; dropped, it changes nothing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self) -> Outcome<Transaction<'static, Postgres>> {
        Ok(self.db.begin().await.map_err(StoreError::from)?)
    }

    /// Makes a transaction's changes last.
    ///
    /// # Errors
    /// The database failed, and nothing was changed.
    pub async fn commit(tx: Transaction<'static, Postgres>) -> Outcome<()> {
        Ok(tx.commit().await.map_err(StoreError::from)?)
    }
}

/// A random id under which the log tells more of one request.
pub fn trace_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}
