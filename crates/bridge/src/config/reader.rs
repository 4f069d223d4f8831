//! Reads a TOML file key by key and remembers every key that was asked for, so that the reading itself is the list of
//! keys: what is in the file and was not asked for is unknown, and the example and the JSON Schema come from it, too.
//!
//! The same sections can stand in the file itself or in one of its `[[link]]` tables: a reader reads one table, and
//! whoever reads a section need not know which. Goes on after a problem, so that all of them are found at once. Does not
//! know which keys there are.

use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::digest::{Digest, digest};
use super::place::Place;
use super::value::{Value, wrong_type};
use crate::problem::{Problem, nearest};

/// A key that was asked for.
#[derive(Debug, Clone)]
pub struct Key {
    /// The section that it is in.
    pub section: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it does; lines of at most 100 characters.
    pub about: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// Its JSON Schema.
    pub schema: serde_json::Value,
}

/// Whether a key must be there. The texts are TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Yes; this is an example.
    Required(&'static str),
    /// There are several ways to say it, and this is the usual one.
    Usual(&'static str),
    /// No, and without it there is nothing; this is an example.
    Optional(&'static str),
    /// No; this is taken then.
    Default(&'static str),
}

/// A section that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Heading {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub about: &'static str,
}

/// What a key was set to: comparable, and nothing that could be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The section that it is in.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// The value, files that it names included; of a key that is not in the file its default.
    pub value: Digest,
}

/// What a reading asked for and what was wrong.
#[derive(Default)]
pub struct Reading {
    /// The sections, in the order of reading.
    pub headings: Vec<Heading>,
    /// The keys, in the order of reading.
    pub keys: Vec<Key>,
    /// What they are set to.
    pub settings: Vec<Setting>,
    /// What was wrong.
    pub problems: Vec<Problem>,
    /// What may not be there at all, which was said.
    refused: Vec<&'static str>,
}

/// A table of a file, and where it begins.
#[derive(Clone)]
pub struct Table<'d> {
    /// What is in it.
    pub entries: &'d DeTable<'d>,
    /// Its heading; `None` where it is the whole file.
    pub heading: Option<Range<usize>>,
}

/// Reads one table with sections in it.
pub struct Reader<'d, 'v> {
    table: Table<'d>,
    level: Level,
    place: &'d mut Place<'v>,
    reading: Reading,
}

/// Which table it is, by which its sections are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The whole file.
    File,
    /// One of its `[[link]]` tables.
    Link,
}

/// The keys of a table that are in none of its sections.
const OWN: &str = "";

impl Level {
    /// A section as it is written in the file.
    pub fn title(self, section: &str) -> String {
        match (self, section) {
            (Self::File, section) => format!("[{section}]"),
            (Self::Link, OWN) => "[[link]]".to_owned(),
            (Self::Link, section) => format!("[link.{section}]"),
        }
    }
}

impl<'d, 'v> Reader<'d, 'v> {
    /// A reader of this document.
    pub fn new(document: &'d DeTable<'d>, place: &'d mut Place<'v>) -> Self {
        let table = Table { entries: document, heading: None };
        Self { table, level: Level::File, place, reading: Reading::default() }
    }

    /// Whether the file has a section, or a list of tables, of this name.
    pub fn has(&self, name: &str) -> bool {
        self.table.entries.contains_key(name)
    }

    /// Begins a section; one that is not there is empty.
    pub fn section(&mut self, name: &'static str, about: &'static str) -> Section<'_, 'd, 'v> {
        self.reading.headings.push(Heading { name, about });
        let node = self.table.entries.get(name);
        let table = match node.map(|node| (node, node.get_ref())) {
            None => None,
            Some((_, DeValue::Table(table))) => Some(table),
            Some((node, _)) => {
                let wanted = format!("a section {}", self.level.title(name));
                self.reading.problems.extend(wrong_type(&wanted, node));
                None
            }
        };
        let heading = node.map(Spanned::span).or_else(|| self.table.heading.clone());
        Section { name, table, is_there: node.is_some(), heading, reader: self }
    }

    /// The keys of this table that are in none of its sections.
    pub fn own(&mut self) -> Section<'_, 'd, 'v> {
        let Table { entries, heading } = self.table.clone();
        Section { name: OWN, table: Some(entries), is_there: true, heading, reader: self }
    }

    /// The tables of a list, such as each `[[link]]`.
    pub fn tables(&mut self, name: &'static str, about: &'static str) -> Vec<Table<'d>> {
        self.reading.headings.push(Heading { name, about });
        let Some(node) = self.table.entries.get(name) else { return Vec::new() };
        let mut tables = Vec::new();
        for element in node.get_ref().as_array().into_iter().flat_map(|list| list.iter()) {
            match element.get_ref() {
                DeValue::Table(entries) => tables.push(Table { entries, heading: Some(element.span()) }),
                _ => self.reading.problems.extend(wrong_type(&format!("a table [[{name}]]"), element)),
            }
        }
        if node.get_ref().as_array().is_none() {
            let problem = wrong_type(&format!("tables [[{name}]]"), node);
            let help = format!("there can be several: write [[{name}]] with two brackets");
            self.reading.problems.extend(problem.into_iter().map(|problem| problem.help(help.clone())));
        }
        tables
    }

    /// A reader of one of those tables, with a reading of its own.
    pub fn inside<'t>(&'t mut self, table: Table<'t>) -> Reader<'t, 'v> {
        Reader { table, level: Level::Link, place: &mut *self.place, reading: Reading::default() }
    }

    /// Refuses what has this name, whatever is in it.
    pub fn refuse(&mut self, name: &'static str, problem: Problem) {
        let span = self.table.entries.get_key_value(name).map(|(name, _)| name.span());
        self.reading.refused.push(name);
        self.reading.problems.push(match span {
            Some(span) => problem.at(span),
            None => problem,
        });
    }

    /// Ends the reading: whatever was not asked for is unknown.
    pub fn finish(mut self) -> Reading {
        for (name, node) in self.table.entries {
            let sections = self.reading.headings.iter().map(|heading| heading.name);
            let own = self.reading.keys.iter().filter(|key| key.section == OWN).map(|key| key.name);
            let known = sections.clone().chain(own);
            let mut asked = known.clone().chain(self.reading.refused.iter().copied());
            if asked.any(|asked| asked == name.get_ref()) {
                continue;
            }
            let is_key = self.level == Level::Link && node.get_ref().as_table().is_none();
            let problem = if is_key {
                let guess = nearest(name.get_ref(), known).map(|guess| format!("\"{guess}\""));
                unknown(format!("unknown key \"{}\" in {}", name.get_ref(), self.level.title(OWN)), guess, name)
            } else {
                let guess = nearest(name.get_ref(), sections).map(|section| self.level.title(section));
                unknown(format!("unknown section {}", self.level.title(name.get_ref())), guess, name)
            };
            self.reading.problems.push(problem);
        }
        self.finish_part()
    }

    /// Ends the reading of some sections: whatever was not asked for in them is unknown, and the others are left alone.
    pub fn finish_part(mut self) -> Reading {
        for (name, node) in self.table.entries {
            let asked = self.reading.headings.iter().any(|heading| heading.name == name.get_ref());
            if !asked {
                continue;
            }
            if let DeValue::Table(table) = node.get_ref() {
                let problems = unknown_keys(self.level, name.get_ref(), table, &self.reading.keys);
                self.reading.problems.extend(problems);
            }
        }
        self.reading.problems.sort_by_key(Problem::position);
        self.reading
    }
}

fn unknown_keys(level: Level, section: &str, table: &DeTable<'_>, keys: &[Key]) -> Vec<Problem> {
    let here = || keys.iter().filter(|key| key.section == section).map(|key| key.name);
    let is_unknown = |name: &str| !here().any(|known| known == name);
    let others = |name: &str| keys.iter().find(|key| key.name == name).map(|key| key.section);
    table
        .iter()
        .filter(|(name, _)| is_unknown(name.get_ref()))
        .map(|(name, _)| {
            let message = format!("unknown key \"{}\" in {}", name.get_ref(), level.title(section));
            let guess = match (others(name.get_ref()), nearest(name.get_ref(), here())) {
                (Some(elsewhere), _) => Some(format!("\"{}\" in {}", name.get_ref(), level.title(elsewhere))),
                (None, guess) => guess.map(|guess| format!("\"{guess}\"")),
            };
            unknown(message, guess, name)
        })
        .collect()
}

fn unknown(message: String, guess: Option<String>, name: &Spanned<toml::de::DeString<'_>>) -> Problem {
    let problem = Problem::new(message).at(name.span()).label("not known");
    match guess {
        Some(guess) => problem.help(format!("did you mean {guess}?")),
        None => problem.help("`presence-bridge config example` shows every key"),
    }
}

/// Reads one section.
pub struct Section<'r, 'd, 'v> {
    name: &'static str,
    table: Option<&'d DeTable<'d>>,
    is_there: bool,
    /// Its own, or that of the table that it would be in.
    heading: Option<Range<usize>>,
    reader: &'r mut Reader<'d, 'v>,
}

impl<'d> Section<'_, 'd, '_> {
    /// A key that must be there. `None` after a problem, which is noted.
    pub fn required<T: Value>(&mut self, name: &'static str, example: &'static str, about: &'static str) -> Option<T> {
        self.note::<T>(name, Need::Required(example), about);
        if self.node(name).is_none() {
            let title = self.title();
            let problem = Problem::new(format!("missing key \"{name}\" in {title}"));
            let problem = match self.heading.clone() {
                Some(heading) if self.is_there => problem.at(heading).label(format!("lacks {name} = {example}")),
                Some(heading) => problem.at(heading).help(format!("write {title} and under it {name} = {example}")),
                None => problem.help(format!("write {title} and under it {name} = {example}")),
            };
            self.reader.reading.problems.push(problem);
        }
        self.value(name)
    }

    /// A key that need not be there because there is another way to say it. [`Section::problem`] tells of neither.
    pub fn usual<T: Value>(&mut self, name: &'static str, example: &'static str, about: &'static str) -> Option<T> {
        self.note::<T>(name, Need::Usual(example), about);
        self.value(name)
    }

    /// A key that need not be there.
    pub fn optional<T: Value>(&mut self, name: &'static str, example: &'static str, about: &'static str) -> Option<T> {
        self.note::<T>(name, Need::Optional(example), about);
        self.value(name)
    }

    /// A key with a default, a TOML text. `None` after a problem, which is noted.
    pub fn default<T: Value>(&mut self, name: &'static str, default: &'static str, about: &'static str) -> Option<T> {
        self.note::<T>(name, Need::Default(default), about);
        if self.node(name).is_some() {
            return self.value(name);
        }
        let node =
            DeValue::parse(default).expect("the defaults in this crate are TOML, as the test of the example shows");
        let read = T::read(&node, self.reader.place);
        self.set(name, &node);
        match read {
            Ok(value) => Some(value),
            Err(problems) => {
                // The place would be one in the default, which is in no file.
                let told = problems.into_iter().map(|problem| Problem::new(format!("{name}: {problem}")));
                self.reader.reading.problems.extend(told);
                None
            }
        }
    }

    /// Whether the file has the key.
    pub fn has(&self, name: &str) -> bool {
        self.node(name).is_some()
    }

    /// The section as it is written in the file.
    pub fn title(&self) -> String {
        self.reader.level.title(self.name)
    }

    /// An environment variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.reader.place.variable(name)
    }

    /// A path as the file would give it.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.reader.place.resolve(path)
    }

    /// Notes a problem with the value of a key, or with the section where the key is not there.
    pub fn problem(&mut self, name: &str, problem: Problem) {
        let span = self.node(name).map(Spanned::span).or_else(|| self.heading.clone());
        let problem = match span {
            Some(span) => problem.or_at(span),
            None => problem,
        };
        self.reader.reading.problems.push(problem);
    }

    fn node(&self, name: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.table?.get(name)
    }

    fn value<T: Value>(&mut self, name: &'static str) -> Option<T> {
        let node = self.node(name)?;
        let read = T::read(node, self.reader.place);
        self.set(name, node);
        match read {
            Ok(value) => Some(value),
            Err(problems) => {
                let told = problems.into_iter().map(|problem| problem.or_at(node.span()));
                self.reader.reading.problems.extend(told);
                None
            }
        }
    }

    /// Remembers what a key that was just read is set to.
    fn set(&mut self, key: &'static str, node: &Spanned<DeValue<'_>>) {
        let value = digest(node.get_ref(), self.reader.place.take_contents());
        self.reader.reading.settings.push(Setting { section: self.name, key, value });
    }

    fn note<T: Value>(&mut self, name: &'static str, need: Need, about: &'static str) {
        self.reader.reading.keys.push(Key { section: self.name, name, about, need, schema: T::schema() });
    }
}
