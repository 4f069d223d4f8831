//! The house rules that neither the compiler nor clippy knows, checked by reading the tree.
//!
//! Each rule is a function from what was read to findings, and has a test in which it finds something: a check that
//! cannot fail is no check. What clippy already says (long functions, iteration over hash maps, prints) is not said
//! again here, except for what issue trackers are for: nothing unfinished and no `unwrap` gets past either of the two.

mod code;
mod files;
mod manifests;
mod source;
#[cfg(test)]
mod tests;
mod tree;

use crate::findings::{self, Finding};
use crate::shell::{self, Failure};
use tree::File;

/// The command.
pub fn run() -> Result<(), Failure> {
    let files = tree::read(shell::root())?;
    findings::report("tidy", check(&files))
}

/// Everything that breaks a rule.
fn check(files: &[File]) -> Vec<Finding> {
    let (sources, mut findings) = source::parse(files);
    findings.extend(files.iter().flat_map(files::check));
    findings.extend(sources.iter().flat_map(code::check));
    findings.extend(manifests::check(files, &sources));
    findings
}
