//! What the values of keys can be: how each kind is read from TOML, what is wrong when it cannot be, and its JSON Schema.
//!
//! Does not know which keys there are.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::place::Place;
use crate::problem::{Problem, nearest};

/// A kind of value.
pub trait Value: Sized {
    /// Its JSON Schema.
    fn schema() -> serde_json::Value;

    /// Reads it, or says everything that is wrong with it.
    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>>;
}

/// What a node is, for people.
pub fn type_name(node: &DeValue<'_>) -> &'static str {
    match node {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The problem of a value of the wrong type.
pub fn wrong_type(expected: &str, node: &Spanned<DeValue<'_>>) -> Vec<Problem> {
    let found = type_name(node.get_ref());
    vec![
        Problem::new(format!("wrong type: expected {expected}, found {found}"))
            .at(node.span())
            .label(format!("this is {found}")),
    ]
}

/// The problem of a value of the right type that cannot be used.
pub fn bad_value(message: impl Into<String>, node: &Spanned<DeValue<'_>>) -> Vec<Problem> {
    vec![Problem::new(message).at(node.span())]
}

/// The text of a node, or that it is none.
pub fn text_of<'n>(expected: &str, node: &'n Spanned<DeValue<'_>>) -> Result<&'n str, Vec<Problem>> {
    node.get_ref().as_str().ok_or_else(|| wrong_type(expected, node))
}

/// A text that is not empty.
impl Value for String {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        match text_of("a text in quotes", node)?.trim() {
            "" => Err(bad_value("the text is empty", node)),
            text => Ok(text.to_owned()),
        }
    }
}

impl Value for bool {
    fn schema() -> serde_json::Value {
        json!({ "type": "boolean" })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        node.get_ref().as_bool().ok_or_else(|| wrong_type("true or false", node))
    }
}

/// A whole number from 1.
impl Value for u32 {
    fn schema() -> serde_json::Value {
        json!({ "type": "integer", "minimum": 1, "maximum": Self::MAX })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let DeValue::Integer(number) = node.get_ref() else {
            return Err(wrong_type("a whole number", node));
        };
        match Self::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(bad_value(format!("expected a whole number from 1 to {}", Self::MAX), node)),
        }
    }
}

/// A share: above 0 and at most 1.
impl Value for f64 {
    fn schema() -> serde_json::Value {
        json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let share = match node.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => return Err(wrong_type("a number", node)),
        };
        share
            .filter(|share| *share > 0.0 && *share <= 1.0)
            .ok_or_else(|| bad_value("expected a share: a number above 0 and at most 1", node))
    }
}

/// A time that passes, longer than nothing.
impl Value for Duration {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^([0-9]+ ?(h|m|s|ms) ?)+$", "examples": ["500ms", "15s", "10m", "1h 30m"] })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = text_of("a duration in quotes such as \"15s\" or \"10m\"", node)?;
        let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Self::try_from(duration).ok());
        match parsed {
            Some(duration) if !duration.is_zero() => Ok(duration),
            Some(_) => Err(bad_value("the duration is zero", node)),
            None => {
                let problem = Problem::new(format!("\"{text}\" is not a duration"));
                Err(vec![problem.at(node.span()).help("write \"500ms\", \"15s\", \"10m\" or \"1h 30m\"")])
            }
        }
    }
}

/// An address of a service: no user, password, question mark or fragment in it.
impl Value for Url {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "format": "uri", "pattern": "^https?://" })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = text_of("an address in quotes such as \"https://…\"", node)?;
        service_address(text).map_err(|message| bad_value(message, node))
    }
}

/// Reads the address of a service.
pub fn service_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("not an address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("expected an address that begins with https:// or http://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address carries no user or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("expected an address without anything after ? or #".to_owned());
    }
    Ok(url)
}

/// A file that can be read.
impl Value for PathBuf {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let path = String::read(node, place)?;
        let path = place.resolve(&path);
        match place.can_read(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(vec![unreadable(&path, error).at(node.span())]),
        }
    }
}

/// A text file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Its path, for messages.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl Value for TextFile {
    fn schema() -> serde_json::Value {
        PathBuf::schema()
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let path = String::read(node, place)?;
        let path = place.resolve(&path);
        match place.read(&path) {
            Ok(text) => Ok(Self { name: path.display().to_string(), text }),
            Err(error) => Err(vec![unreadable(&path, error).at(node.span())]),
        }
    }
}

fn unreadable(path: &std::path::Path, error: std::io::Error) -> Problem {
    Problem::new(format!("failed to read {}", path.display())).label("named here").because(error)
}

/// A list with at least one element.
impl<T: Value> Value for Vec<T> {
    fn schema() -> serde_json::Value {
        json!({ "type": "array", "minItems": 1, "items": T::schema() })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let Some(array) = node.get_ref().as_array() else {
            return Err(wrong_type("a list such as [\"…\", \"…\"]", node));
        };
        let mut elements = Self::new();
        let mut problems = Vec::new();
        for element in array.iter() {
            match T::read(element, place) {
                Ok(element) => elements.push(element),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if array.is_empty() {
            return Err(bad_value("the list is empty", node));
        }
        if problems.is_empty() { Ok(elements) } else { Err(problems) }
    }
}

/// A list in which the order means nothing.
impl<T: Value + Ord> Value for BTreeSet<T> {
    fn schema() -> serde_json::Value {
        Vec::<T>::schema()
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        Vec::<T>::read(node, place).map(|list| list.into_iter().collect())
    }
}

/// One of a few words.
pub trait Choice: Copy + Sized + 'static {
    /// The words.
    const WORDS: &'static [(&'static str, Self)];
}

/// Reads a [`Choice`].
pub fn read_choice<T: Choice>(node: &Spanned<DeValue<'_>>) -> Result<T, Vec<Problem>> {
    let all: Vec<String> = T::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    let all = all.join(", ");
    let text = text_of(&format!("one of {all}"), node)?;
    if let Some((_, choice)) = T::WORDS.iter().find(|(word, _)| *word == text) {
        return Ok(*choice);
    }
    let help = match nearest(text, T::WORDS.iter().map(|(word, _)| *word)) {
        Some(word) => format!("did you mean \"{word}\"? It is one of {all}"),
        None => format!("it is one of {all}"),
    };
    Err(vec![Problem::new(format!("unknown value \"{text}\"")).at(node.span()).help(help)])
}

/// The JSON Schema of a [`Choice`].
pub fn choice_schema<T: Choice>() -> serde_json::Value {
    let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
    json!({ "enum": words })
}

/// Gives an enum its words in the configuration.
macro_rules! choice {
    ($type:ty { $($word:literal => $variant:ident),+ $(,)? }) => {
        impl $crate::config::value::Choice for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }

        impl $crate::config::value::Value for $type {
            fn schema() -> serde_json::Value {
                $crate::config::value::choice_schema::<Self>()
            }

            fn read(
                node: &toml::Spanned<toml::de::DeValue<'_>>,
                _: &mut $crate::config::place::Place<'_>,
            ) -> Result<Self, Vec<$crate::problem::Problem>> {
                $crate::config::value::read_choice(node)
            }
        }
    };
}
pub(crate) use choice;
