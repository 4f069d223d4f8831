//! The alert rules, their tests, and the example of a scrape.

use std::collections::BTreeSet;

use yaml_rust2::{Yaml, YamlLoader};

use super::{Known, between, file, promql};

fn yaml(path: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&file(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

fn alerts() -> Vec<Yaml> {
    let file = yaml("ops/prometheus/alerts.yml");
    let groups = file["groups"].as_vec().unwrap();
    groups.iter().flat_map(|group| group["rules"].as_vec().unwrap().clone()).collect()
}

fn text<'a>(of: &'a Yaml, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_else(|| panic!("no {key}: {of:?}"))
}

#[test]
fn every_alert_speaks_of_metrics_that_there_are() {
    let known = Known::new();
    for alert in alerts() {
        let expression = known.check(text(&alert, "expr"));
        let there: BTreeSet<&str> = expression.chosen.iter().flat_map(|chosen| known.labels(&chosen.metric)).collect();
        for key in ["summary", "description", "action"] {
            for used in between(text(&alert["annotations"], key), "$labels.", "}}") {
                assert!(there.contains(used), "{}: nothing has {used}", text(&alert, "alert"));
            }
        }
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_what_to_do() {
    let mut names = BTreeSet::new();
    for alert in alerts() {
        let name = text(&alert, "alert").to_owned();
        assert!(name.starts_with("PresenceBridge"), "{name}");
        assert!(["critical", "warning"].contains(&text(&alert["labels"], "severity")), "{name}");
        if let Some(time) = alert["for"].as_str() {
            assert!(time.trim_end_matches(['m', 's', 'h']).parse::<u32>().is_ok(), "{name}: {time}");
        }
        let annotations = &alert["annotations"];
        for key in ["description", "action"] {
            assert!(text(annotations, key).ends_with('.'), "{name}: a sentence in {key}");
        }
        assert!(!text(annotations, "summary").is_empty(), "{name}");
        assert_eq!(text(annotations, "runbook_url"), format!("docs/runbook.md#{}", name.to_lowercase()));
        assert!(names.insert(name), "twice");
    }
    assert!(names.len() > 15, "{names:?}");
}

#[test]
fn every_alert_has_its_entry_in_the_runbook_and_every_entry_its_alert() {
    let alerts: BTreeSet<String> = alerts().iter().map(|alert| text(alert, "alert").to_owned()).collect();
    let runbook = file("docs/runbook.md");
    let entries: Vec<&str> = runbook.split("\n### ").skip(1).collect();
    let named: BTreeSet<String> = entries.iter().filter_map(|entry| entry.lines().next()).map(str::to_owned).collect();
    assert_eq!(alerts, named, "left: the rules, right: the runbook");
    for entry in entries {
        for part in ["**What it means.**", "**What people notice.**", "**How to look.**", "**What to do.**"] {
            assert!(entry.contains(part), "{part} is not in {}", entry.lines().next().unwrap());
        }
    }
}

#[test]
fn the_stories_of_the_rules_are_of_series_that_there_are() {
    let known = Known::new();
    let names: BTreeSet<String> = alerts().iter().map(|alert| text(alert, "alert").to_owned()).collect();
    let stories = yaml("ops/prometheus/alerts_test.yml");
    for story in stories["tests"].as_vec().unwrap() {
        for series in story["input_series"].as_vec().unwrap() {
            let series = text(series, "series");
            known.check(series);
            let given: BTreeSet<String> =
                promql::read(series).chosen.remove(0).labels.into_iter().map(|(label, _)| label).collect();
            let name = series.split_once('{').unwrap().0;
            let expected: BTreeSet<String> = known.labels(name).into_iter().map(str::to_owned).collect();
            assert_eq!(given, expected, "all labels, as they come: {series}");
        }
        for told in story["alert_rule_test"].as_vec().unwrap() {
            assert!(names.contains(text(told, "alertname")), "{told:?}");
        }
    }
}

#[test]
fn the_example_of_a_scrape_asks_the_console_and_loads_the_rules() {
    let scrape = yaml("ops/prometheus/scrape.yml");
    assert_eq!(scrape["rule_files"][0].as_str(), Some("alerts.yml"));
    let job = &scrape["scrape_configs"][0];
    assert_eq!(job["job_name"].as_str(), Some("presence-bridge"));
    assert_eq!(job["static_configs"][0]["targets"][0].as_str(), Some("127.0.0.1:8090"));
}
