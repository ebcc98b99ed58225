//! Restores of files in place, and their undos, as operations do them.
//!
//! What is fetched lies beside what is there until all of it is whole; then it is put in place by renames, which an attempt
//! that follows a killed one makes to their end. Which of both it has come to is kept with the operation.

use backup::{
    Error, directory,
    restic::{Restic, SnapshotId},
};
use serde::{Deserialize, Serialize};
use store::backups::{restores::Restore, sets::Set};

use super::{
    super::{
        drive::{driven, ended, once_unlocked},
        open,
    },
    FETCH, Place, Request, SWAP,
    note::{Done, begin, note},
    paths_of, places, roots,
    switch::verify,
};
use crate::{
    Fault, Ops,
    operations::{At, Ended},
};

/// What another attempt needs to know, and an undo.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// What is restored, folder by folder.
    pub places: Vec<Place>,
    /// All of it is there, and is being put in place.
    pub is_fetched: bool,
}

/// Restores files in place.
pub(super) async fn run(at: &At, set: &Set, request: Request) -> Result<(), Ended> {
    let ops = at.ops();
    let Request {
        backup,
        label,
        wish,
    } = request;
    let restore = begin(at, set, backup, &label).await?;
    let mut state: State = at.state()?;
    if state.is_fetched {
        resumed(at).await;
    } else {
        state = fetch(at, set, backup, &wish.only, &label).await?;
    }
    let swapped = at
        .stage(SWAP, async {
            let (places, label) = (state.places.clone(), label.clone());
            blocking(at, move || replace_all(&places, &label)).await?;
            Ok(((), named(&state.places)))
        })
        .await;
    if let Err(why) = swapped {
        return Err(taken_back(at, &state.places, &label, why).await);
    }
    let first = state.places.first().map(|place| place.folder.as_path());
    let kept = first.and_then(|folder| directory::kept_in(folder, &label).ok());
    let kept = kept.unwrap_or_default().display().to_string();
    let done = Done::InPlace {
        kept: &kept,
        pause_ms: None,
    };
    note(ops, set, restore, whole(backup, &wish.only), done).await?;
    verify(ops, at).await
}

/// Puts back the files that a restore replaced.
pub(super) async fn run_undo(at: &At, set: &Set, restore: Restore) -> Result<(), Ended> {
    let ops = at.ops();
    let state = state_of(ops, &restore).await?;
    if state.places.is_empty() {
        return Err(Ended::Failed(
            "What this restore replaced is not known any more.".to_owned(),
        ));
    }
    at.stage(SWAP, async {
        let (places, label) = (state.places.clone(), restore.label.clone());
        blocking(at, move || {
            places
                .iter()
                .try_for_each(|place| directory::undo(&place.folder, &label))
        })
        .await?;
        Ok(((), named(&state.places)))
    })
    .await?;
    note(ops, set, restore.id, None, Done::Undone).await?;
    verify(ops, at).await
}

/// What a restore of files left with its operation.
pub(super) async fn state_of(ops: &Ops, restore: &Restore) -> Result<State, Fault> {
    let state = store::operations::state(&ops.db, restore.operation_id).await?;
    let state = state.and_then(|state| serde_json::from_value(state).ok());
    Ok(state.unwrap_or_default())
}

/// Says that this attempt goes on from what another one fetched.
pub(super) async fn resumed(at: &At) {
    at.say("An earlier attempt had fetched all of it; this one goes on from there.")
        .await;
}

/// The backup, where all of it is restored: it is whole then.
pub(super) fn whole(backup: i64, only: &[String]) -> Option<i64> {
    only.is_empty().then_some(backup)
}

fn named(places: &[Place]) -> String {
    let paths = paths_of(places);
    match paths.as_slice() {
        [] => String::new(),
        [first, rest @ ..] if rest.len() > 2 => format!("{first} and {} more", rest.len()),
        few => few.join(", "),
    }
}

/// Fetches what is picked to beside what is there. What an attempt that was killed had fetched is fetched anew.
async fn fetch(
    at: &At,
    set: &Set,
    backup: i64,
    only: &[String],
    label: &str,
) -> Result<State, Ended> {
    let mut state = State::default();
    let fetching = async {
        let (restic, snapshot) = opened(at, set, backup).await?;
        let roots = once_unlocked(at, || roots(&restic, &snapshot))
            .await
            .map_err(|error| ended(at, error))?;
        state.places = places(&roots, only).map_err(|error| ended(at, error))?;
        // Known before anything is fetched: whoever finds it half done removes it.
        at.keep(&state).await?;
        fetch_all(at, &restic, &snapshot.id, &state.places, label).await?;
        Ok(((), named(&state.places)))
    };
    let fetched = Box::pin(at.stage(FETCH, fetching)).await;
    if let Err(why) = fetched {
        return Err(taken_back(at, &state.places, label, why).await);
    }
    state.is_fetched = true;
    at.keep(&state).await?;
    Ok(state)
}

async fn fetch_all(
    at: &At,
    restic: &Restic,
    snapshot: &SnapshotId,
    places: &[Place],
    label: &str,
) -> Result<(), Ended> {
    let driven = driven(at);
    for place in places {
        directory::check_writable(&place.folder).map_err(|error| ended(at, error))?;
        let fetch = || {
            directory::fetch(
                restic,
                snapshot,
                &place.folder,
                &place.pick,
                label,
                &driven.control,
            )
        };
        once_unlocked(at, fetch)
            .await
            .map_err(|error| ended(at, error))?;
    }
    Ok(())
}

/// The snapshot of a backup, from the first target that has it.
pub(super) async fn opened(
    at: &At,
    set: &Set,
    backup: i64,
) -> Result<(Restic, backup::restic::Snapshot), Ended> {
    let open = || async {
        // What the console's own database says of it is no failure of the repository's.
        match open::files(at.ops(), set, backup).await {
            Ok(found) => found.map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    };
    let found = once_unlocked(at, open).await;
    Ok(found.map_err(|error| ended(at, error))??)
}

fn replace_all(places: &[Place], label: &str) -> Result<(), Error> {
    places
        .iter()
        .try_for_each(|place| directory::replace(&place.folder, &place.pick, label))
}

/// Takes back what was done, for a restore that comes to no end; gives why it does not.
async fn taken_back(at: &At, places: &[Place], label: &str, why: Ended) -> Ended {
    if matches!(why, Ended::Lost) {
        return why;
    }
    let (all, label) = (places.to_vec(), label.to_owned());
    if let Err(Ended::Failed(failed)) = blocking(at, move || roll_back_all(&all, &label)).await {
        at.say(&format!("Not all of it is taken back yet: {failed}"))
            .await;
    }
    why
}

/// Takes back what a restore did in each of `places`, as far as that goes.
pub(super) fn roll_back_all(places: &[Place], label: &str) -> Result<(), Error> {
    let mut failed = Ok(());
    for place in places {
        let rolled = directory::roll_back(&place.folder, label);
        failed = failed.and(rolled);
    }
    failed
}

/// Does what waits for the disk where it holds up nothing else.
pub(super) async fn blocking(
    at: &At,
    work: impl FnOnce() -> Result<(), Error> + Send + 'static,
) -> Result<(), Ended> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| ended(at, error)),
        Err(error) => Err(Fault::Inside(error.to_string()).into()),
    }
}
