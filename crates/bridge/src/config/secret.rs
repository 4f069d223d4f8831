//! Secrets: where they may come from, and how a file is made fit to be shown when somebody wrote one into it.

use std::ops::Range;

use secrecy::SecretString;
use serde_json::json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

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
        let secret = is_secret(key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) if secret => spans.extend(
                inner
                    .iter()
                    .filter(|(form, _)| !FORMS.contains(&form.get_ref().as_ref()))
                    .map(|(_, value)| value.span()),
            ),
            DeValue::Table(inner) => collect(inner, spans),
            _ if secret => spans.push(value.span()),
            DeValue::String(text) if carries_secret(text) => spans.push(value.span()),
            DeValue::Array(list) => {
                let texts = list.iter().filter(|one| one.get_ref().as_str().is_some_and(carries_secret));
                spans.extend(texts.map(Spanned::span));
            }
            _ => {}
        }
    }
}

/// From a secret's equals sign to the end of the line, or of the file where a text of several lines begins.
fn suspicious_lines(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once('=') {
            let key_is_secret = is_secret(key.trim().trim_matches('"').rsplit('.').next().unwrap_or(key).trim());
            let value_start = start + key.len() + 1;
            let value = value.trim_start();
            if key_is_secret && (value.starts_with("\"\"\"") || value.starts_with("'''")) {
                spans.push(value_start..text.len());
            } else if key_is_secret || carries_secret(line) {
                spans.push(value_start..start + line.len());
            }
        }
        start += line.len();
    }
    spans
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
    ["pass", "secret", "pwd", "token"].iter().any(|part| key.contains(part))
        || key == "url"
        || nearest(&key, ["password", "client_secret"]).is_some()
}
