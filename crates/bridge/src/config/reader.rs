//! Reads a TOML file key by key and remembers every key that was asked for, so that the reading itself is the list of
//! keys: what is in the file and was not asked for is unknown, and the example and the JSON Schema come from it, too.
//!
//! Goes on after a problem, so that all of them are found at once. Does not know which keys there are.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

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

/// What a reading asked for and what was wrong.
pub struct Reading {
    /// The sections, in the order of reading.
    pub headings: Vec<Heading>,
    /// The keys, in the order of reading.
    pub keys: Vec<Key>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// Reads one file.
pub struct Reader<'d, 'v> {
    document: &'d DeTable<'d>,
    place: &'d mut Place<'v>,
    reading: Reading,
}

impl<'d, 'v> Reader<'d, 'v> {
    /// A reader of this document.
    pub fn new(document: &'d DeTable<'d>, place: &'d mut Place<'v>) -> Self {
        Self { document, place, reading: Reading { headings: Vec::new(), keys: Vec::new(), problems: Vec::new() } }
    }

    /// Begins a section; one that is not there is empty.
    pub fn section(&mut self, name: &'static str, about: &'static str) -> Section<'_, 'd, 'v> {
        self.reading.headings.push(Heading { name, about });
        let node = self.document.get(name);
        let table = match node.map(|node| (node, node.get_ref())) {
            None => None,
            Some((_, DeValue::Table(table))) => Some(table),
            Some((node, _)) => {
                self.reading.problems.extend(wrong_type(&format!("a section [{name}]"), node));
                None
            }
        };
        Section { name, table, heading: node.map(Spanned::span), reader: self }
    }

    /// Ends the reading: whatever was not asked for is unknown.
    pub fn finish(mut self) -> Reading {
        for (name, _) in self.document {
            let sections = self.reading.headings.iter().map(|heading| heading.name);
            if !sections.clone().any(|section| section == name.get_ref()) {
                let message = format!("unknown section [{}]", name.get_ref());
                let guess = nearest(name.get_ref(), sections).map(|section| format!("[{section}]"));
                let problem = unknown(message, guess, name);
                self.reading.problems.push(problem);
            }
        }
        self.finish_part()
    }

    /// Ends the reading of some sections: whatever was not asked for in them is unknown, and the others are left alone.
    pub fn finish_part(mut self) -> Reading {
        for (name, node) in self.document {
            let asked = self.reading.headings.iter().any(|heading| heading.name == name.get_ref());
            if !asked {
                continue;
            }
            if let DeValue::Table(table) = node.get_ref() {
                let problems = unknown_keys(name.get_ref(), table, &self.reading.keys);
                self.reading.problems.extend(problems);
            }
        }
        self.reading.problems.sort_by_key(Problem::position);
        self.reading
    }
}

fn unknown_keys(section: &str, table: &DeTable<'_>, keys: &[Key]) -> Vec<Problem> {
    let here = || keys.iter().filter(|key| key.section == section).map(|key| key.name);
    let is_unknown = |name: &str| !here().any(|known| known == name);
    let others = |name: &str| keys.iter().find(|key| key.name == name).map(|key| key.section);
    table
        .iter()
        .filter(|(name, _)| is_unknown(name.get_ref()))
        .map(|(name, _)| {
            let message = format!("unknown key \"{}\" in [{section}]", name.get_ref());
            let guess = match (others(name.get_ref()), nearest(name.get_ref(), here())) {
                (Some(elsewhere), _) => Some(format!("\"{}\" in [{elsewhere}]", name.get_ref())),
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
    heading: Option<std::ops::Range<usize>>,
    reader: &'r mut Reader<'d, 'v>,
}

impl<'d> Section<'_, 'd, '_> {
    /// A key that must be there. `None` after a problem, which is noted.
    pub fn required<T: Value>(&mut self, name: &'static str, example: &'static str, about: &'static str) -> Option<T> {
        self.note::<T>(name, Need::Required(example), about);
        if self.node(name).is_none() {
            let problem = Problem::new(format!("missing key \"{name}\" in [{}]", self.name));
            let problem = match self.heading.clone() {
                Some(heading) => problem.at(heading).label(format!("lacks {name} = {example}")),
                None => problem.help(format!("write [{}] and under it {name} = {example}", self.name)),
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
        match T::read(&node, self.reader.place) {
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

    /// An environment variable.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.reader.place.variable(name)
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

    fn value<T: Value>(&mut self, name: &str) -> Option<T> {
        let node = self.node(name)?;
        match T::read(node, self.reader.place) {
            Ok(value) => Some(value),
            Err(problems) => {
                let told = problems.into_iter().map(|problem| problem.or_at(node.span()));
                self.reader.reading.problems.extend(told);
                None
            }
        }
    }

    fn note<T: Value>(&mut self, name: &'static str, need: Need, about: &'static str) {
        self.reader.reading.keys.push(Key { section: self.name, name, about, need, schema: T::schema() });
    }
}
