//! What a check found: where, what, and what to do about it.

use std::fmt;

use crate::shell::Failure;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// From the workspace's root, with `/`.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// The rule's name, for searching.
    pub rule: &'static str,
    /// What is there.
    pub what: String,
    /// What should be there.
    pub instead: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, what, instead } = self;
        write!(f, "{path}:{line}: {what}; {instead} [{rule}]")
    }
}

/// Prints what was found, sorted by place; a failure unless it is nothing.
pub fn report(check: &str, mut findings: Vec<Finding>) -> Result<(), Failure> {
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("{check}: nothing found");
        Ok(())
    } else {
        Err(Failure::Findings(findings.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let finding = Finding {
            path: "crates/domain/src/lib.rs".to_owned(),
            line: 3,
            rule: "leftover",
            what: "`todo!`".to_owned(),
            instead: "finish it".to_owned(),
        };
        assert_eq!(finding.to_string(), "crates/domain/src/lib.rs:3: `todo!`; finish it [leftover]");
        assert!(matches!(report("check", vec![finding]), Err(Failure::Findings(1))));
        assert!(report("check", Vec::new()).is_ok());
    }
}
