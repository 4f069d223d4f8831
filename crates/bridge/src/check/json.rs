//! The same for programs: every finding with its facts, complete.

use serde_json::{Value, json};

use super::finding::{Finding, Page, Severity};
use super::page::counts;
use crate::exit::Exit;

/// Everything.
pub fn render(file: &str, pages: &[Page], exit: Exit) -> String {
    let shown: Vec<Value> = pages.iter().map(page).collect();
    let told = json!({
        "file": file,
        "exit_code": exit.code(),
        "counts": counts(pages),
        "pages": shown,
    });
    format!("{told:#}\n")
}

fn page(page: &Page) -> Value {
    let findings: Vec<Value> = page
        .parts
        .iter()
        .flat_map(|part| part.findings.iter().map(|found| finding(&part.section.to_string(), found)))
        .collect();
    json!({ "link": page.link, "findings": findings })
}

fn finding(section: &str, finding: &Finding) -> Value {
    let exit = match finding.severity {
        Severity::Problem(trouble) => Some(trouble.exit().code()),
        Severity::Ok | Severity::Note | Severity::Warning | Severity::NotChecked => None,
    };
    json!({
        "section": section,
        "code": finding.code.to_string(),
        "severity": finding.severity.word(),
        "exit_code": exit,
        "fact": finding.fact,
        "lines": finding.lines,
        "advice": finding.advice,
        "facts": finding.facts,
    })
}
