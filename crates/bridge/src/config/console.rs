//! The section `[console]`: where the console listens, and who may come in. Every key with its meaning and its default.
//!
//! A console that everybody could look into who reaches it is a mistake in the file, with its place, and none that is
//! found out when the program runs.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

use super::place::Place;
use super::reader::{Reader, Section};
use super::value::{Value, bad_value, text_of};
use crate::problem::Problem;

/// Where the console listens, and who may come in.
#[derive(Debug, Clone)]
pub struct Console {
    /// The address.
    pub listen: SocketAddr,
    /// The names under which it is reached, besides those of this computer itself; in lower case.
    pub hosts: BTreeSet<String>,
    /// Who shows one of these may look.
    pub viewer_tokens: Vec<SecretString>,
    /// Who shows one of these may also do what changes something.
    pub admin_tokens: Vec<SecretString>,
    /// A proxy in front of it that knows who comes.
    pub proxy: Option<Proxy>,
}

impl Console {
    /// One on this computer, into which everybody on it may look.
    pub fn local(listen: SocketAddr) -> Self {
        let (viewer_tokens, admin_tokens) = (Vec::new(), Vec::new());
        Self { listen, hosts: BTreeSet::new(), viewer_tokens, admin_tokens, proxy: None }
    }
}

/// A proxy that lets people in itself, and says so in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The header, in lower case; whoever it names has come in.
    pub header: String,
    /// The names in it that may also do what changes something; all others may look.
    pub admins: Vec<String>,
    /// Where the proxy is: from anywhere else the header means nothing.
    pub peers: BTreeSet<IpAddr>,
}

/// Where it listens where nobody says otherwise, in TOML.
const LISTEN: &str = "\"127.0.0.1:8090\"";

/// Where it listens where nobody says otherwise.
pub fn default_listen() -> SocketAddr {
    LISTEN.trim_matches('"').parse().expect("the default is an address, as the test of the example shows")
}

/// What `[console]` is about.
const ABOUT: &str =
    "The console in the browser, the API, the metrics and the health checks: how everything stands, over HTTP.";

/// Reads `[console]`; the inner `None` is a console that is switched off.
#[expect(clippy::option_option, reason = "a problem and a console that is off are two things")]
pub fn console(reader: &mut Reader<'_, '_>) -> Option<Option<Console>> {
    let mut section = reader.section("console", ABOUT);
    let s = &mut section;
    let enabled: Option<bool> = s.default("enabled", "true", "Whether there is one.");
    let listen: Option<SocketAddr> = s.default(
        "listen",
        LISTEN,
        "Where it listens. On this computer's own address whoever is on this computer may look; any other address\nneeds a token, or a proxy that says who is there, and should have a proxy with TLS in front of it.",
    );
    let viewer_tokens = tokens(s, "viewer_token", "{ file = \"console-viewer-token\" }", VIEWER);
    let admin_tokens = tokens(s, "admin_token", "{ file = \"console-admin-token\" }", ADMIN);
    let hosts: Option<BTreeSet<HostName>> = s.optional(
        "hosts",
        "[\"presence.example.com\"]",
        "The names under which browsers reach it, where that is not this computer's own address.",
    );
    let proxy = proxy(s);
    let (listen, enabled) = (listen?, enabled?);
    let hosts = if s.has("hosts") { hosts?.into_iter().map(|name| name.0).collect() } else { BTreeSet::new() };
    let console =
        Console { listen, hosts, viewer_tokens: viewer_tokens?, admin_tokens: admin_tokens?, proxy: proxy.ok()? };
    if !enabled {
        return Some(None);
    }
    refuse_ambiguity(s, &console)?;
    refuse_openness(s, &console)?;
    Some(Some(console))
}

const VIEWER: &str = "Who shows this token may look. A secret, with the same three forms as PureConnect's password, of 16 characters\nor more; several are written as a list, so that one can be replaced without haste.";

const ADMIN: &str =
    "Who shows this token may also confirm a frozen delivery and renew an agent; without it nobody may.";

/// A key with one token or several; none where it is not there, and `None` after a problem.
fn tokens(
    s: &mut Section<'_, '_, '_>,
    name: &'static str,
    example: &'static str,
    about: &'static str,
) -> Option<Vec<SecretString>> {
    let tokens: Option<Tokens> = s.optional(name, example, about);
    if s.has(name) { tokens.map(|tokens| tokens.0) } else { Some(Vec::new()) }
}

/// The proxy, if there is one. `Err` after a problem.
fn proxy(s: &mut Section<'_, '_, '_>) -> Result<Option<Proxy>, ()> {
    let header: Option<HeaderName> = s.optional(
        "trusted_header",
        "\"X-Forwarded-User\"",
        "A proxy in front of the console lets people in, and names them in this header, which it takes out of what\ncomes from outside. Whoever it names needs no token.",
    );
    let peers: Option<BTreeSet<IpAddr>> = s.optional(
        "trusted_peers",
        "[\"127.0.0.1\"]",
        "The addresses of that proxy: from anywhere else the header means nothing.",
    );
    let admins: Option<Vec<String>> = s.optional(
        "trusted_admins",
        "[\"ada@example.com\"]",
        "Whom of those it names may also act, as with an admin_token. All others may look.",
    );
    let admins = if s.has("trusted_admins") { admins } else { Some(Vec::new()) };
    match (s.has("trusted_header"), s.has("trusted_peers")) {
        (false, false) if s.has("trusted_admins") => {
            let problem = Problem::new("there are administrators and no header that names them");
            s.problem("trusted_admins", problem.help("write trusted_header and trusted_peers, or leave this key out"));
            Err(())
        }
        (false, false) => Ok(None),
        (true, true) => match (header, peers, admins) {
            (Some(HeaderName(header)), Some(peers), Some(admins)) => Ok(Some(Proxy { header, admins, peers })),
            _ => Err(()),
        },
        (true, false) => {
            let problem = Problem::new("whoever reaches the console could send this header");
            s.problem(
                "trusted_header",
                problem.help("name the addresses of the proxy: trusted_peers = [\"127.0.0.1\"]"),
            );
            Err(())
        }
        (false, true) => {
            let problem = Problem::new("there is a proxy and no header in which it says who is there");
            s.problem(
                "trusted_peers",
                problem.help("write trusted_header = \"X-Forwarded-User\", or leave this key out"),
            );
            Err(())
        }
    }
}

/// One token cannot mean two things.
fn refuse_ambiguity(s: &mut Section<'_, '_, '_>, console: &Console) -> Option<()> {
    let is_viewers =
        |token: &SecretString| console.viewer_tokens.iter().any(|one| one.expose_secret() == token.expose_secret());
    if console.admin_tokens.iter().any(is_viewers) {
        let problem = Problem::new("a token of the viewers is the administrator's, too");
        s.problem("admin_token", problem.help("whoever may look could act: make two tokens"));
        return None;
    }
    Some(())
}

/// Nobody may look who is not on this computer and has shown nothing.
fn refuse_openness(s: &mut Section<'_, '_, '_>, console: &Console) -> Option<()> {
    let Console { listen, viewer_tokens, admin_tokens, proxy, .. } = console;
    if listen.ip().to_canonical().is_loopback()
        || !viewer_tokens.is_empty()
        || !admin_tokens.is_empty()
        || proxy.is_some()
    {
        return Some(());
    }
    let problem = Problem::new(format!("everybody who reaches {listen} could see what every agent does"))
        .label("an address that others reach needs a token")
        .help(
            "write viewer_token = { file = \"…\" }, or trusted_header and trusted_peers for a proxy that knows who is \
             there, or listen on 127.0.0.1",
        );
    s.problem("listen", problem);
    None
}

/// The shortest token: nobody guesses one that is made by a machine.
const SHORTEST: usize = 16;

/// One token or several.
struct Tokens(Vec<SecretString>);

impl Value for Tokens {
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [SecretString::schema(), Vec::<SecretString>::schema()] })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let tokens = match node.get_ref() {
            DeValue::Array(_) => Vec::<SecretString>::read(node, place)?,
            _ => vec![SecretString::read(node, place)?],
        };
        // A browser sends a token in a form and a program in a header, where these are the characters.
        let is_plain = |token: &SecretString| token.expose_secret().bytes().all(|byte| byte.is_ascii_graphic());
        if !tokens.iter().all(is_plain) {
            return Err(bad_value("a token has only letters, digits and signs, without a blank", node));
        }
        if tokens.iter().any(|token| token.expose_secret().len() < SHORTEST) {
            let problem = Problem::new(format!("a token has at least {SHORTEST} characters"));
            let help = "make one that nobody guesses, such as by `openssl rand -hex 32`";
            return Err(vec![problem.at(node.span()).label("the secret that is named here is shorter").help(help)]);
        }
        Ok(Self(tokens))
    }
}

impl Value for SocketAddr {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^.+:[0-9]+$", "examples": ["127.0.0.1:8090", "[::1]:8090", "0.0.0.0:8090"] })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = text_of("an address in quotes such as \"127.0.0.1:8090\"", node)?;
        text.parse().map_err(|_| {
            let problem = Problem::new(format!("\"{text}\" is not an address with a port")).at(node.span());
            vec![
                problem
                    .help("write \"127.0.0.1:8090\", \"[::1]:8090\", or \"0.0.0.0:8090\" for all of this computer's"),
            ]
        })
    }
}

impl Value for IpAddr {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
    }

    fn read(node: &Spanned<DeValue<'_>>, _: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let text = text_of("an address in quotes such as \"127.0.0.1\"", node)?;
        text.parse().map_err(|_| bad_value(format!("\"{text}\" is not an address such as 192.0.2.1 or ::1"), node))
    }
}

/// The name of a host, or its address, with a port or without; in lower case.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct HostName(String);

impl Value for HostName {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[^/@ ]+$" })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let name = String::read(node, place)?.to_lowercase();
        let (host, port) = match name.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, Some(port)),
            None => (name.as_str(), None),
        };
        let is_named = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let is_address = inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
        if (is_named || is_address) && port.is_none_or(|port| port.parse::<u16>().is_ok()) {
            return Ok(Self(name));
        }
        let problem = Problem::new(format!("\"{name}\" is not the name of a host")).at(node.span());
        Err(vec![problem.help("write it as a browser's address line has it, without https://")])
    }
}

/// The name of a header, in lower case.
struct HeaderName(String);

impl Value for HeaderName {
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[A-Za-z0-9-]+$" })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let name = String::read(node, place)?.to_lowercase();
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Ok(Self(name));
        }
        Err(bad_value(format!("\"{name}\" is not the name of a header"), node))
    }
}
