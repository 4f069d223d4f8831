//! From the text of a file to rules as written, each with its place. Knows the shape of the language, not what the
//! names in it stand for.
//!
//! The file is read from TOML's own tree and not through serde, which stops at the first mistake.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Faults, codes};
use crate::name::closest;

/// A text and its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// A rule as written. What is `None` was reported as missing or wrong, except the routing status, which may be left out.
#[derive(Debug, Clone)]
pub(crate) struct WrittenRule {
    pub(crate) span: Range<usize>,
    pub(crate) name: Option<Text>,
    pub(crate) when: Option<Vec<WrittenAlternative>>,
    pub(crate) presence: Option<Text>,
    pub(crate) routing: Option<Text>,
    /// All of it was read; otherwise it may match more than its author meant.
    pub(crate) complete: bool,
}

/// One alternative of a rule as written.
#[derive(Debug, Clone, Default)]
pub(crate) struct WrittenAlternative {
    pub(crate) span: Range<usize>,
    pub(crate) message: Option<Vec<Text>>,
    pub(crate) group: Option<Vec<Text>>,
    pub(crate) not_group: Option<Vec<Text>>,
    pub(crate) acd: Option<bool>,
    pub(crate) acw: Option<bool>,
    pub(crate) dnd: Option<bool>,
}

const RULE_KEYS: [&str; 4] = ["name", "when", "presence", "routing"];
const CONDITION_KEYS: [&str; 6] = ["message", "group", "not_group", "acd", "acw", "dnd"];
const ALWAYS: &str = "always";

/// Reads the rules of a file; what is wrong with their shape goes to `faults`.
pub(crate) fn read(faults: &mut Faults<'_>) -> Vec<WrittenRule> {
    let (document, errors) = DeTable::parse_recoverable(faults.source.text);
    let broken = !errors.is_empty();
    for error in errors {
        let help = "see https://toml.io for how TOML is written".to_owned();
        let span = error.span().unwrap_or(0..0);
        faults.add(codes::SYNTAX, &span, format!("not TOML: {}", error.message()), help);
    }
    let mut reader = Reader { faults, broken };
    reader.document(document.get_ref())
}

struct Reader<'f, 'a> {
    faults: &'f mut Faults<'a>,
    /// What is left of a broken file may lack what its author wrote.
    broken: bool,
}

impl Reader<'_, '_> {
    fn document(&mut self, document: &DeTable<'_>) -> Vec<WrittenRule> {
        let mut rules = Vec::new();
        for (key, value) in document {
            if key.get_ref() != "rule" {
                self.unknown_key(&key.span(), key.get_ref(), &["rule"]);
                continue;
            }
            let DeValue::Array(entries) = value.get_ref() else {
                self.wrong_type(value, "rules, each under [[rule]]");
                continue;
            };
            for entry in entries.iter() {
                match entry.get_ref() {
                    DeValue::Table(table) => rules.push(self.rule(entry.span(), table)),
                    _ => self.wrong_type(entry, "a rule"),
                }
            }
        }
        rules
    }

    fn rule(&mut self, span: Range<usize>, table: &DeTable<'_>) -> WrittenRule {
        let mut rule = WrittenRule { span, name: None, when: None, presence: None, routing: None, complete: false };
        let faults_before = self.faults.found.len();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => rule.name = self.text(value),
                "when" => rule.when = self.when(value),
                "presence" => rule.presence = self.text(value),
                "routing" => rule.routing = self.text(value),
                other => self.unknown_key(&key.span(), other, &RULE_KEYS),
            }
        }
        for wanted in ["name", "when", "presence"] {
            if !self.broken && !table.iter().any(|(key, _)| key.get_ref() == wanted) {
                let message = format!("the rule has no \"{wanted}\"");
                let help = "a rule has a name, a when and a presence".to_owned();
                self.faults.add(codes::MISSING_KEY, &rule.span, message, help);
            }
        }
        rule.complete = !self.broken && self.faults.found.len() == faults_before;
        rule
    }

    fn when(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<WrittenAlternative>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(vec![self.alternative(value.span(), table)]),
            DeValue::String(text) if text == ALWAYS => Some(vec![WrittenAlternative::default()]),
            DeValue::Array(entries) if entries.is_empty() => {
                self.never(&value.span(), "the list of alternatives is empty");
                None
            }
            DeValue::Array(entries) => {
                let mut alternatives = Vec::new();
                for entry in entries.iter() {
                    match entry.get_ref() {
                        DeValue::Table(table) => alternatives.push(self.alternative(entry.span(), table)),
                        _ => self.wrong_type(entry, "conditions such as { group = \"Break\" }"),
                    }
                }
                Some(alternatives)
            }
            _ => {
                self.wrong_type(value, "conditions such as { group = \"Break\" }, a list of such, or \"always\"");
                None
            }
        }
    }

    fn alternative(&mut self, span: Range<usize>, table: &DeTable<'_>) -> WrittenAlternative {
        let mut alternative = WrittenAlternative { span, ..WrittenAlternative::default() };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "message" => alternative.message = self.texts(value),
                "group" => alternative.group = self.texts(value),
                "not_group" => alternative.not_group = self.texts(value),
                "acd" => alternative.acd = self.flag(value),
                "acw" => alternative.acw = self.flag(value),
                "dnd" => alternative.dnd = self.flag(value),
                other => self.unknown_key(&key.span(), other, &CONDITION_KEYS),
            }
        }
        let empty_exclusion = alternative.not_group.as_ref().is_some_and(Vec::is_empty);
        if table.is_empty() || empty_exclusion {
            let help = "name a condition, or write when = \"always\" if everything is meant".to_owned();
            let message = "this says nothing about the status".to_owned();
            self.faults.add(codes::NO_CONDITION, &alternative.span, message, help);
        }
        for names in [&alternative.message, &alternative.group] {
            if names.as_ref().is_some_and(Vec::is_empty) {
                self.never(&alternative.span.clone(), "the list of names is empty");
            }
        }
        alternative
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Text> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(Text { text: text.to_string(), span: value.span() });
        }
        self.wrong_type(value, "a text");
        None
    }

    /// A list of texts, or one alone.
    fn texts(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<Text>> {
        match value.get_ref() {
            DeValue::String(_) => Some(self.text(value).into_iter().collect()),
            DeValue::Array(entries) if entries.is_empty() => Some(Vec::new()),
            DeValue::Array(entries) => {
                let texts: Vec<Text> = entries.iter().filter_map(|entry| self.text(entry)).collect();
                (!texts.is_empty()).then_some(texts)
            }
            _ => {
                self.wrong_type(value, "a text or a list of texts");
                None
            }
        }
    }

    fn flag(&mut self, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, "true or false");
        }
        flag
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!("expected {wanted}, found {}", value.get_ref().type_str());
        let help = format!("write {wanted}");
        self.faults.add(codes::WRONG_TYPE, &value.span(), message, help);
    }

    fn unknown_key(&mut self, span: &Range<usize>, key: &str, known: &[&str]) {
        let help = match closest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("possible here: {}", known.join(", ")),
        };
        self.faults.add(codes::UNKNOWN_KEY, span, format!("unknown key \"{key}\""), help);
    }

    fn never(&mut self, span: &Range<usize>, why: &str) {
        let help = "name something, or remove it".to_owned();
        self.faults.add(codes::NEVER_MATCHES, span, format!("this can never match: {why}"), help);
    }
}
