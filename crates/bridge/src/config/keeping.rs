//! The sections about this computer: where the journal is and how long it reaches back, and where the running bridge
//! listens to the operator. Every key with its meaning and its default.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use secrecy::SecretString;
use serde_json::json;
use store::{Location, Retention};
use toml::Spanned;
use toml::de::DeValue;

use super::place::Place;
use super::reader::{Reader, Section};
use super::value::{Value, bad_value, text_of};
use crate::problem::Problem;

/// The link's name where nobody gives it one, in TOML.
const LINK: &str = "\"default\"";

/// The link's name where nobody gives it one.
pub fn default_link() -> String {
    LINK.trim_matches('"').to_owned()
}

/// What `[journal]` is about.
const JOURNAL: &str =
    "Where everything that is decided and sent is written down: an SQLite file, or a PostgreSQL database.";

/// Reads `[journal]` of a file with one link, which has its name there.
pub fn journal(reader: &mut Reader<'_, '_>) -> Option<store::Options> {
    let mut section = reader.section("journal", JOURNAL);
    let s = &mut section;
    let path: Option<Resolved> = s.default(
        "path",
        "\"presence-bridge.journal\"",
        "The SQLite file. Without this key it is beside this file, or in $STATE_DIRECTORY, which systemd sets.",
    );
    let location = location(s, path, Some("presence-bridge.journal"), None);
    let link: Option<String> = s.default(
        "link",
        LINK,
        "The name of this link in the journal: several bridges may keep theirs in one PostgreSQL database.",
    );
    let retention = retention(s);
    Some(store::Options { location: location?, link: link?, retention: retention? })
}

/// Reads `[link.journal]` of a link with this name; `shared` is the database of all links that say nothing else.
pub fn journal_of(
    reader: &mut Reader<'_, '_>,
    name: Option<&str>,
    shared: Option<&Location>,
) -> Option<store::Options> {
    let mut section = reader.section("journal", JOURNAL);
    let s = &mut section;
    let path: Option<Resolved> = s.optional(
        "path",
        "\"north.journal\"",
        "The SQLite file, which no other link has. Without this key it is the link's name with .journal, beside this\nfile or in $STATE_DIRECTORY.",
    );
    let file = name.map(|name| format!("{name}.journal"));
    let location = location(s, path, file.as_deref(), shared);
    let retention = retention(s);
    Some(store::Options { location: location?, link: name?.to_owned(), retention: retention? })
}

/// Reads `[journal]` of a file with several links: the database that they share.
pub fn shared_journal(reader: &mut Reader<'_, '_>) -> Option<Location> {
    let mut s = reader.section("journal", "The journal of all links that have none of their own.");
    let url = url(&mut s)?;
    database(&mut s, url)
}

fn retention(s: &mut Section<'_, '_, '_>) -> Option<Retention> {
    let keep: Option<Age> =
        s.default("keep", "\"400d\"", "What is older is deleted; \"400d\" is a year and the month after it.");
    let keep_size: Option<Size> = s.default(
        "keep_size",
        "\"10GiB\"",
        "When the journal is larger, the oldest is deleted. What is not delivered yet is never deleted.",
    );
    Some(Retention { age: keep?.0, size: keep_size?.0 })
}

fn url(s: &mut Section<'_, '_, '_>) -> Option<SecretString> {
    s.optional(
        "url",
        "{ file = \"journal-url\" }",
        "A PostgreSQL database instead: where the address postgres://user:password@host/database is. It is a secret,\nwith the same three forms as PureConnect's password.",
    )
}

/// Where the journal is: what the section says, else what all links share, else a file of this name.
fn location(
    s: &mut Section<'_, '_, '_>,
    path: Option<Resolved>,
    name: Option<&str>,
    shared: Option<&Location>,
) -> Option<Location> {
    let url = url(s);
    match (s.has("path"), s.has("url")) {
        (true, true) => {
            let problem = Problem::new("the journal is either a file (path) or a database (url)");
            s.problem("path", problem.help("leave one of the two out"));
            None
        }
        (_, true) => database(s, url?),
        (true, false) => path.map(|path| Location::Sqlite(path.0)),
        (false, false) => {
            shared.cloned().or_else(|| name.map(|name| Location::Sqlite(beside(s, "STATE_DIRECTORY", name))))
        }
    }
}

/// A server's address, of which nothing is shown: the password may be in any part of one that is mistyped.
fn database(s: &mut Section<'_, '_, '_>, url: SecretString) -> Option<Location> {
    match Location::server(url) {
        Ok(location) => Some(location),
        Err(mistake) => {
            let problem = Problem::new(format!("the address of the database cannot be used: {mistake}"));
            let help = "expected postgres://user:password@host/database; a special character in the password is written \
                        in percent encoding, such as %40 for @";
            s.problem("url", problem.label("the address is named here, and not shown").help(help));
            None
        }
    }
}

/// Reads `[control]`: the path of the socket.
pub fn control(reader: &mut Reader<'_, '_>) -> Option<PathBuf> {
    let mut s =
        reader.section("control", "How the running bridge is spoken to: `presence-bridge confirm` uses this socket.");
    let socket: Option<Resolved> = s.default(
        "socket",
        "\"presence-bridge.socket\"",
        "The Unix socket, for the bridge's own user alone. Without this key it is beside this file, or in\n$RUNTIME_DIRECTORY, which systemd sets.",
    );
    if s.has("socket") {
        return socket.map(|socket| socket.0);
    }
    Some(beside(&s, "RUNTIME_DIRECTORY", "presence-bridge.socket"))
}

/// In the folder that systemd names in this variable, else beside the configuration file. The variable holds several
/// folders, with colons between them, when the unit asks for several.
fn beside(s: &Section<'_, '_, '_>, variable: &str, name: &str) -> PathBuf {
    let folders = s.variable(variable).unwrap_or_default();
    match folders.split(':').next() {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder).join(name),
        _ => s.resolve(name),
    }
}

/// A path that need not exist yet.
struct Resolved(PathBuf);

impl Value for Resolved {
    fn schema() -> serde_json::Value {
        PathBuf::schema()
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let path = String::read(node, place)?;
        Ok(Self(place.resolve(&path)))
    }
}

/// A time to look back on: in days, hours and minutes.
struct Age(Duration);

impl Value for Age {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^([0-9]+ ?(w|d|h|m|s) ?)+$", "examples": ["12h", "90d", "400d"] })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = text_of("a duration in quotes such as \"400d\"", node)?;
        let span = text.parse::<Span>().ok();
        let age = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        match age.and_then(|age| Duration::try_from(age).ok()) {
            Some(age) if age.is_zero() => Err(bad_value("the duration is zero", node)),
            Some(age) => Ok(Self(age)),
            None => {
                let problem = Problem::new(format!("\"{text}\" is not a number of days"));
                Err(vec![problem.at(node.span()).help("write \"400d\", \"13w\" or \"36h\"")])
            }
        }
    }
}

/// The least that a journal may be kept to: below, a busy day would push out the changes of the same day.
const LEAST_SIZE: u64 = 16 << 20;

/// A number of bytes.
struct Size(u64);

impl Value for Size {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]+ ?(MiB|GiB|TiB|MB|GB|TB)$", "examples": ["500MiB", "10GiB"] })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = text_of("a size in quotes such as \"10GiB\"", node)?;
        match size(text) {
            Some(bytes) if bytes < LEAST_SIZE => Err(bad_value("expected at least 16MiB", node)),
            Some(bytes) => Ok(Self(bytes)),
            None => {
                let problem = Problem::new(format!("\"{text}\" is not a size"));
                Err(vec![problem.at(node.span()).help("write \"500MiB\", \"10GiB\" or \"20GB\"")])
            }
        }
    }
}

fn size(text: &str) -> Option<u64> {
    let units = [
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
    ];
    let (unit, factor) = units.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    number.checked_mul(factor)
}
