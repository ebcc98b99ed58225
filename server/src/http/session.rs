//! Browser sessions: tower-sessions over the console's own table, and from a session to the actor of a request.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use ops::{Caller, Fault, Ops, identity::sessions};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error as SessionError, Result as SessionResult},
};
use types::Error;

use super::{Http, limits};
use crate::config::Config;

/// The layer that reads and sets the cookie. The cookie outlives the longest session; the table decides when one ends.
pub fn layer(ops: &Ops, config: &Config) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions(ops.clone()))
        .with_name(app::ssr::session::cookie_name("ytops", config.is_https()))
        .with_http_only(true)
        .with_secure(config.is_https())
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(sessions::ABSOLUTE))
}

/// The sessions of the database; ids are kept hashed.
#[derive(Clone)]
pub struct Sessions(Ops);

impl std::fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sessions")
    }
}

/// How often a fresh random id may turn out to be taken before something else must be wrong.
const TRIES: usize = 3;

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> SessionResult<()> {
        for _ in 0..TRIES {
            let made = sessions::create(&self.0, record.id.0, &record.data, record.expiry_date);
            if made.await.map_err(failed)? {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(SessionError::Backend(
            "no session could be opened".to_owned(),
        ))
    }

    async fn save(&self, record: &Record) -> SessionResult<()> {
        // A session that ended meanwhile stays ended.
        sessions::save(&self.0, record.id.0, &record.data, record.expiry_date)
            .await
            .map(|_| ())
            .map_err(failed)
    }

    async fn load(&self, id: &Id) -> SessionResult<Option<Record>> {
        let found = sessions::load(&self.0, id.0).await.map_err(failed)?;
        Ok(found.map(|(data, expiry_date)| Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> SessionResult<()> {
        sessions::delete(&self.0, id.0).await.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(fault: Fault) -> SessionError {
    SessionError::Backend(fault.to_string())
}

/// Who acts could not be learnt; the request is answered with this.
#[derive(Clone, Debug)]
pub struct Unknown(pub Error);

/// A page says with it that it reads by itself what changed, while nobody touched it.
const UNATTENDED: &str = "x-ytops-unattended";

/// Nobody asked for it: a page reads again what changed, or opens its stream anew.
fn is_unattended(request: &Request) -> bool {
    request.headers().contains_key(UNATTENDED) || limits::is_stream(request.uri().path())
}

/// Puts the session's actor, if somebody signed in to it, into the request.
pub async fn identify(
    State(http): State<Http>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(id) = session.id() {
        let caller = request
            .extensions()
            .get::<Caller>()
            .cloned()
            .unwrap_or_default();
        let hash = sessions::hash(id.0);
        let found = if is_unattended(&request) {
            sessions::unattended_actor(&http.ops, &hash, &caller).await
        } else {
            sessions::session_actor(&http.ops, &hash, &caller).await
        };
        match found {
            Ok(Some(actor)) => {
                request.extensions_mut().insert(actor);
            }
            Ok(None) => {}
            Err(fault) => {
                request
                    .extensions_mut()
                    .insert(Unknown(fault.tell(&caller.trace_id)));
            }
        }
    }
    next.run(request).await
}
