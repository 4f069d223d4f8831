//! Rules about a file as a whole: its name, its head, its length, and words that have no place in any file.

use super::tree::File;
use crate::findings::Finding;

/// A file is read in one sitting.
const MOST_LINES: usize = 400;

/// Names that say what kind of thing is inside, and not what it knows.
const NAMELESS: [&str; 10] =
    ["common", "helper", "helpers", "imp", "misc", "shared", "types", "util", "utils", "utilities"];

/// Put together at compile time, so that this file is not found itself.
const LEFTOVERS: [&str; 3] = [concat!("FIX", "ME"), concat!("XX", "X"), concat!("TO", "DO")];

/// Folders of whoever wrote it.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// All findings about one file.
pub fn check(file: &File) -> Vec<Finding> {
    let mut findings = words(file);
    if file.is_rust() {
        findings.extend(name(file));
        findings.extend(head(file));
        findings.extend(length(file));
    }
    findings
}

fn name(file: &File) -> Option<Finding> {
    let part = file.path.split(['/', '.']).find(|part| NAMELESS.contains(part))?;
    let instead = "name it after what it knows, or move its parts to where they are used";
    Some(finding(file, 1, "name", format!("`{part}` says nothing"), instead))
}

/// The first paragraph is a sentence (so that a placeholder does not do).
fn head(file: &File) -> Option<Finding> {
    let paragraph: Vec<&str> = file
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let what = match paragraph.last() {
        None => "no module head",
        Some(last) if !last.ends_with(['.', ':']) => "the module head is no sentence",
        Some(_) => return None,
    };
    Some(finding(file, 1, "head", what.to_owned(), "begin with `//!` and what the module knows and what it does not"))
}

fn length(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let what = format!("{lines} lines are more than {MOST_LINES}");
    (lines > MOST_LINES).then(|| finding(file, MOST_LINES + 1, "length", what, "split it by what its parts know"))
}

fn words(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for word in LEFTOVERS.iter().filter(|word| has_word(line, word)) {
            findings.push(finding(file, index + 1, "leftover", format!("`{word}`"), "finish it, or open an issue"));
        }
        for path in MACHINE_PATHS.iter().filter(|path| line.contains(**path)) {
            let instead = "use a path inside the tree, or a temporary one";
            findings.push(finding(file, index + 1, "machine", format!("`{path}` is on one computer only"), instead));
        }
    }
    findings
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|character: char| !character.is_alphanumeric() && character != '_').any(|part| part == word)
}

fn finding(file: &File, line: usize, rule: &'static str, what: String, instead: &str) -> Finding {
    Finding { path: file.path.clone(), line, rule, what, instead: instead.to_owned() }
}
