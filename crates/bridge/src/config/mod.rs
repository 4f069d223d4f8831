//! The configuration: one TOML file, every key of it, and its defaults, which nobody else knows.
//!
//! Everything that is wrong is found at once and has its place. The sections are in `sides`, `replication` and `keeping`;
//! `forms` knows how a file holds one link or several. Reading them is also what makes the example and the JSON Schema
//! (`describe`).

mod changes;
mod clients;
mod console;
mod deciding;
mod describe;
mod digest;
mod forms;
mod keeping;
mod matching;
mod place;
mod reader;
mod replication;
mod secret;
mod sides;
#[cfg(test)]
mod tests;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::source::Scope;
use miette::NamedSource;
use replicator::options::Options;
use secrecy::{ExposeSecret, SecretString};
use toml::de::DeTable;

use self::forms::{Parsed, Placed};
use self::place::Place;
use self::reader::{Level, Reader, Setting};
use crate::exit::{Exit, Failed};
use crate::logging;
use crate::problem::{Problem, Problems, ShownFile};

pub use self::changes::{Changes, Effect};
pub use self::console::{Console, Proxy, default_listen};
pub use self::deciding::{Deciding, load_deciding};
pub use self::keeping::default_link;
pub use self::replication::Mapping;
pub use self::value::TextFile;

/// Everything that an operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// The links, in the order of the file; at least one.
    pub links: Vec<Link>,
    /// The socket for the operator.
    pub control: PathBuf,
    /// The console; `None` where it is switched off.
    pub console: Option<Console>,
    /// What is logged.
    pub log: logging::Options,
    /// What the keys are set to that are not a link's.
    settings: Vec<Setting>,
}

/// One PureConnect system and one Genesys Cloud organisation, and everything about what is between them.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its name, which no other link of the file has.
    pub name: String,
    /// The connection to PureConnect.
    pub pureconnect: pureconnect::Config,
    /// Which agents.
    pub scope: Scope,
    /// The connection to Genesys Cloud.
    pub genesys_cloud: genesys_cloud::Config,
    /// How the replication decides.
    pub options: Options,
    /// The rules.
    pub mapping: Mapping,
    /// Where everything is written down.
    pub journal: store::Options,
    /// Which table of the file it is.
    level: Level,
    /// What its keys are set to.
    settings: Vec<Setting>,
}

impl Config {
    /// The link of this name; without one, the only link.
    pub fn link(&self, name: Option<&str>) -> Result<&Link, Failed> {
        choose(&self.links, |link| &link.name, name)
    }
}

/// What a command beside the bridge needs of the configuration: nothing of the two sides and their secrets, which
/// whoever asks for a report may not be allowed to read.
#[derive(Debug, Clone)]
pub struct Local {
    /// Where each link writes everything down.
    pub links: Vec<LocalLink>,
    /// The socket for the operator.
    pub control: PathBuf,
}

/// A link, as a command beside the bridge knows it.
#[derive(Debug, Clone)]
pub struct LocalLink {
    /// Its name.
    pub name: String,
    /// Where everything is written down.
    pub journal: store::Options,
}

impl Local {
    /// The link of this name; without one, the only link.
    pub fn link(&self, name: Option<&str>) -> Result<&LocalLink, Failed> {
        choose(&self.links, |link| &link.name, name)
    }
}

fn choose<'l, T>(links: &'l [T], name_of: impl Fn(&T) -> &str, name: Option<&str>) -> Result<&'l T, Failed> {
    let found = match (name, links) {
        (None, [link]) => Some(link),
        (None, _) => None,
        (Some(name), _) => links.iter().find(|link| name_of(link) == name),
    };
    found.ok_or_else(|| {
        let known = links.iter().map(&name_of).collect::<Vec<_>>().join(", ");
        let problem = match name {
            None => Problem::new("there are several links: which one?"),
            Some(name) => Problem::new(format!("there is no link \"{name}\"")),
        };
        Failed::diagnosed(Exit::Usage, problem.help(format!("--link NAME takes one of: {known}")))
    })
}

/// A configuration, and what was noticed that is no error.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Links whose own table is wrong: the others can run without them.
    pub left_out: Vec<LeftOut>,
    /// For the log, once there is one.
    pub warnings: Vec<String>,
}

/// A link that cannot run.
#[derive(Debug)]
pub struct LeftOut {
    /// Its name, or which of the tables it is.
    pub name: String,
    /// What is wrong with it.
    pub problems: Problems,
}

/// Reads the configuration file and everything that it names. An error is one that leaves no link to run.
pub fn load(path: &Path) -> Result<Loaded, Failed> {
    let (Parsed { config, left_out }, warnings) = load_with(path, forms::read)?;
    Ok(Loaded { config, left_out, warnings })
}

/// The same, where a link with an error is an error of the whole.
pub fn load_whole(path: &Path) -> Result<(Config, Vec<String>), Failed> {
    load_with(path, forms::read_whole)
}

/// Reads the sections of the configuration file that are about this computer.
pub fn load_local(path: &Path) -> Result<Local, Failed> {
    load_with(path, forms::read_local).map(|(local, _)| local)
}

/// Reads what `read` wants of the file, and what was noticed on the way.
fn load_with<T>(
    path: &Path,
    read: impl FnOnce(Reader<'_, '_>, Placed<'_>) -> Result<T, Problems>,
) -> Result<(T, Vec<String>), Failed> {
    let name = path.display().to_string();
    let unreadable = |error| {
        let problem = Problem::new(format!("failed to read {name}")).because(error);
        Failed::diagnosed(
            Exit::Configuration,
            problem.help("`presence-bridge config example` prints one to begin with"),
        )
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let variables = |name: &str| std::env::var(name).ok();
    let mut place = Place::around(path, &variables);
    let config =
        parse(&name, &text, &mut place, read).map_err(|problems| Failed::diagnosed(Exit::Configuration, problems))?;
    Ok((config, place.into_warnings()))
}

/// The link of the demo: the defaults, for simulators that are told by where they are and how to log on.
pub fn of_simulators(simulators: &Simulators) -> Result<Link, Failed> {
    let (base, cloud) = (toml_text(&simulators.icws), toml_text(&simulators.cloud));
    let (user, client) = (toml_text(&simulators.icws_user), toml_text(&simulators.client_id));
    let text = format!(
        "[pureconnect]\nhosts = [\"simulator\"]\nbase_url = {base}\nuser = {user}\npassword = {{ env = \"PASSWORD\" }}\n\
         [genesys_cloud]\napi_base_url = {cloud}\nlogin_base_url = {cloud}\nclient_id = {client}\n\
         client_secret = {{ env = \"SECRET\" }}\n"
    );
    let variables = |name: &str| match name {
        "PASSWORD" => Some(simulators.icws_password.expose_secret().to_owned()),
        "SECRET" => Some(simulators.client_secret.expose_secret().to_owned()),
        _ => None,
    };
    let mut place = Place::around(Path::new(""), &variables);
    let config = parse("the demo's configuration", &text, &mut place, forms::read_whole)
        .map_err(|problems| Failed::diagnosed(Exit::Internal, problems))?;
    let mut link = config.link(None)?.clone();
    // A proxy that leads out of this computer does not know the way back in.
    link.genesys_cloud.proxy = false;
    Ok(link)
}

/// Reads a text as a configuration file in a world where every file has this text in it and every variable its own name.
pub fn imagine(text: &str) -> Result<Config, Failed> {
    let variables = |name: &str| Some(name.to_owned());
    let mut place = Place::imagined(text, &variables);
    parse("imagined.toml", text, &mut place, forms::read_whole)
        .map_err(|problems| Failed::diagnosed(Exit::Configuration, problems))
}

/// Where the simulators are and how to log on.
#[derive(Debug, Clone)]
pub struct Simulators {
    /// PureConnect's address.
    pub icws: String,
    /// Genesys Cloud's address; its login service is there, too.
    pub cloud: String,
    /// The user of PureConnect.
    pub icws_user: String,
    /// The user's password.
    pub icws_password: SecretString,
    /// The OAuth client of Genesys Cloud.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
}

/// A text in TOML, for which JSON's quotes and escapes do.
fn toml_text(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}

/// The commented example.
pub fn example() -> String {
    describe::example(&forms::description(), &forms::description_of_links())
}

/// The JSON Schema.
pub fn schema() -> serde_json::Value {
    describe::schema(&forms::description(), &forms::description_of_links())
}

fn parse<T>(
    name: &str,
    text: &str,
    place: &mut Place<'_>,
    read: impl FnOnce(Reader<'_, '_>, Placed<'_>) -> Result<T, Problems>,
) -> Result<T, Problems> {
    let (document, broken) = DeTable::parse_recoverable(text);
    let document = document.get_ref();
    let shown = secret::paint_over(text, document, !broken.is_empty());
    let shown: ShownFile = Arc::new(NamedSource::new(name, shown));
    let placed = |problems: Vec<Problem>| {
        let problems = problems.into_iter().map(|problem| problem.within(&shown)).collect();
        Problems::of_file(name, problems)
    };
    if !broken.is_empty() {
        // What follows from a broken line would only hide it.
        return Err(placed(broken.iter().map(syntax).collect()));
    }
    read(Reader::new(document, place), &placed)
}

fn syntax(error: &toml::de::Error) -> Problem {
    let problem = Problem::new(format!("not TOML: {}", error.message()));
    match error.span() {
        Some(span) => problem.at(span),
        None => problem,
    }
}
