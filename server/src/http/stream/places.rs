//! How many streams are open, by whom; each keeps a connection and some memory for as long as it lasts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ops::{Actor, Who};
use types::Error;

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Changes.
    Changes,
    /// A service's log, which also keeps a connection to the engine.
    Logs,
}

impl Kind {
    /// The name in the figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Logs => "logs",
        }
    }

    /// How many one actor may have.
    const fn most_of_actor(self) -> usize {
        match self {
            Self::Changes => 64,
            Self::Logs => 8,
        }
    }

    /// How many there may be.
    const fn most(self) -> usize {
        match self {
            Self::Changes => 1_000,
            Self::Logs => 200,
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Changes => "event streams",
            Self::Logs => "logs",
        }
    }
}

/// Whose streams; a user's sessions count together.
type Owner = (char, i64);

/// The open streams of this process.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<HashMap<(Kind, Owner), usize>>>);

/// A place taken; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    key: (Kind, Owner),
}

impl Places {
    /// Takes a place.
    ///
    /// # Errors
    /// The actor has as many as one may have, or all are taken.
    pub fn take(&self, kind: Kind, actor: &Actor) -> Result<Place, Error> {
        let key = (kind, owner(actor));
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all: usize = of_kind(&open, kind);
        if in_all >= kind.most() {
            return Err(Error::Unavailable {
                what: "Another stream".to_owned(),
                hint: format!("{in_all} {} are open, which is all there are.", kind.noun()),
            });
        }
        let own = open.entry(key).or_default();
        if *own >= kind.most_of_actor() {
            return Err(Error::conflict(format!(
                "You already follow {own} {}. Close one and try again.",
                kind.noun()
            )));
        }
        *own += 1;
        drop(open);
        Ok(Place {
            places: self.clone(),
            key,
        })
    }

    /// How many of a kind are open.
    pub fn open(&self, kind: Kind) -> usize {
        of_kind(&self.0.lock().unwrap_or_else(PoisonError::into_inner), kind)
    }
}

fn of_kind(open: &HashMap<(Kind, Owner), usize>, kind: Kind) -> usize {
    open.iter()
        .filter(|((of, _), _)| *of == kind)
        .map(|(_, count)| count)
        .sum()
}

const fn owner(actor: &Actor) -> Owner {
    match actor.who {
        Who::User { id, .. } => ('u', id),
        Who::Token { id } => ('t', id),
        Who::System => ('s', 0),
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: i64) -> Actor {
        Actor {
            who: Who::Token { id },
            ..Actor::system()
        }
    }

    #[test]
    fn one_actor_gets_eight_logs_and_a_closed_one_makes_room() {
        let places = Places::default();
        let mut taken: Vec<_> = (0..8)
            .filter_map(|_| places.take(Kind::Logs, &token(1)).ok())
            .collect();
        assert_eq!(taken.len(), 8);
        let refused = places.take(Kind::Logs, &token(1)).err();
        assert!(matches!(refused, Some(Error::Conflict { .. })));
        assert!(places.take(Kind::Changes, &token(1)).is_ok());
        assert!(places.take(Kind::Logs, &token(2)).is_ok());
        taken.pop();
        assert!(places.take(Kind::Logs, &token(1)).is_ok());
    }

    #[test]
    fn there_are_two_hundred_logs_in_all() {
        let places = Places::default();
        let taken: Vec<_> = (0..300)
            .filter_map(|number| places.take(Kind::Logs, &token(number)).ok())
            .collect();
        assert_eq!((taken.len(), places.open(Kind::Logs)), (200, 200));
        let refused = places.take(Kind::Logs, &token(301)).err();
        assert!(matches!(refused, Some(Error::Unavailable { .. })));
        drop(taken);
        assert_eq!(places.open(Kind::Logs), 0);
    }
}
