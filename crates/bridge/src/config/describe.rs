//! The commented example and the JSON Schema, from the keys that a reading asks for.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::reader::{Key, Need, Reading};

const HEAD: &str = "\
# Presence Bridge: the configuration file.
#
# What is not commented out has to be there; everything else shows its default, or an example where it has none.
# Durations are written \"500ms\", \"15s\", \"10m\", \"1h 30m\". Paths are relative to this file.
";

/// The example: a file that works once its first two sections fit.
pub fn example(reading: &Reading) -> String {
    let mut text = HEAD.to_owned();
    for heading in &reading.headings {
        let keys = keys_of(reading, heading.name).map(entry).collect::<String>();
        write!(text, "\n\n# {}\n[{}]\n{keys}", heading.about, heading.name).expect("a String takes everything");
    }
    text
}

fn entry(key: &Key) -> String {
    let (hidden, text, note) = match key.need {
        Need::Required(text) | Need::Usual(text) => ("", text, ""),
        Need::Default(text) => ("#", text, ""),
        Need::Optional(text) => ("#", text, " (example)"),
    };
    let about = key.about.replace('\n', "\n# ");
    format!("\n# {about}{note}\n{hidden}{} = {text}\n", key.name)
}

/// The JSON Schema of a configuration file.
pub fn schema(reading: &Reading) -> Value {
    let mut required = Vec::new();
    let mut sections = Map::new();
    for heading in &reading.headings {
        let must: Vec<&str> = keys_of(reading, heading.name)
            .filter(|key| matches!(key.need, Need::Required(_)))
            .map(|key| key.name)
            .collect();
        if !must.is_empty() {
            required.push(heading.name);
        }
        let keys: Map<String, Value> =
            keys_of(reading, heading.name).map(|key| (key.name.to_owned(), key_schema(key))).collect();
        let section = json!({
            "type": "object",
            "description": heading.about,
            "additionalProperties": false,
            "required": must,
            "properties": keys,
        });
        sections.insert(heading.name.to_owned(), section);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Presence Bridge configuration",
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": sections,
    })
}

fn key_schema(key: &Key) -> Value {
    let mut schema = key.schema.clone();
    let example = match key.need {
        Need::Required(text) | Need::Usual(text) | Need::Optional(text) => ("examples", json!([as_json(text)])),
        Need::Default(text) => ("default", as_json(text)),
    };
    schema["description"] = json!(key.about.replace('\n', " "));
    schema[example.0] = example.1;
    schema
}

fn as_json(text: &str) -> Value {
    let table: toml::Table = toml::from_str(&format!("it = {text}"))
        .expect("the texts in this crate are TOML, as the test of the example shows");
    let value = table.get("it").cloned().map(serde_json::to_value);
    value.and_then(Result::ok).unwrap_or(Value::Null)
}

fn keys_of<'r>(reading: &'r Reading, section: &'r str) -> impl Iterator<Item = &'r Key> {
    reading.keys.iter().filter(move |key| key.section == section)
}
