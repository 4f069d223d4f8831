//! The configuration: one TOML file, every key of it, and its defaults, which nobody else knows.
//!
//! Everything that is wrong is found at once and has its place. The sections are in `sides` and `replication`; reading
//! them is also what makes the example and the JSON Schema (`describe`).

mod describe;
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

use miette::NamedSource;
use replicator::options::{BudgetOptions, ModeChoice, Options, OutOfOfficeChoice};
use secrecy::{ExposeSecret, SecretString};
use toml::de::DeTable;

use self::place::Place;
use self::reader::{Reader, Reading};
use self::sides::{SourceSide, TargetSide};
use crate::exit::{Exit, Failed};
use crate::logging;
use crate::problem::{Problem, Problems, ShownFile};

pub use self::keeping::default_link;
pub use self::replication::Mapping;
pub use self::value::TextFile;

/// Everything that an operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// The connection to PureConnect.
    pub pureconnect: pureconnect::Config,
    /// The connection to Genesys Cloud.
    pub genesys_cloud: genesys_cloud::Config,
    /// How the replication decides.
    pub options: Options,
    /// The rules.
    pub mapping: Mapping,
    /// Where everything is written down.
    pub journal: store::Options,
    /// The socket for the operator.
    pub control: PathBuf,
    /// What is logged.
    pub log: logging::Options,
}

/// What a command beside the bridge needs of the configuration: nothing of the two sides and their secrets, which
/// whoever asks for a report may not be allowed to read.
#[derive(Debug, Clone)]
pub struct Local {
    /// Where everything is written down.
    pub journal: store::Options,
    /// The socket for the operator.
    pub control: PathBuf,
}

/// A configuration, and what was noticed that is no error.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// For the log, once there is one.
    pub warnings: Vec<String>,
}

/// Reads the configuration file and everything that it names.
pub fn load(path: &Path) -> Result<Loaded, Failed> {
    let (config, warnings) = load_with(path, read)?;
    Ok(Loaded { config, warnings })
}

/// Reads the sections of the configuration file that are about this computer.
pub fn load_local(path: &Path) -> Result<Local, Failed> {
    load_with(path, read_local).map(|(local, _)| local)
}

/// Reads what `read` wants of the file, and what was noticed on the way.
fn load_with<T>(
    path: &Path,
    read: impl FnOnce(Reader<'_, '_>) -> (Option<T>, Reading),
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

/// The configuration of the demo: the defaults, for simulators that are told by where they are and how to log on.
pub fn of_simulators(simulators: &Simulators) -> Result<Config, Failed> {
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
    let mut config = parse("the demo's configuration", &text, &mut place, read)
        .map_err(|problems| Failed::diagnosed(Exit::Internal, problems))?;
    // A proxy that leads out of this computer does not know the way back in.
    config.genesys_cloud.proxy = false;
    Ok(config)
}

/// Reads a text as a configuration file in a world where every file has this text in it and every variable its own name.
pub fn imagine(text: &str) -> Result<Config, Failed> {
    let variables = |name: &str| Some(name.to_owned());
    let mut place = Place::imagined(text, &variables);
    parse("imagined.toml", text, &mut place, read).map_err(|problems| Failed::diagnosed(Exit::Configuration, problems))
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
    describe::example(&description())
}

/// The JSON Schema.
pub fn schema() -> serde_json::Value {
    describe::schema(&description())
}

fn parse<T>(
    name: &str,
    text: &str,
    place: &mut Place<'_>,
    read: impl FnOnce(Reader<'_, '_>) -> (Option<T>, Reading),
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
    match read(Reader::new(document, place)) {
        (Some(config), reading) if reading.problems.is_empty() => Ok(config),
        (_, reading) => Err(placed(reading.problems)),
    }
}

fn syntax(error: &toml::de::Error) -> Problem {
    let problem = Problem::new(format!("not TOML: {}", error.message()));
    match error.span() {
        Some(span) => problem.at(span),
        None => problem,
    }
}

/// Reads everything.
fn read(mut reader: Reader<'_, '_>) -> (Option<Config>, Reading) {
    let config = sections(&mut reader);
    (config, reader.finish())
}

/// Reads what is about this computer.
fn read_local(mut reader: Reader<'_, '_>) -> (Option<Local>, Reading) {
    let (journal, control) = (keeping::journal(&mut reader), keeping::control(&mut reader));
    let local = journal.zip(control).map(|(journal, control)| Local { journal, control });
    (local, reader.finish_part())
}

/// Reads every section, also after a problem; `None` when there was one.
fn sections(reader: &mut Reader<'_, '_>) -> Option<Config> {
    let source = sides::pureconnect(reader);
    let target = sides::genesys_cloud(reader);
    let replication = replication::replication(reader);
    let mapping = replication::mapping(reader);
    let users = replication::users(reader);
    let guard = replication::guard(reader);
    let journal = keeping::journal(reader);
    let control = keeping::control(reader);
    let log = replication::log(reader);

    let (replication, users) = (replication?, users?);
    let pureconnect = source?(SourceSide { scope: users.scope, start_patience: replication.start_patience });
    let target = target?(TargetSide {
        out_of_office: match (replication.out_of_office, replication.mode) {
            (OutOfOfficeChoice::Auto, ModeChoice::StatusOnly) => OutOfOfficeChoice::Never,
            (choice, _) => choice,
        },
        start_patience: replication.start_patience,
    });
    let mut matching = users.matching;
    matching.external_ids = target.connection.external_id_authority.is_some();
    let options = Options {
        mode: replication.mode,
        out_of_office: replication.out_of_office,
        logged_out: replication.logged_out,
        logout_grace: replication.logout_grace,
        not_responding_presence: replication.not_responding_presence,
        after_call_work: replication.after_call_work,
        matching,
        primary_source: target.primary_source,
        guard: guard?,
        budget: BudgetOptions { per_minute: target.per_minute, share: target.share },
        late_after: replication.late_after,
        wrap_up: replication.wrap_up,
        read_back: replication.read_back,
        directory_refresh: users.refresh,
        seed: fastrand::u64(..),
    };
    Some(Config {
        pureconnect,
        genesys_cloud: target.connection,
        options,
        mapping: mapping?,
        journal: journal?,
        control: control?,
        log: log?,
    })
}

/// Every section and key, which is what a reading of an empty file asks for.
fn description() -> Reading {
    let document = DeTable::new();
    let mut place = Place::around(Path::new(""), &|_| None);
    // The missing keys are no news here.
    let (_, reading) = read(Reader::new(&document, &mut place));
    reading
}
