//! Secrets: where they may come from, and how a file is made fit to be shown when somebody wrote one into it.

use std::ops::Range;

use secrecy::SecretString;
use serde_json::json;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::place::Place;
use super::value::{Value, type_name};
use crate::problem::{Problem, nearest};

/// The ways to name a secret.
const FORMS: [&str; 3] = ["file", "env", "credential"];

const HELP: &str = "write { file = \"…\" }, { env = \"…\" } or { credential = \"…\" } (a systemd credential)";

impl Value for SecretString {
    fn schema() -> serde_json::Value {
        let form = |name: &str, about: &str| {
            json!({
                "type": "object", "additionalProperties": false, "required": [name],
                "properties": { name: { "type": "string", "minLength": 1, "description": about } },
            })
        };
        json!({ "oneOf": [
            form("file", "A file with nothing else in it; relative to the configuration file."),
            form("env", "An environment variable."),
            form("credential", "A systemd credential, read from $CREDENTIALS_DIRECTORY."),
        ]})
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let secret = source(node).and_then(|(form, name)| fetch(form, name, place));
        match secret {
            Ok(secret) => Ok(secret),
            Err(problem) => Err(vec![problem.or_at(node.span())]),
        }
    }
}

/// Which form, and what it names. No message may contain a value, which could be the secret itself.
fn source<'n>(node: &'n Spanned<DeValue<'_>>) -> Result<(&'static str, &'n str), Problem> {
    let table = match node.get_ref() {
        DeValue::Table(table) => table,
        DeValue::String(_) => {
            return Err(Problem::new("a secret is never written in this file").label("not shown").help(HELP));
        }
        other => {
            let message = format!("expected where the secret is, found {}", type_name(other));
            return Err(Problem::new(message).help(HELP));
        }
    };
    let mut entries = table.iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else {
        return Err(Problem::new("a secret has exactly one place").help(HELP));
    };
    let Some(form) = FORMS.into_iter().find(|form| *form == key.get_ref().as_ref()) else {
        return Err(Problem::new("not a place for a secret").at(key.span()).help(HELP));
    };
    match value.get_ref().as_str() {
        Some(name) if !name.is_empty() => Ok((form, name)),
        _ => Err(Problem::new("expected a name in quotes").at(value.span()).help(HELP)),
    }
}

fn fetch(form: &str, name: &str, place: &mut Place<'_>) -> Result<SecretString, Problem> {
    let text = match form {
        "env" => place
            .variable(name)
            .ok_or_else(|| Problem::new(format!("the environment variable {name} is not set")).label("named here"))?,
        "credential" => {
            let Some(directory) = place.variable("CREDENTIALS_DIRECTORY") else {
                return Err(Problem::new("there are no systemd credentials: CREDENTIALS_DIRECTORY is not set")
                    .help(format!("add LoadCredential={name}:/path/to/the/secret to the unit")));
            };
            if name.contains('/') {
                return Err(Problem::new("the name of a credential has no slash"));
            }
            read_file(&format!("{directory}/{name}"), place)?
        }
        _ => read_file(name, place)?,
    };
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() {
        return Err(Problem::new("the secret is empty"));
    }
    Ok(SecretString::from(secret))
}

fn read_file(name: &str, place: &mut Place<'_>) -> Result<String, Problem> {
    let path = place.resolve(name);
    place.read_secret(&path).map_err(|error| {
        Problem::new(format!("failed to read the secret in {}", path.display())).label("named here").because(error)
    })
}

/// The text with every secret that somebody wrote into it painted over, byte for byte, so that places stay the same.
/// A file that is not even TOML (`broken`) has no values to go by, so there it goes by lines, too.
pub fn paint_over(text: &str, table: &DeTable<'_>, broken: bool) -> String {
    let mut spans = Vec::new();
    collect(table, &mut spans);
    if broken {
        spans.extend(suspicious_lines(text));
    }
    let mut bytes = text.as_bytes().to_owned();
    for span in spans {
        for byte in bytes.iter_mut().take(span.end).skip(span.start) {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b'*';
            }
        }
    }
    // Spans lie on character boundaries, so this only ever replaces whole characters.
    String::from_utf8_lossy(&bytes).into_owned()
}

fn collect(table: &DeTable<'_>, spans: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) if is_secret(key.get_ref()) => collect_formless(inner, spans),
            DeValue::Array(list) if is_secret(key.get_ref()) => {
                for element in list.iter() {
                    match element.get_ref() {
                        DeValue::Table(inner) => collect_formless(inner, spans),
                        _ => collect_all(element, spans),
                    }
                }
            }
            _ if is_secret(key.get_ref()) => collect_all(value, spans),
            DeValue::Table(inner) => collect(inner, spans),
            DeValue::String(text) if carries_secret(text) => spans.push(value.span()),
            DeValue::Array(list) => collect_list(list, spans),
            _ => {}
        }
    }
}

/// Whatever is in a table besides where the secret is.
fn collect_formless(table: &DeTable<'_>, spans: &mut Vec<Range<usize>>) {
    let others = table.iter().filter(|(form, _)| !FORMS.contains(&form.get_ref().as_ref()));
    others.for_each(|(_, value)| collect_all(value, spans));
}

/// Whatever is in a value. The span of a table or a list with a heading is not that of what is in it.
fn collect_all(value: &Spanned<DeValue<'_>>, spans: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => table.iter().for_each(|(_, inner)| collect_all(inner, spans)),
        DeValue::Array(list) => list.iter().for_each(|inner| collect_all(inner, spans)),
        _ => spans.push(value.span()),
    }
}

/// Of a list: texts, and tables such as each `[[link]]`.
fn collect_list(list: &DeArray<'_>, spans: &mut Vec<Range<usize>>) {
    for element in list.iter() {
        match element.get_ref() {
            DeValue::String(text) if carries_secret(text) => spans.push(element.span()),
            DeValue::Table(table) => collect(table, spans),
            DeValue::Array(inner) => collect_list(inner, spans),
            _ => {}
        }
    }
}

/// From a secret's equals sign to the end of the line, or of the file where a text of several lines begins.
fn suspicious_lines(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let secret = line.match_indices('=').find(|(at, _)| is_secret(last_word(&line[..*at])));
        match (secret, line.find('=')) {
            (Some((at, _)), _) => {
                let value = line[at + 1..].trim_start();
                let goes_on = value.starts_with("\"\"\"") || value.starts_with("'''");
                spans.push(start + at + 1..if goes_on { text.len() } else { end });
            }
            (None, Some(at)) if carries_secret(line) => spans.push(start + at + 1..end),
            (None, _) => {}
        }
        start = end;
    }
    spans
}

/// The name before an equals sign, in an inline table, too.
fn last_word(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['"', '\'']);
    text.rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').next().unwrap_or(text)
}

/// Whether a value under whatever key looks as if it had a secret in it: the address of a service with a user before
/// the host, or the form `host=… password=…` of a database.
fn carries_secret(text: &str) -> bool {
    let in_address = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    in_address || text.to_lowercase().contains("password=")
}

/// Whether a key, perhaps misspelt, is one whose value is a secret.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    if key == "token_pool_size" {
        return false;
    }
    ["pass", "secret", "pwd", "token"].iter().any(|part| key.contains(part))
        || key == "url"
        || nearest(&key, ["password", "client_secret"]).is_some()
}
