//! From the text of a file to a saved catalogue, with every mistake in it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{FORMAT, STATUS_KEYS, SavedCatalogue, VERSION, status};
use crate::error::{Faults, codes};
use crate::name::closest;

const KEYS: [&str; 6] = ["format", "version", "host", "release", "saved", "statuses"];

/// The members of an object in their order, also those that are there twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

/// Reads the whole file; what is wrong goes to `faults`.
pub(super) fn document(faults: &mut Faults<'_>) -> Option<SavedCatalogue> {
    let text = faults.source.text;
    let whole: &RawValue = match serde_json::from_str(text) {
        Ok(whole) => whole,
        Err(error) => {
            let place = place_of(text, &error);
            faults.add(codes::SYNTAX, &place, format!("not JSON: {}", said(&error)), HELP.to_owned());
            return None;
        }
    };
    let mut reader = Reader { faults };
    // Whose file it is comes first: if it is not ours, nothing else in it means what it seems to.
    let Members(members) = serde_json::from_str(text).unwrap_or(Members(Vec::new()));
    if !reader.is_ours(whole, &members) {
        return None;
    }
    let members = reader.members(whole, "a saved catalogue", &KEYS)?;
    let host = reader.optional(&members, "host", Reader::text);
    let release = reader.optional(&members, "release", Reader::text);
    let saved = reader.required(whole, &members, "saved", |reader, value| {
        let written = reader.text(value)?;
        reader.meant(value, written.parse::<Timestamp>().ok(), "a time such as \"2026-03-02T08:00:00Z\"")
    });
    let catalogue = reader.required(whole, &members, "statuses", Reader::statuses);
    Some(SavedCatalogue { host, release, saved: saved?, catalogue: catalogue? })
}

const HELP: &str = "`presence-bridge catalogue save` writes such a file";

struct Reader<'f, 'a> {
    faults: &'f mut Faults<'a>,
}

type Found<'a> = Vec<(String, &'a RawValue)>;

impl<'a> Reader<'_, 'a> {
    /// Whether this is a file of this format and version.
    fn is_ours(&mut self, whole: &RawValue, members: &Found<'a>) -> bool {
        let value = |wanted: &str| members.iter().find(|(key, _)| key == wanted).map(|(_, value)| *value);
        let format = value("format");
        let called = format.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        if called.as_deref() != Some(FORMAT) {
            let message = format!("this is no saved catalogue: its \"format\" is not \"{FORMAT}\"");
            let place = self.place(format.unwrap_or(whole));
            self.faults.add(codes::NOT_A_CATALOGUE, &place, message, HELP.to_owned());
            return false;
        }
        let version = value("version");
        let number = version.and_then(|raw| serde_json::from_str::<u64>(raw.get()).ok());
        if number != Some(VERSION) {
            let message = format!("this is a saved catalogue of another version than {VERSION}");
            let place = self.place(version.unwrap_or(whole));
            let help = "save it again with this program, or read it with the one that wrote it".to_owned();
            self.faults.add(codes::UNKNOWN_VERSION, &place, message, help);
            return false;
        }
        true
    }

    /// Takes an object apart and reports the keys that are not known or that are there twice.
    fn members(&mut self, value: &'a RawValue, wanted: &str, known: &[&str]) -> Option<Found<'a>> {
        let Ok(Members(members)) = serde_json::from_str(value.get()) else {
            self.wrong_type(value, wanted);
            return None;
        };
        for (at, (key, value)) in members.iter().enumerate() {
            let place = self.place(value);
            if !known.contains(&key.as_str()) {
                let help = match closest(key, known.iter().copied()) {
                    Some(meant) => format!("did you mean \"{meant}\"?"),
                    None => format!("possible here: {}", known.join(", ")),
                };
                self.faults.add(codes::UNKNOWN_KEY, &place, format!("unknown key \"{key}\""), help);
            } else if members[..at].iter().any(|(other, _)| other == key) {
                let help = "remove one of the two".to_owned();
                self.faults.add(codes::DUPLICATE_KEY, &place, format!("the key \"{key}\" is there twice"), help);
            }
        }
        Some(members)
    }

    /// What a key that must be there has.
    fn required<T>(
        &mut self,
        object: &RawValue,
        members: &Found<'a>,
        wanted: &str,
        read: impl FnOnce(&mut Self, &'a RawValue) -> Option<T>,
    ) -> Option<T> {
        let Some((_, value)) = members.iter().find(|(key, _)| key == wanted) else {
            let start = self.place(object).start;
            let message = format!("missing key \"{wanted}\"");
            self.faults.add(codes::MISSING_KEY, &(start..start + 1), message, HELP.to_owned());
            return None;
        };
        read(self, value)
    }

    /// What a key has that may be missing or null.
    fn optional<T>(
        &mut self,
        members: &Found<'a>,
        wanted: &str,
        read: impl FnOnce(&mut Self, &'a RawValue) -> Option<T>,
    ) -> Option<T> {
        let (_, value) = members.iter().find(|(key, _)| key == wanted)?;
        if value.get() == "null" { None } else { read(self, value) }
    }

    fn statuses(&mut self, value: &'a RawValue) -> Option<Catalogue> {
        let Ok(entries) = serde_json::from_str::<Vec<&'a RawValue>>(value.get()) else {
            self.wrong_type(value, "a list of status messages");
            return None;
        };
        let mut seen: BTreeMap<StatusId, StatusMessage> = BTreeMap::new();
        for entry in entries {
            let Some(status) = self.status(entry) else { continue };
            if let Some(first) = seen.get(&status.id) {
                let message = format!("the status \"{}\" is there twice", first.id);
                let help = "ids have no upper and lower case: remove one of the two".to_owned();
                let place = self.place(entry);
                self.faults.add(codes::DUPLICATE_STATUS, &place, message, help);
            } else {
                seen.insert(status.id.clone(), status);
            }
        }
        Some(seen.into_values().collect())
    }

    fn status(&mut self, entry: &'a RawValue) -> Option<StatusMessage> {
        let members = self.members(entry, "a status message", &STATUS_KEYS)?;
        let id = self.required(entry, &members, "id", |reader, value| {
            let id = reader.text(value)?;
            reader.meant(value, Some(id).filter(|id| !id.trim().is_empty()), "the name of a status message")
        });
        let [text, group] = ["text", "group"].map(|key| self.required(entry, &members, key, Self::text));
        let [acd, acw, dnd] = ["acd", "acw", "dnd"].map(|key| self.required(entry, &members, key, Self::ticked));
        Some(status(&id?, [text?, group?], [acd?, acw?, dnd?]))
    }

    fn text(&mut self, value: &'a RawValue) -> Option<String> {
        let text = serde_json::from_str(value.get()).ok();
        if text.is_none() {
            self.wrong_type(value, "a text");
        }
        text
    }

    fn ticked(&mut self, value: &'a RawValue) -> Option<bool> {
        let ticked = serde_json::from_str(value.get()).ok();
        if ticked.is_none() {
            self.wrong_type(value, "true or false");
        }
        ticked
    }

    /// Reports a value that could not be understood.
    fn meant<T>(&mut self, value: &RawValue, understood: Option<T>, wanted: &str) -> Option<T> {
        if understood.is_none() {
            let place = self.place(value);
            let help = format!("write {wanted}");
            self.faults.add(codes::BAD_VALUE, &place, format!("expected {wanted}"), help);
        }
        understood
    }

    fn wrong_type(&mut self, value: &RawValue, wanted: &str) {
        let found = match value.get().as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "a text",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            Some(_) | None => "a number",
        };
        let place = self.place(value);
        // Half of a surrogate pair is JSON, but no text.
        let found = if wanted.ends_with(found) { "one that is not Unicode" } else { found };
        let message = format!("expected {wanted}, found {found}");
        self.faults.add(codes::WRONG_TYPE, &place, message, format!("write {wanted}"));
    }

    /// Where a value is: raw values are parts of the very text that is read.
    fn place(&self, value: &RawValue) -> Range<usize> {
        let text = self.faults.source.text;
        let start = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let place = start..start + value.get().len();
        if text.get(place.clone()).is_some() { place } else { 0..0 }
    }
}

/// What serde says, without the place, which is shown beside it.
fn said(error: &serde_json::Error) -> String {
    let told = error.to_string();
    match told.rfind(" at line ") {
        Some(end) => told[..end].to_owned(),
        None => told,
    }
}

/// Where serde stopped, from its line and column, which count bytes from 1.
fn place_of(text: &str, error: &serde_json::Error) -> Range<usize> {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at..at
}
