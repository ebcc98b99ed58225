//! What the tests share: tools with a clock of their own, users, and who they act as.

use std::{collections::HashMap, sync::Arc};

use ops::{
    Actor, Caller, Fault, Ops, Outcome,
    identity::{self, Credentials, Passwords, SignedIn, sessions},
    outside::FixedClock,
};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use types::{
    Error, Role,
    identity::{NewUser, User},
};

/// A password that is good enough.
pub const PASSWORD: &str = "a-quiet-harbour";
/// Another one.
pub const OTHER_PASSWORD: &str = "seven-tall-masts";
/// An address of a client.
pub const HOME: &str = "203.0.113.9";

/// A console without pages.
pub struct World {
    pub ops: Ops,
    pub clock: Arc<FixedClock>,
}

impl World {
    /// Over `db`, with cheap passwords and a clock that stands.
    pub fn new(db: PgPool) -> Self {
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let clock = Arc::new(FixedClock::at(start));
        let cheap = Passwords::with_cost(8, 1, 1).unwrap();
        Self {
            ops: Ops::new(db, clock.clone()).with_passwords(cheap),
            clock,
        }
    }

    pub fn pass(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Makes a user with [`PASSWORD`].
    pub async fn user(&self, email: &str, role: Role) -> User {
        self.user_of(email, role, &[]).await
    }

    /// Makes a user of these teams with [`PASSWORD`].
    pub async fn user_of(&self, email: &str, role: Role, teams: &[i64]) -> User {
        let new = NewUser {
            email: email.to_owned(),
            name: email.split('@').next().unwrap().to_owned(),
            role,
            teams: teams.to_vec(),
            password: PASSWORD.to_owned(),
        };
        identity::users::create(&self.ops, &Actor::system(), &new)
            .await
            .unwrap()
    }

    /// Tries to sign in with a password alone.
    pub async fn sign_in(&self, email: &str, password: &str, address: &str) -> Outcome<SignedIn> {
        self.sign_in_with(email, password, None, None, address)
            .await
    }

    /// Tries to sign in.
    pub async fn sign_in_with(
        &self,
        email: &str,
        password: &str,
        code: Option<&str>,
        device: Option<&str>,
        address: &str,
    ) -> Outcome<SignedIn> {
        let credentials = Credentials {
            email,
            password,
            code,
            device,
        };
        identity::sign_in(&self.ops, &caller(address), &credentials).await
    }

    /// Opens a session for a sign-in; gives back the session's id.
    pub async fn open(&self, signed_in: &SignedIn) -> i128 {
        let id = rand::random::<i128>();
        assert!(self.try_open(id, signed_in).await);
        id
    }

    pub async fn try_open(&self, id: i128, signed_in: &SignedIn) -> bool {
        let data = HashMap::from([(
            sessions::SIGNED_IN.to_owned(),
            serde_json::to_value(&signed_in.session).unwrap(),
        )]);
        let expires_at = signed_in.session.at + Duration::days(400);
        sessions::create(&self.ops, id, &data, expires_at)
            .await
            .unwrap()
    }

    /// Who acts in a session now.
    pub async fn actor_of(&self, session: i128) -> Option<Actor> {
        sessions::session_actor(&self.ops, &sessions::hash(session), &caller(HOME))
            .await
            .unwrap()
    }

    /// Signs a user with [`PASSWORD`] in and gives back who acts then.
    pub async fn actor(&self, email: &str) -> Actor {
        let signed_in = self.sign_in(email, PASSWORD, HOME).await.unwrap();
        let session = self.open(&signed_in).await;
        self.actor_of(session).await.unwrap()
    }

    /// A new user of this role, signed in.
    pub async fn someone(&self, role: Role) -> Actor {
        let email = format!("{}@example.com", role.as_str());
        self.user(&email, role).await;
        self.actor(&email).await
    }

    /// What the log has of `action`, as `(actor, target, result)`, the oldest first.
    pub async fn log(&self, action: &str) -> Vec<(String, String, String)> {
        sqlx::query_as("SELECT actor, target, result FROM audit WHERE action = $1 ORDER BY id")
            .bind(action)
            .fetch_all(&self.ops.db)
            .await
            .unwrap()
    }

    /// The results that the log has of `action`.
    pub async fn results(&self, action: &str) -> Vec<String> {
        let entries = self.log(action).await;
        entries.into_iter().map(|(_, _, result)| result).collect()
    }

    /// A number out of the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.ops.db)
            .await
            .unwrap()
    }
}

/// A client at `address`.
pub fn caller(address: &str) -> Caller {
    Caller {
        address: address.to_owned(),
        user_agent: "Mozilla/5.0".to_owned(),
        trace_id: "test".to_owned(),
    }
}

/// What the caller is told.
pub fn told<T>(outcome: Outcome<T>) -> Error {
    match outcome {
        Ok(_) => panic!("it was done"),
        Err(Fault::Told(error)) => error,
        Err(fault) => panic!("a fault: {fault}"),
    }
}

/// The message at a refused field.
pub fn refused<T>(outcome: Outcome<T>, field: &str) -> String {
    let error = told(outcome);
    match error.of_field(field) {
        Some(message) => message.to_owned(),
        None => panic!("{field} was not refused: {error:?}"),
    }
}

/// The seconds that a blocked try has to wait.
pub fn waits<T>(outcome: Outcome<T>) -> u64 {
    match told(outcome) {
        Error::TooManyTries { retry_after_s } => retry_after_s,
        other => panic!("it need not wait: {other:?}"),
    }
}
