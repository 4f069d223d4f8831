//! That every code is explained, and what an administrator reads about made-up systems.

mod hosts;
mod organisation;
mod outlook;
mod people;
mod places;
mod rights;

use std::collections::{BTreeMap, BTreeSet};

use ::mapping::Kind;

use super::code::Code;
use super::finding::{Finding, Page, Part, Section, exit};
use super::page::{Paper, WIDTH, render};

const EXPLAINED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");

/// What an administrator reads.
fn read(findings: Vec<Finding>) -> String {
    let pages = [Page { link: None, parts: vec![Part { section: Section::Configuration, findings }] }];
    render("a file", &pages, exit(&pages), Paper { colours: false, width: WIDTH })
}

/// The codes with their marks, such as `warning source-clock-off`.
fn marks(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.severity.word(), finding.code)).collect()
}

/// The headings of the page, each with the text below it.
fn headings() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(EXPLAINED).unwrap();
    let mut headings = BTreeMap::new();
    for part in page.split("\n### ").skip(1) {
        let (heading, text) = part.split_once('\n').unwrap();
        let text = text.split("\n## ").next().unwrap().trim().to_owned();
        let code = heading.trim_matches('`').to_owned();
        assert!(headings.insert(code, text).is_none(), "{heading} is there twice");
    }
    headings
}

fn codes() -> Vec<Code> {
    let of_mapping = Kind::ALL.into_iter().map(|kind| Code::Mapping(kind.code()));
    Code::OWN.iter().copied().chain(of_mapping).collect()
}

#[test]
fn every_code_is_there_once_and_explained() {
    let codes = codes();
    let names: BTreeSet<&str> = codes.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), codes.len(), "a code is there twice");
    let headings = headings();
    let explained: BTreeSet<&str> = headings.keys().map(String::as_str).collect();
    assert_eq!(names, explained, "left: the program, right: docs/findings.md");
    for (code, text) in headings {
        assert!(text.len() > 10, "{code} is not explained");
    }
}

#[test]
fn codes_are_words_with_dashes() {
    for code in codes() {
        let name = code.name();
        let plain = name.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase()));
        assert!(plain, "{name}");
    }
}
