//! What operators load into Prometheus and Grafana, and what they read, speaks of metrics that there are.

mod dashboard;
mod pages;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use super::parser::{Format, parse};
use super::promql::{self, Expression};
use super::{exposed, full};
use crate::metrics::exposition::classic;

/// Each series' name, with the values that each of its labels has when everything is known.
struct Known(BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

/// Labels whose values are an installation's own.
const OWN: [&str; 7] = ["link", "token", "version", "server", "release", "mode", "delivery"];

/// Labels that Prometheus adds.
const ADDED: [&str; 2] = ["job", "instance"];

impl Known {
    fn new() -> Self {
        let mut known: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        let text = classic(&exposed(full::readings()));
        for sample in parse(&text, Format::Classic).into_iter().flat_map(|family| family.samples) {
            let labels = known.entry(sample.name).or_default();
            for (label, value) in sample.labels {
                labels.entry(label).or_default().insert(value);
            }
        }
        Self(known)
    }

    /// The names without the endings of a histogram's parts.
    fn families(&self) -> BTreeSet<String> {
        self.0.keys().map(|name| self.family(name)).collect()
    }

    fn family(&self, name: &str) -> String {
        let stem = ["_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending));
        stem.filter(|stem| self.0.contains_key(&format!("{stem}_bucket"))).unwrap_or(name).to_owned()
    }

    fn labels(&self, name: &str) -> BTreeSet<&str> {
        let own = self.0.get(name).into_iter().flat_map(|labels| labels.keys().map(String::as_str));
        own.chain(ADDED).collect()
    }

    /// Whether everything in the expression exists; gives the expression.
    #[track_caller]
    fn check(&self, text: &str) -> Expression {
        let expression = promql::read(text);
        assert!(!expression.chosen.is_empty(), "speaks of nothing: {text}");
        let mut all = BTreeSet::new();
        for chosen in &expression.chosen {
            let Some(labels) = self.0.get(&chosen.metric) else { panic!("there is no {}: {text}", chosen.metric) };
            all.extend(self.labels(&chosen.metric));
            for (label, values) in chosen.labels.iter().filter(|(label, _)| !ADDED.contains(&label.as_str())) {
                let Some(there) = labels.get(label) else { panic!("{} has no {label}: {text}", chosen.metric) };
                let unknown = values.iter().find(|value| !there.contains(*value) && !OWN.contains(&label.as_str()));
                assert!(unknown.is_none(), "{label} is never {unknown:?}, but {there:?}: {text}");
            }
        }
        for label in &expression.grouped {
            assert!(all.contains(label.as_str()), "nothing has {label}: {text}");
        }
        expression
    }
}

/// A file of the tree.
fn file(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words between `before` and `after`, wherever they are in a text.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once(after)).map(|(inner, _)| inner.trim()).collect()
}

#[test]
#[should_panic(expected = "there is no presence_bridge_nothing")]
fn a_metric_that_does_not_exist_is_seen() {
    Known::new().check("rate(presence_bridge_nothing[5m])");
}

#[test]
#[should_panic(expected = "state is never Some(\"asleep\")")]
fn a_value_that_a_label_never_has_is_seen() {
    Known::new().check("presence_bridge_users{state=\"asleep\"} > 0");
}

#[test]
#[should_panic(expected = "presence_bridge_frozen has no side")]
fn a_label_that_does_not_exist_is_seen() {
    Known::new().check("presence_bridge_frozen{side=\"source\"} > 0");
}
