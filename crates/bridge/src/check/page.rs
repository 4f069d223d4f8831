//! The page that an administrator reads: a line for each fact, and what to do below those that are not as they should be.

use std::collections::BTreeMap;

use clap::builder::styling::{AnsiColor, Effects, Style};

use super::finding::{Finding, Page, Severity, findings};
use crate::exit::Exit;

/// How wide a page is at most. Words are not broken, and lines to copy are not wrapped.
pub const WIDTH: usize = 118;

/// Narrower than this, wrapping only makes it harder to read.
const LEAST: usize = 60;

/// The column of the sentences: after the mark and the code.
const INDENT: usize = 12;

/// Everything, with the summary at its end.
pub fn render(file: &str, pages: &[Page], exit: Exit, paper: Paper) -> String {
    let brush = Brush { paper };
    let mut text = format!("{}\n", brush.paint(Effects::BOLD.into(), &format!("Presence Bridge, {file}")));
    let several = pages.iter().filter(|page| page.link.is_some()).count() > 1;
    for page in pages {
        if let Some(link) = page.link.as_ref().filter(|_| several) {
            text.push_str(&format!("\n{}\n", brush.paint(Effects::BOLD.into(), &format!("Link {link}"))));
        }
        for part in page.parts.iter().filter(|part| !part.findings.is_empty()) {
            text.push_str(&format!("\n{}\n", brush.paint(Effects::BOLD.into(), &part.section.to_string())));
            for finding in &part.findings {
                entry(&mut text, finding, brush);
            }
        }
    }
    text.push_str(&format!("\n{}\n", summary(pages, exit)));
    text
}

/// What a page is written on.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// Whether it has colours.
    pub colours: bool,
    /// How many letters a line has.
    pub width: usize,
}

#[derive(Clone, Copy)]
struct Brush {
    paper: Paper,
}

impl Brush {
    fn paint(self, style: Style, text: &str) -> String {
        if self.paper.colours { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Ok => AnsiColor::Green.on_default(),
        Severity::Note => AnsiColor::Cyan.on_default(),
        Severity::Warning => AnsiColor::Yellow.on_default(),
        Severity::Problem(_) => AnsiColor::Red.on_default().effects(Effects::BOLD),
        Severity::NotChecked => Effects::DIMMED.into(),
    }
}

fn entry(text: &mut String, finding: &Finding, brush: Brush) {
    let word = finding.severity.word();
    let code = format!("[{}]", finding.code);
    let width = brush.paper.width.clamp(LEAST, WIDTH) - INDENT;
    let mut lines = wrapped(&format!("{} {code}", finding.fact), width).into_iter();
    let mut first = lines.next().unwrap_or_default();
    let mut rest: Vec<String> = lines.collect();
    // The code is the last word, so it is in one piece in the last line.
    let last = rest.last_mut().unwrap_or(&mut first);
    if let Some(sentence) = last.strip_suffix(&code) {
        *last = format!("{sentence}{}", brush.paint(Effects::DIMMED.into(), &code));
    }
    let gap = " ".repeat(INDENT - 2 - word.len());
    text.push_str(&format!("  {}{gap}{first}\n", brush.paint(style(finding.severity), word)));
    let indent = " ".repeat(INDENT);
    for line in rest {
        text.push_str(&format!("{indent}{line}\n"));
    }
    for line in &finding.lines {
        text.push_str(&format!("{indent}    {line}\n"));
    }
    let Some(advice) = &finding.advice else { return };
    for (place, line) in wrapped(advice, width - 2).into_iter().enumerate() {
        let arrow = if place == 0 { "→ " } else { "  " };
        text.push_str(&format!("{indent}{arrow}{line}\n"));
    }
}

/// Lines of at most so many letters; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let letters = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + letters <= width => {
                line.push(' ');
                line.push_str(word);
                length += 1 + letters;
            }
            Some(_) | None => {
                lines.push(word.to_owned());
                length = letters;
            }
        }
    }
    lines
}

/// How many of what, and how the program ends.
fn summary(pages: &[Page], exit: Exit) -> String {
    let counts = counts(pages);
    let count = |word: &str| counts.get(word).copied().unwrap_or(0);
    let many = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let mut told = format!("{}, {}", many(count("problem"), "problem"), many(count("warning"), "warning"));
    match count("skipped") {
        0 => {}
        skipped => told.push_str(&format!(", {skipped} not checked")),
    }
    let end = match exit {
        Exit::Success => "The bridge can run.".to_owned(),
        worst => format!("Exit code {}: {}.", worst.code(), worst.meaning()),
    };
    format!("{told}. {end}\nWhat each [code] means: docs/findings.md")
}

/// How many findings there are of each severity, by its word.
pub fn counts(pages: &[Page]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings(pages) {
        *counts.entry(finding.severity.word()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::code::Code;
    use super::super::finding::{Part, Section, Trouble};
    use super::*;

    const PLAIN: Paper = Paper { colours: false, width: WIDTH };

    fn pages() -> Vec<Page> {
        let findings = vec![
            Finding::ok(Code::SourceReachable, "cic1 answers."),
            Finding::problem(
                Code::SourceCertificateUntrusted,
                Trouble::Configuration,
                "The certificate of cic1.example.com is not trusted, because its authority is not known to this computer, \
                 and so nothing was sent.",
                "Compare the fingerprint with the server's own, and write this line into [pureconnect].",
            )
            .line("fingerprint_sha256 = \"00:11\""),
            Finding::not_checked("the logon", "no host can be used"),
        ];
        let page = |findings| Page { link: None, parts: vec![Part { section: Section::PureConnect, findings }] };
        vec![page(findings)]
    }

    #[test]
    fn links_have_their_names_above_where_there_are_several() {
        let page = |link: &str| Page { link: Some(link.to_owned()), parts: Vec::new() };
        let text = |pages: &[Page]| render("bridge.toml", pages, Exit::Success, PLAIN);
        assert!(!text(&[page("north")]).contains("north"));
        let both = text(&[page("north"), page("south")]);
        assert!(both.contains("\nLink north\n") && both.contains("\nLink south\n"), "{both}");
    }

    #[test]
    fn a_page_can_be_read() {
        let text = render("bridge.toml", &pages(), Exit::Configuration, PLAIN);
        let expected = "\
Presence Bridge, bridge.toml

PureConnect
  ok        cic1 answers. [source-reachable]
  problem   The certificate of cic1.example.com is not trusted, because its authority is not known to this computer,
            and so nothing was sent. [source-certificate-untrusted]
                fingerprint_sha256 = \"00:11\"
            → Compare the fingerprint with the server's own, and write this line into [pureconnect].
  skipped   The logon: not checked, because no host can be used. [not-checked]

1 problem, 0 warnings, 1 not checked. Exit code 78: the configuration or the rules are wrong.
What each [code] means: docs/findings.md
";
        assert_eq!(text, expected);
    }

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let plain = render("bridge.toml", &pages(), Exit::Configuration, PLAIN);
        let coloured = render("bridge.toml", &pages(), Exit::Configuration, Paper { colours: true, ..PLAIN });
        assert!(coloured.contains("\u{1b}[1m\u{1b}[31mproblem\u{1b}[0m"), "{coloured:?}");
        let mut stripped = String::new();
        let mut hidden = false;
        for letter in coloured.chars() {
            match letter {
                '\u{1b}' => hidden = true,
                'm' if hidden => hidden = false,
                _ if hidden => {}
                _ => stripped.push(letter),
            }
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn words_stay_whole_and_lines_short() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a-very-long-word b", 4), ["a-very-long-word", "b"]);
        assert_eq!(wrapped("", 4), Vec::<String>::new());
    }
}
