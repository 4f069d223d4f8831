//! The mapping rules as files: compiling them against what is known, with every mistake shown in its place.

use std::sync::Arc;

use mapping::{Known, Options, Precedence, RuleError, Rules, Source};
use miette::NamedSource;

use crate::arguments::RuleArguments;
use crate::config::TextFile;
use crate::exit::{Exit, Failed};
use crate::problem::{Problem, Problems};

/// Nothing is at hand to check names against.
pub const OFFLINE: Known<'static> = Known { catalogue: None, definitions: None };

/// The rules that the command line names, compiled without either system at hand.
pub fn offline(arguments: &RuleArguments) -> Result<Rules, Failed> {
    let own = match &arguments.file {
        None => None,
        Some(path) => {
            let name = path.display().to_string();
            let failed = |error| Problem::new(format!("failed to read {name}")).because(error);
            let text =
                std::fs::read_to_string(path).map_err(|error| Failed::diagnosed(Exit::Configuration, failed(error)))?;
            Some(TextFile { name, text })
        }
    };
    let options = Options { precedence: arguments.precedence.into() };
    compile(options, own.as_ref(), OFFLINE).map_err(|problems| Failed::diagnosed(Exit::Configuration, problems))
}

/// Compiles the operator's own rules, if there are any, in front of the vendor's.
pub fn compile(options: Options, own: Option<&TextFile>, known: Known<'_>) -> Result<Rules, Problems> {
    let source = own.map(source);
    Rules::compile(options, source.as_slice(), known).map_err(|errors| match own {
        Some(own) => problems(own, errors),
        None => Problems::of_file("the vendor's table", errors.into_iter().map(unplaced).collect()),
    })
}

/// What is wrong with a file of rules, given what is known.
pub fn errors(options: Options, own: &TextFile, known: Known<'_>) -> Vec<RuleError> {
    Rules::compile(options, &[source(own)], known).err().unwrap_or_default()
}

/// What is wrong with a file of rules whatever the two sides hold.
pub fn problems_of(own: &TextFile) -> Vec<Problem> {
    // The precedence has no say in whether a rule is well-formed.
    let options = Options { precedence: Precedence::Printed };
    shown(own, errors(options, own, OFFLINE))
}

/// Mistakes, each shown in its place in the file.
pub fn problems(own: &TextFile, errors: Vec<RuleError>) -> Problems {
    Problems::of_file(&own.name, shown(own, errors))
}

fn source(file: &TextFile) -> Source<'_> {
    Source { name: &file.name, text: &file.text }
}

fn shown(own: &TextFile, errors: Vec<RuleError>) -> Vec<Problem> {
    let file = Arc::new(NamedSource::new(&own.name, own.text.clone()));
    let shown = errors.into_iter().map(|error| {
        // The vendor's own table can lack something, too: a presence that the organisation does not have.
        if error.file != own.name {
            return unplaced(error);
        }
        let problem = Problem::new(&error.message).at(error.span.clone()).within(&file);
        helped(problem, error)
    });
    shown.collect()
}

fn unplaced(error: RuleError) -> Problem {
    helped(Problem::new(error.to_string()), error)
}

fn helped(problem: Problem, error: RuleError) -> Problem {
    if error.help.is_empty() { problem } else { problem.help(error.help) }
}
