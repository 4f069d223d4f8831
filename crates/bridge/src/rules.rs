//! The mapping rules as files: compiling them against what is known, with every mistake shown in its place.

use std::path::Path;
use std::sync::Arc;

use mapping::{Known, Options, Precedence, RuleError, Rules, Source};
use miette::NamedSource;

use crate::arguments::RuleArguments;
use crate::config::{Mapping, TextFile};
use crate::exit::{Exit, Failed};
use crate::problem::{Problem, Problems};

/// Nothing is at hand to check names against.
pub const OFFLINE: Known<'static> = Known { catalogue: None, definitions: None };

/// The rules that the command line asks for: its own file, or else those of the configuration, where there is one.
pub fn asked(arguments: &RuleArguments, configured: Option<&Mapping>) -> Result<Mapping, Failed> {
    let own = match &arguments.file {
        None => configured.and_then(|mapping| mapping.own.clone()),
        Some(path) => Some(read(path)?),
    };
    let by_default = configured.map_or(Precedence::Printed, |mapping| mapping.options.precedence);
    let precedence = arguments.precedence.map_or(by_default, Precedence::from);
    Ok(Mapping { own, options: Options { precedence } })
}

/// The text of a file of rules.
pub fn read(path: &Path) -> Result<TextFile, Failed> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(TextFile { name, text }),
        Err(error) => {
            let problem = Problem::new(format!("failed to read {name}")).because(error);
            Err(Failed::diagnosed(Exit::Configuration, problem))
        }
    }
}

/// Compiles rules for a command, whose answer they are then.
pub fn compiled(mapping: &Mapping, known: Known<'_>) -> Result<Rules, Failed> {
    compile(mapping.options, mapping.own.as_ref(), known)
        .map_err(|problems| Failed::diagnosed(Exit::Configuration, problems))
}

/// Compiles the operator's own rules, if there are any, in front of the vendor's.
pub fn compile(options: Options, own: Option<&TextFile>, known: Known<'_>) -> Result<Rules, Problems> {
    let source = own.map(source);
    Rules::compile(options, source.as_slice(), known).map_err(|errors| match own {
        Some(own) => problems(own, errors),
        None => Problems::of_file("the vendor's table", errors.into_iter().map(unplaced).collect()),
    })
}

/// Compiles rules; what is wrong with them comes as it was found.
pub fn compile_errors(mapping: &Mapping, known: Known<'_>) -> Result<Rules, Vec<RuleError>> {
    let source = mapping.own.as_ref().map(source);
    Rules::compile(mapping.options, source.as_slice(), known)
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
