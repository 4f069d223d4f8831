//! The two forms of a configuration file: one link, whose sections are the file's own, or several, each in a `[[link]]`
//! table with the same sections below it.
//!
//! What is wrong in the table of one link leaves the others alone; what is wrong elsewhere is wrong for all.

use std::path::{Path, PathBuf, absolute};

use replicator::options::{BudgetOptions, ModeChoice, Options, OutOfOfficeChoice};
use store::Location;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::Place;
use super::reader::{Level, Reader, Reading, Setting, Table};
use super::sides::{SourceSide, TargetSide};
use super::value::{Value, bad_value};
use super::{Config, Console, LeftOut, Link, Local, LocalLink, console, keeping, replication, sides};
use crate::logging;
use crate::problem::{Problem, Problems};

/// Gives problems their file.
pub type Placed<'p> = &'p dyn Fn(Vec<Problem>) -> Problems;

/// What a file says, and the links that it says something wrong about.
pub struct Parsed {
    /// What the others need.
    pub config: Config,
    /// Those that are wrong.
    pub left_out: Vec<LeftOut>,
}

/// The list of links.
pub const LINKS: &str = "link";

/// What the list is about.
pub const ABOUT_LINKS: &str =
    "Several links in one process, each a PureConnect system and a Genesys Cloud organisation.";

/// The sections that are a link's, and that no file has beside `[[link]]` tables.
const OF_A_LINK: [&str; 6] = ["pureconnect", "genesys_cloud", "replication", "mapping", "users", "guard"];

/// Reads a file; an error is one that leaves no link to run.
pub fn read(mut reader: Reader<'_, '_>, placed: Placed<'_>) -> Result<Parsed, Problems> {
    if reader.has(LINKS) {
        return read_several(reader, placed);
    }
    let link = link(&mut reader, Level::File, |reader| {
        let journal = keeping::journal(reader)?;
        Some((journal.link.clone(), journal))
    });
    let shared = Shared::read(&mut reader);
    let reading = reader.finish();
    match (link, shared) {
        (Some(mut link), Some(shared)) if reading.problems.is_empty() => {
            let is_shared = |section: &str| matches!(section, "control" | "console" | "log");
            let (settings, own) = reading.settings.into_iter().partition(|setting| is_shared(setting.section));
            link.settings = own;
            Ok(Parsed { config: shared.with(vec![link], settings), left_out: Vec::new() })
        }
        _ => Err(placed(reading.problems)),
    }
}

/// Reads a file; whatever is wrong is an error.
pub fn read_whole(reader: Reader<'_, '_>, placed: Placed<'_>) -> Result<Config, Problems> {
    let Parsed { config, left_out } = read(reader, placed)?;
    match left_out.into_iter().reduce(|all, one| LeftOut { problems: all.problems.and(one.problems), ..all }) {
        None => Ok(config),
        Some(wrong) => Err(wrong.problems),
    }
}

/// A `[[link]]` table, read.
struct Candidate {
    name: Option<String>,
    link: Option<Link>,
    reading: Reading,
    /// Where the table begins.
    heading: std::ops::Range<usize>,
}

fn read_several(mut reader: Reader<'_, '_>, placed: Placed<'_>) -> Result<Parsed, Problems> {
    let tables = reader.tables(LINKS, ABOUT_LINKS);
    refuse_mixture(&mut reader);
    let shared = keeping::shared_journal(&mut reader);
    let mut candidates: Vec<Candidate> =
        tables.into_iter().map(|table| candidate(&mut reader, table, shared.as_ref())).collect();
    let all = Shared::read(&mut reader);
    keep_apart(&mut candidates);
    let mut reading = reader.finish();
    if candidates.is_empty() && reading.problems.is_empty() {
        reading.problems.push(Problem::new("there is no [[link]] table"));
    }
    let is_good = |candidate: &Candidate| candidate.link.is_some() && candidate.reading.problems.is_empty();
    let some_good = candidates.iter().any(is_good);
    let (Some(all), true, true) = (all, some_good, reading.problems.is_empty()) else {
        let mut all = reading.problems;
        all.extend(candidates.into_iter().flat_map(|candidate| candidate.reading.problems));
        all.sort_by_key(Problem::position);
        return Err(placed(all));
    };
    let (mut links, mut left_out) = (Vec::new(), Vec::new());
    for (number, candidate) in (1..).zip(candidates) {
        let Candidate { name, link, reading, .. } = candidate;
        match link.filter(|_| reading.problems.is_empty()) {
            Some(link) => links.push(Link { settings: reading.settings, ..link }),
            None => {
                let name = name.unwrap_or_else(|| format!("number {number}"));
                left_out.push(LeftOut { name, problems: placed(reading.problems) });
            }
        }
    }
    Ok(Parsed { config: all.with(links, reading.settings), left_out })
}

/// What is about the whole program, in either form.
struct Shared {
    control: PathBuf,
    console: Option<Console>,
    log: logging::Options,
}

impl Shared {
    /// Reads every section of it, also after a problem; `None` when there was one.
    fn read(reader: &mut Reader<'_, '_>) -> Option<Self> {
        let (control, console) = (keeping::control(reader), console::console(reader));
        let log = replication::log(reader);
        Some(Self { control: control?, console: console?, log: log? })
    }

    fn with(self, links: Vec<Link>, settings: Vec<Setting>) -> Config {
        let Self { control, console, log } = self;
        Config { links, control, console, log, settings }
    }
}

/// A file has one form.
fn refuse_mixture(reader: &mut Reader<'_, '_>) {
    for section in OF_A_LINK.into_iter().filter(|section| reader.has(section)).collect::<Vec<_>>() {
        let problem =
            Problem::new(format!("[{section}] is beside [[link]] tables: whose is it?")).label("not in a link");
        let help = format!(
            "write it as [link.{section}] under each [[link]], or leave the [[link]] tables out where there is one link"
        );
        reader.refuse(section, problem.help(help));
    }
}

fn candidate(reader: &mut Reader<'_, '_>, table: Table<'_>, shared: Option<&Location>) -> Candidate {
    let heading = table.heading.clone().unwrap_or_default();
    let mut reader = reader.inside(table);
    let name = name(&mut reader);
    let link = link(&mut reader, Level::Link, |reader| {
        let journal = keeping::journal_of(reader, name.as_deref(), shared)?;
        Some((name.clone()?, journal))
    });
    Candidate { name, link, reading: reader.finish(), heading }
}

/// The name of a link.
pub fn name(reader: &mut Reader<'_, '_>) -> Option<String> {
    let name: Option<LinkName> = reader.own().required(
        "name",
        "\"north\"",
        "Its name in the log, in the journal and for --link: letters, digits, hyphens, dots and underscores.",
    );
    name.map(|name| name.0)
}

/// Finds links that would be in each other's way; the later one of the two is wrong.
fn keep_apart(candidates: &mut [Candidate]) {
    for place in 1..candidates.len() {
        let (before, [this, ..]) = candidates.split_at_mut(place) else { continue };
        let heading = this.heading.clone();
        let problems: Vec<Problem> =
            before.iter().flat_map(|other| conflicts(other, this)).map(|problem| problem.at(heading.clone())).collect();
        this.reading.problems.extend(problems);
        this.reading.problems.sort_by_key(Problem::position);
    }
}

fn conflicts(one: &Candidate, other: &Candidate) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(name) = other.name.as_ref().filter(|_| one.name == other.name) {
        problems.push(Problem::new(format!("a link before this one is called \"{name}\", too")));
    }
    let (Some(one), Some(other)) = (&one.link, &other.link) else { return problems };
    if one.name != other.name && is_same_file(&one.journal.location, &other.journal.location) {
        let problem = Problem::new(format!("the link \"{}\" has its journal in the same file", one.name));
        problems.push(problem.help("each link has a file of its own, or all share a PostgreSQL database"));
    }
    let (from, to) = ((&one.pureconnect, &other.pureconnect), (&one.genesys_cloud, &other.genesys_cloud));
    let same_system = from.0.base_url == from.1.base_url && from.0.hosts.iter().any(|host| from.1.hosts.contains(host));
    let same_organisation = to.0.api_base_url == to.1.api_base_url
        && to.0.clients.iter().any(|client| to.1.clients.iter().any(|other| other.id == client.id));
    if same_system && same_organisation {
        let message =
            format!("the link \"{}\" replicates the same PureConnect system into the same organisation", one.name);
        let help = "one link takes several workgroups: [link.users] workgroups";
        problems.push(Problem::new(message).help(help));
    }
    problems
}

fn is_same_file(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::Sqlite(one), Location::Sqlite(other)) => match (absolute(one), absolute(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => one == other,
        },
        (Location::Postgres(_), _) | (_, Location::Postgres(_)) => false,
    }
}

/// Reads every section of a link, also after a problem; `None` when there was one.
fn link(
    reader: &mut Reader<'_, '_>,
    level: Level,
    journal: impl FnOnce(&mut Reader<'_, '_>) -> Option<(String, store::Options)>,
) -> Option<Link> {
    let source = sides::pureconnect(reader);
    let target = sides::genesys_cloud(reader);
    let replication = replication::replication(reader);
    let mapping = replication::mapping(reader);
    let users = replication::users(reader);
    let guard = replication::guard(reader);
    let journal = journal(reader);

    let (replication, users) = (replication?, users?);
    let pureconnect = source?(SourceSide { start_patience: replication.start_patience });
    let target = target?(TargetSide {
        out_of_office: match (replication.out_of_office, replication.mode) {
            (OutOfOfficeChoice::Auto, ModeChoice::StatusOnly) => OutOfOfficeChoice::Never,
            (choice, _) => choice,
        },
        start_patience: replication.start_patience,
    });
    let mut matching = users.matching;
    matching.external_ids = target.connection.external_id_authority.is_some();
    let tokens = target.connection.clients.len() * target.connection.tokens_per_client;
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
        budget: BudgetOptions { per_minute: target.per_minute, share: target.share, tokens },
        late_after: replication.late_after,
        wrap_up: replication.wrap_up,
        read_back: replication.read_back,
        directory_refresh: users.refresh,
        seed: fastrand::u64(..),
    };
    let (name, journal) = journal?;
    let (genesys_cloud, scope, mapping) = (target.connection, users.scope, mapping?);
    Some(Link { name, pureconnect, scope, genesys_cloud, options, mapping, journal, level, settings: Vec::new() })
}

/// Reads what is about this computer.
pub fn read_local(mut reader: Reader<'_, '_>, placed: Placed<'_>) -> Result<Local, Problems> {
    let mut problems = Vec::new();
    let mut links = Vec::new();
    if reader.has(LINKS) {
        let tables = reader.tables(LINKS, ABOUT_LINKS);
        let shared = keeping::shared_journal(&mut reader);
        for table in tables {
            let mut reader = reader.inside(table);
            let name = name(&mut reader);
            let journal = keeping::journal_of(&mut reader, name.as_deref(), shared.as_ref());
            links.extend(name.zip(journal).map(|(name, journal)| LocalLink { name, journal }));
            problems.extend(reader.finish_part().problems);
        }
    } else {
        let journal = keeping::journal(&mut reader);
        links.extend(journal.map(|journal| LocalLink { name: journal.link.clone(), journal }));
    }
    let control = keeping::control(&mut reader);
    problems.extend(reader.finish_part().problems);
    match control {
        Some(control) if problems.is_empty() => Ok(Local { links, control }),
        _ => Err(placed(problems)),
    }
}

/// Every section and key of a file with one link, which is what a reading of an empty file asks for.
pub fn description() -> Reading {
    let document = DeTable::new();
    let mut place = Place::around(Path::new(""), &|_| None);
    let mut reader = Reader::new(&document, &mut place);
    // The missing keys are no news here.
    let _ = link(&mut reader, Level::File, |reader| {
        keeping::journal(reader).map(|journal| (journal.link.clone(), journal))
    });
    let _ = Shared::read(&mut reader);
    reader.finish()
}

/// What a file with several links has in each of its `[[link]]` tables, and what it has beside them.
pub struct OfLinks {
    /// What the list of links is.
    pub about: &'static str,
    /// In each table.
    pub each: Reading,
    /// Beside them.
    pub shared: Reading,
}

/// Every section and key of a file with several links.
pub fn description_of_links() -> OfLinks {
    let document = DeTable::new();
    let mut place = Place::around(Path::new(""), &|_| None);
    let mut reader = Reader::new(&document, &mut place);
    let each = candidate(&mut reader, Table { entries: &document, heading: None }, None).reading;
    let _ = keeping::shared_journal(&mut reader);
    let _ = Shared::read(&mut reader);
    OfLinks { about: ABOUT_LINKS, each, shared: reader.finish() }
}

/// A name that is good for a file, too.
struct LinkName(String);

/// The longest name.
const LONGEST: usize = 60;

impl Value for LinkName {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": LONGEST })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let name = String::read(node, place)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins_well || !name.chars().all(is_plain) || name.len() > LONGEST {
            let message = format!(
                "expected a name of at most {LONGEST} letters, digits, hyphens, dots and underscores that begins with a \
                 letter or digit"
            );
            return Err(bad_value(message, node));
        }
        Ok(Self(name))
    }
}
