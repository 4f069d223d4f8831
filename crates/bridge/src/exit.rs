//! How the program ends: the exit codes and what each means, and the one way to say why.

use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use genesys_cloud::ConnectFailure;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use replicator::ports::{FailureKind, SourceFailure};

/// The exit codes. Those from 64 are the ones of `sysexits.h`, so that service managers know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Success,
    /// The demo ended and agents differ.
    AgentsDiffer,
    /// The command line is wrong, or names something that does not exist.
    Usage,
    /// What was to be confirmed cannot be.
    NotConfirmable,
    /// The journal is not what it should be.
    BadJournal,
    /// A side cannot be reached.
    Unreachable,
    /// A mistake of ours.
    Internal,
    /// The journal cannot be written.
    Journal,
    /// A side is too old or does not speak the protocol.
    Unsupported,
    /// The credentials or permissions do not suffice.
    NotAuthorized,
    /// The configuration or the rules are wrong.
    Configuration,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::Success,
        Self::AgentsDiffer,
        Self::Usage,
        Self::NotConfirmable,
        Self::BadJournal,
        Self::Unreachable,
        Self::Internal,
        Self::Journal,
        Self::Unsupported,
        Self::NotAuthorized,
        Self::Configuration,
    ];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::AgentsDiffer => 1,
            Self::Usage => 2,
            Self::NotConfirmable => 3,
            Self::BadJournal => 65,
            Self::Unreachable => 69,
            Self::Internal => 70,
            Self::Journal => 74,
            Self::Unsupported => 76,
            Self::NotAuthorized => 77,
            Self::Configuration => 78,
        }
    }

    /// What it means, for `--help`.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done",
            Self::AgentsDiffer => "demo: an agent's state differs between the two sides at the end",
            Self::Usage => "the command line is wrong, or names something that does not exist",
            Self::NotConfirmable => "confirm: delivery stays frozen, because this cannot be confirmed",
            Self::BadJournal => {
                "the journal is corrupt, foreign or of a newer version; `journal verify` found something"
            }
            Self::Unreachable => "PureConnect, Genesys Cloud or the running bridge did not answer",
            Self::Internal => "internal error",
            Self::Journal => {
                "the journal cannot be written: disk full, failing, not reachable, or in use by another bridge"
            }
            Self::Unsupported => "the PureConnect release is too old, or the server does not speak the protocol",
            Self::NotAuthorized => "credentials are not accepted, or a permission is missing",
            Self::Configuration => "the configuration or the rules are wrong",
        }
    }

    /// The table for `--help`.
    pub fn table() -> String {
        let rows = Self::ALL.map(|exit| format!("  {:>3}  {}\n", exit.code(), exit.meaning()));
        format!(
            "Exit codes:\n{}  130  ended at once by a second Ctrl-C\n  143  ended at once by a second SIGTERM",
            rows.concat()
        )
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<FailureKind> for Exit {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Configuration => Self::Configuration,
            FailureKind::Unreachable => Self::Unreachable,
            FailureKind::NotAuthorized => Self::NotAuthorized,
            FailureKind::Unsupported => Self::Unsupported,
        }
    }
}

/// Why the program ends otherwise than with success.
pub struct Failed {
    /// How it ends.
    pub exit: Exit,
    /// Why.
    pub cause: Box<dyn Diagnostic + Send + Sync>,
}

impl Failed {
    /// An error with its causes.
    pub fn new(exit: Exit, error: impl Error + Send + Sync + 'static) -> Self {
        let error: Box<dyn Error + Send + Sync> = Box::new(error);
        Self { exit, cause: error.into() }
    }

    /// An error that knows places in files.
    pub fn diagnosed(exit: Exit, cause: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self { exit, cause: Box::new(cause) }
    }

    /// The whole story: the error, its causes, and the places in files.
    pub fn story(&self, colours: bool) -> String {
        let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut story = String::new();
        // Lines are not wrapped: a sentence that is searched for in a log has to stay in one piece.
        let told = GraphicalReportHandler::new_themed(theme)
            .with_wrap_lines(false)
            .with_links(false)
            .render_report(&mut story, self.cause.as_ref());
        match told {
            Ok(()) => story,
            Err(fmt::Error) => format!("{}\n", self.cause),
        }
    }

    /// The error and its causes in one line, for a page; nothing of the files that are wrong is in it.
    pub fn line(&self) -> String {
        let mut line = told(self.cause.as_ref());
        for one in self.cause.related().into_iter().flatten() {
            line.push_str(&format!("; {}", told(one)));
        }
        line
    }

    /// Says why on standard error, once, and gives the exit code.
    pub fn report(&self) -> Exit {
        let mut stderr = io::stderr().lock();
        let story = self.story(crate::logging::colours(stderr.is_terminal()));
        // When not even standard error takes it, the exit code has to do.
        let _ = write!(stderr, "Error:\n{story}");
        self.exit
    }
}

/// An error and its causes, as far as it does not say them itself, and what to do.
fn told(diagnostic: &dyn Diagnostic) -> String {
    let mut words = diagnostic.to_string();
    let mut cause = diagnostic.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !words.contains(&said) {
            words.push_str(&format!(": {said}"));
        }
        cause = error.source();
    }
    match diagnostic.help() {
        Some(help) => format!("{words} ({help})"),
        None => words,
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}: {}", self.exit.code(), self.story(false))
    }
}

impl From<SourceFailure> for Failed {
    fn from(failure: SourceFailure) -> Self {
        Self::new(Exit::from(failure.kind), failure)
    }
}

impl From<ConnectFailure> for Failed {
    fn from(failure: ConnectFailure) -> Self {
        Self::new(Exit::from(failure.kind), failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Problem, Problems};
    use std::collections::BTreeSet;

    #[test]
    fn every_exit_has_its_own_code() {
        let codes: BTreeSet<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(codes.len(), Exit::ALL.len());
    }

    #[test]
    fn each_kind_of_failure_has_the_code_that_the_help_gives_it() {
        let code = |kind| Exit::from(kind).code();
        assert_eq!(code(FailureKind::Configuration), 78);
        assert_eq!(code(FailureKind::Unreachable), 69);
        assert_eq!(code(FailureKind::NotAuthorized), 77);
        assert_eq!(code(FailureKind::Unsupported), 76);
    }

    #[test]
    fn a_failure_is_told_with_all_its_causes() {
        let failed = Failed::from(SourceFailure {
            kind: FailureKind::Unreachable,
            message: "no PureConnect server answered".to_owned(),
            cause: Some(Box::new(io::Error::other("connection refused"))),
        });
        assert_eq!(failed.exit, Exit::Unreachable);
        let story = failed.story(false);
        assert!(story.contains("no PureConnect server answered"), "{story}");
        assert!(story.contains("connection refused"), "{story}");
        assert_eq!(failed.line(), "no PureConnect server answered: connection refused");
    }

    #[test]
    fn all_problems_of_a_file_are_in_one_line_with_what_to_do_and_nothing_of_the_file() {
        let problem = |name: &str| Problem::new(format!("unknown key \"{name}\"")).at(0..1).help("leave it out");
        let shown = std::sync::Arc::new(miette::NamedSource::new("bridge.toml", "a = 1".to_owned()));
        let problems = ["a", "b"].map(|name| problem(name).within(&shown)).into();
        let failed = Failed::diagnosed(Exit::Configuration, Problems::of_file("bridge.toml", problems));
        assert_eq!(
            failed.line(),
            "bridge.toml has 2 problems; unknown key \"a\" (leave it out); unknown key \"b\" (leave it out)"
        );
    }
}
