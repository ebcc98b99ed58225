//! What a page reads from the server: read there for the first paint, handed over inside the page, read again in the
//! browser whenever what it depends on changes.
//!
//! Leptos makes a resource's whole machinery anew for each type that is read, which would be a third of the wasm file.
//! Here one resource holds facts of any type; the type comes in only where they are made and where they are looked at.

use std::{
    any::Any,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};
use types::{Error, wire};

/// What can be read as facts.
pub trait Fact: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Fact for T {}

/// Facts of type `T`, or why they could not be read.
pub struct Facts<T> {
    resource: Resource<Held, HeldCodec>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Facts<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Facts<T> {}

impl<T: Fact> Facts<T> {
    /// Reads by `read` what `source` names, again whenever that is another.
    pub fn new<S, F>(
        source: impl Fn() -> S + Send + Sync + 'static,
        read: impl Fn(S) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let source = Box::new(move || Key(Arc::new(source())));
        let read = Box::new(move |key: Key| -> Reading {
            let reading = (*key.0).as_any().downcast_ref::<S>().cloned().map(&read);
            Box::pin(async move {
                match reading {
                    Some(reading) => Held(reading.await.map(Payload::new)),
                    None => Held(Err(unreadable())),
                }
            })
        });
        Self {
            resource: resource(source, read),
            of: PhantomData,
        }
    }

    /// The facts, once they are there.
    pub fn get(self) -> Option<Result<T, Error>> {
        self.resource.get().map(Held::open)
    }
}

impl<T: Fact> IntoFuture for Facts<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let held = self.resource.into_future();
        Box::pin(async move { held.await.open() })
    }
}

type Reading = Pin<Box<dyn Future<Output = Held> + Send>>;

fn resource(
    source: Box<dyn Fn() -> Key + Send + Sync>,
    read: Box<dyn Fn(Key) -> Reading + Send + Sync>,
) -> Resource<Held, HeldCodec> {
    Resource::new_with_options(source, read, false)
}

fn unreadable() -> Error {
    Error::Internal {
        trace_id: "facts".to_owned(),
    }
}

/// What facts depend on, of any type that can be compared.
#[derive(Clone)]
struct Key(Arc<dyn AnyKey>);

trait AnyKey: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is(&self, other: &dyn AnyKey) -> bool;
}

impl<S: PartialEq + Send + Sync + 'static> AnyKey for S {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn AnyKey) -> bool {
        other.as_any().downcast_ref() == Some(self)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(&*other.0)
    }
}

/// Facts of any type, or why they could not be read.
#[derive(Clone)]
struct Held(Result<Payload, Error>);

impl Held {
    fn open<T: Fact>(self) -> Result<T, Error> {
        self.0?.open()
    }
}

#[derive(Clone)]
enum Payload {
    /// As they were read here.
    Value {
        value: Arc<dyn Any + Send + Sync>,
        #[cfg(feature = "ssr")]
        encode: fn(&dyn Any) -> Option<String>,
    },
    /// As the server handed them over: JSON, and what it says once somebody looked.
    Text {
        text: Arc<str>,
        value: Arc<OnceLock<Arc<dyn Any + Send + Sync>>>,
    },
}

impl Payload {
    fn new<T: Fact>(value: T) -> Self {
        Self::Value {
            value: Arc::new(value),
            #[cfg(feature = "ssr")]
            encode: |value| serde_json::to_string(value.downcast_ref::<T>()?).ok(),
        }
    }

    fn open<T: Fact>(&self) -> Result<T, Error> {
        let value = match self {
            Self::Value { value, .. } => value,
            Self::Text { text, value } => {
                if let Some(value) = value.get() {
                    value
                } else {
                    let read: T = wire::read(text.as_bytes()).map_err(|_| unreadable())?;
                    value.get_or_init(|| Arc::new(read))
                }
            }
        };
        value.downcast_ref().cloned().ok_or_else(unreadable)
    }
}

/// Facts as text: their JSON after a `+`, or the error's after a `-`.
struct HeldCodec;

impl Encoder<Held> for HeldCodec {
    type Error = ();
    type Encoded = String;

    #[cfg(feature = "ssr")]
    fn encode(held: &Held) -> Result<String, ()> {
        let failed = |error: &Error| serde_json::to_string(error).map(|text| format!("-{text}"));
        match &held.0 {
            Ok(Payload::Value { value, encode }) => Ok(format!("+{}", encode(&**value).ok_or(())?)),
            Ok(Payload::Text { text, .. }) => Ok(format!("+{text}")),
            Err(error) => failed(error).map_err(drop),
        }
    }

    /// A browser hands nothing over.
    #[cfg(not(feature = "ssr"))]
    fn encode(_: &Held) -> Result<String, ()> {
        Err(())
    }
}

impl Decoder<Held> for HeldCodec {
    type Error = ();
    type Encoded = str;

    fn decode(text: &str) -> Result<Held, ()> {
        if let Some(text) = text.strip_prefix('+') {
            return Ok(Held(Ok(Payload::Text {
                text: text.into(),
                value: Arc::default(),
            })));
        }
        let error = text.strip_prefix('-').ok_or(())?;
        Ok(Held(Err(wire::read(error.as_bytes()).map_err(drop)?)))
    }
}

/// JSON, read as everything else here is, so that no type is read by two readers.
struct Json;

#[cfg(feature = "ssr")]
impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

#[cfg(not(feature = "ssr"))]
impl<T: Serialize> Encoder<T> for Json {
    type Error = wire::Unreadable;
    type Encoded = String;

    /// A browser hands nothing over.
    fn encode(_: &T) -> Result<String, Self::Error> {
        Err(wire::Unreadable)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = wire::Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        wire::read(text.as_bytes())
    }
}

/// A value that the server made and the browser takes over, so that both render the same.
pub fn shared<T: Serialize + DeserializeOwned + 'static>(make: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(make).into_inner()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn across(held: &Held) -> Held {
        let text = HeldCodec::encode(held).unwrap_or_default();
        HeldCodec::decode(&text).unwrap_or(Held(Err(unreadable())))
    }

    #[test]
    fn facts_survive_the_way_to_the_browser() {
        let facts = vec!["a<b".to_owned(), "ü\"".to_owned()];
        let there = across(&Held(Ok(Payload::new(facts.clone()))));
        assert_eq!(there.clone().open::<Vec<String>>(), Ok(facts.clone()));
        assert_eq!(there.clone().open::<Vec<String>>(), Ok(facts));
        assert_eq!(there.open::<Vec<i64>>(), Err(unreadable()));
    }

    #[test]
    fn so_does_the_reason_why_there_are_none() {
        let error = Error::not_found("service");
        let there = across(&Held(Err(error.clone())));
        assert_eq!(there.open::<i64>(), Err(error));
    }

    #[test]
    fn a_key_is_what_it_holds() {
        let key = |value: &str| Key(Arc::new(value.to_owned()));
        assert!(key("a") == key("a"));
        assert!(key("a") != key("b"));
        assert!(key("a") != Key(Arc::new(1_i64)));
    }
}
