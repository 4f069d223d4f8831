//! What was found: a code, how serious it is, the fact, and what to do. How it is shown is not known here.

use std::fmt;

use serde_json::{Map, Value};

use super::code::Code;
use crate::exit::Exit;

/// How serious something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing has to be done.
    Note,
    /// It works, and less well than it could.
    Warning,
    /// It does not work.
    Problem(Trouble),
    /// It could not be looked at, because something before it failed.
    NotChecked,
}

impl Severity {
    /// The word for it, on the page and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem(_) => "problem",
            Self::NotChecked => "skipped",
        }
    }
}

/// The kinds of problem, each with its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers.
    Unreachable,
    /// The journal cannot be written.
    Journal,
    /// The journal is not what it should be.
    BadJournal,
    /// Too old, or something else than it should be.
    Unsupported,
    /// Not let in, or a right is missing.
    NotAuthorized,
    /// The configuration has to be changed.
    Configuration,
}

impl Trouble {
    /// How `check` ends when this is the worst that it found.
    pub fn exit(self) -> Exit {
        match self {
            Self::Unreachable => Exit::Unreachable,
            Self::Journal => Exit::Journal,
            Self::BadJournal => Exit::BadJournal,
            Self::Unsupported => Exit::Unsupported,
            Self::NotAuthorized => Exit::NotAuthorized,
            Self::Configuration => Exit::Configuration,
        }
    }
}

/// One fact about the installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its stable name, explained in `docs/findings.md`.
    pub code: Code,
    /// How serious it is.
    pub severity: Severity,
    /// The fact, in one sentence.
    pub fact: String,
    /// What belongs to it line by line, such as a key to copy; shown as it is.
    pub lines: Vec<String>,
    /// What to do; for everything but what is ok.
    pub advice: Option<String>,
    /// The same for programs, and complete where the page shows the first few.
    pub facts: Map<String, Value>,
}

/// So many names are shown on the page.
const NAMES: usize = 5;

impl Finding {
    /// As it should be.
    pub fn ok(code: Code, fact: impl Into<String>) -> Self {
        Self::new(code, Severity::Ok, fact, None)
    }

    /// Worth knowing.
    pub fn note(code: Code, fact: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, fact, Some(advice.into()))
    }

    /// Works less well than it could.
    pub fn warning(code: Code, fact: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, fact, Some(advice.into()))
    }

    /// Does not work.
    pub fn problem(code: Code, trouble: Trouble, fact: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(code, Severity::Problem(trouble), fact, Some(advice.into()))
    }

    /// Could not be looked at: what, and because of what.
    pub fn not_checked(what: &str, because: &str) -> Self {
        let fact = format!("{}: not checked, because {because}.", capital(what));
        Self::new(Code::NotChecked, Severity::NotChecked, fact, None).with("what", what).with("because", because)
    }

    fn new(code: Code, severity: Severity, fact: impl Into<String>, advice: Option<String>) -> Self {
        Self { code, severity, fact: one_line(&fact.into()), lines: Vec::new(), advice, facts: Map::new() }
    }

    /// Adds a fact for programs.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a line that is shown as it is.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(one_line(&line.into()));
        self
    }

    /// Adds names: all of them for programs, the first few for the page.
    pub fn names(self, key: &str, names: Vec<String>) -> Self {
        let shown = few(&names);
        let named = self.with(key, names);
        if shown.is_empty() { named } else { named.line(shown) }
    }
}

/// The first few, and how many more there are.
pub fn few(names: &[String]) -> String {
    let shown = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What servers say may have line ends in it, which would break the page, and worse on a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What a server said, to be put in brackets: without the period of its own.
pub fn quoted(said: &str) -> &str {
    said.trim().trim_end_matches('.')
}

/// A sentence begins with a capital letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The parts of the page, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The file.
    Configuration,
    /// The source.
    PureConnect,
    /// The target.
    GenesysCloud,
    /// Who is who.
    Users,
    /// What statuses mean.
    Mapping,
    /// How fast it will be.
    Load,
    /// The journal.
    Journal,
    /// The operator's socket.
    Control,
    /// The console.
    Console,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "Configuration",
            Self::PureConnect => "PureConnect",
            Self::GenesysCloud => "Genesys Cloud",
            Self::Users => "Users",
            Self::Mapping => "Mapping",
            Self::Load => "Load",
            Self::Journal => "Journal",
            Self::Control => "Control socket",
            Self::Console => "Console",
        })
    }
}

/// A part of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which.
    pub section: Section,
    /// What was found, in order.
    pub findings: Vec<Finding>,
}

/// Everything about one link, or about the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The link; `None` for what is about all of them.
    pub link: Option<String>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// How the program ends: by the worst problem, which is the one with the highest exit code. What a person has to change
/// in the configuration comes before what has to be allowed, and that before what may pass by itself.
pub fn exit(pages: &[Page]) -> Exit {
    let problems = findings(pages).filter_map(|finding| match finding.severity {
        Severity::Problem(trouble) => Some(trouble.exit()),
        Severity::Ok | Severity::Note | Severity::Warning | Severity::NotChecked => None,
    });
    problems.max_by_key(|exit| exit.code()).unwrap_or(Exit::Success)
}

/// Everything that was found, in order.
pub fn findings(pages: &[Page]) -> impl Iterator<Item = &Finding> {
    pages.iter().flat_map(|page| &page.parts).flat_map(|part| &part.findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(findings: Vec<Finding>) -> Page {
        Page { link: None, parts: vec![Part { section: Section::Load, findings }] }
    }

    fn problem(trouble: Trouble) -> Finding {
        Finding::problem(Code::SourceUnreachable, trouble, "a", "b")
    }

    #[test]
    fn the_worst_problem_decides_how_it_ends() {
        let order = [
            Trouble::BadJournal,
            Trouble::Unreachable,
            Trouble::Journal,
            Trouble::Unsupported,
            Trouble::NotAuthorized,
            Trouble::Configuration,
        ];
        for (place, worst) in order.into_iter().enumerate() {
            let found = order[..=place].iter().rev().map(|trouble| problem(*trouble)).collect();
            assert_eq!(exit(&[page(found)]), worst.exit(), "{worst:?}");
        }
        let other_link = page(vec![problem(Trouble::Configuration)]);
        assert_eq!(exit(&[page(vec![problem(Trouble::Journal)]), other_link]), Exit::Configuration);
    }

    #[test]
    fn without_a_problem_it_ends_well() {
        let harmless = vec![
            Finding::ok(Code::SourceUnreachable, "a"),
            Finding::note(Code::SourceUnreachable, "a", "b"),
            Finding::warning(Code::SourceUnreachable, "a", "b"),
            Finding::not_checked("the load", "nobody answers"),
        ];
        assert_eq!(exit(&[page(harmless)]), Exit::Success);
    }

    #[test]
    fn programs_get_all_names_and_people_the_first_few() {
        let names: Vec<String> = (1..=7).map(|n| format!("agent{n}")).collect();
        let finding = Finding::ok(Code::SourceUnreachable, "a").names("agents", names);
        assert_eq!(finding.lines, ["agent1, agent2, agent3, agent4, agent5 and 2 more"]);
        assert_eq!(finding.facts["agents"].as_array().unwrap().len(), 7);
        assert!(Finding::ok(Code::SourceUnreachable, "a").names("agents", Vec::new()).lines.is_empty());
    }

    #[test]
    fn what_a_server_says_stays_on_its_line() {
        let finding = Finding::ok(Code::SourceUnreachable, "bad\r\n\u{1b}[31mnews").line("two\nlines");
        assert_eq!(finding.fact, "bad   [31mnews");
        assert_eq!(finding.lines, ["two lines"]);
    }
}
