//! Files restored to a folder of their own.

use std::path::{Path, PathBuf};

use backup::directory;
use store::backups::sets::Set;
use types::operations::INTO_FOLDER;

use super::{
    super::drive::{driven, ended, once_unlocked},
    FETCH, Request,
    files::{State, blocking, opened, resumed, whole},
    note::{Done, begin, note},
};
use crate::operations::{At, Ended};

/// Restores files to a folder of their own. Killed at any stage, another attempt fetches anew, or moves what is whole.
pub(super) async fn run(at: &At, set: &Set, request: Request, target: &str) -> Result<(), Ended> {
    let Request {
        backup,
        label,
        wish,
    } = request;
    let restore = begin(at, set, backup, &label).await?;
    let target = PathBuf::from(target);
    if let Err(why) = beside(at, set, backup, &wish.only, (&target, &label)).await {
        if !matches!(why, Ended::Lost) {
            // What it says is in the log; why it came to no end matters more.
            let _ = blocking(at, move || directory::clear_beside(&target, &label)).await;
        }
        return Err(why);
    }
    let proven = whole(backup, &wish.only);
    note(at.ops(), set, restore, proven, Done::Beside).await
}

async fn beside(
    at: &At,
    set: &Set,
    backup: i64,
    only: &[String],
    (target, label): (&Path, &str),
) -> Result<(), Ended> {
    let mut state: State = at.state()?;
    if state.is_fetched {
        resumed(at).await;
    } else {
        fetch_beside(at, set, backup, only, (target, label)).await?;
        state.is_fetched = true;
        at.keep(&state).await?;
    }
    at.stage(INTO_FOLDER, async {
        let (to, label) = (target.to_owned(), label.to_owned());
        blocking(at, move || directory::land_beside(&to, &label)).await?;
        Ok(((), format!("it is in {}", target.display())))
    })
    .await
}

async fn fetch_beside(
    at: &At,
    set: &Set,
    backup: i64,
    only: &[String],
    (target, label): (&Path, &str),
) -> Result<(), Ended> {
    let fetching = async {
        let (restic, snapshot) = opened(at, set, backup).await?;
        let driven = driven(at);
        let fetch = || {
            let (id, control) = (&snapshot.id, &driven.control);
            directory::fetch_beside(&restic, id, only, target, label, control)
        };
        once_unlocked(at, fetch)
            .await
            .map_err(|error| ended(at, error))?;
        Ok(((), String::new()))
    };
    Box::pin(at.stage(FETCH, fetching)).await
}
