//! Reads properties out of a JSON body. Unknown properties are ignored; a wrong type or date is a 400 that says so.

use jiff::Timestamp;
use serde_json::Value;

use super::dates;
use super::refusal::Refusal;

/// A text that may be absent or null.
pub(super) fn text<'b>(body: &'b Value, name: &str) -> Result<Option<&'b str>, Refusal> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Refusal::value(&other.to_string(), "String", "texts"))
        }
    }
}

/// A text that must be there.
pub(super) fn required_text<'b>(body: &'b Value, name: &str) -> Result<&'b str, Refusal> {
    text(body, name)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| Refusal::missing(name))
}

/// A truth value that may be absent or null.
pub(super) fn flag(body: &Value, name: &str) -> Result<Option<bool>, Refusal> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        other @ (Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Refusal::value(&other.to_string(), "Boolean", "true, false"))
        }
    }
}

/// A whole number that may be absent or null.
pub(super) fn number(body: &Value, name: &str) -> Result<Option<i64>, Refusal> {
    match &body[name] {
        Value::Null => Ok(None),
        other => match other.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(Refusal::value(&other.to_string(), "Integer", "whole numbers")),
        },
    }
}

/// A date that may be absent or null.
pub(super) fn date(body: &Value, name: &str) -> Result<Option<Timestamp>, Refusal> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) => dates::parse(text).map(Some).ok_or_else(Refusal::date),
        Value::Number(number) => number
            .as_i64()
            .and_then(|epoch| Timestamp::from_millisecond(epoch).ok())
            .map(Some)
            .ok_or_else(Refusal::date),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(Refusal::date()),
    }
}

/// The body as a list of objects.
pub(super) fn objects(body: &Value) -> Result<&[Value], Refusal> {
    let items = body.as_array().ok_or_else(|| Refusal::bad_request("The request body must be an array"))?;
    match items.iter().all(Value::is_object) {
        true => Ok(items),
        false => Err(Refusal::bad_request("Every element of the request body must be an object")),
    }
}

/// Refuses anything but an object.
pub(super) fn object(body: &Value) -> Result<(), Refusal> {
    match body.is_object() {
        true => Ok(()),
        false => Err(Refusal::bad_request("The request body must be an object")),
    }
}
