//! Ends a stream whose actor may no longer follow it.

use std::time::Duration;

use ops::{Actor, identity};
use tokio::sync::broadcast::error::RecvError;
use types::live::Topic;

use crate::http::Http;

/// Sessions and tokens end by time too, which nothing announces.
const AT_LEAST_EVERY: Duration = Duration::from_mins(1);

/// How soon to ask again when the database did not answer.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Why a stream is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The session or token has ended.
    SignedOut,
    /// The actor's rights changed (a new stream gets the new ones), or the console stops.
    Otherwise,
}

/// Returns when the session or token of `actor` has ended or carries other rights than it did, or the console stops.
pub async fn gone(mut http: Http, actor: Actor) -> Cut {
    let mut heard = http.ops.live.subscribe();
    loop {
        let wait = match identity::reread(&http.ops, &actor).await {
            Ok(Some(now)) if now.role == actor.role && now.teams == actor.teams => AT_LEAST_EVERY,
            Ok(Some(_)) => return Cut::Otherwise,
            Ok(None) => return Cut::SignedOut,
            Err(_) => AGAIN_AFTER,
        };
        let asks = async {
            loop {
                match heard.recv().await {
                    Ok(change) if change.topic == Topic::Identity => return,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = asks => {}
            () = tokio::time::sleep(wait) => {}
            _ = http.stop.wait_for(|stopping| *stopping) => return Cut::Otherwise,
        }
    }
}
