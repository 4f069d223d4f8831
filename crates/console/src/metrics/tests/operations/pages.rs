//! The pages for operators: what a metric means, and what to do about an alert.

use std::collections::{BTreeMap, BTreeSet};

use super::super::parser::{Format, parse};
use super::{Known, exposed, file, full};
use crate::metrics::exposition::classic;

#[test]
fn every_metric_is_explained_as_it_is() {
    let page = file("docs/metrics.md");
    let mut explained = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `p")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, kind, labels, meaning] = cells.as_slice() else { panic!("four columns: {line}") };
        let labels: BTreeSet<String> =
            labels.split(", ").map(|label| label.trim_matches('`').to_owned()).filter(|label| label != "–").collect();
        assert!(meaning.ends_with('.'), "a sentence: {line}");
        let before = explained.insert(name.trim_matches('`').to_owned(), ((*kind).to_owned(), labels));
        assert!(before.is_none(), "twice: {line}");
    }
    let families = parse(&classic(&exposed(full::readings())), Format::Classic);
    let exposed: BTreeMap<String, (String, BTreeSet<String>)> = families
        .into_iter()
        .map(|family| {
            let labels = family.samples.into_iter().flat_map(|sample| sample.labels.into_keys());
            (family.name, (family.kind, labels.filter(|label| label != "le").collect()))
        })
        .collect();
    assert_eq!(exposed, explained, "left: exposed, right: docs/metrics.md");
}

#[test]
fn the_pages_name_metrics_that_there_are() {
    let known = Known::new();
    let families = known.families();
    for path in ["docs/metrics.md", "docs/runbook.md"] {
        let page = file(path);
        for rest in page.split("presence_bridge_").skip(1) {
            let name: String =
                rest.chars().take_while(|character| character.is_ascii_lowercase() || *character == '_').collect();
            let name = format!("presence_bridge_{name}");
            let is_there = families.contains(&known.family(&name));
            // A family may be named by its beginning, followed by a star.
            let is_beginning = rest[name.len() - "presence_bridge_".len()..].starts_with('*');
            assert!(is_there || is_beginning, "{path}: there is no {name}");
        }
    }
}
