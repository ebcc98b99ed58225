//! The services that connect to a database: stopped before a switch, started again after it.

use backup::postgres::Server;
use serde::{Deserialize, Serialize};
use store::backups::sets::Set;
use types::deployment::{Operation, State};

use crate::{
    Ops, Outcome, health,
    operations::{At, Ended},
};

/// A container of a service that connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Writer {
    service: String,
    container: String,
}

/// Services that connect, in the order in which they are started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writers(Vec<Writer>);

impl Writers {
    /// The containers of the set's project from which the database is used now, in the order in which they were started:
    /// compose starts what others depend on first.
    ///
    /// # Errors
    /// The console's database failed. A server that does not tell who uses it is used by nobody, as far as is known.
    pub async fn find(ops: &Ops, set: &Set, server: &Server, database: &str) -> Outcome<Self> {
        if set.project.is_empty() {
            return Ok(Self::default());
        }
        let clients = match backup::postgres::clients(server, database).await {
            Ok(clients) => clients,
            Err(error) => {
                tracing::warn!(
                    set = set.id,
                    error = error.message,
                    "It is not known who uses the database."
                );
                return Ok(Self::default());
            }
        };
        let mut found = health::candidates(ops).await?;
        found.retain(|one| {
            one.project == set.project
                && one.service != set.service
                && one.state == State::Running
                && one
                    .addresses
                    .iter()
                    .any(|address| clients.contains(address))
        });
        found.sort_by_key(|one| one.started_at);
        let writers = found.into_iter().map(|one| Writer {
            service: one.service,
            container: one.container_id,
        });
        Ok(Self(writers.collect()))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of `others` that are not among these, before these: they were started before.
    pub fn add(&mut self, others: Self) {
        let mut all = others.0;
        all.retain(|other| !self.0.contains(other));
        all.append(&mut self.0);
        self.0 = all;
    }

    /// Their names, in the order in which they are started.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.iter().map(|one| one.service.clone()).collect();
        names.dedup();
        names
    }

    /// Their names, for people.
    pub fn named(&self) -> String {
        if self.0.is_empty() {
            return "none is connected".to_owned();
        }
        self.names().join(", ")
    }

    /// Stops them, those that depend on others first.
    pub async fn stop(&self, ops: &Ops, at: &At) -> Result<(), Ended> {
        for writer in self.0.iter().rev() {
            self.operate(ops, at, writer, &Operation::Stop).await?;
        }
        Ok(())
    }

    /// Starts them, those that others depend on first. One that can't be started does not keep the others from it.
    pub async fn start(&self, ops: &Ops, at: &At) -> Result<(), Ended> {
        let mut failed = None;
        for writer in &self.0 {
            if let Err(why) = self.operate(ops, at, writer, &Operation::Start).await {
                failed.get_or_insert(why);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn operate(
        &self,
        ops: &Ops,
        at: &At,
        writer: &Writer,
        operation: &Operation,
    ) -> Result<(), Ended> {
        let done = ops
            .outside
            .containers
            .operate(&writer.container, *operation)
            .await;
        let verb = operation.as_str();
        match done {
            Ok(()) => {
                at.say(&format!("{verb} {}: done", writer.service)).await;
                Ok(())
            }
            Err(error) => {
                at.say(&format!("{verb} {}: {error}", writer.service)).await;
                Err(Ended::Failed(format!(
                    "{} could not be told to {verb}: {error}",
                    writer.service
                )))
            }
        }
    }
}
