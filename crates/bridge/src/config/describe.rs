//! The commented example and the JSON Schema, from the keys that a reading asks for.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::forms::OfLinks;
use super::reader::{Key, Need, Reading};

const HEAD: &str = "\
# Presence Bridge: the configuration file.
#
# What is not commented out has to be there; everything else shows its default, or an example where it has none.
# Durations are written \"500ms\", \"15s\", \"10m\", \"1h 30m\". Paths are relative to this file.
";

const SEVERAL: &str = "

# Several links in one process
#
# A file can hold several links instead of one. Then everything above but [control], [console] and [log] is in [[link]]
# tables, one for each link, with the same keys. A mistake in one of them, or an outage of its systems, leaves the
# others alone. [journal] beside them names their common database, if they have one: [journal] url. This is the least
# that a link has:
#
";

/// The example: a file that works once its first two sections fit, and how it would look with several links.
pub fn example(reading: &Reading, links: &OfLinks) -> String {
    let mut text = HEAD.to_owned();
    for heading in &reading.headings {
        let keys = keys_of(reading, heading.name).map(entry).collect::<String>();
        write!(text, "\n\n# {}\n[{}]\n{keys}", heading.about, heading.name).expect("a String takes everything");
    }
    text.push_str(SEVERAL);
    text.push_str(&least(&links.each));
    text
}

/// A commented `[[link]]` table with what has to be there.
fn least(each: &Reading) -> String {
    let mut text = "# [[link]]\n".to_owned();
    let mut section = "";
    for key in &each.keys {
        let (Need::Required(example) | Need::Usual(example)) = key.need else { continue };
        if key.section != section {
            section = key.section;
            text.push_str(&format!("# [link.{section}]\n"));
        }
        text.push_str(&format!("# {} = {example}\n", key.name));
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

/// The JSON Schema of a configuration file, in either form.
pub fn schema(reading: &Reading, links: &OfLinks) -> Value {
    let (required, sections) = sections_of(reading);
    let (required_of_link, of_link) = sections_of(&links.each);
    let (_, shared) = sections_of(&links.shared);
    let only_in_links = sections.keys().filter(|name| !shared.contains_key(*name));
    let mut beside_links: Map<String, Value> = only_in_links.map(|name| (name.clone(), json!(false))).collect();
    beside_links.extend(shared);
    let mut properties = sections;
    let link = json!({
        "type": "object",
        "description": links.about,
        "additionalProperties": false,
        "required": required_of_link,
        "properties": of_link,
    });
    properties.insert("link".to_owned(), json!({ "type": "array", "minItems": 1, "items": link }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Presence Bridge configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "oneOf": [
            { "title": "One link", "required": required, "properties": { "link": false } },
            { "title": "Several links", "required": ["link"], "properties": beside_links },
        ],
    })
}

/// What has to be there, and the schema of each key and section.
fn sections_of(reading: &Reading) -> (Vec<&'static str>, Map<String, Value>) {
    let is_required = |key: &&Key| matches!(key.need, Need::Required(_));
    let own = || keys_of(reading, "");
    let mut required: Vec<&str> = own().filter(is_required).map(|key| key.name).collect();
    let mut properties: Map<String, Value> = own().map(|key| (key.name.to_owned(), key_schema(key))).collect();
    for heading in &reading.headings {
        let must: Vec<&str> = keys_of(reading, heading.name).filter(is_required).map(|key| key.name).collect();
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
        properties.insert(heading.name.to_owned(), section);
    }
    (required, properties)
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
