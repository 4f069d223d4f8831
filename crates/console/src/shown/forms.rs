//! How the fields of HTML forms are read: a field that was left empty is none, and a ticked box says `on`.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A text; an empty one is none.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// Something with a name; an empty text is none.
pub fn named<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(from: D) -> Result<Option<T>, D::Error> {
    text(from)?.map(|text| text.parse().map_err(Error::custom)).transpose()
}

/// A tick box: `on` or `true`, and nothing, an empty text or `false`.
pub fn tick<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    from.deserialize_any(Tick)
}

struct Tick;

impl Visitor<'_> for Tick {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<bool, E> {
        match value {
            "on" | "true" => Ok(true),
            "" | "false" => Ok(false),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }
}
