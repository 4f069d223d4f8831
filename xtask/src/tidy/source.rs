//! Rust files as tokens that know their line and whether they are test code.
//!
//! Tokens rather than lines: a word in a string or a comment is not code, and line breaks do not matter. Knows of Rust
//! only what it needs for that: groups, and attributes that say "test".

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tree::File;
use crate::findings::Finding;

/// A Rust file.
#[derive(Debug)]
pub struct Source {
    pub path: String,
    pub tokens: Vec<Token>,
}

/// A word, a literal or one character of punctuation.
#[derive(Debug)]
pub struct Token {
    pub text: String,
    pub line: usize,
    pub test: bool,
}

/// Reads all Rust files, and reports those that are no Rust.
pub fn parse(files: &[File]) -> (Vec<Source>, Vec<Finding>) {
    let mut sources = Vec::new();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        match Source::new(&file.path, &file.text) {
            Ok(source) => sources.push(source),
            Err(finding) => findings.push(finding),
        }
    }
    let test_modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in &mut sources {
        if test_modules.iter().any(|module| source.belongs_to(module)) {
            source.tokens.iter_mut().for_each(|token| token.test = true);
        }
    }
    (sources, findings)
}

impl Source {
    /// Tokens of one file. Files under a folder `tests` are test code as a whole, but for a package of its own there.
    pub fn new(path: &str, text: &str) -> Result<Self, Finding> {
        let stream: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| Finding {
            path: path.to_owned(),
            line: error.span().start().line,
            rule: "rust",
            what: "this is not Rust".to_owned(),
            instead: "close what was opened".to_owned(),
        })?;
        let mut tokens = Vec::new();
        let folders = path.rsplit('/').skip(1);
        let testing = folders.take_while(|folder| *folder != "src").any(|folder| folder == "tests");
        flatten(stream, testing, &mut tokens);
        Ok(Self { path: path.to_owned(), tokens })
    }

    /// Where a pattern occurs: the indices of the first tokens.
    pub fn find(&self, pattern: &str) -> impl Iterator<Item = usize> {
        let wanted = split(pattern);
        let first = wanted.len();
        self.tokens
            .windows(first)
            .enumerate()
            .filter(move |(_, found)| found.iter().zip(&wanted).all(|(token, text)| token.text == *text))
            .map(|(index, _)| index)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The word or character at an index, if there is one.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.tokens.get(index).map(|token| token.text.as_str())
    }

    /// The modules in other files that this one declares for tests only, as paths without extension.
    fn test_modules(&self) -> Vec<String> {
        let folder = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let folder = match folder.rsplit_once('/') {
            Some((parent, "lib" | "main" | "mod")) => parent,
            _ => folder,
        };
        self.find("mod")
            .filter(|&index| self.tokens[index].test && self.text(index + 2) == Some(";"))
            .filter_map(|index| self.text(index + 1))
            .map(|name| format!("{folder}/{name}"))
            .collect()
    }

    fn belongs_to(&self, module: &str) -> bool {
        self.path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }
}

/// Words, and each other character but blanks alone: the way in which [`flatten`] cuts a file.
fn split(pattern: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut in_word = false;
    for character in pattern.chars() {
        let word = character.is_alphanumeric() || character == '_';
        match parts.last_mut() {
            Some(last) if word && in_word => last.push(character),
            _ if character == ' ' => {}
            _ => parts.push(character.to_string()),
        }
        in_word = word;
    }
    parts
}

/// Takes the groups apart. After an attribute that says "test", all is test code until its item ends: with the braces
/// of its body, or with a semicolon.
fn flatten(stream: TokenStream, mut test: bool, tokens: &mut Vec<Token>) {
    let mut item_is_test = false;
    let mut after_hash = false;
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: String, line: usize| tokens.push(Token { text, line, test: test || item_is_test });
        match tree {
            TokenTree::Group(group) => {
                if after_hash && group.delimiter() == Delimiter::Bracket && says_test(&group.stream()) {
                    // The `!` of an inner attribute: what it says holds for the whole of what it is in.
                    test |= tokens.last().is_some_and(|last| last.text == "!");
                    item_is_test = true;
                }
                let (open, close) = delimiters(group.delimiter());
                let here = test || item_is_test;
                tokens.push(Token { text: open.to_owned(), line, test: here });
                flatten(group.stream(), here, tokens);
                tokens.push(Token { text: close.to_owned(), line: group.span_close().start().line, test: here });
                item_is_test &= group.delimiter() != Delimiter::Brace;
                after_hash = false;
            }
            TokenTree::Punct(punct) => {
                push(punct.to_string(), line);
                item_is_test &= punct.as_char() != ';';
                after_hash = punct.as_char() == '#' || (after_hash && punct.as_char() == '!');
            }
            TokenTree::Ident(word) => {
                push(word.to_string(), line);
                after_hash = false;
            }
            TokenTree::Literal(literal) => {
                push(literal.to_string(), line);
                after_hash = false;
            }
        }
    }
}

fn says_test(attribute: &TokenStream) -> bool {
    let text: String = attribute.to_string().split_whitespace().collect();
    text == "test" || ["cfg(test", "cfg(all(test", "tokio::test"].iter().any(|start| text.starts_with(start))
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}
