//! JSON as it is read in the browser.
//!
//! `serde_json` reads each type by a reader of its own, for structs even by two (as a map and as a list), which makes a
//! sixth of the wasm file; and its errors bring all that it takes to print a floating-point number. Here text is first read as
//! a [`Value`], by one small reader for all (`json.rs`), and types are then made of it by as little code as there can be: a
//! struct from a map, and nothing else. The server writes, and reads what others write, by `serde_json` itself.

mod access;
mod json;

use serde::de::{self, DeserializeOwned, Visitor};

use self::{
    access::{List, Object, Variant},
    json::Value,
};

/// Reads a value from JSON.
///
/// # Errors
/// The text is no JSON, or not of that shape.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    let text = std::str::from_utf8(text).map_err(|_| Unreadable)?;
    T::deserialize(Plain(&json::parse(text)?))
}

/// The text is not what was expected. What exactly is wrong with it would matter to nobody: both ends are of one build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this could not be read; reload the page")]
pub struct Unreadable;

impl de::Error for Unreadable {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }

    // The others' default bodies would each format a message.
    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A value that is read as the type that is asked for.
#[derive(Clone, Copy)]
struct Plain<'de>(&'de Value);

impl<'de> Plain<'de> {
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match *self.0 {
            Value::Natural(number) => visitor.visit_u64(number),
            Value::Negative(number) => visitor.visit_i64(number),
            Value::Real(number) => visitor.visit_f64(number),
            _ => Err(Unreadable),
        }
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Text(text) => visitor.visit_borrowed_str(text),
            _ => Err(Unreadable),
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::List(list) => visitor.visit_seq(List(list.iter())),
            _ => Err(Unreadable),
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Object::new(fields)),
            _ => Err(Unreadable),
        }
    }
}

macro_rules! read_as {
    ($($method:ident by $how:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.$how(visitor)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Plain<'de> {
    type Error = Unreadable;

    read_as! {
        deserialize_i8 by number, deserialize_i16 by number, deserialize_i32 by number, deserialize_i64 by number,
        deserialize_u8 by number, deserialize_u16 by number, deserialize_u32 by number, deserialize_u64 by number,
        deserialize_f32 by number, deserialize_f64 by number,
        deserialize_char by text, deserialize_str by text, deserialize_string by text, deserialize_identifier by text,
        deserialize_bytes by list, deserialize_byte_buf by list, deserialize_seq by list,
        deserialize_map by object,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Natural(_) | Value::Negative(_) | Value::Real(_) => self.number(visitor),
            Value::Text(_) => self.text(visitor),
            Value::List(_) => self.list(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if matches!(self.0, Value::Null) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Text(name) => visitor.visit_enum(Variant { name, of: None }),
            Value::Object(fields) => {
                let (name, of) = fields.first().ok_or(Unreadable)?;
                visitor.visit_enum(Variant { name, of: Some(of) })
            }
            _ => Err(Unreadable),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }
}

/// How server functions write their answers, and browsers read them.
#[cfg(feature = "leptos")]
pub struct Encoding;

/// Answers of server functions: JSON in the body.
#[cfg(feature = "leptos")]
pub type Json = server_fn::codec::Post<Encoding>;

#[cfg(feature = "leptos")]
mod encoding {
    use serde::{Serialize, de::DeserializeOwned};
    use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

    use super::{Encoding, Unreadable, read};

    impl ContentType for Encoding {
        const CONTENT_TYPE: &'static str = "application/json";
    }

    impl FormatType for Encoding {
        const FORMAT_TYPE: Format = Format::Text;
    }

    impl<T: Serialize> Encodes<T> for Encoding {
        type Error = serde_json::Error;

        fn encode(output: &T) -> Result<Bytes, Self::Error> {
            serde_json::to_vec(output).map(Bytes::from)
        }
    }

    impl<T: DeserializeOwned> Decodes<T> for Encoding {
        type Error = Unreadable;

        fn decode(bytes: Bytes) -> Result<T, Self::Error> {
            read(&bytes)
        }
    }
}

#[cfg(test)]
mod tests;
